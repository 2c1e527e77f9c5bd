"""Runs: every training of the project, with its spec and its figures."""

import streamlit as st

from dashboard import cache, state
from dashboard.app_pages.runs.chosen_run import draw_chosen_run
from dashboard.app_pages.runs.run_list import list_runs
from dashboard.components import widgets
from pipeline.runs import store

st.title("Runs")
st.markdown("Every training of this project; choose one to open it again.")
project = widgets.need_project()
runs = cache.runs(project)
if not runs:
    widgets.end_with_link("Nothing is trained yet.", "train", "Train the baseline")

row = list_runs(project, runs)
st.caption(
    "The figures are on the validation mails, at each run's own threshold. `mlflow ui "
    f"--backend-store-uri {store.tracking_uri()}` shows the same runs."
)
if row is None:
    st.caption("Choose a row to open a run.")
    raise widgets.EndOfPage
state.choose_run(runs[row].id)
draw_chosen_run(project, runs[row], runs)
