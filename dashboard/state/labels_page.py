"""Which mail the Labels page asks about next."""

import streamlit as st

LABEL_NEXT, LABEL_STEP = "label_next", "label_step"


def next_label() -> tuple[str | None, int]:
    """The id of the mail to decide about next, and how many decisions this session has seen."""
    return st.session_state.get(LABEL_NEXT), st.session_state.get(LABEL_STEP, 0)


def go_to_label(mail_id: str | None) -> None:
    """After a decision: the mail to decide about next, None for the first of the list."""
    st.session_state[LABEL_NEXT] = mail_id
    st.session_state[LABEL_STEP] = st.session_state.get(LABEL_STEP, 0) + 1
