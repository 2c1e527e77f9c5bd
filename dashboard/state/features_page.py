"""The keys of the widgets in the features form, which change when the form shows other features."""

import streamlit as st

FEATURES_FORM, FEATURES_SHOWN = "features_form", "features_shown"


def name_features_form(shown: str) -> str:
    """Return the prefix of the form's keys, which is new if the form shows other features.

    A widget keeps its value even if it is drawn with another one. So if the features were changed
    elsewhere (back to the default, a second tab, another project), the form needs new widgets.
    """
    if st.session_state.get(FEATURES_SHOWN) != shown:
        st.session_state[FEATURES_FORM] = st.session_state.get(FEATURES_FORM, 0) + 1
        mark_features_shown(shown)
    return f"{FEATURES_FORM}_{st.session_state[FEATURES_FORM]}"


def mark_features_shown(shown: str) -> None:
    """Record that the widgets of the form hold these features already."""
    st.session_state[FEATURES_SHOWN] = shown
