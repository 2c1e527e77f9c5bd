"""The dashboard: ``streamlit run dashboard/app.py``."""

import sys
from pathlib import Path

import streamlit as st

# `streamlit run` puts this file's folder on the path; the packages lie one above it
if str(Path(__file__).parent.parent) not in sys.path:
    sys.path.insert(0, str(Path(__file__).parent.parent))

import pipeline  # noqa: F401  # it refuses Windows with a sentence

if __name__ == "__main__":  # run each time that a page is drawn
    from dashboard import frame

    frame.draw_page()
else:  # imported once, by the server
    from dashboard import document

    app = st.App(__file__, routes=document.build_routes())
