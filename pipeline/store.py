"""Runs, their notes, curves and artifacts, kept in MLflow; the only file that imports mlflow.

By default MLflow writes to an SQLite file in the workspace; MLFLOW_TRACKING_URI names a team's
server instead. Either way ``mlflow ui`` shows the same runs, because there is no second copy.
Importing mlflow takes a second, so it happens inside the functions.
"""

import fcntl
import functools
import importlib.metadata
import json
import logging
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pandas as pd

from pipeline import live
from pipeline.errors import BadData, BadWorkspace, SpamlabError
from pipeline.evaluation import Evaluation
from pipeline.specs import RunSpec, flatten
from pipeline.workspace import home, replacing

P = ParamSpec("P")
T = TypeVar("T")

QUEUED, RUNNING, FINISHED, STOPPED, FAILED, INTERRUPTED = (
    "queued",
    "running",
    "finished",
    "stopped",
    "failed",
    "interrupted",
)
USABLE = (FINISHED, STOPPED)
"""A stopped run keeps its best epoch and is as good a model as one that ran to its end."""

PACKAGES = ("spamlab", "scikit-learn", "tensorflow", "keras", "numpy", "scipy", "pandas", "mlflow")


@dataclass(frozen=True)
class Run:
    """One training: what was asked for, by whom it was inspired, what came of it.

    `figures` are those of `Evaluation.summary` on validation at the run's own `threshold`; empty
    unless the run is usable. `message` is the sentence of a failure. `epochs` counts those that
    were reported, `best_epoch` is the one whose weights are the model.
    """

    id: str
    name: str
    project: str
    spec: RunSpec
    status: str
    created: datetime
    note: str = ""
    parent: str | None = None
    split: str = ""
    after_test: bool = False
    threshold: float | None = None
    best_epoch: int | None = None
    epochs: int = 0
    seconds: float | None = None
    message: str = ""
    diagnosis: list[dict[str, str]] = field(default_factory=list)
    choice: list[dict[str, float]] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def usable(self) -> bool:
        return self.status in USABLE

    def is_of(self, settings: dict[str, Any]) -> bool:
        """True when it was made on the present mails and split of the project's settings."""
        return (self.spec.dataset, self.split) == (settings.get("dataset"), settings.get("split"))

    @property
    def active(self) -> bool:
        return self.status in (QUEUED, RUNNING)

    @property
    def kind(self) -> str:
        return self.spec.model.kind


