"""The list of the Errors page: whose errors, a page of rows, and the open mail."""

import zlib
from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import cache, state
from dashboard.app_pages.errors import filters
from dashboard.app_pages.errors.filters import Filters
from dashboard.components import tables, widgets
from pipeline.error_analysis import FALSE_NEGATIVE, FALSE_POSITIVE, UNSURE
from pipeline.errors import SpamlabError
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.project import Project, marks
from pipeline.quality import decisions
from pipeline.runs.store import Run
from pipeline.wording import format_count

ROWS = 25
"""Rows per page of the list: as many as fit on a screen, so that none scrolls out of sight."""
ALONE = "(none)"
Points = Mapping[str, OperatingPoint]


def choose_runs(runs: Sequence[Run]) -> tuple[Run, Run | None]:
    """Let the user choose the run whose errors to read, and one to compare it with."""
    left, right = st.columns(2)
    with left:
        run = widgets.pick_run("Run", runs, "errors_run", state.chosen_run())
    state.choose_run(run.id)
    others = {other.id: other for other in runs if other.id != run.id}
    if not others:
        return run, None
    options = [*others, ALONE]
    first = next((i for i, other in enumerate(others.values()) if other.kind != run.kind), 0)
    key = f"errors_rival_{'_'.join(others)}"
    with right:
        chosen = st.selectbox(
            "Compare with",
            options,
            first,
            key=key,
            persist_state="session",
            format_func=lambda i: widgets.describe_run(others[i]) if i in others else ALONE,
        )
    return run, others.get(chosen)


def draw_answer(run: Run, point: OperatingPoint, table: pd.DataFrame) -> None:
    """Say how many mails the run got wrong."""
    counts = table["kind"].value_counts()
    positives, negatives = (int(counts.get(kind, 0)) for kind in (FALSE_POSITIVE, FALSE_NEGATIVE))
    unsure = ""
    if point.has_band:
        unsure = (
            f" It was unsure of **{int(counts.get(UNSURE, 0)):,}** more, with scores from "
            f"{point.unsure_from:.3f} on; they stay in the inbox and are no errors."
        )
    st.markdown(
        f"At a threshold of {point.threshold:.3f}, **{widgets.escape_markdown(run.name)}** called "
        f"**{positives:,}** ham spam (false positives) and let **{negatives:,}** spam through "
        f"(false negatives), of {len(table):,} mails.{unsure}"
    )


def select_mails(
    project: Project,
    run: Run,
    table: pd.DataFrame,
    chosen: Filters,
    points: Points,
    columns: Mapping[str, str],
) -> pd.DataFrame:
    """Select the mails to list, in order; ends the page with a sentence when there are none.

    Args:
        points: the operating points by the id of the run, the chosen run first.
        columns: the column of `table` with a run's scores, by the id of the run.
    """
    matching = None
    if chosen.find:
        try:
            matching = cache.matching_mails(project, chosen.find, pattern=chosen.pattern)
        except SpamlabError as error:
            filters.draw_set_filters(project, run, chosen, table)
            widgets.end_with_error(error)
    alike = cache.near_duplicates(project, chosen.like) if chosen.like else None
    suspect = None
    if chosen.sort == "suspect" and (reviewed := decisions.read_review(project)) is not None:
        suspect = 1 - reviewed.set_index("id")["quality"]
    shown = filters.select_rows(
        table, chosen, points, columns, cache.marks(project), matching, alike, suspect
    )
    shown = filters.draw_set_filters(project, run, chosen, shown)
    if shown.empty:
        st.success(
            "No mail here: none passes all the filters above. Remove a filter, or show another "
            "kind of mails.",
            icon=":material/check:",
        )
        raise widgets.EndOfPage
    return shown


