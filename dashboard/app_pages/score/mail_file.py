"""A file of mails, scored and offered as a table."""

import pandas as pd
import streamlit as st

from dashboard import cache
from dashboard.components import tables, widgets
from pipeline.errors import SpamlabError
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.export import scoring
from pipeline.intake.formats import describe_formats
from pipeline.project import Project
from pipeline.runs.store import Run
from pipeline.wording import format_count

ROWS = 5000
"""Mails in the table; the download has all."""


def score_file(project: Project, run: Run, point: OperatingPoint) -> None:
    """Draw the uploader, and below it the scores of the uploaded mails."""
    file = st.file_uploader(
        f"Mails to score, without labels: {describe_formats()}",
        key="score_file",
    )
    if file is None:
        return
    try:
        with st.spinner(f"Scoring {widgets.escape_markdown(file.name)} …"):
            scored = cache.file_scores(project, run.id, point, file)
    except SpamlabError as error:
        st.error(widgets.escape_markdown(str(error)))
        return
    _summarise(scored, point)
    if len(scored) > ROWS:
        st.caption(f"The table shows the first {ROWS:,}; the download has all.")
    st.dataframe(tables.render_cells(scored.head(ROWS)), hide_index=True, width="stretch")
    tables.offer_csv("Download the scores as CSV", scored, "scores", "score_download")


def _summarise(scored: pd.DataFrame, point: OperatingPoint) -> None:
    calls = scored["label"].value_counts()
    sealed = int(calls.get(scoring.SEALED, 0))
    unsure = f", **{calls.get('unsure', 0):,}** unsure" if point.has_band else ""
    st.markdown(
        f"{format_count(len(scored) - sealed, 'mail')} scored, **{calls.get('spam', 0):,}** called "
        f"spam{unsure}."
    )
    if sealed:
        st.info(
            f"{format_count(sealed, 'mail')} of the sealed test part got no score; they get none "
            "until it is opened.",
            icon=":material/lock:",
        )
