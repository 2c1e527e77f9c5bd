"""Pieces of form that return a spec or a choice, and the few shapes that several pages share."""

import re
import time
from collections.abc import Mapping, Sequence
from typing import NoReturn

import streamlit as st

from dashboard import state
from dashboard.components import pages
from pipeline.mail import hidden
from pipeline.project import Project
from pipeline.runs.store import Run
from pipeline.workspace import live

STATUS = {
    "queued": ":material/schedule: queued",
    "running": ":material/autorenew: training",
    "finished": ":material/check: finished",
    "stopped": ":material/stop_circle: stopped, best epoch kept",
    "failed": ":material/error: failed",
    "interrupted": ":material/power_off: interrupted",
}


class EndOfPage(Exception):
    """Ends a page early while the checklist beside it is still drawn, which st.stop prevents."""


def end_with_link(sentence: str, page: str, label: str) -> NoReturn:
    """Nothing to show yet: say what to do next, link to where it is done, and end the page."""
    st.info(sentence, icon=pages.NEXT)
    pages.link_to(page, label)
    raise EndOfPage


def need_project() -> Project:
    """The chosen project, or a dead end that leads to the start."""
    project = state.project()
    if project is None:
        missing = state.unknown_project()
        sentence = (
            escape_markdown(f"There is no project {missing!r} in this workspace.")
            if missing
            else "No project is open."
        )
        end_with_link(
            f"{sentence} Choose one on the start page, or upload a file.", "start", "To the start"
        )
    return project


def pick_run(label: str, runs: Sequence[Run], key: str, preferred: str | None = None) -> Run:
    """A select box of runs; the preferred one, or else the newest, is chosen at first."""
    by_id = {run.id: run for run in runs}
    # a new box when there is a new run: the browser may still hold the old choice for the old one
    key = f"{key}_{runs[0].id}"
    if st.session_state.get(key) not in by_id:
        st.session_state.pop(key, None)
    start = list(by_id).index(preferred) if preferred in by_id else 0
    chosen = st.selectbox(
        label, list(by_id), index=start, key=key, format_func=lambda i: describe_run(by_id[i])
    )
    return by_id[chosen]


def describe_run(run: Run) -> str:
    """A run in one line."""
    after = " · after test" if run.after_test else ""
    note = f" · {run.note[:60]}" if run.note else ""
    return f"{run.name}{after}{note}"


def end_with_error(error: Exception) -> NoReturn:
    """Show the sentence of an error and end the page."""
    st.error(escape_markdown(str(error)), icon=":material/error:")
    raise EndOfPage


def follow_work(work: str) -> None:
    """Show how far a long work is until it is over; nothing when nobody is at it."""
    # the place is kept also without a bar: else all below would move when the bar goes, and what
    # moves is drawn anew, for a moment beside what was there
    place = st.empty()
    while live.is_held(work):
        if now := live.progress(work):
            place.progress(now.share, describe_progress(now))
        time.sleep(0.1)
    place.empty()


def describe_progress(now: live.Progress) -> str:
    """What is being done, how far it is, and how long it will take."""
    left = "" if now.seconds_left is None else f", about {format_duration(now.seconds_left)} left"
    return escape_markdown(f"{now.text}: {now.share:.0%}{left}")


def compute_table_height(rows: int, most: int | None = None) -> int:
    """Pixels for a table of so many rows without empty lines; above `most` pixels it scrolls."""
    needed = 35 * (rows + 1) + 3  # Streamlit's height of a row and of the border
    return needed if most is None else min(most, needed)


def ask_to_delete(key: str) -> bool:
    """The buttons of a dialog that asks before something is deleted; whether to delete it."""
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key=f"{key}_no"):
            st.rerun()
        return st.button("Delete it", type="primary", key=f"{key}_yes")


def draw_metrics(values: Mapping[str, str]) -> None:
    """Figures side by side, as many to a row as there is room for."""
    with st.container(horizontal=True, gap="medium"):
        for title, value in values.items():
            st.metric(title, value, width="content")


# links, emoji and icons, arrows and dashes: where a word joiner keeps them from being made
_MADE = re.compile(
    r"(?<=@)|(?<=://)|(?<=www)(?=\.)|(?<=:)(?=[\w+/-]+:)|(?<=-)(?=[->])|(?<=<)(?=-)|(?<=[<>~])(?==)",
    re.IGNORECASE,
)


def escape_markdown(text: str) -> str:
    """Text for a place where Streamlit reads Markdown: every character stands for itself.

    Links, emoji (``:smile:``), icons and arrows (``->``) are made after the escapes are read, so
    that no escape keeps them from it; a word joiner in them, which cannot be seen, does. Hidden
    characters of the text itself are shown by symbols.
    """
    text = _MADE.sub("\u2060", hidden.make_visible(text))
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-.!|~$:<>&=" else c for c in text)


def make_file_name(text: str) -> str:
    """A text that names a mail or a column, for the name of a file: letters, digits, - and _."""
    return re.sub(r"[^\w]+", "-", text[:80]).strip("-") or "unnamed"


def format_percent(share: float, digits: int = 2) -> str:
    """A share from 0 to 1 in percent."""
    return f"{share:.{digits}%}"


def format_duration(seconds: float) -> str:
    """About how long, in words."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
