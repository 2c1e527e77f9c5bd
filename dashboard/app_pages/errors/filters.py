"""Which mails the Errors page lists, and in which order: the choice, and the rows that fit it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import cache, state
from dashboard.app_pages.errors import groups_view
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
"""Tags in the box, the most frequent first; a word in the search box of the list finds no tag."""
SORTS = {
    "wrong": "Most wrong first",
    "disagreement": "Runs disagree most",
    "suspect": "Label most suspect",
    "newest": "Newest first",
    "oldest": "Oldest first",
}
# field of `Wanted`: what its button says, the key of its widget, and its value without a choice
REMOVABLE: dict[str, tuple[str, str, Any]] = {
    "find": ("Holds: {}", "errors_find", ""),
    "sender": ("Sender: {}", "errors_sender", ""),
    "since": ("From {}", "errors_since", None),
    "until": ("Until {}", "errors_until", None),
    "reason": ("Reason: {}", "errors_reason", None),
    "tag": ("Tag: {}", "errors_tag", None),
}


@dataclass(frozen=True)
class Wanted:
    """What the list is to hold. `whose` is the id of a run, `BOTH` or `ONE`."""

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


def choose(
    project: Project, run: Run, rival: Run | None, point: OperatingPoint, table: pd.DataFrame
) -> Wanted:
    """The controls above the list; each choice is in the page's URL and outlives a reload.

    Args:
        table: the ErrorTable of the run, which says what there is to choose from.
    """
    kinds = confusion_view.list_kinds(point.has_band)
    # a group, a reason or a course says itself which mails it has, the fixed ones among them
    group = state.chosen_group()
    kind = "All mails" if group else state.errors_kind()
    with st.container(horizontal=True, gap="medium"):
        kind = st.segmented_control(
            "Show", kinds, default=kind if kind in kinds else kinds[0], required=True,
            key="_".join(("errors_kind", *(group or ()))), wrap=True,
        )  # fmt: skip
        whose = _whose(run, rival)
    if not group:
        state.choose_errors_kind(kind)
        state.errors_in_url(run.id, kind)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        find = st.text_input(
            "Find in subject and text",
            key="errors_find",
            bind="query-params",
            placeholder="words, upper and lower case alike",
            width=320,
        )
        pattern = st.toggle(
            "Regular expression",
            key="errors_pattern",
            bind="query-params",
            help="In the syntax of RE2, which has no look-ahead and no back-references, and so "
            "never takes long. (?-i) tells upper from lower case.",
        )
        with st.popover("More filters", icon=":material/filter_list:", key="errors_more"):
            more = _more(project, table)
        order = _sorts(project, rival, table)
        sort = st.selectbox(
            "Order",
            order,
            format_func=SORTS.__getitem__,
            key=f"errors_sort_{'_'.join(order)}",
            persist_state="session",
            width=220,
            help=None
            if "suspect" in order
            else "After a look through the labels on the Labels "
            "page, mails can be ordered by how suspect their label is, too.",
        )
    return Wanted(kind, whose, find.strip(), pattern, **more, like=state.like_mail(), sort=sort)


def _whose(run: Run, rival: Run | None) -> str:
    if rival is None:
        return run.id
    names = {run.id: run.name, rival.id: rival.name, BOTH: BOTH, ONE: ONE}
    return st.segmented_control(
        "By the calls of",
        list(names),
        default=run.id,
        required=True,
        format_func=lambda i: widgets.escape_markdown(names[i]),
        key=f"errors_whose_{run.id}_{rival.id}",
        persist_state="session",
        wrap=True,
    )


def _more(project: Project, table: pd.DataFrame) -> dict[str, Any]:
    """The rarer filters; only those for which the mails have something to choose from."""
    found: dict[str, Any] = {"sender": "", "since": None, "until": None, "reason": None}
    if table["sender"].notna().any():
        found["sender"] = st.text_input(
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
            found["since"] = st.date_input("From", None, key="errors_since",
                                           persist_state="session", **span)  # fmt: skip
        with until:
            found["until"] = st.date_input("Until", None, key="errors_until",
                                           persist_state="session", **span)  # fmt: skip
    told = pd.Series(table["reasons"].unique(), dtype="str")
    reasons = [name for name in REASONS if told.str.contains(build_pattern(name)).any()]
    if reasons:
        found["reason"] = _box("Reason", reasons, "errors_reason")
    tags = marks.used(cache.marks(project))
    if tags:
        found["tag"] = _box("Tag", [ANY_TAG, NO_TAG, *tags[:MOST_OFFERED]], "errors_tag")
    return found


def _box(label: str, options: Sequence[str], key: str) -> str | None:
    """A select box that may be left empty, whose choice may have gone meanwhile."""
    if st.session_state.get(key) not in (None, *options):
        st.session_state[key] = None
    return st.selectbox(label, options, None, key=key, placeholder="Any", persist_state="session")


def _forget_outside(*keys: str, first: date, last: date) -> None:
    for key in keys:  # the days of another project
        if (day := st.session_state.get(key)) and not first <= day <= last:
            st.session_state[key] = None


def _sorts(project: Project, rival: Run | None, table: pd.DataFrame) -> list[str]:
    """The orders that these mails can be brought in."""
    there = {
        "wrong": True,
        "disagreement": rival is not None,
        "suspect": decisions.has_review(project),
        "newest": table["date"].notna().any(),
        "oldest": table["date"].notna().any(),
    }
    return [name for name in SORTS if there[name]]


def removable(project: Project, run: Run, wanted: Wanted, rows: pd.DataFrame) -> pd.DataFrame:
    """A button for each filter that is set, which takes it away; the rows of slice and group."""
    with st.container(horizontal=True, gap="small"):
        rows = groups_view.only(project, run, slices_view.keep_chosen_slice(project, rows))
        for field, (says, key, nothing) in REMOVABLE.items():
            if value := getattr(wanted, field):
                _remove(says.format(value), key, partial(_set, key, nothing))
        if wanted.like:
            away = partial(state.choose_like, None)
            _remove(f"Near-duplicates of {wanted.like}", "errors_like", away)
    return rows


def _remove(says: str, key: str, away: Callable[[], None]) -> None:
    st.button(
        widgets.escape_markdown(says[:80]),
        key=f"{key}_remove",
        icon=":material/close:",
        help="Take this filter away",
        on_click=away,
    )


def _set(key: str, value: Any) -> None:
    st.session_state[key] = value


def fitting(
    table: pd.DataFrame,
    wanted: Wanted,
    points: Mapping[str, OperatingPoint],
    columns: Mapping[str, str],
    written: Mapping[str, Mark],
    found: Sequence[str] | None = None,
    cluster: Sequence[str] | None = None,
    suspect: pd.Series | None = None,
) -> pd.DataFrame:
    """The rows of an ErrorTable that are wanted, in the order that is wanted.

    Args:
        points: threshold and band of each run, by its id.
        columns: the column of each run's scores, by its id.
        written: tags by the id of the mail.
        found: ids of the mails that hold the words, where some are looked for.
        cluster: ids of the mails of the wanted cluster, where one is wanted.
        suspect: how suspect a label is by the mail's id, for that order.
    """
    hit = pd.Series(True, index=table.index)
    calls = {
        run_id: confusion_view.match_kind(
            table["label"], table[columns[run_id]], wanted.kind, point
        )
        for run_id, point in points.items()
    }
    if wanted.whose in calls:
        hit &= calls[wanted.whose]
    elif len(calls) == 2:
        mine, theirs = calls.values()
        hit &= mine & theirs if wanted.whose == BOTH else mine ^ theirs
    for ids in (found, cluster):
        if ids is not None:
            hit &= table["id"].isin(set(ids))
    if wanted.sender:
        hit &= table["sender"].str.contains(wanted.sender, case=False, regex=False, na=False)
    if wanted.since:
        hit &= table["date"] >= pd.Timestamp(wanted.since, tz="UTC")
    if wanted.until:
        hit &= table["date"] < pd.Timestamp(wanted.until, tz="UTC") + pd.Timedelta(days=1)
    if wanted.reason:
        hit &= table["reasons"].str.contains(build_pattern(wanted.reason))
    if wanted.tag:
        hit &= _tagged(table["id"], wanted.tag, written)
    rows = table[hit]
    by = _rank(rows, wanted, points, columns, suspect)
    return rows.loc[by.sort_values(ascending=False, kind="stable").index]


def _tagged(ids: pd.Series, tag: str, written: Mapping[str, Mark]) -> pd.Series:
    if tag in (NO_TAG, ANY_TAG):
        some = {mail_id for mail_id, mark in written.items() if mark.tags}
        return ids.isin(some) if tag == ANY_TAG else ~ids.isin(some)
    return ids.isin({mail_id for mail_id, mark in written.items() if tag in mark.tags})


def _rank(
    rows: pd.DataFrame,
    wanted: Wanted,
    points: Mapping[str, OperatingPoint],
    columns: Mapping[str, str],
    suspect: pd.Series | None,
) -> pd.Series:
    """What puts a row before another, the largest first."""
    if wanted.sort in ("newest", "oldest"):
        days = rows["date"].astype("int64").where(rows["date"].notna())
        return days if wanted.sort == "newest" else -days
    if wanted.sort == "suspect" and suspect is not None:
        return rows["id"].map(suspect)
    scores = [rows[columns[run_id]] for run_id in points]
    if wanted.sort == "disagreement" and len(scores) == 2:
        return (scores[0] - scores[1]).abs()
    wrong = {  # so that right mails follow the wrong ones, the closest first
        run_id: pd.Series(
            point.distance_to_right(rows[columns[run_id]], rows["label"] == "spam"), rows.index
        )
        for run_id, point in points.items()
    }
    if wanted.whose in wrong:
        return wrong[wanted.whose]
    return pd.concat(wrong.values(), axis=1).max(axis=1)
