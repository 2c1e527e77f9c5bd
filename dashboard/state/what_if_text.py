"""The text in the fields of *What if*, which outlives a change of the page."""

import streamlit as st

WHAT_IF, WHAT_IF_CUT = "what_if", "what_if_cut_asked"


def open_what_if(mail_id: str, text: tuple[str, str]) -> tuple[str, tuple[str, str]]:
    """Return the key of the fields for a mail's subject and body, and the text they start with.

    Args:
        text: subject and body of the mail; what the user typed before replaces it.
    """
    held = st.session_state.get(WHAT_IF)
    if held is None or held["mail"] != mail_id:
        begin_what_if(mail_id, text)
    elif held["key"] not in st.session_state:
        begin_what_if(mail_id, held["now"])
    held = st.session_state[WHAT_IF]
    return held["key"], held["first"]


def begin_what_if(mail_id: str, text: tuple[str, str]) -> None:
    """Start new fields with this text."""
    number = st.session_state.get(WHAT_IF, {"number": 0})["number"] + 1
    st.session_state[WHAT_IF] = {
        "mail": mail_id,
        "number": number,
        "key": f"{WHAT_IF}_text_{number}",
        "first": text,
        "now": text,
    }


def keep_what_if(text: tuple[str, str]) -> None:
    """Remember the present text of the fields."""
    st.session_state[WHAT_IF]["now"] = text


def remember_cut(question: object) -> None:
    """Remember the run, threshold and text for which the user wants to see the smallest cut."""
    st.session_state[WHAT_IF_CUT] = question


def remembered_cut() -> object:
    """Return what `remember_cut` was last called with."""
    return st.session_state.get(WHAT_IF_CUT)
