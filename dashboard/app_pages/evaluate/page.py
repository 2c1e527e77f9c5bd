"""Evaluate: how much ham a run loses, how much spam it catches, and how sure that is."""

import streamlit as st

from dashboard import cache, state
from dashboard.app_pages.evaluate import evaluate_view, inbox_view, learning_view, threshold_form
from dashboard.components import checklist, figures_view, slices_view, split_view, views, widgets

# what can be looked at below the answer; each is called with project, runs, and points by run id
VIEWS = {
    "Curves": evaluate_view.curves,
    "Calibration": evaluate_view.calibration,
    "Your inbox": inbox_view.show,
    "Slices": slices_view.draw_slices,
    "Learning curve": learning_view.show,
}

st.title("Evaluate")
st.markdown("Compare the runs on the validation mails, none of which they learned from.")
project = widgets.need_project()
runs = cache.usable_runs(project)
if not runs:
    widgets.end_with_link("Nothing is trained on this split yet.", "train", "Train the baseline")

chosen = evaluate_view.pick_runs(runs, state.chosen_run())
points = threshold_form.find_points(project, chosen)
summaries = {run.name: cache.evaluation(run.id).summary(points[run.id]) for run in chosen}
intervals = {run.name: cache.intervals(project, run.id, points[run.id]) for run in chosen}
evaluate_view.answers(chosen, summaries, intervals)
threshold_form.draw(project, chosen, points)
figures_view.draw_figures(summaries, intervals)
split = cache.split(project)
if split is not None and split.spec.strategy != "grouped":  # which has no mail on two sides
    for run in chosen:
        split_view.draw_score_without_twins(project, run)

st.subheader("What happened to the mails")
evaluate_view.matrices(chosen, summaries, points)

view = st.segmented_control(
    "Look closer",
    list(VIEWS),
    default=state.evaluate_view() or next(iter(VIEWS)),
    required=True,
    key="evaluate_view",
    wrap=True,
)
state.choose_evaluate_view(view)
with views.reserve("evaluate", list(VIEWS), view):
    VIEWS[view](project, chosen, points)
if len({run.kind for run in chosen}) > 1:
    checklist.mark_seen(project, "evaluate")
