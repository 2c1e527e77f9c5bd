"""Train: the baseline first, then the network; live while it trains, to read afterwards."""

import streamlit as st

from dashboard import cache, state
from dashboard.app_pages.train import start_training
from dashboard.components import features_form, pages, run_view, widgets

st.title("Train")
st.markdown("First a baseline to beat, then the network, both on the same mails.")
project = widgets.need_project()
if project.settings.split is None:
    widgets.end_with_link("Training needs a split.", "split", "Divide the mails")
current = [run for run in cache.runs(project) if run.is_of(project.settings)]
active = next((run for run in reversed(current) if run.active), None)  # the first of several seeds

left, right = st.columns([2, 3], gap="large")
with left:
    start_training.warn_if_known(project)
    pages.link_to(
        "features",
        f"Features: {features_form.describe_features(project)}",
        project=project,
        icon=":material/tune:",
    )
    start_training.offer_training(project, current, is_busy=active is not None)
with right:
    if not current:
        st.info("Nothing trained yet. The baseline takes a few seconds.", icon=":material/info:")
    elif active:
        run_view.follow_training(project, active.id)
    else:
        run = widgets.pick_run("Run", current, "train_run", state.chosen_run())
        state.choose_run(run.id)
        run_view.draw_run(run)
        if run.usable:
            pages.link_to("evaluate", "Next: compare the runs", project=project)
