"""The two ways into Spamlab: the sample mails, and mails of one's own."""

import streamlit as st

from dashboard import state
from dashboard.components import pages, widgets
from pipeline.errors import SpamlabError
from pipeline.project import uploads
from pipeline.sample import sample_file


def draw_entrances() -> None:
    """Draw both entrances; a press leads to the Data page."""
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        st.markdown("**Look around first**")
        st.caption(
            "About 3,000 made-up mails, a third of them spam, with some wrong labels among them."
        )
        wants_sample = st.button("Try it with the sample mails", type="primary", key="start_sample")
    with right.container(border=True, height="stretch"):
        st.markdown("**Use your own mail**")
        st.caption(
            "A CSV with one mail per row and a column that says ham or spam; or an mbox, .eml "
            "files, a zip, JSON lines or Parquet."
        )
        wants_upload = st.button("Upload your own", key="start_upload")
    if wants_sample:
        sample = sample_file()
        try:
            project = uploads.start_project("Sample mails", {sample.name: sample.read_bytes()})
        except SpamlabError as error:
            widgets.end_with_error(error)
        state.choose_project(project)
        pages.switch_to("data", project)
    if wants_upload:
        state.choose_project(None)
        pages.switch_to("data")
