"""Mails as tables and as text. Mail is hostile: it is shown as plain text and nothing else."""

import pandas as pd
import streamlit as st

from dashboard.components import tables, text_view, widgets
from pipeline.mail.mails import Mails

EXCERPT = 160
"""A row of a table shows at most 160 characters of a subject or text."""
PAGE = 200
"""A table of mails has 200 rows per page."""
COLUMNS = ("label", "subject", "body", "sender", "date")
HEAD_SHOWN = 2_000
"""At most 2,000 characters of a subject, a sender or an id are shown."""
TEXT, SOURCE = "Text", "HTML source"
LINE = "\n"


def browse_mails(mails: Mails, ids: list[str], key: str, note: str = "") -> str | None:
    """Draw a table of mails, page by page; returns the id of the chosen mail, or None.

    Args:
        note: follows the number of mails in the caption.
    """
    pages = max(1, -(-len(ids) // PAGE))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{len(ids):,} {'mail' if len(ids) == 1 else 'mails'}{note}", width="stretch")
        page = st.pagination(pages, key=f"{key}_page") if pages > 1 else 1
    shown = ids[(page - 1) * PAGE : page * PAGE]
    row = list_mails(mails.take(shown, COLUMNS), key=f"{key}_{page}")
    return None if row is None else shown[row]


def list_mails(frame: pd.DataFrame, key: str) -> int | None:
    """Draw a table of mails; returns the position of the chosen row, or None."""
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
    return tables.choose_row(
        rows,
        key,
        columns={
            "label": st.column_config.TextColumn(width="small"),
            "characters": st.column_config.NumberColumn(format="localized"),
            "date": st.column_config.DatetimeColumn(format="YYYY-MM-DD"),
            "text": st.column_config.TextColumn(width="large"),
        },
    )


def draw_mail(mail: pd.Series, key: str = "mail") -> None:
    """Draw a whole mail: its head, its body, and the rest folded.

    Args:
        mail: a row of a Dataset's frame.
        key: the prefix of the widgets' keys; a different one for each mail on a page.
    """
    head = [f"Label:    {mail['label']}", f"Subject:  {mail['subject'] or '(none)'}"]
    if pd.notna(mail["sender"]):
        head.append(f"From:     {mail['sender']}")
    if pd.notna(mail["date"]):
        head.append(f"Date:     {mail['date']:%Y-%m-%d %H:%M} UTC")
    head.append(f"Id:       {mail['id']}")
    text_view.draw_short_text("\n".join(line[:HEAD_SHOWN] for line in head))
    source = mail.get("html") or ""
    shown = TEXT
    if source:
        shown = st.segmented_control(
            "Show the body as",
            [TEXT, SOURCE],
            default=TEXT,
            required=True,
            key=f"{key}_as",
            label_visibility="collapsed",
        )
    name = widgets.make_file_name(f"mail {mail['id']}")
    if shown == SOURCE:
        text_view.draw_whole_text(source, f"{key}_html", f"{name}-html")
    else:
        text_view.draw_folded_text(mail["body"], f"{key}_text", name)
    if mail.get("attachments"):
        with st.expander(f"Attachments ({mail['attachments'].count(LINE) + 1:,})"):
            st.caption("Type and name; their content was not kept.")
            text_view.draw_short_text(mail["attachments"])
    if mail.get("headers"):
        with st.expander("Headers"):
            text_view.draw_short_text(mail["headers"])
            if mail.get("reading"):
                st.caption("Notes from reading it")
                text_view.draw_short_text(mail["reading"])
    others = {c[5:]: v for c, v in mail.items() if str(c).startswith("file:") and pd.notna(v)}
    if others:
        with st.expander("Other columns of the file"):
            text_view.draw_short_text("\n".join(f"{c[:80]}: {v}" for c, v in others.items()))
