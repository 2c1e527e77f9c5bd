"""The mails of the Data page: how many there are, all of them to browse, and the rows left out."""

import pandas as pd
import streamlit as st

from dashboard import cache
from dashboard.components import mail_view, tables, widgets
from pipeline.mail.mails import Mails
from pipeline.project import Project
from pipeline.splits import Split


def summarise_mails(
    project: Project, mails: Mails, left_out: pd.DataFrame, split: Split | None
) -> None:
    """Show the number of mails by class, and say what is not among them."""
    ham, spam = mails.counts["ham"], mails.counts["spam"]
    widgets.draw_metrics(
        {
            "Mails": f"{ham + spam:,}",
            "Ham": f"{ham:,}",
            "Spam": f"{spam:,}",
            "Share of spam": widgets.format_percent(spam / (ham + spam), 1),
            "Rows left out": f"{len(left_out):,}",
        }
    )
    if project.versions.correction:
        st.info(
            widgets.escape_markdown(f"A corrected version: {project.versions.correction}"),
            icon=":material/history:",
        )
    if split is not None:
        sealed = "" if project.seal.is_opened() else "sealed "
        st.info(
            f"These figures leave out the {len(split.test):,} {sealed}test mails.",
            icon=":material/lock:",
        )


def browse_mails(project: Project, mails: Mails) -> None:
    """List all mails outside the sealed part, page by page, and show the chosen one."""
    words_place, label_place = st.columns([3, 1], vertical_alignment="bottom")
    words = words_place.text_input("Find in subject and text", key="data_find")
    label = label_place.segmented_control(
        "Show", ["all", "ham", "spam"], default="all", key="data_label"
    )
    ids = cache.matching_mails(project, words, label if label in ("ham", "spam") else None)
    key = f"data_table_{label}_{words}"
    chosen = mail_view.browse_mails(mails, ids, key, ". Choose a row to read the mail.")
    if chosen is not None:
        mail_view.draw_mail(mails.take([chosen]).iloc[0], "data_mail")


def list_left_out(rows: pd.DataFrame) -> None:
    """List the rows that did not become a mail, each with the reason."""
    if rows.empty:
        st.caption("Every row of the file became a mail.")
        return
    st.dataframe(tables.render_cells(rows), hide_index=True, width="stretch")
    tables.offer_csv("Download as CSV", rows, "left-out", "data_left_out")
