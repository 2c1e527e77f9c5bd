"""Which mails the Errors page lists and in which order: the controls, and the matching rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import cache, state
from dashboard.app_pages.errors import groups
from dashboard.components import confusion_view, slices_view, widgets
from pipeline.error_analysis.reasons import REASONS, build_pattern
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.project import Project, marks
from pipeline.project.marks import Mark
from pipeline.quality import decisions
from pipeline.runs.store import Run

BOTH, ONE = "both", "only one of them"
NO_TAG, ANY_TAG = "no tag", "any tag"
MOST_OFFERED = 200
"""Tags in the select box, the most frequent first; more would make the page slow."""
SORTS = {
    "wrong": "Most wrong first",
    "disagreement": "Runs disagree most",
    "suspect": "Label most suspect",
    "newest": "Newest first",
    "oldest": "Oldest first",
}
REMOVABLE: dict[str, tuple[str, str, Any]] = {
    "find": ("Holds: {}", "errors_find", ""),
    "sender": ("Sender: {}", "errors_sender", ""),
    "since": ("From {}", "errors_since", None),
    "until": ("Until {}", "errors_until", None),
    "reason": ("Reason: {}", "errors_reason", None),
    "tag": ("Tag: {}", "errors_tag", None),
}
"""By field of `Filters`: the label of its button, the key of its widget, its value when unset."""


@dataclass(frozen=True)
class Filters:
    """Which mails to list, and their order; `whose` is the id of a run, `BOTH` or `ONE`."""

    kind: str
    whose: str
    find: str = ""
    pattern: bool = False
    sender: str = ""
    since: date | None = None
    until: date | None = None
    tag: str | None = None
    reason: str | None = None
    like: str | None = None
    sort: str = "wrong"


def choose_filters(
    project: Project, run: Run, rival: Run | None, point: OperatingPoint, table: pd.DataFrame
) -> Filters:
    """Draw the controls above the list; each choice is in the URL and survives a reload.

    Args:
        table: the ErrorTable of the run, from which the choices come.
    """
    kinds = confusion_view.list_kinds(point.has_band)
    # a group, a reason or a course names its mails itself, the fixed ones among them
    group = state.chosen_group()
    kind = "All mails" if group else state.errors_kind()
    with st.container(horizontal=True, gap="medium"):
        kind = st.segmented_control(
            "Show", kinds, default=kind if kind in kinds else kinds[0], required=True,
            key="_".join(("errors_kind", *(group or ()))), wrap=True,
        )  # fmt: skip
        whose = _choose_whose(run, rival)
    if not group:
        state.choose_errors_kind(kind)
        state.name_errors_in_url(run.id, kind)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        find = st.text_input(
            "Find in subject and text",
            key="errors_find",
            bind="query-params",
            placeholder="words, in any case",
            width=320,
        )
        pattern = st.toggle(
            "Regular expression",
            key="errors_pattern",
            bind="query-params",
            help="In the syntax of RE2: no look-ahead and no back-references, so it never takes "
            "long. (?-i) makes it case-sensitive.",
        )
        with st.popover("More filters", icon=":material/filter_list:", key="errors_more"):
            more = _choose_more(project, table)
        orders = _list_orders(project, rival, table)
        sort = st.selectbox(
            "Order",
            orders,
            format_func=SORTS.__getitem__,
            key=f"errors_sort_{'_'.join(orders)}",
            persist_state="session",
            width=220,
            help=None
            if "suspect" in orders
            else "Once labels were reviewed on the Labels page, mails can also be ordered by how "
            "suspect their label is.",
        )
    return Filters(kind, whose, find.strip(), pattern, **more, like=state.chosen_like(), sort=sort)


def _choose_whose(run: Run, rival: Run | None) -> str:
    if rival is None:
        return run.id
    names = {run.id: run.name, rival.id: rival.name, BOTH: BOTH, ONE: ONE}
    return st.segmented_control(
        "Errors of",
        list(names),
        default=run.id,
        required=True,
        format_func=lambda i: widgets.escape_markdown(names[i]),
        key=f"errors_whose_{run.id}_{rival.id}",
        persist_state="session",
        wrap=True,
    )


def _choose_more(project: Project, table: pd.DataFrame) -> dict[str, Any]:
    """Draw the rarer filters, where the mails offer a choice; their values by field."""
    values: dict[str, Any] = {"sender": "", "since": None, "until": None, "reason": None}
    if table["sender"].notna().any():
        values["sender"] = st.text_input(
            "Sender",
            key="errors_sender",
            bind="query-params",
            placeholder="an address, a domain, or a part of it",
        ).strip()
    days = table["date"].dropna()
    if not days.empty:
        first, last = days.min().date(), days.max().date()
        span = {"min_value": first, "max_value": last, "format": "YYYY-MM-DD"}
        _forget_outside("errors_since", "errors_until", first=first, last=last)
        since, until = st.columns(2)
        with since:
            values["since"] = st.date_input("From", None, key="errors_since",
                                           persist_state="session", **span)  # fmt: skip
        with until:
            values["until"] = st.date_input("Until", None, key="errors_until",
                                           persist_state="session", **span)  # fmt: skip
    sentences = pd.Series(table["reasons"].unique(), dtype="str")
    reasons = [name for name in REASONS if sentences.str.contains(build_pattern(name)).any()]
    if reasons:
        values["reason"] = _draw_box("Reason", reasons, "errors_reason")
    tags = marks.list_tags(cache.marks(project))
    if tags:
        values["tag"] = _draw_box("Tag", [ANY_TAG, NO_TAG, *tags[:MOST_OFFERED]], "errors_tag")
    return values


def _draw_box(label: str, options: Sequence[str], key: str) -> str | None:
    """Draw a select box that may stay empty; a choice that is no longer offered is dropped."""
    choice = state.Field[str | None](key)
    if choice.get() not in (None, *options):
        choice.fill(None)
    return st.selectbox(label, options, None, key=key, placeholder="Any", persist_state="session")


def _forget_outside(*keys: str, first: date, last: date) -> None:
    for key in keys:  # days chosen in another project
        field = state.Field[date | None](key)
        if (day := field.get()) and not first <= day <= last:
            field.fill(None)


def _list_orders(project: Project, rival: Run | None, table: pd.DataFrame) -> list[str]:
    """The orders that these mails can be brought into."""
    is_possible = {
        "wrong": True,
        "disagreement": rival is not None,
        "suspect": decisions.has_review(project),
        "newest": table["date"].notna().any(),
        "oldest": table["date"].notna().any(),
    }
    return [name for name in SORTS if is_possible[name]]


def draw_set_filters(
    project: Project, run: Run, chosen: Filters, rows: pd.DataFrame
) -> pd.DataFrame:
    """Draw a button for each filter that is set, to remove it; the rows of slice and group."""
    with st.container(horizontal=True, gap="small"):
        rows = groups.keep_chosen_group(project, run, slices_view.keep_chosen_slice(project, rows))
        for field, (label, key, unset) in REMOVABLE.items():
            if value := getattr(chosen, field):
                _draw_removal(label.format(value), key, partial(state.Field(key).fill, unset))
        if chosen.like:
            remove = partial(state.choose_like, None)
            _draw_removal(f"Near-duplicates of {chosen.like}", "errors_like", remove)
    return rows


def _draw_removal(label: str, key: str, remove: Callable[[], None]) -> None:
    st.button(
        widgets.escape_markdown(label[:80]),
        key=f"{key}_remove",
        icon=":material/close:",
        help="Remove this filter",
        on_click=remove,
    )


def select_rows(
    table: pd.DataFrame,
    chosen: Filters,
    points: Mapping[str, OperatingPoint],
    columns: Mapping[str, str],
    marks_by_mail: Mapping[str, Mark],
    matching: Sequence[str] | None = None,
    cluster: Sequence[str] | None = None,
    suspect: pd.Series | None = None,
) -> pd.DataFrame:
    """Select the rows of an ErrorTable that pass the filters, in the chosen order.

    Args:
        points: the operating point of each run, by its id.
        columns: the column of each run's scores, by its id.
        marks_by_mail: the tags of each mail, by its id.
        matching: ids of the mails that hold the words; None when none are searched for.
        cluster: ids of the mails of the chosen cluster; None for all.
        suspect: how suspect a label is, by the mail's id, for that order.
    """
    matches = pd.Series(True, index=table.index)
    calls = {
        run_id: confusion_view.match_kind(
            table["label"], table[columns[run_id]], chosen.kind, point
        )
        for run_id, point in points.items()
    }
    if chosen.whose in calls:
        matches &= calls[chosen.whose]
    elif len(calls) == 2:
        mine, theirs = calls.values()
        matches &= mine & theirs if chosen.whose == BOTH else mine ^ theirs
    for ids in (matching, cluster):
        if ids is not None:
            matches &= table["id"].isin(set(ids))
    if chosen.sender:
        matches &= table["sender"].str.contains(chosen.sender, case=False, regex=False, na=False)
    if chosen.since:
        matches &= table["date"] >= pd.Timestamp(chosen.since, tz="UTC")
    if chosen.until:
        matches &= table["date"] < pd.Timestamp(chosen.until, tz="UTC") + pd.Timedelta(days=1)
    if chosen.reason:
        matches &= table["reasons"].str.contains(build_pattern(chosen.reason))
    if chosen.tag:
        matches &= _have_tag(table["id"], chosen.tag, marks_by_mail)
    rows = table[matches]
    rank = _rank(rows, chosen, points, columns, suspect)
    return rows.loc[rank.sort_values(ascending=False, kind="stable").index]


def _have_tag(ids: pd.Series, tag: str, marks_by_mail: Mapping[str, Mark]) -> pd.Series:
    if tag in (NO_TAG, ANY_TAG):
        tagged = {mail_id for mail_id, mark in marks_by_mail.items() if mark.tags}
        return ids.isin(tagged) if tag == ANY_TAG else ~ids.isin(tagged)
    return ids.isin({mail_id for mail_id, mark in marks_by_mail.items() if tag in mark.tags})


def _rank(
    rows: pd.DataFrame,
    chosen: Filters,
    points: Mapping[str, OperatingPoint],
    columns: Mapping[str, str],
    suspect: pd.Series | None,
) -> pd.Series:
    """The numbers by which rows are ordered, the largest first."""
    if chosen.sort in ("newest", "oldest"):
        days = rows["date"].astype("int64").where(rows["date"].notna())
        return days if chosen.sort == "newest" else -days
    if chosen.sort == "suspect" and suspect is not None:
        return rows["id"].map(suspect)
    scores = [rows[columns[run_id]] for run_id in points]
    if chosen.sort == "disagreement" and len(scores) == 2:
        return (scores[0] - scores[1]).abs()
    wrong = {  # correct mails follow the wrong ones, the closest first
        run_id: pd.Series(
            point.distance_to_right(rows[columns[run_id]], rows["label"] == "spam"), rows.index
        )
        for run_id, point in points.items()
    }
    if chosen.whose in wrong:
        return wrong[chosen.whose]
    return pd.concat(wrong.values(), axis=1).max(axis=1)
