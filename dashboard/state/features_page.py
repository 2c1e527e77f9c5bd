"""The keys of the features form, which are new when it is to show other features."""

import streamlit as st

FEATURES_FORM, FEATURES_SHOWN = "features_form", "features_shown"


def name_features_form(shown: str) -> str:
    """The prefix of the keys of the features form; a new one when it is to show other features.

    What a widget holds outlives the value it was drawn with. So when the features were changed
    elsewhere (back to the default, a second tab, another project), the widgets are new ones.
    """
    if st.session_state.get(FEATURES_SHOWN) != shown:
        st.session_state[FEATURES_FORM] = st.session_state.get(FEATURES_FORM, 0) + 1
        mark_features_shown(shown)
    return f"{FEATURES_FORM}_{st.session_state[FEATURES_FORM]}"


def mark_features_shown(shown: str) -> None:
    """The widgets of the form hold these features already."""
    st.session_state[FEATURES_SHOWN] = shown
