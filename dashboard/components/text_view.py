"""Text of a mail on the screen: the characters it is, quoted parts folded, a cut always said."""

import streamlit as st

from pipeline.mail import hidden, quoted
from pipeline.wording import counted

LONG, LINES = 1_500, 16
"""Characters or lines of a text from which on it scrolls in a box of its own."""
HEIGHT = 420
"""Pixels of such a box."""
MOST, MOST_LINES = 100_000, 2_000
"""Characters and lines of one text that are shown."""
SHORT = 20_000
"""Characters of headers, lists of attachments and the like that are shown."""
FOLDED_FROM = 4
"""Lines of a quote from which on it is folded; a shorter one is the question to an answer."""
MOST_PARTS = 20
"""Parts of a mail that are shown apart; what is behind them is shown in one piece."""
TOLD = 4
"""Kinds of hidden characters that are named."""


def draw_folded_text(text: str, key: str, name: str) -> None:
    """A mail's text in which what is quoted from former mails has to be opened to be read.

    Args:
        key: begins the keys of the widgets.
        name: of the file when the text is downloaded, without ending.
    """
    shown = _cut(text, key, name)
    parts = quoted.split_quotes(shown)
    if all(part.kind == quoted.QUOTED for part in parts if part.text.strip()):
        _box(shown)  # nothing of its own: there is nothing else to read
        return
    for fold, piece in _pieces(parts):
        if fold:
            lines = counted(piece.strip("\n").count("\n") + 1, "line")
            with st.expander(f"Quoted from a former mail: {lines}"):
                _box(piece)
        else:
            _box(piece)


def draw_whole_text(text: str, key: str, name: str) -> None:
    """A text as it is, in one piece."""
    _box(_cut(text, key, name))


def draw_short_text(text: str) -> None:
    """A few lines: the head of a mail, its headers."""
    shown = text[:SHORT]
    _box(shown)
    if len(text) > SHORT:
        st.caption(f"The first {SHORT:,} of {len(text):,} characters.")


def _cut(text: str, key: str, name: str) -> str:
    """What is shown of a text; says what is left out or hidden, and offers all of it."""
    shown = text[:MOST]
    lines = shown.split("\n", MOST_LINES)
    if len(lines) > MOST_LINES:
        shown = "\n".join(lines[:MOST_LINES])
    told = []
    if len(shown) < len(text):
        told.append(
            f"The first {len(shown):,} of {len(text):,} characters, and "
            f"{shown.count(chr(10)) + 1:,} of {text.count(chr(10)) + 1:,} lines."
        )
    found = hidden.count_hidden(shown)
    if found:
        named = [
            f"{hidden.render_symbol(c)} {hidden.name_character(c)} ({n:,})"
            for c, n in found.most_common(TOLD)
        ]
        more = " and others" if len(found) > TOLD else ""
        total = found.total()
        told.append(
            f"{counted(total, 'character')} that cannot be seen or that change the order of others "
            f"{'is' if total == 1 else 'are'} shown as symbols: {', '.join(named)}{more}."
        )
    if told:
        with st.container(gap=None):  # one below the other: beside a mail there may be little room
            st.caption(" ".join(told))
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


def _pieces(parts: list[quoted.Passage]) -> list[tuple[bool, str]]:
    """(whether it is folded, its text) of what is shown apart, in order."""
    pieces: list[tuple[bool, str]] = []
    for part in parts:
        long = part.text.strip("\n").count("\n") + 1 >= FOLDED_FROM
        fold = part.kind == quoted.QUOTED and long and len(pieces) < MOST_PARTS
        if pieces and not fold and not pieces[-1][0]:
            pieces[-1] = (False, pieces[-1][1] + part.text)
        else:
            pieces.append((fold, part.text))
    return [(fold, text) for fold, text in pieces if text.strip()]


def _box(text: str) -> None:
    """Text in the letters of a typewriter; a long one scrolls in itself."""
    long = len(text) > LONG or text.count("\n") >= LINES
    st.code(
        hidden.make_visible(text) or "(empty)",
        language=None,
        wrap_lines=True,
        height=HEIGHT if long else "content",
    )
