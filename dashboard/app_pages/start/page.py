"""Start: what this is, the sample, an upload, and the projects that are there."""

from pathlib import Path

import streamlit as st

from dashboard import state
from dashboard.components import pages, widgets
from pipeline.errors import SpamlabError
from pipeline.project import Project, list_projects, uploads
from pipeline.runs import store

SAMPLE = Path(__file__).parents[3] / "data" / "sample_emails.csv"

st.title("Spamlab")
st.markdown(
    "Build a spam filter from your own labelled mail and find out, honestly, how good it is. "
    "You train a baseline and a neural network, read the mails they get wrong, change one thing "
    "at a time, and open the sealed test mails once, at the end."
)
sample, upload = st.columns(2)
with sample.container(border=True, height="stretch"):
    st.markdown("**Look around first**")
    st.caption(
        "About 3,000 made-up mails, a third of them spam, with some wrong labels among them."
    )
    try_it = st.button("Try it with the sample mails", type="primary", key="start_sample")
with upload.container(border=True, height="stretch"):
    st.markdown("**Use your own mail**")
    st.caption(
        "A CSV with one mail a row and a column that says ham or spam; or an mbox, .eml files, a "
        "zip, JSON lines or Parquet."
    )
    own = st.button("Upload your own", key="start_upload")

if try_it:
    try:
        files = {SAMPLE.name: SAMPLE.read_bytes()}
        project = uploads.start_project("Sample mails", files)
    except SpamlabError as error:
        widgets.end_with_error(error)
    state.choose_project(project)
    pages.switch_to("data", project)
if own:
    state.choose_project(None)
    pages.switch_to("data")

if missing := state.unknown_project():
    st.warning(widgets.escape_markdown(f"There is no project {missing!r} in this workspace."))

projects = list_projects()
if projects:
    st.subheader("Projects")


@st.dialog("Delete this project?")
def confirm(project: Project) -> None:
    """Ask before mails are removed."""
    st.text(project.name)
    st.write("Its mails and its split are removed; its runs go to MLflow's trash.")
    if st.button("Delete it", type="primary", key="start_delete_yes"):
        if state.project() == project:
            state.choose_project(None)
        try:
            store.delete_project(project.name)
            project.delete()
        except SpamlabError as error:
            widgets.end_with_error(error)
        state.say_next("The project was deleted.")
        st.rerun()


for project in projects:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        settings = project.settings
        counts, sizes = settings.counts, settings.sizes
        size = sum(counts.values()) + (sizes["test"] if sizes else 0) if counts else 0
        mails = f"{size:,} mails" if counts else "no mails yet"
        pages.link_to(
            "data",
            widgets.escape_markdown(project.name),
            project=project,
            icon=":material/folder_open:",
            width="stretch",
        )
        st.caption(mails, width="content")
        if st.button(
            "Delete", key=f"start_delete_{project.name}", type="tertiary", icon=":material/delete:"
        ):
            confirm(project)
