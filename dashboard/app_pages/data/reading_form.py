"""The form that says how a file was read and lets the user choose otherwise."""

from typing import Any

import streamlit as st

from pipeline.mail import hidden
from pipeline.project.uploads import Reading

ROLES = {
    "body": ("Text", "The text of the mail."),
    "label": ("Label", "Says whether a mail is ham or spam."),
    "subject": ("Subject", "Optional."),
    "sender": ("Sender", "Optional; who sent the mail."),
    "date": ("Date", "Optional; without a time zone it is taken as UTC."),
    "id": ("Id", "Optional; row numbers are used when it is missing or repeats."),
}
NONE = "(none)"
MEANINGS = ("ham", "spam", "leave out")
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}


def show(reading: Reading) -> tuple[dict[str, Any], dict[str, str] | None] | None:
    """Draw the form; the chosen columns and the meaning of words when the button was pressed."""
    st.text(_summary(reading))
    for note in reading.notes:
        st.text(hidden.make_visible(f"• {note}"))
    guess = reading.columns or {}
    with st.form("data_reading", border=False):
        chosen: dict[str, Any] = {}
        roles = {} if reading.messages else ROLES
        places = [] if reading.messages else st.columns(3) + st.columns(3)
        for place, (role, (title, help_text)) in zip(places, roles.items(), strict=True):
            options = [NONE, *reading.names]
            found = guess.get(role)
            chosen[role] = place.selectbox(
                title,
                options,
                index=options.index(found) if found in options else 0,
                help=help_text,
                key=f"data_column_{role}",
            )
        meanings: dict[str, str | None] = {}
        if reading.words:
            where = "the places where the mails were found mean"
            words_mean = where if reading.messages else "the words of the label column mean"
            st.caption(f"What {words_mean}")
            places = st.columns(3)
            for number, (word, count) in enumerate(reading.words.items()):
                if not word:
                    continue
                known = reading.labels.get(word)
                unit = "mails" if reading.messages else "rows"
                rows = f" ({count:,} {unit})" if count else ""  # not counted while mails are sealed
                meanings[word] = places[number % 3].selectbox(
                    f"`{hidden.make_visible(word[:40]).replace('`', ' ')}`{rows}",
                    MEANINGS,
                    index=MEANINGS.index(known) if known in MEANINGS else None,
                    placeholder="choose",
                    key=f"data_word_{number}_{word[:40]}",
                )
        pressed = st.form_submit_button("Read the file again")
    if not pressed:
        return None
    if reading.messages:
        return guess, {w: m for w, m in meanings.items() if m}
    columns = {role: None if name == NONE else name for role, name in chosen.items()}
    if columns["body"] is None or columns["label"] is None:
        st.error("Choose a column for the text and one for the label.")
        return None
    # another label column has other words, whose meaning is guessed first
    words = (
        {w: m for w, m in meanings.items() if m} if columns["label"] == guess.get("label") else None
    )
    return columns, words


def _summary(reading: Reading) -> str:
    if reading.messages:
        return f"{reading.file}: {reading.rows:,} messages"
    parted = DELIMITERS.get(reading.delimiter, reading.delimiter)
    how = f", {reading.encoding}, parted by {parted}" if parted else ""
    return f"{reading.file}: {reading.rows:,} rows, {len(reading.names):,} columns{how}"
