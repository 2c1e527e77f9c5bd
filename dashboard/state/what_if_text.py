"""What was typed into *What if*, kept when the page is left."""

import streamlit as st

WHAT_IF, WHAT_IF_CUT = "what_if", "what_if_cut_asked"


def open_what_if(mail_id: str, text: tuple[str, str]) -> tuple[str, tuple[str, str]]:
    """The key of the fields for a mail's subject and body, and what they hold at first.

    That is the text given here, or what was typed before the page was left.
    """
    held = st.session_state.get(WHAT_IF)
    if held is None or held["mail"] != mail_id:
        begin_what_if(mail_id, text)
    elif held["key"] not in st.session_state:
        begin_what_if(mail_id, held["now"])
    held = st.session_state[WHAT_IF]
    return held["key"], held["first"]


def begin_what_if(mail_id: str, text: tuple[str, str]) -> None:
    """Let new fields hold this text."""
    number = st.session_state.get(WHAT_IF, {"number": 0})["number"] + 1
    st.session_state[WHAT_IF] = {
        "mail": mail_id,
        "number": number,
        "key": f"{WHAT_IF}_text_{number}",
        "first": text,
        "now": text,
    }


def keep_what_if(text: tuple[str, str]) -> None:
    """What is in the fields by now, for when the page is left."""
    st.session_state[WHAT_IF]["now"] = text


def remember_cut(question: object) -> None:
    """Remember for which run, threshold and text the smallest cut is shown."""
    st.session_state[WHAT_IF_CUT] = question


def remembered_cut() -> object:
    """What `ask_cut` was last told."""
    return st.session_state.get(WHAT_IF_CUT)
