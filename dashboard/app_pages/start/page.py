"""Start: what Spamlab is, the sample, an upload, and the projects of this workspace."""

import streamlit as st

from dashboard import state
from dashboard.app_pages.start.entrances import draw_entrances
from dashboard.app_pages.start.project_list import list_project_links
from dashboard.components import widgets

st.title("Spamlab")
st.markdown(
    "Build a spam filter from your own labelled mail and find out, honestly, how good it is. "
    "You train a baseline and a neural network, read the mails they get wrong, change one thing "
    "at a time, and open the sealed test mails once, at the end."
)
draw_entrances()
if missing := state.unknown_project():
    st.warning(widgets.escape_markdown(f"There is no project {missing!r} in this workspace."))
list_project_links()
