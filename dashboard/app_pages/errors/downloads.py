"""What can be taken home of the list of the Errors page: a table, or the mails themselves."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from dashboard import cache
from dashboard.components import mail_view
from pipeline.mail import mail_files
from pipeline.project import Project, marks
from pipeline.runs.store import Run
from pipeline.wording import counted


def show(project: Project, run: Run, shown: pd.DataFrame) -> None:
    """A small menu with the list as CSV, and its mails as .mbox or as a zip of .eml."""
    written = cache.marks(project)
    mails = cache.mails(project)
    facts = ["kind", *(c for c in shown.columns if c.startswith("score")), "reasons"]

    def table() -> bytes:
        return mail_view.build_csv(_with_marks(shown))

    def _with_marks(rows: pd.DataFrame) -> pd.DataFrame:
        texts = marks.columns(written, rows["id"]).set_axis(rows.index)
        return rows.assign(tags=texts["tags"], note=texts["note"])

    def files(make: Callable[..., bytes]) -> bytes:
        some = _with_marks(shown.head(mail_files.MOST_MAILS))
        frame = mails.take(list(some["id"]))
        return make(frame, some[[*facts, "tags", "note"]])

    with st.popover("Download", icon=":material/download:", key="errors_downloads"):
        st.caption(
            f"{counted(len(shown), 'mail')} with scores, reasons, tags and notes, as listed."
        )
        if len(shown) > mail_files.MOST_MAILS:
            st.caption(
                f"As mails the first {mail_files.MOST_MAILS:,} of them; filter the list for others."
            )
        for label, data, ending, mime in (
            ("This list as CSV", table, "errors.csv", "text/csv"),
            ("These mails as .mbox", lambda: files(mail_files.build_mbox), "mails.mbox",
             "application/mbox"),
            ("These mails as .eml in a zip", lambda: files(mail_files.build_eml_zip), "mails.zip",
             "application/zip"),
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