def _writes(function: Callable[P, T]) -> Callable[P, T]:
    """Turn what a full disk or an unreachable server raises into a sentence (BadWorkspace)."""

    @functools.wraps(function)
    def written(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except SpamlabError:
            raise
        except Exception as error:
            from mlflow.exceptions import MlflowException
            from sqlalchemy.exc import SQLAlchemyError

            if not isinstance(error, OSError | MlflowException | SQLAlchemyError):
                raise
            why = getattr(error, "strerror", None) or str(error).splitlines()[0]
            raise BadWorkspace(
                f"could not write to the runs at {tracking_uri()}: {why}. Nothing that was there "
                "is lost; make room or make the place writable, then try again."
            ) from error

    return written


def warm() -> None:
    """Import mlflow and open the list of runs, making it when there is none: 2.5 s together."""
    _client()


def environment() -> dict[str, str]:
    """The versions that a result depends on."""
    versions = {"python": platform.python_version(), "machine": platform.machine()}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


@_writes
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

    client = _client()
    experiment = _experiment(project, make=True)
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
    parameters = [Param(k, v[:5000]) for k, v in flatten(spec).items()]
    client.log_batch(run_id, params=parameters)
    client.update_run(run_id, status="SCHEDULED")
    return run_id


@_writes
def begin(run_id: str) -> None:
    """The run has left the queue."""
    _client().update_run(run_id, status="RUNNING")


@_writes
def log_epoch(run_id: str, epoch: int, figures: dict[str, float]) -> None:
    """One point of the curves: names such as "validation/loss"."""
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    metrics = [Metric(name, float(value), now, epoch) for name, value in figures.items()]
    _client().log_batch(run_id, metrics=metrics)


@_writes
def finish(
    run_id: str,
    *,
    stopped: bool,
    threshold: float,
    best_epoch: int,
    seconds: float,
    diagnosis: list[dict[str, str]],
    choice: list[dict[str, float]],
    evaluation: Evaluation,
    bundle: Path,
) -> None:
    """The run is done: its model, its scores and its validation figures."""
    from mlflow.entities import Metric, RunTag

    client = _client()
    client.log_artifact(run_id, str(bundle))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{evaluation.part}.parquet"
        evaluation.to_frame().to_parquet(path, index=False)
        client.log_artifact(run_id, str(path))
    figures = evaluation.summary(threshold)
    now = int(time.time() * 1000)
    client.log_batch(
        run_id,
        metrics=[Metric(f"final/{k}", float(v), now, 0) for k, v in figures.items()],
        tags=[
            RunTag("spamlab.threshold", repr(threshold)),
            RunTag("spamlab.best_epoch", str(best_epoch)),
            RunTag("spamlab.seconds", f"{seconds:.2f}"),
            RunTag("spamlab.stopped", str(stopped)),
            RunTag("spamlab.diagnosis", json.dumps(diagnosis)),
            RunTag("spamlab.choice", json.dumps(choice)),
        ],
    )
    client.set_terminated(run_id, "FINISHED")


@_writes
def fail(run_id: str, message: str) -> None:
    """The run ended without a model; the sentence says why."""
    client = _client()
    client.set_tag(run_id, "spamlab.message", message[:5000])
    client.set_terminated(run_id, "FAILED")


@_writes
def set_note(run_id: str, note: str) -> None:
    """Replace the note of a run (MLflow shows it as the description)."""
    _client().set_tag(run_id, "mlflow.note.content", note)


@_writes
def delete(run_id: str) -> None:
    """Take a run out of all lists; raises BadData while it is being trained.

    MLflow keeps it in its trash until ``mlflow gc``.
    """
    if get(run_id).active:
        raise BadData("this run is still training; stop it before you delete it.")
    _client().delete_run(run_id)


@_writes
def delete_project(project: str) -> None:
    """Take all runs of a project out of the lists, so that a later one of its name starts empty."""
    if not _started():
        return
    client, experiment = _client(), _experiment(project)
    if experiment:
        client.rename_experiment(experiment, f"spamlab/{project} (deleted, {experiment})")
        client.delete_experiment(experiment)


def get(run_id: str) -> Run:
    """One run; raises BadData when there is none of that id."""
    from mlflow.exceptions import MlflowException

    try:
        return _run(_client().get_run(run_id))
    except MlflowException as error:
        raise BadData(
            f"there is no run {run_id!r} in this workspace; `spamlab runs` lists them."
        ) from error


def runs(project: str | None = None, *, with_deleted: bool = False) -> list[Run]:
    """The runs of one project or of all, the newest first."""
    if not _started():
        return []
    from mlflow.entities import ViewType

    client = _client()
    if project is not None:
        experiment = _experiment(project)
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
    client = _client()
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
    return Evaluation.from_frame(part, pd.read_parquet(_artifact(run_id, f"{part}.parquet")))


def bundle(run_id: str) -> Path:
    """The path of the model file of a usable run."""
    return _artifact(run_id, "model.spamlab")


def tracking_uri() -> str:
    """Where MLflow keeps the runs."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{home() / 'mlflow.db'}"


def _artifact(run_id: str, name: str) -> Path:
    from mlflow.exceptions import MlflowException

    client = _client()
    try:
        place = client.get_run(run_id).info.artifact_uri
        here = Path(place.removeprefix("file://")) / name
        if "://" not in place.removeprefix("file://") and here.exists():
            return here
        # on a team's server: fetched once
        cached = home() / "artifacts-seen" / run_id / name
        if not cached.exists():
            with tempfile.TemporaryDirectory() as folder, replacing(cached) as path:
                shutil.copyfile(client.download_artifacts(run_id, name, folder), path)
        return cached
    except (MlflowException, OSError) as error:
        raise BadData(f"the run {run_id!r} has no {name}; it did not finish.") from error


def _started() -> bool:
    """False while the default database does not exist: nothing to list, no second to spend."""
    return bool(os.environ.get("MLFLOW_TRACKING_URI")) or (home() / "mlflow.db").exists()


def _client() -> Any:
    return _client_of(tracking_uri())


@functools.cache
def _client_of(uri: str) -> Any:
    # MLflow would otherwise report its use over the network
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    if not uri.startswith("sqlite:"):
        return MlflowClient(tracking_uri=uri)
    try:
        home().mkdir(parents=True, exist_ok=True)
        # two processes that both find no tables must not both make them
        with (home() / ".mlflow.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            client = MlflowClient(tracking_uri=uri)
            client.search_experiments(max_results=1)
            return client
    except (OSError, SQLAlchemyError, MlflowException) as error:
        why = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise BadWorkspace(
            f"could not open the list of runs in the workspace {home()}: {why}. "
            "Make the folder writable or name another one in SPAMLAB_HOME."
        ) from error


def _experiment(project: str, *, make: bool = False) -> str | None:
    from mlflow.exceptions import MlflowException

    client = _client()
    name = f"spamlab/{project}"
    found = client.get_experiment_by_name(name)
    if found is None and make:
        local = not os.environ.get("MLFLOW_TRACKING_URI")
        location = str(home() / "artifacts" / project) if local else None
        try:
            return client.create_experiment(name, artifact_location=location)
        except MlflowException:  # another process was faster
            found = client.get_experiment_by_name(name)
    return found and found.experiment_id


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
        found = _client().get_run(run_id)
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
