"""Score: use a trained run on new mail, and take the model home."""

import streamlit as st

from dashboard import cache, state
from dashboard.app_pages.score.mail_file import score_file
from dashboard.app_pages.score.model_download import offer_model
from dashboard.app_pages.score.single_mail import score_single_mail
from dashboard.components import widgets

st.title("Score")
st.markdown("Use a run on mails that nobody has labelled, or take its model with you.")
project = widgets.need_project()
runs = cache.usable_runs(project)
if not runs:
    widgets.end_with_link("Scoring needs a trained run.", "train", "Train the baseline")

run = widgets.pick_run("Run", runs, "score_run", state.chosen_run())
state.choose_run(run.id)
point = cache.operating_point(project, run)
bundle = cache.bundle(run.id).at(point)
mail_tab, file_tab, model_tab = st.tabs(["One mail", "A file of mails", "The model"])
with mail_tab:
    score_single_mail(project, run, point, bundle)
with file_tab:
    score_file(project, run, point)
with model_tab:
    offer_model(project, run, bundle)
