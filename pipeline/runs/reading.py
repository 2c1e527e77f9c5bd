"""What MLflow has written down, as runs, curves and scores."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.errors import BadData
from pipeline.evaluation import Evaluation
from pipeline.runs.run import FAILED, FINISHED, INTERRUPTED, QUEUED, RUNNING, STOPPED, Run
from pipeline.runs.server import artifact, connect, experiment_of, started
from pipeline.specs import RunSpec
from pipeline.workspace import live


def get(run_id: str) -> Run:
    """One run; raises BadData when there is none of that id."""
    from mlflow.exceptions import MlflowException

    try:
        return _run(connect().get_run(run_id))
    except MlflowException as error:
        raise BadData(
            f"there is no run {run_id!r} in this workspace; `spamlab runs` lists them."
        ) from error


def runs(project: str | None = None, *, with_deleted: bool = False) -> list[Run]:
    """The runs of one project or of all, the newest first."""
    if not started():
        return []
    from mlflow.entities import ViewType

    client = connect()
    if project is not None:
        experiment = experiment_of(project)
        experiments = [experiment] if experiment else []
    else:
        experiments = [e.experiment_id for e in client.search_experiments()]
    view = ViewType.ALL if with_deleted else ViewType.ACTIVE_ONLY
    found: list[Any] = []
    token = None
    while experiments:
        page = client.search_runs(
            experiments,
            run_view_type=view,
            order_by=["attributes.start_time DESC"],
            page_token=token,
        )
        found.extend(page)
        token = page.token
        if not token:
            break
    return [_run(run) for run in found if "spamlab.spec" in run.data.tags]


def curves(run_id: str) -> pd.DataFrame:
    """One row an epoch: epoch, then a column a figure ("train/loss", "validation/f1", …)."""
    client = connect()
    names = [n for n in client.get_run(run_id).data.metrics if not n.startswith("final/")]
    columns = {
        name: pd.Series({m.step: m.value for m in client.get_metric_history(run_id, name)})
        for name in names
    }
    if not columns:
        return pd.DataFrame({"epoch": pd.Series(dtype=int)})
    return pd.DataFrame(columns).sort_index().rename_axis("epoch").reset_index()


def evaluation(run_id: str, part: str = "validation") -> Evaluation:
    """The stored scores of a usable run."""
    return Evaluation.from_frame(part, pd.read_parquet(artifact(run_id, f"{part}.parquet")))


def bundle(run_id: str) -> Path:
    """The path of the model file of a usable run."""
    return artifact(run_id, "model.spamlab")


def text(run_id: str, name: str) -> str:
    """A text that `keep_text` laid beside a run; raises BadData when there is none."""
    return artifact(run_id, name).read_text(encoding="utf-8")


def _status(found: Any) -> str:
    """What MLflow has written down, whether or not somebody still works on it."""
    return {
        "SCHEDULED": QUEUED,
        "RUNNING": RUNNING,
        "FINISHED": STOPPED if found.data.tags.get("spamlab.stopped") == "True" else FINISHED,
    }.get(found.info.status, FAILED)


def _run(found: Any) -> Run:
    run_id = found.info.run_id
    status = _status(found)
    if status in (QUEUED, RUNNING) and not live.is_held(run_id):
        # let go of before now, so whatever it had to say is written by now
        found = connect().get_run(run_id)
        status = _status(found)
        if status in (QUEUED, RUNNING):
            status = INTERRUPTED
    tags, metrics = found.data.tags, found.data.metrics
    return Run(
        id=run_id,
        name=found.info.run_name,
        project=tags["spamlab.project"],
        spec=RunSpec.from_dict(json.loads(tags["spamlab.spec"])),
        status=status,
        created=datetime.fromtimestamp(found.info.start_time / 1000, UTC),
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
