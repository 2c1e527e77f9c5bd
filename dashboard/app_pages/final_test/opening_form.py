"""The form that opens the test part: once, for one run, when the user has confirmed it."""

import streamlit as st

from dashboard import cache, state
from dashboard.components import widgets
from pipeline.errors import SpamlabError
from pipeline.project import Project
from pipeline.reports.opening import CONFIRMATION, open_test
from pipeline.splits import Split


def open_test_part(project: Project, split: Split) -> None:
    """Draw the form; open the test part when it was confirmed and sent."""
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
        "because whoever trains it has seen the answer.",
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
    is_confirmed = words.strip() == CONFIRMATION
    if st.button(
        "Open the test part", type="primary", disabled=not is_confirmed, key="final_test_open"
    ):
        try:
            with st.spinner("Scoring the test mails …"):
                cache.jobs().call(open_test, project, run.id, point)
        except SpamlabError as error:
            widgets.end_with_error(error)
        st.rerun()
