"""The dashboard: page config, navigation, and the checklist that stands beside every page.

Run it with ``streamlit run dashboard/app.py``.
"""

import contextlib
import sys
from pathlib import Path

import streamlit as st

# `streamlit run` puts this file's folder on the path; the packages lie one above it
if str(Path(__file__).parent.parent) not in sys.path:
    sys.path.insert(0, str(Path(__file__).parent.parent))

from dashboard import cached, sidebar, state, widgets
from pipeline.errors import SpamlabError

# a file of our own: Streamlit would fetch the picture of a named icon from the network
st.set_page_config("Spamlab", str(Path(__file__).with_name("icon.svg")), layout="wide")

# Streamlit's own download of a table does not defuse the cells that a spreadsheet would run; the
# pages have buttons that do (mail_view.csv)
st.html("<style>button[aria-label='Download as CSV']{display:none}</style>")

PAGES = {
    "": [st.Page("app_pages/start.py", title="Start", icon=":material/home:", default=True)],
    "Build": [
        st.Page("app_pages/data.py", title="Data", icon=":material/mail:"),
        st.Page("app_pages/split.py", title="Split", icon=":material/call_split:"),
        st.Page("app_pages/labels.py", title="Labels", icon=":material/label:"),
        st.Page("app_pages/features.py", title="Features", icon=":material/tune:"),
        st.Page("app_pages/train.py", title="Train", icon=":material/model_training:"),
    ],
    "Judge": [
        st.Page("app_pages/evaluate.py", title="Evaluate", icon=":material/balance:"),
        st.Page("app_pages/compare.py", title="Compare", icon=":material/compare_arrows:"),
        st.Page("app_pages/errors.py", title="Errors", icon=":material/rule:"),
        st.Page("app_pages/runs.py", title="Runs", icon=":material/list_alt:"),
        st.Page("app_pages/final_test.py", title="Final test", icon=":material/lock:"),
    ],
    "Use": [st.Page("app_pages/score.py", title="Score", icon=":material/send:")],
}

state.follow_url()
page = st.navigation(PAGES)
place = sidebar.reserve()
if message := state.said():
    st.toast(widgets.literal(message))
try:
    with contextlib.suppress(widgets.EndOfPage):
        page.run()
    # last, because it lists the runs: the page itself is on the screen by then
    sidebar.fill(place)
except SpamlabError as error:  # a full disk, say; its text is a sentence for the user
    st.error(widgets.literal(str(error)), icon=":material/error:")
cached.jobs()
