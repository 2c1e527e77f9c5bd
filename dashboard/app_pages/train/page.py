"""Train: the baseline first, then the network; live while it goes on, read afterwards."""

import streamlit as st

from dashboard import cache, state
from dashboard.app_pages.train import forms
from dashboard.components import features_form, pages, run_view, widgets
from pipeline.errors import SpamlabError
from pipeline.models import describe

st.title("Train")
st.markdown("First a baseline to beat, then the network, both on the same mails.")
project = widgets.need_project()
if project.settings.split is None:
    widgets.end_with_link("Training needs a split.", "split", "Divide the mails")

runs = cache.runs(project)
present = [r for r in runs if r.is_of(project.settings)]
busy = next((r for r in reversed(present) if r.active), None)  # the first of several seeds
has_baseline = any(r.usable and describe(r.kind).role == "baseline" for r in present)

left, result = st.columns([2, 3], gap="large")
with left:
    if project.seal.may_be_known():
        st.warning(
            "The test part was opened: whatever is trained now is marked *after test*."
            if project.seal.ledger.opening()
            else "Some test mails are known already (see Split): whatever is trained now is marked "
            "*after test*.",
            icon=":material/lock_open:",
        )
    pages.link_to(
        "features",
        f"Features: {features_form.in_words(project)}",
        project=project,
        icon=":material/tune:",
    )
    wanted = forms.baseline(disabled=busy is not None)
    why = None if has_baseline else "Train the baseline first, so that there is something to beat."
    wanted_mlp = forms.network(disabled=busy is not None or not has_baseline, why=why)
    order = wanted or wanted_mlp
    if order:
        specs, note = order
        before = next((r.id for r in present if r.kind == specs[0].kind and r.usable), None)
        try:
            for spec in specs:
                started = cache.jobs().start_training(project, spec, note=note, parent=before)
                state.choose_run(started)
        except SpamlabError as error:
            widgets.end_with_error(error)
        st.rerun()

with result:
    if not present:
        st.info("Nothing trained yet. The baseline takes a few seconds.", icon=":material/info:")
    elif busy:
        run_view.follow_training(project, busy.id)
    else:
        run = widgets.pick_run("Run", present, "train_run", state.chosen_run())
        state.choose_run(run.id)
        run_view.draw_run(run)
        if run.usable:
            pages.link_to("evaluate", "Next: compare the runs", project=project)
