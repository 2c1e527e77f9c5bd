"""A sentence for the next script run, and an uploader that forgets its files."""

import streamlit as st

MESSAGE = "message"
UPLOAD = "data_upload"


def say_next(message: str) -> None:
    """Keep a sentence that the next script run shows once, as a toast and as plain text."""
    st.session_state[MESSAGE] = message


def take_message() -> str | None:
    """The sentence kept by `say_next`, once."""
    message: str | None = st.session_state.pop(MESSAGE, None)
    return message


def upload_key() -> str:
    """The key of the uploader; see `empty_uploader`."""
    return f"{UPLOAD}_{st.session_state.get(UPLOAD, 0)}"


def empty_uploader() -> None:
    """Let the next script run draw a new uploader: the old one's files are in memory until then."""
    st.session_state[UPLOAD] = st.session_state.get(UPLOAD, 0) + 1
