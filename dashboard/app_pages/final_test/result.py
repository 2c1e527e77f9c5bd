"""What the opening of the test part showed: its figures, and whether they agree with validation."""

import contextlib

import pandas as pd
import streamlit as st

from dashboard import cache, charts
from dashboard.components import chart_view, figures_view, widgets
from pipeline.errors import SpamlabError
from pipeline.evaluation.figures import FIGURES
from pipeline.project import Project
from pipeline.reports import agreement
from pipeline.reports.final_test import Report
from pipeline.runs import store
from pipeline.runs.store import Run
from pipeline.vault.ledger import Opening

BOXES = {"agrees": st.success, "worse": st.warning, "better": st.warning, "unknown": st.info}
"""By the verdict of test against validation, how it is shown."""


def announce_opening(project: Project, opening: Opening) -> Run | None:
    """Say when and for which run the test part was opened; that run, None when it is gone."""
    run: Run | None = None
    with contextlib.suppress(SpamlabError):  # the run may be gone; the ledger has its figures
        run = store.read_run(opening.run)
    is_listed = opening.run in {listed.id for listed in cache.runs(project)}
    name = run.name if run else opening.run[:8]
    band = "" if opening.unsure_from is None else f", unsure from {opening.unsure_from:.3f}"
    st.info(
        f"The test part was opened on {opening.time[:16].replace('T', ' ')} UTC for {name}"
        f"{'' if is_listed else ' (deleted since)'}, at a threshold of {opening.threshold:.3f}"
        f"{band}. It does not open again.",
        icon=":material/lock_open:",
    )
    if not project.seal.is_opened():
        st.warning(
            "These figures are from the test part that was opened then. The project has another "
            "test part now, which stays closed for ever.",
            icon=":material/history:",
        )
    return run


def draw_result(report: Report) -> None:
    """Draw test beside validation: the answer, the main figures with intervals, then all."""
    intervals = report.intervals
    if report.agreements:
        first = next(a for a in report.agreements if a.figure == agreement.FIRST)
        answer = agreement.describe_agreement(
            first, intervals["validation"][first.figure], intervals["test"][first.figure]
        )
        BOXES[first.verdict](widgets.escape_markdown(answer), icon=":material/balance:")
    for note in report.notes:
        st.warning(widgets.escape_markdown(note), icon=":material/info:")
    figures_view.draw_figures(report.summaries, intervals, key="final_test_figures")
    if report.agreements:
        st.markdown("**Do test and validation agree?**")
        _list_agreements(report)
    st.subheader("What happened to the test mails")
    chart_view.draw_chart(
        charts.plot_confusion_matrix(report.opening.figures),
        "final_test_confusion",
        name="test-confusion",
    )


def _list_agreements(report: Report) -> None:
    rows = [
        {"figure": FIGURES[a.figure].title, "test against validation": a.words}
        for a in report.agreements
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")
    st.caption(
        "How far test lies from validation, as 95% intervals in which near-duplicates count as one "
        "mail. By chance alone, 1 figure in 20 would seem to differ. Since the run and its "
        "threshold were chosen on validation, test is usually a little worse."
    )
