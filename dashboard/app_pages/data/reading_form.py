"""The form that says how a file was read and lets the user choose otherwise."""

from typing import Any

import streamlit as st

from dashboard import cache
from dashboard.app_pages.data.upload_form import explain_failure
from dashboard.components import widgets
from pipeline.mail import hidden
from pipeline.project import Project, uploads
from pipeline.project.uploads import Reading
from pipeline.workspace import live

ROLES = {
    "body": ("Text", "The text of the mail."),
    "label": ("Label", "Says whether a mail is ham or spam."),
    "subject": ("Subject", "Optional."),
    "sender": ("Sender", "Optional; who sent the mail."),
    "date": ("Date", "Optional; a date without a time zone counts as UTC."),
    "id": ("Id", "Optional; row numbers stand in when it is missing or not unique."),
}
NONE = "(none)"
MEANINGS = ("ham", "spam", "leave out")
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}


def read_files(project: Project) -> None:
    """Read what was uploaded, with a progress bar, and draw the form to read it otherwise."""
    work = uploads.name_reading_job(project)
    if uploads.needs_reading(project):
        # here and not at the upload, so that a reload in the middle comes back to it
        cache.jobs().start(work, uploads.read_upload, project.name)
    widgets.follow_work(work)
    if failure := live.read_failure(work):
        explain_failure(project, failure)
    reading = uploads.last_reading(project)
    if reading is None:  # the mails came in by the command line
        return
    if reading.problem:
        st.warning(widgets.escape_markdown(reading.problem), icon=":material/help:")
    with st.expander(
        "How the file was read", expanded=bool(reading.problem), icon=":material/table_view:"
    ):
        choice = _draw_form(reading)
    if choice:
        cache.jobs().start(work, uploads.read_upload, project.name, *choice)
        st.rerun()


def _draw_form(reading: Reading) -> tuple[dict[str, Any], dict[str, str] | None] | None:
    """The chosen columns and the meaning of the label words, once the button was pressed."""
    st.text(_summarise(reading))
    for note in reading.notes:
        st.text(hidden.make_visible(f"• {note}"))
    guessed = reading.columns or {}
    with st.form("data_reading", border=False):
        columns = {} if reading.messages else _choose_columns(reading, guessed)
        meanings = _choose_meanings(reading)
        pressed = st.form_submit_button("Read the file again")
    if not pressed:
        return None
    if reading.messages:
        return guessed, meanings
    if columns["body"] is None or columns["label"] is None:
        st.error("Choose a column for the text and one for the label.")
        return None
    # another label column has other words, whose meaning is guessed first
    return columns, meanings if columns["label"] == guessed.get("label") else None


def _choose_columns(reading: Reading, guessed: dict[str, Any]) -> dict[str, Any]:
    """The column for each role, None for none."""
    columns: dict[str, Any] = {}
    options = [NONE, *reading.names]
    places = st.columns(3) + st.columns(3)
    for place, (role, (title, help_text)) in zip(places, ROLES.items(), strict=True):
        guess = guessed.get(role)
        column = place.selectbox(
            title,
            options,
            index=options.index(guess) if guess in options else 0,
            help=help_text,
            key=f"data_column_{role}",
        )
        columns[role] = None if column == NONE else column
    return columns


def _choose_meanings(reading: Reading) -> dict[str, str]:
    """What each word of the label column, or each folder of raw mail, means; known ones only."""
    if not reading.words:
        return {}
    st.caption(
        "Which folders, Gmail labels or files hold ham, and which spam"
        if reading.messages
        else "Which words of the label column mean ham, and which spam"
    )
    meanings: dict[str, str] = {}
    places = st.columns(3)
    for number, (word, count) in enumerate(reading.words.items()):
        if not word:
            continue
        known = reading.labels.get(word)
        unit = "mails" if reading.messages else "rows"
        rows = f" ({count:,} {unit})" if count else ""  # not counted while mails are sealed
        meaning = places[number % 3].selectbox(
            f"`{hidden.make_visible(word[:40]).replace('`', ' ')}`{rows}",
            MEANINGS,
            index=MEANINGS.index(known) if known in MEANINGS else None,
            placeholder="choose",
            key=f"data_word_{number}_{word[:40]}",
        )
        if meaning:
            meanings[word] = meaning
    return meanings


def _summarise(reading: Reading) -> str:
    if reading.messages:
        return f"{reading.file}: {reading.rows:,} messages"
    delimiter = DELIMITERS.get(reading.delimiter, reading.delimiter)
    layout = f", {reading.encoding}, separated by {delimiter}" if delimiter else ""
    return f"{reading.file}: {reading.rows:,} rows, {len(reading.names):,} columns{layout}"
