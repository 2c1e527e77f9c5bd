"""The downloads of the Errors page: the list as a table, or the mails themselves."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from dashboard import cache
from dashboard.components import tables
from pipeline.mail import mail_files
from pipeline.project import Project, marks
from pipeline.runs.store import Run
from pipeline.wording import format_count


def offer_downloads(project: Project, run: Run, shown: pd.DataFrame) -> None:
    """Draw a small menu with the list as CSV, and its mails as .mbox or as a zip of .eml."""
    marks_by_mail = cache.marks(project)
    mails = cache.mails(project)
    facts = ["kind", *(c for c in shown.columns if c.startswith("score")), "reasons"]

    def build_table() -> bytes:
        return tables.build_csv(add_marks(shown))

    def add_marks(rows: pd.DataFrame) -> pd.DataFrame:
        texts = marks.tabulate_marks(marks_by_mail, rows["id"]).set_axis(rows.index)
        return rows.assign(tags=texts["tags"], note=texts["note"])

    def build_files(build: Callable[..., bytes]) -> bytes:
        listed = add_marks(shown.head(mail_files.MOST_MAILS))
        frame = mails.take(list(listed["id"]))
        return build(frame, listed[[*facts, "tags", "note"]])

    with st.popover("Download", icon=":material/download:", key="errors_downloads"):
        st.caption(
            f"{format_count(len(shown), 'mail')} with scores, reasons, tags and notes, as listed."
        )
        if len(shown) > mail_files.MOST_MAILS:
            st.caption(
                f"Mail files hold the first {mail_files.MOST_MAILS:,}; filter the list for others."
            )
        for label, data, ending, mime in (
            ("This list as CSV", build_table, "errors.csv", "text/csv"),
            ("These mails as .mbox", lambda: build_files(mail_files.build_mbox), "mails.mbox",
             "application/mbox"),
            ("These mails as .eml in a zip", lambda: build_files(mail_files.build_eml_zip),
             "mails.zip", "application/zip"),
        ):  # fmt: skip
            key = {"errors.csv": "errors_download"}.get(ending, f"errors_{ending}")
            st.download_button(
                label,
                data,
                file_name=f"{run.name}-{ending}",
                mime=mime,
                key=key,
                icon=":material/download:",
                on_click="ignore",
            )
