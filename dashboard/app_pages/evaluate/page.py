"""Evaluate: how much ham a run loses, how much spam it catches, and how sure that is."""

import streamlit as st

from dashboard import cache, state
from dashboard.app_pages.evaluate import run_answers, threshold_form
from dashboard.app_pages.evaluate.curves import draw_calibration, draw_curves
from dashboard.app_pages.evaluate.inbox import draw_inbox
from dashboard.app_pages.evaluate.learning import draw_learning_curves
from dashboard.components import checklist, figures_view, slices_view, split_view, views, widgets

# what is drawn below the answer; each is called with project, runs, and points by run id
VIEWS = {
    "Curves": draw_curves,
    "Calibration": draw_calibration,
    "Your inbox": draw_inbox,
    "Slices": slices_view.draw_slices,
    "Learning curve": draw_learning_curves,
}

st.title("Evaluate")
st.markdown("Compare the runs on the validation mails, none of which they learned from.")
project = widgets.need_project()
runs = cache.usable_runs(project)
if not runs:
    widgets.end_with_link("Nothing is trained on this split yet.", "train", "Train the baseline")

chosen = run_answers.choose_runs(runs, state.chosen_run())
points = threshold_form.read_points(project, chosen)
summaries = {run.name: cache.evaluation(run.id).summary(points[run.id]) for run in chosen}
intervals = {run.name: cache.intervals(project, run.id, points[run.id]) for run in chosen}
run_answers.draw_answers(chosen, summaries, intervals)
threshold_form.draw_threshold_form(project, chosen, points)
figures_view.draw_figures(summaries, intervals)
split = cache.split(project)
if split is not None and split.spec.strategy != "grouped":  # where nothing crosses
    for run in chosen:
        split_view.draw_score_without_twins(project, run)

st.subheader("What happened to the mails")
run_answers.draw_matrices(chosen, summaries, points)

view = st.segmented_control(
    "Look closer",
    list(VIEWS),
    default=state.evaluate_view() or next(iter(VIEWS)),
    required=True,
    key="evaluate_view",
    wrap=True,
)
state.choose_evaluate_view(view)
with views.reserve_view("evaluate", list(VIEWS), view):
    VIEWS[view](project, chosen, points)
if len({run.kind for run in chosen}) > 1:
    checklist.mark_seen(project, "evaluate")
