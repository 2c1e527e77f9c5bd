"""Writes runs to MLflow while they happen."""

import importlib.metadata
import json
import platform
import tempfile
import time
from pathlib import Path

from pipeline.errors import BadData
from pipeline.evaluation import Evaluation
from pipeline.evaluation.figures import keep_finite
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.runs.reading import list_runs, read_run
from pipeline.runs.server import connect, find_experiment, has_store, translate_write_errors
from pipeline.specs import RunSpec, flatten_spec
from pipeline.workspace import home

PACKAGES = ("spamlab", "scikit-learn", "tensorflow", "keras", "numpy", "scipy", "pandas", "mlflow")


def describe_environment() -> dict[str, str]:
    """Describe what a result depends on: machine, Python and the versions of `PACKAGES`."""
    versions = {"python": platform.python_version(), "machine": platform.machine()}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


@translate_write_errors
def create_run(
    project: str,
    spec: RunSpec,
    *,
    split: str,
    note: str = "",
    parent: str | None = None,
    after_test: bool = False,
) -> str:
    """Create a run in the queue; returns its id.

    Raises BadWorkspace if the store cannot be written, as every function of this module does.
    """
    from mlflow.entities import Param

    client = connect()
    experiment = find_experiment(project, make=True)
    taken = [run.name for run in list_runs(project, with_deleted=True)]
    number = 1
    while (name := f"{spec.model.kind}-{number}") in taken:
        number += 1
    tags = {
        "spamlab.project": project,
        "spamlab.spec": json.dumps(spec.to_dict()),
        "spamlab.split": split,
        "spamlab.after_test": str(after_test),
        "spamlab.environment": json.dumps(describe_environment()),
        "mlflow.note.content": note,
        "mlflow.source.name": "spamlab",
        "mlflow.source.type": "LOCAL",
    }
    if parent:
        tags["spamlab.parent"] = parent
    created = client.create_run(experiment, run_name=name, tags=tags)
    run_id = str(created.info.run_id)
    parameters = [Param(k, v[:5000]) for k, v in flatten_spec(spec).items()]
    client.log_batch(run_id, params=parameters)
    client.update_run(run_id, status="SCHEDULED")
    return run_id


@translate_write_errors
def begin_run(run_id: str) -> None:
    """Mark a run as running: it has left the queue."""
    connect().update_run(run_id, status="RUNNING")


@translate_write_errors
def log_epoch(run_id: str, epoch: int, figures: dict[str, float]) -> None:
    """Store one point of the curves, with names such as "validation/loss"."""
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    metrics = [Metric(name, float(value), now, epoch) for name, value in figures.items()]
    connect().log_batch(run_id, metrics=metrics)


@translate_write_errors
def finish_run(
    run_id: str,
    *,
    stopped: bool,
    point: OperatingPoint,
    best_epoch: int,
    seconds: float,
    diagnosis: list[dict[str, str]],
    choice: list[dict[str, float]],
    evaluation: Evaluation,
    bundle: Path,
) -> None:
    """Store the model, the scores and the validation figures of a run, and mark it as finished.

    Args:
        stopped: whether the user stopped it before its last epoch.
        point: the run's own operating point, at which the figures are computed.
        seconds: how long it took.
        bundle: the model file to store.
    """
    from mlflow.entities import Metric, RunTag

    client = connect()
    client.log_artifact(run_id, str(bundle))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{evaluation.part}.parquet"
        evaluation.to_frame().to_parquet(path, index=False)
        client.log_artifact(run_id, str(path))
    figures = keep_finite(evaluation.summary(point))
    now = int(time.time() * 1000)
    client.log_batch(
        run_id,
        metrics=[Metric(f"final/{k}", float(v), now, 0) for k, v in figures.items()],
        tags=[
            RunTag("spamlab.threshold", repr(point.threshold)),
            RunTag("spamlab.best_epoch", str(best_epoch)),
            RunTag("spamlab.seconds", f"{seconds:.2f}"),
            RunTag("spamlab.stopped", str(stopped)),
            RunTag("spamlab.diagnosis", json.dumps(diagnosis)),
            RunTag("spamlab.choice", json.dumps(choice)),
        ],
    )
    client.set_terminated(run_id, "FINISHED")


@translate_write_errors
def fail_run(run_id: str, message: str) -> None:
    """Mark a run as failed; the message is a sentence that says why it has no model."""
    client = connect()
    client.set_tag(run_id, "spamlab.message", message[:5000])
    client.set_terminated(run_id, "FAILED")


@translate_write_errors
def set_note(run_id: str, note: str) -> None:
    """Replace the note of a run (MLflow shows it as the description)."""
    connect().set_tag(run_id, "mlflow.note.content", note)


@translate_write_errors
def keep_text(run_id: str, name: str, text: str) -> None:
    """Store a text with a run, replacing an older text of that name."""
    connect().log_text(run_id, text, name)
    # a copy downloaded from a team's server is out of date now
    (home() / "artifacts-seen" / run_id / name).unlink(missing_ok=True)


@translate_write_errors
def delete_run(run_id: str) -> None:
    """Take a run out of all lists; raises BadData while it is being trained.

    MLflow keeps it in its trash until ``mlflow gc``.
    """
    if read_run(run_id).active:
        raise BadData("this run is still training; stop it before you delete it.")
    connect().delete_run(run_id)


@translate_write_errors
def delete_project(project: str) -> None:
    """Take all runs of a project out of the lists, so that a later one of its name starts empty."""
    if not has_store():
        return
    client, experiment = connect(), find_experiment(project)
    if experiment:
        client.rename_experiment(experiment, f"spamlab/{project} (deleted, {experiment})")
        client.delete_experiment(experiment)
