"""The last view of a page with several: a widget forgets its choice when the page changes."""

import streamlit as st

FEATURES_VIEW = "features_looked_at"
EVALUATE_VIEW = "evaluate_looked_at"


def features_view() -> str | None:
    """Return the last view of the Features page."""
    return st.session_state.get(FEATURES_VIEW)


def choose_features_view(view: str) -> None:
    """Remember the view of the Features page."""
    st.session_state[FEATURES_VIEW] = view


def evaluate_view() -> str | None:
    """Return the last view of the Evaluate page."""
    return st.session_state.get(EVALUATE_VIEW)


def choose_evaluate_view(view: str) -> None:
    """Remember the view of the Evaluate page."""
    st.session_state[EVALUATE_VIEW] = view
