"""Errors: the misclassified mails of a run, the most wrong first, to be read one by one."""

import streamlit as st

from dashboard import (
    cached,
    confusion_view,
    groups_view,
    mail_view,
    neighbours_view,
    slices_view,
    state,
    what_if_view,
    why_view,
    widgets,
)
from pipeline import checklist

ROWS = 5000

st.title("Errors")
st.markdown("Read the validation mails that a run got wrong; they say what to change next.")
project = widgets.need_project()
runs = cached.usable_runs(project)
if not runs:
    widgets.dead_end("Nothing is trained on this split yet.", "train", "Train the baseline")

run = widgets.pick_run("Run", runs, "errors_run", state.chosen_run())
state.choose_run(run.id)
rival = next((r for r in runs if r.kind != run.kind), None)
point = cached.operating_point(project, run)
threshold = point.threshold
others = {rival.name: (rival.id, cached.operating_point(project, rival).threshold)} if rival else {}
table = cached.errors(project, run.id, threshold, others)
counts = table["kind"].value_counts()
positives, negatives = counts.get("false positive", 0), counts.get("false negative", 0)
checklist.mark_seen(project, "errors")

st.markdown(
    f"At a threshold of {threshold:.3f}, **{run.name}** called **{positives:,}** ham spam (false "
    f"positives) and let **{negatives:,}** spam through (false negatives), of {len(table):,} mails."
)
if st.toggle("Groups of errors: what to work on first", key="errors_groups"):
    groups_view.show(project, run, point)
choose, find = st.columns([3, 2], vertical_alignment="bottom")
kinds, kind = confusion_view.kinds(point.unsure_from is not None), state.errors_kind()
kind = kind if kind in kinds else kinds[0]
kind = choose.segmented_control(
    "Show", kinds, default=kind, required=True, key="errors_kind", wrap=True
)
state.choose_errors_kind(kind)
words = find.text_input("Find in subject and text", key="errors_find")
shown = slices_view.only(project, confusion_view.of_kind(table, kind, point))
shown = groups_view.only(project, run, shown)
if words:
    shown = shown[shown["id"].isin(set(cached.found(project, words)))]
if shown.empty:
    st.success("No mail here: nothing fits the choice above.", icon=":material/check:")
    raise widgets.EndOfPage
note = f"{len(shown):,} mails, the most wrong first"
if len(shown) > ROWS:
    note += f"; the table shows the first {ROWS:,}, use the search for others"
st.caption(note + ". Choose a row to read the mail.")
shown = shown.head(ROWS)
columns = ["kind", "score", "reasons", "subject", "excerpt", "label", "id"]
columns[2:2] = [f"score of {name}" for name in others]
row = mail_view.chosen_row(
    st.dataframe(
        shown[columns],
        key=f"errors_table_{run.id}_{threshold}_{kind}_{words}_{state.chosen_slice()}_{state.chosen_group()}",
        hide_index=True,
        width="stretch",
        height=mail_view.height(len(shown)),
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "score": st.column_config.NumberColumn(f"score of {run.name}", format="%.4f"),
            **{f"score of {name}": st.column_config.NumberColumn(format="%.4f") for name in others},
            "excerpt": st.column_config.TextColumn("text", width="large"),
        },
    )
)
st.download_button(
    "Download this list as CSV",
    mail_view.csv(shown),
    file_name=f"{run.name}-errors.csv",
    mime="text/csv",
    key="errors_download",
    on_click="ignore",
)
if row is not None:
    chosen = shown.iloc[row]
    scores = {run.name: chosen["score"], **{n: chosen[f"score of {n}"] for n in others}}
    widgets.metrics({f"P(spam) by {name}": f"{score:.4f}" for name, score in scores.items()})
    st.caption(f"Labelled {chosen['label']}, {chosen['kind']}. {chosen['reasons'].capitalize()}")
    mail_view.show(cached.mails(project).take([chosen["id"]]).iloc[0])
    with st.expander("Why", expanded=True, icon=":material/query_stats:"):
        why_view.show(project, run, chosen["id"])
    with st.expander("What if", icon=":material/edit_note:"):
        what_if_view.show(project, run, chosen["id"])
    with st.expander("Like this one", icon=":material/group_work:"):
        neighbours_view.show(project, run, chosen["id"])
