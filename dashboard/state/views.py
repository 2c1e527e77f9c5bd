"""Which part of a page was last looked at: a widget forgets it when its page is left."""

import streamlit as st

FEATURES_VIEW = "features_looked_at"
EVALUATE_VIEW = "evaluate_looked_at"


def features_view() -> str | None:
    """Which part of the Features page was last looked at; a widget forgets it with its page."""
    return st.session_state.get(FEATURES_VIEW)


def choose_features_view(view: str) -> None:
    """Remember which part of the Features page is looked at, across pages."""
    st.session_state[FEATURES_VIEW] = view


def evaluate_view() -> str | None:
    """Which part of the Evaluate page was last looked at; a widget forgets it with its page."""
    return st.session_state.get(EVALUATE_VIEW)


def choose_evaluate_view(view: str) -> None:
    """Remember which part of the Evaluate page is looked at, across pages."""
    st.session_state[EVALUATE_VIEW] = view
