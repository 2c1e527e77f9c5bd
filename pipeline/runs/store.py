"""Runs, their notes, curves and artifacts, kept in MLflow; the only package that imports mlflow.

By default MLflow writes to an SQLite file in the workspace; MLFLOW_TRACKING_URI names a team's
server instead. Either way ``mlflow ui`` shows the same runs, because there is no second copy.
"""

from pipeline.runs.reading import bundle, curves, evaluation, get, runs, text
from pipeline.runs.run import FAILED, FINISHED, INTERRUPTED, QUEUED, RUNNING, STOPPED, USABLE, Run
from pipeline.runs.server import tracking_uri, warm
from pipeline.runs.writing import (
    begin,
    create,
    delete,
    delete_project,
    environment,
    fail,
    finish,
    keep_text,
    log_epoch,
    set_note,
)

__all__ = [
    "FAILED", "FINISHED", "INTERRUPTED", "QUEUED", "RUNNING", "STOPPED", "USABLE", "Run", "begin",
    "bundle", "create", "curves", "delete", "delete_project", "environment", "evaluation", "fail",
    "finish", "get", "keep_text", "log_epoch", "runs", "set_note", "text", "tracking_uri", "warm",
]  # fmt: skip
