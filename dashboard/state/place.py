"""Which project and run the user is looking at.

The URL names the project, so that a reload, a second tab or a colleague's link shows the same
place. Streamlit drops the query parameters when a page is changed in the navigation; the session
remembers them and puts them back.
"""

import streamlit as st

from dashboard.state.errors_page import ERRORS_RUN, leave_group, leave_mail, leave_slice
from pipeline.errors import BadSpec
from pipeline.project import Project

PROJECT = "project"
RUN = "run"


def follow_url() -> None:
    """Bring the session and the URL in line; called once at the start of every script run."""
    named = st.query_params.get(PROJECT)
    if named:
        st.session_state[PROJECT] = named
    elif st.session_state.get(PROJECT):
        st.query_params[PROJECT] = st.session_state[PROJECT]


def project() -> Project | None:
    """The project in the URL, or None when none is chosen or there is none of that name."""
    name = st.session_state.get(PROJECT)
    if not name:
        return None
    try:
        chosen = Project(name)
    except BadSpec:
        return None
    return chosen if chosen.exists else None


def unknown_project() -> str | None:
    """The name in the URL when no such project exists."""
    name = st.session_state.get(PROJECT)
    return name if name and project() is None else None


def choose_project(chosen: Project | None) -> None:
    """Look at another project, or at none."""
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
    """The id of the run that was last looked at; a reload has it from the Errors page's URL."""
    return st.session_state.get(RUN) or st.query_params.get(ERRORS_RUN)


def choose_run(run_id: str | None) -> None:
    """Remember which run is looked at, across pages."""
    st.session_state[RUN] = run_id
