"""Mails as tables and as text. Mail is hostile: it is shown as the text it is and nothing else."""

import io
from typing import Any

import pandas as pd
import streamlit as st

from pipeline.intake import write_csv
from pipeline.mails import Mails

EXCERPT = 160
PAGE = 200
"""Rows of a page of a table of mails."""
COLUMNS = ("label", "subject", "body", "sender", "date")
LONG, LINES = 800, 12
"""Characters or lines of a mail from which on it scrolls in a box of its own."""
BODY_SHOWN = 200_000
"""Characters of one mail that a browser lays out without freezing; a cut is always said."""


def browse(mails: Mails, ids: list[str], key: str, note: str = "") -> str | None:
    """A table of mails, page by page; the id of the chosen one, or None.

    Args:
        note: said after the number of mails.
    """
    pages = max(1, -(-len(ids) // PAGE))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{len(ids):,} {'mail' if len(ids) == 1 else 'mails'}{note}", width="stretch")
        page = st.pagination(pages, key=f"{key}_page") if pages > 1 else 1
    shown = ids[(page - 1) * PAGE : page * PAGE]
    row = table(mails.take(shown, COLUMNS), key=f"{key}_{page}")
    return None if row is None else shown[row]


def table(frame: pd.DataFrame, key: str) -> int | None:
    """A table of mails; the position of the chosen row, or None."""
    rows = pd.DataFrame(
        {
            "label": frame["label"],
            "subject": frame["subject"].str[:EXCERPT],
            "text": frame["body"].str[:EXCERPT].str.replace(r"\s+", " ", regex=True),
            "sender": frame["sender"],
            "date": frame["date"],
            "characters": frame["body"].str.len(),
            "id": frame["id"],
        }
    )
    for column in ("subject", "sender", "date"):
        if (rows[column].isna() | (rows[column] == "")).all():
            rows = rows.drop(columns=column)
    return chosen_row(
        st.dataframe(
            rows,
            key=key,
            hide_index=True,
            width="stretch",
            height=height(len(rows)),
            on_select="rerun",
            selection_mode="single-row",
            column_config={
                "label": st.column_config.TextColumn(width="small"),
                "characters": st.column_config.NumberColumn(format="localized"),
                "date": st.column_config.DatetimeColumn(format="YYYY-MM-DD"),
                "text": st.column_config.TextColumn(width="large"),
            },
        )
    )


def height(rows: int) -> int:
    """Pixels for a table of so many rows: a short one has no empty lines, a long one scrolls."""
    return min(320, 35 * (rows + 1) + 3)


def chosen_row(event: Any) -> int | None:
    """The position of the selected row of a dataframe event."""
    rows = event["selection"]["rows"]
    return int(rows[0]) if rows else None


def show(mail: pd.Series) -> None:
    """One whole mail: its head and its body, character for character."""
    head = [f"Label:    {mail['label']}", f"Subject:  {mail['subject'] or '(none)'}"]
    if pd.notna(mail["sender"]):
        head.append(f"From:     {mail['sender']}")
    if pd.notna(mail["date"]):
        head.append(f"Date:     {mail['date']:%Y-%m-%d %H:%M} UTC")
    head.append(f"Id:       {mail['id']}")
    st.code("\n".join(head), language=None, wrap_lines=True)
    body = mail["body"]
    if len(body) > BODY_SHOWN:
        st.caption(f"The first {BODY_SHOWN:,} of {len(body):,} characters.")
    long = len(body) > LONG or body.count("\n") > LINES
    st.code(
        body[:BODY_SHOWN] or "(empty)",
        language=None,
        wrap_lines=True,
        height=420 if long else "content",
    )
    if mail.get("headers"):
        with st.expander("Headers"):
            st.code(mail["headers"][:BODY_SHOWN], language=None, wrap_lines=True)
            if mail["attachments"]:
                st.caption("Attachments")
                st.code(mail["attachments"][:BODY_SHOWN], language=None, wrap_lines=True)
            if mail.get("reading"):
                st.caption("What was remarkable in reading it")
                st.code(mail["reading"], language=None, wrap_lines=True)


def csv(frame: pd.DataFrame) -> bytes:
    """A CSV in which no cell runs when a spreadsheet opens it."""
    target = io.StringIO()
    write_csv(frame, target)
    return target.getvalue().encode("utf-8")
