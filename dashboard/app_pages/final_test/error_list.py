"""The misclassified test mails, to be read and for nothing else."""

import pandas as pd
import streamlit as st

from dashboard import cache
from dashboard.components import mail_view, tables, widgets
from pipeline.errors import SpamlabError
from pipeline.project import Project
from pipeline.reports.final_test import read_point
from pipeline.vault.ledger import Opening

ROWS = 5000
"""Mails in the table; the download has all."""


def list_errors(project: Project, opening: Opening) -> None:
    """List the errors on the opened test part; show the chosen mail."""
    st.subheader("The errors")
    try:
        table = cache.final_errors(project, opening)
    except SpamlabError as error:
        st.warning(widgets.escape_markdown(str(error)[:1].upper() + str(error)[1:]))
        return
    counts = table["kind"].value_counts()
    unsure = f", **{counts.get('unsure', 0):,}** unsure" * read_point(opening).has_band
    st.markdown(
        f"**{counts.get('false positive', 0):,}** ham called spam (false positives), "
        f"**{counts.get('false negative', 0):,}** spam let through (false negatives){unsure}. "
        "Read them to know what the filter will do; what you learn from them must not go back "
        "into training."
    )
    if table.empty:
        st.success("No test mail was misclassified.", icon=":material/check:")
        return
    note = f"{len(table):,} mails, the worst first"
    if len(table) > ROWS:
        note += f"; the table shows the first {ROWS:,}, the download has all"
    st.caption(note + ". Choose a row to read the mail.")
    listed = table.head(ROWS)
    row = _draw_table(listed)
    tables.offer_csv(
        "Download this list as CSV", table, "test-errors", "final_test_errors_download"
    )
    if row is not None:
        wrong = listed.iloc[row]
        st.caption(
            f"Labelled {wrong['label']}, {wrong['kind']}, P(spam) {wrong['score']:.4f} at a "
            f"threshold of {opening.threshold:.4f}. {wrong['reasons'].capitalize()}"
        )
        mail = cache.opened_mails(project, opening).take([wrong["id"]]).iloc[0]
        mail_view.draw_mail(mail, "final_test_mail")


def _draw_table(listed: pd.DataFrame) -> int | None:
    return tables.choose_row(
        listed[["kind", "score", "subject", "excerpt", "id"]],
        "final_test_errors",
        columns={
            "score": st.column_config.NumberColumn(format="%.4f"),
            "excerpt": st.column_config.TextColumn("text", width="large"),
        },
    )
