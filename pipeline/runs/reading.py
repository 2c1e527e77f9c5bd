"""Reads runs, curves and scores back from MLflow."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.errors import BadData
from pipeline.evaluation import Evaluation
from pipeline.runs.run import FAILED, FINISHED, INTERRUPTED, QUEUED, RUNNING, STOPPED, Run
from pipeline.runs.server import connect, fetch_artifact, find_experiment, has_store
from pipeline.specs import RunSpec
from pipeline.workspace import live


def read_run(run_id: str) -> Run:
    """Read one run; raises BadData if there is no run of that id."""
    from mlflow.exceptions import MlflowException

    try:
        return _build_run(connect().get_run(run_id))
    except MlflowException as error:
        raise BadData(
            f"there is no run {run_id!r} in this workspace; `spamlab runs` lists them."
        ) from error


def list_runs(project: str | None = None, *, with_deleted: bool = False) -> list[Run]:
    """List the runs of one project, or of all projects, the newest first."""
    if not has_store():
        return []
    from mlflow.entities import ViewType

    client = connect()
    if project is not None:
        experiment = find_experiment(project)
        experiments = [experiment] if experiment else []
    else:
        experiments = [e.experiment_id for e in client.search_experiments()]
    view = ViewType.ALL if with_deleted else ViewType.ACTIVE_ONLY
    entries: list[Any] = []
    token = None
    while experiments:
        page = client.search_runs(
            experiments,
            run_view_type=view,
            order_by=["attributes.start_time DESC"],
            page_token=token,
        )
        entries.extend(page)
        token = page.token
        if not token:
            break
    return [_build_run(run) for run in entries if "spamlab.spec" in run.data.tags]


def read_curves(run_id: str) -> pd.DataFrame:
    """Read the curves of a run, one row an epoch.

    Columns: epoch, then one for each figure ("train/loss", "validation/f1", …).
    """
    client = connect()
    names = [n for n in client.get_run(run_id).data.metrics if not n.startswith("final/")]
    columns = {
        name: pd.Series({m.step: m.value for m in client.get_metric_history(run_id, name)})
        for name in names
    }
    if not columns:
        return pd.DataFrame({"epoch": pd.Series(dtype=int)})
    return pd.DataFrame(columns).sort_index().rename_axis("epoch").reset_index()


def read_evaluation(run_id: str, part: str = "validation") -> Evaluation:
    """Read the stored scores of a usable run; raises BadData if it has none."""
    return Evaluation.from_frame(part, pd.read_parquet(fetch_artifact(run_id, f"{part}.parquet")))


def locate_bundle(run_id: str) -> Path:
    """Locate the model file of a usable run; raises BadData if it has none."""
    return fetch_artifact(run_id, "model.spamlab")


def read_text(run_id: str, name: str) -> str:
    """Read a text that `keep_text` stored with a run; raises BadData if there is none."""
    return fetch_artifact(run_id, name).read_text(encoding="utf-8")


def _translate_status(entry: Any) -> str:
    """Translate MLflow's status; it does not tell whether a process still works on the run."""
    return {
        "SCHEDULED": QUEUED,
        "RUNNING": RUNNING,
        "FINISHED": STOPPED if entry.data.tags.get("spamlab.stopped") == "True" else FINISHED,
    }.get(entry.info.status, FAILED)


def _build_run(entry: Any) -> Run:
    run_id = entry.info.run_id
    status = _translate_status(entry)
    if status in (QUEUED, RUNNING) and not live.is_held(run_id):
        # the process let go of the run before this line, so its last status is written by now
        entry = connect().get_run(run_id)
        status = _translate_status(entry)
        if status in (QUEUED, RUNNING):
            status = INTERRUPTED
    tags, metrics = entry.data.tags, entry.data.metrics
    return Run(
        id=run_id,
        name=entry.info.run_name,
        project=tags["spamlab.project"],
        spec=RunSpec.from_dict(json.loads(tags["spamlab.spec"])),
        status=status,
        created=datetime.fromtimestamp(entry.info.start_time / 1000, UTC),
        note=tags.get("mlflow.note.content", ""),
        parent=tags.get("spamlab.parent"),
        split=tags.get("spamlab.split", ""),
        after_test=tags.get("spamlab.after_test") == "True",
        threshold=float(tags["spamlab.threshold"]) if "spamlab.threshold" in tags else None,
        best_epoch=int(tags["spamlab.best_epoch"]) if "spamlab.best_epoch" in tags else None,
        epochs=int(metrics.get("epochs", 0)),
        seconds=float(tags["spamlab.seconds"]) if "spamlab.seconds" in tags else None,
        message=tags.get("spamlab.message", ""),
        diagnosis=json.loads(tags.get("spamlab.diagnosis", "[]")),
        choice=json.loads(tags.get("spamlab.choice", "[]")),
        figures={k.removeprefix("final/"): v for k, v in metrics.items() if k.startswith("final/")},
        environment=json.loads(tags.get("spamlab.environment", "{}")),
    )
