"""Mails as tables and as text. Mail is hostile: it is shown as the text it is and nothing else."""

import io
from typing import Any

import pandas as pd
import streamlit as st

from pipeline.intake import write_csv

EXCERPT = 160
BODY_SHOWN = 200_000
"""Characters of one mail that a browser lays out without freezing; a cut is always said."""


def matching(frame: pd.DataFrame, words: str) -> pd.DataFrame:
    """The mails whose subject or body holds the words, upper and lower case alike."""
    if not words:
        return frame
    hit = frame["subject"].str.contains(words, case=False, regex=False) | frame[
        "body"
    ].str.contains(words, case=False, regex=False)
    return frame[hit]


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
        head.append(f"Date:     {mail['date']:%Y-%m-%d %H:%M}")
    head.append(f"Id:       {mail['id']}")
    st.code("\n".join(head), language=None, wrap_lines=True)
    body = mail["body"]
    if len(body) > BODY_SHOWN:
        st.caption(f"The first {BODY_SHOWN:,} of {len(body):,} characters.")
    st.code(body[:BODY_SHOWN] or "(empty)", language=None, wrap_lines=True, height=420)
    if mail.get("headers"):
        with st.expander("Headers"):
            st.code(mail["headers"][:BODY_SHOWN], language=None, wrap_lines=True)
            if mail["attachments"]:
                st.caption("Attachments")
                st.code(mail["attachments"][:BODY_SHOWN], language=None, wrap_lines=True)


def csv(frame: pd.DataFrame) -> bytes:
    """A CSV in which no cell runs when a spreadsheet opens it."""
    target = io.StringIO()
    write_csv(frame, target)
    return target.getvalue().encode("utf-8")
