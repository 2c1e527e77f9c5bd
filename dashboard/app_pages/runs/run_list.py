"""The list of all runs of a project."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.components import tables
from pipeline.models import MODELS
from pipeline.project import Project
from pipeline.runs.store import Run

FIGURES = {
    "F1": "f1",
    "precision": "precision",
    "recall": "recall",
    "MCC": "mcc",
    "average precision": "average_precision",
    "(1-ROCA)%": "one_minus_auc",
    "log loss": "log_loss",
}
"""The columns of figures, with their names in `Run.figures`."""
ROWS = 12
"""Runs that are seen without scrolling."""


def list_runs(project: Project, runs: Sequence[Run]) -> int | None:
    """Draw the list; the position of the chosen run, or None."""
    rows = pd.DataFrame(
        [
            {
                "run": run.name,
                "model": MODELS.describe(run.kind).title,
                "status": run.status + (", after test" if run.after_test else ""),
                "mails and split": "current" if run.is_of(project.settings) else "earlier",
                "note": run.note,
                **{column: run.figures.get(name) for column, name in FIGURES.items()},
                "best epoch": run.best_epoch,
                "last epoch": run.epochs or None,
                "seconds": run.seconds,
                "created": run.created,
            }
            for run in runs
        ]
    )
    # a column without a number would else be one of texts, which stands on the left
    rows = rows.astype(dict.fromkeys((*FIGURES, "seconds"), "float64"))
    rows = rows.astype(dict.fromkeys(("best epoch", "last epoch"), "Int64"))
    rows["(1-ROCA)%"] *= 100
    return tables.choose_row(
        rows,
        f"runs_table_{len(runs)}_{runs[0].id}",
        columns={
            **dict.fromkeys(FIGURES, st.column_config.NumberColumn(format="%.4f")),
            "note": st.column_config.TextColumn(width="medium"),
            "seconds": st.column_config.NumberColumn(format="%.1f"),
            "created": st.column_config.DatetimeColumn("created (UTC)", format="YYYY-MM-DD HH:mm"),
        },
        most=tables.compute_height(ROWS, None),
    )