def draw_list(project: Project, shown: pd.DataFrame, names: Mapping[str, str], choice: str) -> int:
    """Draw a page of the list; the position (from 0) of the open mail in `shown`.

    One mail of the list is always open: the one that was open before; the one that took its place
    when it has left the list (because it was tagged, say); the first when the choice is new.

    Args:
        names: the title of each column of scores.
        choice: the filters of the list, as one text.
    """
    state.start_errors_list(choice)
    place = find_opened(shown)
    pages = -(-len(shown) // ROWS)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(format_count(len(shown), "mail"), width="stretch")
        if pages > 1:
            number = place // ROWS + 1
            key = f"errors_page_{number}_{pages}"  # it holds the page it was drawn with
            st.pagination(pages, default=number, key=key, max_visible_pages=5, on_change=_turn_page,
                          args=(key,))  # fmt: skip
    start = place // ROWS * ROWS
    page = shown.iloc[start : start + ROWS]
    key = _table_key(page)
    # on a phone the mail is below the list, which has to leave room for it
    st.html(
        "<style>@media (max-width: 640px) {.st-key-errors_list"
        "{max-height: 17rem; overflow-y: auto; flex: none}}</style>"
    )
    with st.container(key="errors_list"):
        row = tables.read_chosen_row(_draw_table(project, page, names, key, place - start))
    place = start + (row if row is not None and row < len(page) else place - start)
    state.open_mail(page["id"].iloc[place - start], place)
    return place


def find_opened(shown: pd.DataFrame) -> int:
    """The position of the open mail in the list, or of what came after it when it has left."""
    mail_id, place = state.opened_mail()
    positions = (shown["id"] == mail_id).to_numpy().nonzero()[0]
    return int(positions[0]) if len(positions) else min(place, len(shown) - 1)


def open_at(shown: pd.DataFrame, place: int) -> None:
    """Open the mail at a position of the list; for a button, whose page is drawn afterwards."""
    state.open_mail(shown["id"].iloc[place], place)
    start = place // ROWS * ROWS
    table = state.Field[object](_table_key(shown.iloc[start : start + ROWS]))
    if table.is_set:  # the table stays, so that only the chosen row changes
        chosen = {"selection": {"rows": [place - start], "columns": [], "cells": []}}
        table.fill(chosen)


def _turn_page(key: str) -> None:
    """Turn to another page of the list and open its first mail."""
    state.open_mail(None, (state.Field[int](key).value - 1) * ROWS)


def _table_key(page: pd.DataFrame) -> str:
    """The key of a table of these mails: another page is another table, with its own choice."""
    return f"errors_table_{zlib.crc32(chr(0).join(page['id']).encode('utf-8', 'replace'))}"


def _draw_table(
    project: Project, page: pd.DataFrame, names: Mapping[str, str], key: str, at: int
) -> object:
    texts = marks.tabulate_marks(cache.marks(project), page["id"]).set_axis(page.index)
    rows = page.assign(tags=texts["tags"], text=page["excerpt"])
    columns = [
        "kind",
        *names,
        "subject",
        "tags",
        "text",
        "reasons",
        "label",
        "sender",
        "date",
        "id",
    ]
    empty = [c for c in ("subject", "sender", "tags") if (rows[c].fillna("") == "").all()]
    if rows["date"].isna().all():
        empty.append("date")
    return st.dataframe(
        tables.render_cells(rows[[c for c in columns if c not in empty]]),
        key=key,
        hide_index=True,
        width="stretch",
        height=tables.compute_height(len(page), most=None),
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [at], "columns": [], "cells": []}},
        column_config={
            "kind": st.column_config.TextColumn(width=115),
            **{c: st.column_config.NumberColumn(name, format="%.3f", width=80,
                                                help="P(spam) by this run")
               for c, name in names.items()},
            "tags": st.column_config.TextColumn(width=90),
            "subject": st.column_config.TextColumn(width=170),
            "text": st.column_config.TextColumn(width="large"),
            "date": st.column_config.DatetimeColumn(format="YYYY-MM-DD"),
        },
    )  # fmt: skip
