"""Runs, their notes, curves and artifacts, kept in MLflow; the only package that imports mlflow.

By default MLflow writes to an SQLite file in the workspace; MLFLOW_TRACKING_URI names a team's
server instead. Either way ``mlflow ui`` shows the same runs, because there is only one copy.
"""

from pipeline.runs.reading import (
    list_runs,
    locate_bundle,
    read_curves,
    read_evaluation,
    read_run,
    read_text,
)
from pipeline.runs.run import FAILED, FINISHED, INTERRUPTED, QUEUED, RUNNING, STOPPED, USABLE, Run
from pipeline.runs.server import tracking_uri, warm
from pipeline.runs.writing import (
    begin_run,
    create_run,
    delete_project,
    delete_run,
    describe_environment,
    fail_run,
    finish_run,
    keep_text,
    log_epoch,
    set_note,
)

__all__ = [
    "FAILED", "FINISHED", "INTERRUPTED", "QUEUED", "RUNNING", "STOPPED", "USABLE", "Run",
    "begin_run", "create_run", "delete_project", "delete_run", "describe_environment", "fail_run",
    "finish_run", "keep_text", "list_runs", "locate_bundle", "log_epoch", "read_curves",
    "read_evaluation", "read_run", "read_text", "set_note", "tracking_uri", "warm",
]  # fmt: skip
