"""The open mail of the Errors page: its scores, its marks, its text, and why it was called so."""

from collections.abc import Callable, Mapping
from functools import partial

import pandas as pd
import streamlit as st

from dashboard import cache, state
from dashboard.app_pages.errors import (
    explanation,
    mail_list,
    mail_marks,
    similar_mails,
    what_if_panel,
)
from dashboard.components import mail_view, views, widgets
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.project import Project
from pipeline.runs.store import Run
from pipeline.wording import format_count


def _mail(project: Project, run: Run, mail_id: str) -> None:
    mail_view.draw_mail(cache.mails(project).take([mail_id]).iloc[0], "errors_mail")


# the views of the open mail; each is called with project, run and the mail's id
TABS: dict[str, Callable[[Project, Run, str], None]] = {
    "Mail": _mail,
    "Why": explanation.draw_explanation,
    "What if": what_if_panel.draw_what_if,
    "Like this one": similar_mails.draw_similar_mails,
}


def draw_opened_mail(
    project: Project,
    run: Run,
    shown: pd.DataFrame,
    place: int,
    points: Mapping[str, OperatingPoint],
    names: Mapping[str, str],
) -> None:
    """Draw one mail of the list, with buttons to the previous and the next one.

    Args:
        shown: the list.
        place: the position of the mail in it, from 0.
        points: the operating point of each run, by its id.
        names: the name of each run, by the column of its scores.
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
                on_click=partial(mail_list.open_at, shown, to) if inside else None,
            )
        st.caption(f"{place + 1:,} of {len(shown):,}", width="content")
        beside = st.container(width="content")
    scores = [f"{widgets.escape_markdown(name)} **{mail[c]:.4f}**" for c, name in names.items()]
    st.markdown(f"P(spam): {', '.join(scores)}")
    st.caption(_describe_call(mail, points[run.id]))
    mail_marks.draw_marks(project, mail["id"], mail["label"])
    view = st.segmented_control(
        "Look at", list(TABS), default=next(iter(TABS)), required=True, key="errors_view",
        label_visibility="collapsed", persist_state="session", wrap=True,
    )  # fmt: skip
    with views.reserve_view("errors", list(TABS), view):
        TABS[view](project, run, mail["id"])
    with beside:  # last: the first time it takes a while, and the mail is read meanwhile
        _offer_near_duplicates(project, mail["id"])


def _describe_call(mail: pd.Series, point: OperatingPoint) -> str:
    """The label of a mail, the run's call and threshold, and the likely reasons for an error."""
    called = str(point.call(mail["score"]))
    kind = "" if mail["kind"] in ("correct", "unsure") else f" ({mail['kind']})"
    band = f", unsure from {point.unsure_from:.3f}" if point.has_band else ""
    reasons = f" {mail['reasons'].capitalize()}." if mail["reasons"] else ""
    right = " (correct)" if called == mail["label"] else kind
    words = f"Labelled {mail['label']}, called {called}{right}; threshold {point.threshold:.3f}"
    return widgets.escape_markdown(f"{words}{band}.{reasons}")


def _offer_near_duplicates(project: Project, mail_id: str) -> None:
    """Draw a button that keeps the list to the near-duplicates of the mail, if it has any."""
    if (
        state.chosen_like() or not project.mails.pairs_path.exists()
    ):  # to look for them takes a while
        return
    number = len(cache.near_duplicates(project, mail_id)) - 1
    if number < 1:
        return
    st.button(
        format_count(number, "near-duplicate"),
        key="errors_alike",
        icon=":material/content_copy:",
        help="In train and validation. Keep the list to those of the same kind.",
        on_click=partial(state.choose_like, mail_id),
    )
