"""What becomes of a run, written down as it happens."""

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
from pipeline.runs.reading import get, runs
from pipeline.runs.server import connect, experiment_of, started, writes
from pipeline.specs import RunSpec, flatten_spec
from pipeline.workspace import home

PACKAGES = ("spamlab", "scikit-learn", "tensorflow", "keras", "numpy", "scipy", "pandas", "mlflow")


def environment() -> dict[str, str]:
    """The versions that a result depends on."""
    versions = {"python": platform.python_version(), "machine": platform.machine()}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


@writes
def create(
    project: str,
    spec: RunSpec,
    *,
    split: str,
    note: str = "",
    parent: str | None = None,
    after_test: bool = False,
) -> str:
    """Write down that a run is to be made; returns its id."""
    from mlflow.entities import Param

    client = connect()
    experiment = experiment_of(project, make=True)
    taken = [run.name for run in runs(project, with_deleted=True)]
    number = 1
    while (name := f"{spec.model.kind}-{number}") in taken:
        number += 1
    tags = {
        "spamlab.project": project,
        "spamlab.spec": json.dumps(spec.to_dict()),
        "spamlab.split": split,
        "spamlab.after_test": str(after_test),
        "spamlab.environment": json.dumps(environment()),
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


@writes
def begin(run_id: str) -> None:
    """The run has left the queue."""
    connect().update_run(run_id, status="RUNNING")


@writes
def log_epoch(run_id: str, epoch: int, figures: dict[str, float]) -> None:
    """One point of the curves: names such as "validation/loss"."""
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    metrics = [Metric(name, float(value), now, epoch) for name, value in figures.items()]
    connect().log_batch(run_id, metrics=metrics)


@writes
def finish(
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
    """The run is done: its model, its scores and its validation figures."""
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


@writes
def fail(run_id: str, message: str) -> None:
    """The run ended without a model; the sentence says why."""
    client = connect()
    client.set_tag(run_id, "spamlab.message", message[:5000])
    client.set_terminated(run_id, "FAILED")


@writes
def set_note(run_id: str, note: str) -> None:
    """Replace the note of a run (MLflow shows it as the description)."""
    connect().set_tag(run_id, "mlflow.note.content", note)


@writes
def keep_text(run_id: str, name: str, text: str) -> None:
    """Lay a text beside the model of a run, in place of an older one of that name."""
    connect().log_text(run_id, text, name)
    # what was fetched from a team's server is the older one
    (home() / "artifacts-seen" / run_id / name).unlink(missing_ok=True)


@writes
def delete(run_id: str) -> None:
    """Take a run out of all lists; raises BadData while it is being trained.

    MLflow keeps it in its trash until ``mlflow gc``.
    """
    if get(run_id).active:
        raise BadData("this run is still training; stop it before you delete it.")
    connect().delete_run(run_id)


@writes
def delete_project(project: str) -> None:
    """Take all runs of a project out of the lists, so that a later one of its name starts empty."""
    if not started():
        return
    client, experiment = connect(), experiment_of(project)
    if experiment:
        client.rename_experiment(experiment, f"spamlab/{project} (deleted, {experiment})")
        client.delete_experiment(experiment)
