"""The projects of this workspace: each a link to its mails, and a way to delete it."""

import streamlit as st

from dashboard import state
from dashboard.components import pages, widgets
from pipeline.errors import SpamlabError
from pipeline.project import Project, list_projects
from pipeline.runs import store


def list_project_links() -> None:
    """List the projects, each with its number of mails."""
    projects = list_projects()
    if projects:
        st.subheader("Projects")
    for project in projects:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            pages.link_to(
                "data",
                widgets.escape_markdown(project.name),
                project=project,
                icon=":material/folder_open:",
                width="stretch",
            )
            st.caption(_count_mails(project), width="content")
            if st.button(
                "Delete",
                key=f"start_delete_{project.name}",
                type="tertiary",
                icon=":material/delete:",
            ):
                _confirm_deletion(project)


def _count_mails(project: Project) -> str:
    counts, sizes = project.settings.counts, project.settings.sizes
    if not counts:
        return "no mails yet"
    return f"{sum(counts.values()) + (sizes['test'] if sizes else 0):,} mails"


@st.dialog("Delete this project?")
def _confirm_deletion(project: Project) -> None:
    st.text(project.name)
    st.write("Its mails and its split will be removed; its runs go to MLflow's trash.")
    if not widgets.ask_to_delete("start_delete"):
        return
    if state.project() == project:
        state.choose_project(None)
    try:
        store.delete_project(project.name)
        project.delete()
    except SpamlabError as error:
        widgets.end_with_error(error)
    state.say_next("The project was deleted.")
    st.rerun()
