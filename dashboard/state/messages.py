"""A message for the next script run, and an uploader that forgets its files."""

import streamlit as st

MESSAGE = "message"
UPLOAD = "data_upload"


def say_next(message: str) -> None:
    """Keep a message that the next script run shows once, as a toast of plain text."""
    st.session_state[MESSAGE] = message


def take_message() -> str | None:
    """Return the message of `say_next` and forget it."""
    message: str | None = st.session_state.pop(MESSAGE, None)
    return message


def upload_key() -> str:
    """Return the key of the uploader; see `empty_uploader`."""
    return f"{UPLOAD}_{st.session_state.get(UPLOAD, 0)}"


def empty_uploader() -> None:
    """Let the next script run draw a new uploader, to free the memory of the old one's files."""
    st.session_state[UPLOAD] = st.session_state.get(UPLOAD, 0) + 1
