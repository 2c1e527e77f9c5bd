"""The text of a mail: unchanged, with folded quotes, and with a note on every cut."""

import streamlit as st

from pipeline.mail import hidden, quoted
from pipeline.wording import format_count

LONG, LINES = 1_500, 16
"""A text of more than 1,500 characters or 16 lines scrolls in a box of its own."""
HEIGHT = 420
"""The box is 420 pixels high."""
MOST, MOST_LINES = 100_000, 2_000
"""At most 100,000 characters and 2,000 lines of a text are shown."""
SHORT = 20_000
"""At most 20,000 characters of headers, lists of attachments and the like are shown."""
FOLDED_FROM = 4
"""Quotes of 4 lines and more are folded; a shorter one is usually the question to an answer."""
MOST_PARTS = 20
"""At most 20 passages of a mail are shown apart; the rest is shown in one piece."""
NAMED = 4
"""At most 4 kinds of hidden characters are named; the others are only counted."""


def draw_folded_text(text: str, key: str, name: str) -> None:
    """Draw the text of a mail, with quotes from earlier mails folded.

    Args:
        key: the prefix of the widgets' keys.
        name: the name of the file when the text is downloaded, without ending.
    """
    shown = _cut_text(text, key, name)
    parts = quoted.split_quotes(shown)
    if all(part.kind == quoted.QUOTED for part in parts if part.text.strip()):
        _draw_box(shown)  # there is nothing but quotes
        return
    for fold, piece in _group_passages(parts):
        if fold:
            lines = format_count(piece.strip("\n").count("\n") + 1, "line")
            with st.expander(f"Quoted from an earlier mail: {lines}"):
                _draw_box(piece)
        else:
            _draw_box(piece)


def draw_whole_text(text: str, key: str, name: str) -> None:
    """Draw a text in one piece, without folding."""
    _draw_box(_cut_text(text, key, name))


def draw_short_text(text: str) -> None:
    """Draw a few lines: the head of a mail, its headers."""
    shown = text[:SHORT]
    _draw_box(shown)
    if len(text) > SHORT:
        st.caption(f"The first {SHORT:,} of {len(text):,} characters.")


def _cut_text(text: str, key: str, name: str) -> str:
    """Return the part of a text to show; note what is cut or hidden, and offer the whole text."""
    shown = text[:MOST]
    lines = shown.split("\n", MOST_LINES)
    if len(lines) > MOST_LINES:
        shown = "\n".join(lines[:MOST_LINES])
    notes = []
    if len(shown) < len(text):
        notes.append(
            f"The first {len(shown):,} of {len(text):,} characters, and "
            f"{shown.count(chr(10)) + 1:,} of {text.count(chr(10)) + 1:,} lines."
        )
    counts = hidden.count_hidden(shown)
    if counts:
        named = [
            f"{hidden.render_symbol(c)} {hidden.name_character(c)} ({n:,})"
            for c, n in counts.most_common(NAMED)
        ]
        more = " and others" if len(counts) > NAMED else ""
        total = counts.total()
        notes.append(
            f"{format_count(total, 'character')} that cannot be seen or that reorder others "
            f"{'is' if total == 1 else 'are'} shown as symbols: {', '.join(named)}{more}."
        )
    if notes:
        with st.container(gap=None):  # one below the other, because a mail may be narrow
            st.caption(" ".join(notes))
            st.download_button(
                "Whole text",
                lambda: text.encode(errors="replace"),
                file_name=f"{name}.txt",
                mime="text/plain",
                key=f"{key}_whole",
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
            )
    return shown


def _group_passages(parts: list[quoted.Passage]) -> list[tuple[bool, str]]:
    """Group the passages into pieces that are shown apart: whether to fold each, and its text."""
    pieces: list[tuple[bool, str]] = []
    for part in parts:
        long = part.text.strip("\n").count("\n") + 1 >= FOLDED_FROM
        fold = part.kind == quoted.QUOTED and long and len(pieces) < MOST_PARTS
        if pieces and not fold and not pieces[-1][0]:
            pieces[-1] = (False, pieces[-1][1] + part.text)
        else:
            pieces.append((fold, part.text))
    return [(fold, text) for fold, text in pieces if text.strip()]


def _draw_box(text: str) -> None:
    """Draw text in a monospaced font; a long text scrolls in a box of its own."""
    long = len(text) > LONG or text.count("\n") >= LINES
    st.code(
        hidden.make_visible(text) or "(empty)",
        language=None,
        wrap_lines=True,
        height=HEIGHT if long else "content",
    )
