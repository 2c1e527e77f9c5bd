"""The project and the run that the user looks at.

The URL names the project, so that a reload, a second tab or a colleague's link shows the same
place. Streamlit drops the query parameters when the navigation changes the page; the session keeps
them and puts them back.
"""

import streamlit as st

from dashboard.state.errors_page import ERRORS_RUN, leave_group, leave_mail, leave_slice
from pipeline.errors import BadSpec
from pipeline.project import Project

PROJECT = "project"
RUN = "run"


def follow_url() -> None:
    """Synchronise session and URL; every script run starts with it."""
    named = st.query_params.get(PROJECT)
    if named:
        st.session_state[PROJECT] = named
    elif st.session_state.get(PROJECT):
        st.query_params[PROJECT] = st.session_state[PROJECT]


def project() -> Project | None:
    """Return the project in the URL, or None if it names none or one that does not exist."""
    name = st.session_state.get(PROJECT)
    if not name:
        return None
    try:
        chosen = Project(name)
    except BadSpec:
        return None
    return chosen if chosen.exists else None


def unknown_project() -> str | None:
    """Return the name in the URL if no such project exists."""
    name = st.session_state.get(PROJECT)
    return name if name and project() is None else None


def choose_project(chosen: Project | None) -> None:
    """Choose another project, or none."""
    if chosen is None:
        st.session_state.pop(PROJECT, None)
        st.query_params.pop(PROJECT, None)
    else:
        st.session_state[PROJECT] = chosen.name
        st.query_params[PROJECT] = chosen.name
    st.session_state.pop(RUN, None)
    st.query_params.pop(ERRORS_RUN, None)
    leave_slice()
    leave_group()
    leave_mail()


def chosen_run() -> str | None:
    """Return the id of the last chosen run; after a reload, from the URL of the Errors page."""
    return st.session_state.get(RUN) or st.query_params.get(ERRORS_RUN)


def choose_run(run_id: str | None) -> None:
    """Choose the run that all pages show first."""
    st.session_state[RUN] = run_id
