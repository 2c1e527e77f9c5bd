"""The frame of every page: page config, navigation and the checklist beside it."""

import contextlib
from pathlib import Path

import streamlit as st

from dashboard import cache, state
from dashboard.components import pages, sidebar, widgets
from pipeline.errors import SpamlabError


def draw_page() -> None:
    """Draw the page that the URL names, in its frame."""
    # a local file, because Streamlit fetches the picture of a named icon from the network
    st.set_page_config("Spamlab", str(Path(__file__).with_name("icon.svg")), layout="wide")

    # Streamlit's own download of a table keeps cells that a spreadsheet would run; the pages have
    # buttons that defuse them (tables.build_csv)
    st.html("<style>button[aria-label='Download as CSV']{display:none}</style>")

    state.follow_url()
    page = pages.navigate()
    place = sidebar.reserve_place()
    if message := state.take_message():
        st.toast(widgets.escape_markdown(message))
    try:
        with contextlib.suppress(widgets.EndOfPage):
            page.run()
        # last, because it lists the runs, which takes a moment: the page is on the screen by then
        sidebar.draw_checklist(place)
    except SpamlabError as error:  # a full disk, say; its text is a sentence for the user
        st.error(widgets.escape_markdown(str(error)), icon=":material/error:")
    cache.jobs()
