"""Final test: closed until the user confirms, for one run; opened once, and remembered."""

import contextlib

import streamlit as st

from dashboard import cache, state
from dashboard.app_pages.final_test import final_test_view
from dashboard.components import card_view, split_view, widgets
from pipeline.errors import SpamlabError
from pipeline.reports.opening import CONFIRMATION, open_test
from pipeline.runs import store

st.title("Final test")
st.markdown("The one honest figure: how the chosen run does on mails that nobody has looked at.")
project = widgets.need_project()
split = cache.split(project)
if split is None:
    widgets.end_with_link("There is no sealed test part yet.", "split", "Divide the mails")
opening = project.seal.ledger.opening()
split_view.warn_if_seen(project)

if opening is None:
    try:
        project.seal.require_sealed()
    except SpamlabError as error:
        widgets.end_with_error(error)
    runs = cache.usable_runs(project)
    if not runs:
        widgets.end_with_link("The test needs a trained run.", "train", "Train the baseline")
    st.warning(
        f"{len(split.test):,} test mails are sealed. They open **once** in this project, for one "
        "run. Afterwards you know how good it is, and every later run is marked *after test*, "
        "because it was made by somebody who has seen the answer.",
        icon=":material/lock:",
    )
    run = widgets.pick_run("Run to test", runs, "final_test_run", state.chosen_run())
    point = cache.operating_point(project, run)
    st.caption(
        f"It will be tested at the threshold in use, {point.threshold:.3f}. "
        f"{widgets.escape_markdown(point.why)}"
    )
    words = st.text_input(
        f"Type **{CONFIRMATION}** to confirm that you have chosen and will not choose again",
        key="final_test_words",
        placeholder=CONFIRMATION,
    )
    sure = words.strip() == CONFIRMATION
    if st.button("Open the test part", type="primary", disabled=not sure, key="final_test_open"):
        try:
            with st.spinner("Scoring the test mails …"):
                cache.jobs().call(open_test, project, run.id, point)
        except SpamlabError as error:
            widgets.end_with_error(error)
        st.rerun()
    raise widgets.EndOfPage

before: store.Run | None = None
with contextlib.suppress(SpamlabError):  # the run may be gone; the ledger has its figures
    before = store.get(opening.run)
there = opening.run in {run.id for run in cache.runs(project)}
name = before.name if before else opening.run[:8]
band = "" if opening.unsure_from is None else f", unsure from {opening.unsure_from:.3f}"
st.info(
    f"The test part was opened on {opening.time[:16].replace('T', ' ')} UTC for {name}"
    f"{'' if there else ' (deleted since)'}, at a threshold of {opening.threshold:.3f}{band}. It "
    "does not open again.",
    icon=":material/lock_open:",
)
if not project.seal.is_opened():
    st.warning(
        "The figures below are of the test part that was opened then. The project has another one "
        "by now, which stays closed for ever.",
        icon=":material/history:",
    )
final_test_view.figures(cache.final_report(project, opening))
if project.seal.is_opened():
    final_test_view.errors(project, opening)
if before is not None and before.usable:
    st.subheader("Take it home")
    card_view.offer_model_card(project, before, "final_test")
