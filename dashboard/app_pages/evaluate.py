"""Evaluate: baseline and network side by side on the same validation mails."""

import streamlit as st

from dashboard import cached, charts, figures_view, learning_view, split_view, state, widgets
from pipeline import checklist

st.title("Evaluate")
st.markdown("Compare the runs on the validation mails, none of which they learned from.")
project = widgets.need_project()
runs = cached.usable_runs(project)
if not runs:
    widgets.dead_end("Nothing is trained on this split yet.", "train", "Train the baseline")

baselines = [r for r in runs if r.kind != "mlp"]
networks = [r for r in runs if r.kind == "mlp"]
chosen = []
for place, title, some in zip(
    st.columns(2), ("Baseline", "Neural network"), (baselines, networks), strict=True
):
    with place:
        if some:
            key = "evaluate_" + title.split()[0].lower()
            chosen.append(widgets.pick_run(title, some, key, state.chosen_run()))
        else:
            st.selectbox(title, [], placeholder="not trained yet", disabled=True)

thresholds = figures_view.threshold_control(project, chosen)
evaluations = {run.id: cached.evaluation(run.id) for run in chosen}
summaries = {run.name: evaluations[run.id].summary(thresholds[run.id]) for run in chosen}
figures_view.table(summaries)
split = cached.split(project)
if split is not None and split.spec.strategy != "grouped":  # which has no mail on two sides
    for run in chosen:
        split_view.rests_on(project, run.id, run.name, run.threshold or 0.5)

st.subheader("What happened to the mails")
for place, run in zip(st.columns(len(chosen)), chosen, strict=True):
    place.markdown(f"**{run.name}** at {thresholds[run.id]:.3f}")
    place.plotly_chart(
        charts.confusion(summaries[run.name]),
        key=f"evaluate_confusion_{run.kind}",
        config=charts.CONFIG,
        width="stretch",
    )
st.page_link(
    widgets.page_file("errors"),
    label="Read the misclassified mails",
    icon=":material/arrow_forward:",
    query_params={state.PROJECT: project.name},
)
st.subheader("All thresholds")
left, right = st.columns(2)
kinds = [run.kind for run in chosen]
points = {n: (s["recall"], s["precision"]) for n, s in summaries.items()}
left.plotly_chart(
    charts.precision_recall({r.name: cached.precision_recall(r.id) for r in chosen}, kinds, points),
    key="evaluate_pr",
    config=charts.CONFIG,
    width="stretch",
)
points = {n: (s["hm"], s["recall"]) for n, s in summaries.items()}
right.plotly_chart(
    charts.roc({r.name: cached.roc(r.id) for r in chosen}, kinds, points),
    key="evaluate_roc",
    config=charts.CONFIG,
    width="stretch",
)
st.caption("The diamonds mark the threshold in use.")
with st.expander("Learning curve: would more mails help?", key="evaluate_learning"):
    learning_view.show(project, chosen)
if len({run.kind for run in chosen}) > 1:
    checklist.mark_seen(project, "evaluate")
