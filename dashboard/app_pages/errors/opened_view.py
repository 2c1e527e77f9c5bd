"""The mail that is open on the Errors page: its scores, what is decided about it, and its text."""

from collections.abc import Callable, Mapping
from functools import partial

import pandas as pd
import streamlit as st

from dashboard import cache, state
from dashboard.app_pages.errors import (
    decide_view,
    mail_list,
    neighbours_view,
    what_if_view,
    why_view,
)
from dashboard.components import mail_view, views, widgets
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.project import Project
from pipeline.runs.store import Run
from pipeline.wording import counted


def _mail(project: Project, run: Run, mail_id: str) -> None:
    mail_view.draw_mail(cache.mails(project).take([mail_id]).iloc[0], "errors_mail")


# what can be looked at of the open mail; each is called with project, run and the mail's id
TABS: dict[str, Callable[[Project, Run, str], None]] = {
    "Mail": _mail,
    "Why": why_view.show,
    "What if": what_if_view.show,
    "Like this one": neighbours_view.show,
}


def show(
    project: Project,
    run: Run,
    shown: pd.DataFrame,
    place: int,
    points: Mapping[str, OperatingPoint],
    names: Mapping[str, str],
) -> None:
    """One mail of the list, with the ways to the one before and the one after it.

    Args:
        shown: the list.
        place: of the mail in it, from 0.
        points: threshold and band of each run, by its id.
        names: by the column of a run's scores, what to call it.
    """
    mail = shown.iloc[place]
    with st.container(horizontal=True, vertical_alignment="center"):
        for word, to, key in (("Previous", place - 1, "p"), ("Next", place + 1, "n")):
            inside = 0 <= to < len(shown)
            st.button(
                word,
                key=f"errors_{word.lower()}",
                shortcut=key,
                disabled=not inside,
                on_click=partial(mail_list.go, shown, to) if inside else None,
            )
        st.caption(f"{place + 1:,} of {len(shown):,}", width="content")
        beside = st.container(width="content")
    scores = [f"{widgets.escape_markdown(name)} **{mail[c]:.4f}**" for c, name in names.items()]
    st.markdown(f"P(spam): {', '.join(scores)}")
    st.caption(_standing(mail, points[run.id]))
    decide_view.show(project, mail["id"], mail["label"])
    view = st.segmented_control(
        "Look at", list(TABS), default=next(iter(TABS)), required=True, key="errors_view",
        label_visibility="collapsed", persist_state="session", wrap=True,
    )  # fmt: skip
    with views.reserve("errors", list(TABS), view):
        TABS[view](project, run, mail["id"])
    with beside:  # last: the first time it takes a while, and the mail is read meanwhile
        _alike(project, mail["id"])


def _standing(mail: pd.Series, point: OperatingPoint) -> str:
    """Label, what the run called it, against which threshold, and what may have led to it."""
    called = str(point.call(mail["score"]))
    kind = "" if mail["kind"] in ("correct", "unsure") else f" ({mail['kind']})"
    band = f", unsure from {point.unsure_from:.3f}" if point.has_band else ""
    reasons = f" {mail['reasons'].capitalize()}." if mail["reasons"] else ""
    right = " (correct)" if called == mail["label"] else kind
    words = f"Labelled {mail['label']}, called {called}{right}; threshold {point.threshold:.3f}"
    return widgets.escape_markdown(f"{words}{band}.{reasons}")


def _alike(project: Project, mail_id: str) -> None:
    """A way to the near-duplicates of the mail, where it has any in train or validation."""
    if state.like_mail() or not project.mails.pairs_path.exists():  # to look for them takes a while
        return
    number = len(cache.near_duplicates(project, mail_id)) - 1
    if number < 1:
        return
    st.button(
        counted(number, "near-duplicate"),
        key="errors_alike",
        icon=":material/content_copy:",
        help="In train and validation. Keep the list to those of them that are of its kind.",
        on_click=partial(state.choose_like, mail_id),
    )
