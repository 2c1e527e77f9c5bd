"""The next mail on the Labels page."""

import streamlit as st

LABEL_NEXT, LABEL_STEP = "label_next", "label_step"


def next_label() -> tuple[str | None, int]:
    """Return the id of the next mail to decide about, and the number of decisions so far."""
    return st.session_state.get(LABEL_NEXT), st.session_state.get(LABEL_STEP, 0)


def go_to_label(mail_id: str | None) -> None:
    """Count a decision and choose the next mail to decide about, None for the first of the list."""
    st.session_state[LABEL_NEXT] = mail_id
    st.session_state[LABEL_STEP] = st.session_state.get(LABEL_STEP, 0) + 1
