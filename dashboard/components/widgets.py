"""Small pieces that several pages share: dead ends, run boxes, progress, formats, escapes."""

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
from pipeline.workspace.progress import WorkState

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
    """End a page that has nothing to show yet: say what is missing, and link to where to get it."""
    st.info(sentence, icon=pages.NEXT)
    pages.link_to(page, label)
    raise EndOfPage


def need_project() -> Project:
    """Return the chosen project; without one, end the page with a link to Start."""
    project = state.project()
    if project is None:
        missing = state.unknown_project()
        sentence = (
            escape_markdown(f"There is no project {missing!r} in this workspace.")
            if missing
            else "No project is open."
        )
        end_with_link(
            f"{sentence} Choose one on the Start page, or upload a file.", "start", "Go to Start"
        )
    return project


def pick_run(label: str, runs: Sequence[Run], key: str, preferred: str | None = None) -> Run:
    """Let the user choose a run; the first choice is the preferred one, or else the newest."""
    by_id = {run.id: run for run in runs}
    # a new run gets a new box, because the browser may keep the choice of the old one
    choice = state.Field[str](f"{key}_{runs[0].id}")
    if choice.get() not in by_id:
        choice.forget()
    start = list(by_id).index(preferred) if preferred in by_id else 0
    chosen = st.selectbox(
        label,
        list(by_id),
        index=start,
        key=choice.key,
        format_func=lambda i: describe_run(by_id[i]),
    )
    return by_id[chosen]


def describe_run(run: Run) -> str:
    """Describe a run in one line: its name, whether it came after the test, its note."""
    after = " · after test" if run.after_test else ""
    note = f" · {run.note[:60]}" if run.note else ""
    return f"{run.name}{after}{note}"


def end_with_error(error: Exception) -> NoReturn:
    """End the page with the sentence of an error."""
    st.error(escape_markdown(str(error)), icon=":material/error:")
    raise EndOfPage


def follow_work(work: str) -> None:
    """Show the progress of a long job until it ends; nothing when it is not running."""
    # the place stays when the bar goes: otherwise everything below would move, and Streamlit draws
    # what moves a second time, beside what was there
    place = st.empty()
    while live.is_held(work):
        if progress := live.read_state(work):
            place.progress(progress.share, describe_progress(progress))
        time.sleep(0.1)
    place.empty()


def describe_progress(progress: WorkState) -> str:
    """Describe what a job is doing, the share done and the time left."""
    seconds = progress.seconds_left
    left = "" if seconds is None else f", about {format_duration(seconds)} left"
    return escape_markdown(f"{progress.text}: {progress.share:.0%}{left}")


def ask_to_delete(key: str) -> bool:
    """Draw the buttons of a dialog before a deletion; returns whether to delete."""
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key=f"{key}_no"):
            st.rerun()
        return st.button("Delete it", type="primary", key=f"{key}_yes")


def draw_metrics(values: Mapping[str, str]) -> None:
    """Draw figures side by side, as many in a row as there is room for."""
    # places.css knows the key
    with st.container(
        horizontal=True, gap="medium", key=f"metrics_{make_file_name('-'.join(values))}"
    ):
        for title, value in values.items():
            st.metric(title, value, width="content")


# where a word joiner prevents links, emoji and icons, arrows and dashes
_JOINTS = re.compile(
    r"(?<=@)|(?<=://)|(?<=www)(?=\.)|(?<=:)(?=[\w+/-]+:)|(?<=-)(?=[->])|(?<=<)(?=-)|(?<=[<>~])(?==)",
    re.IGNORECASE,
)


def escape_markdown(text: str) -> str:
    """Escape a text for a place where Streamlit reads Markdown: every character stands for itself.

    Streamlit makes links, emoji (``:smile:``), icons and arrows (``->``) after it has read the
    escapes, so no escape prevents them; an invisible word joiner in them does. Hidden characters
    of the text itself become symbols.
    """
    text = _JOINTS.sub("\u2060", hidden.make_visible(text))
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-.!|~$:<>&=" else c for c in text)


def make_file_name(text: str) -> str:
    """Make a file name from that of a mail, a run or a column: letters, digits, - and _."""
    return re.sub(r"[^\w]+", "-", text[:80]).strip("-") or "unnamed"


def format_percent(share: float, digits: int = 2) -> str:
    """Format a share from 0 to 1 as a percentage: "0.46%"."""
    return f"{share:.{digits}%}"


def format_duration(seconds: float) -> str:
    """Format a duration, rounded: "12 s", "3 min", "1.5 h"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
