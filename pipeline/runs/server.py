"""Where MLflow keeps the runs: its client, a project's experiment, the files of a run.

Importing mlflow takes a second, so it happens inside the functions, here and beside.
"""

import functools
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from pipeline.errors import BadData, BadWorkspace, SpamlabError
from pipeline.workspace import home, replacing
from pipeline.workspace.locks import locked

P = ParamSpec("P")
T = TypeVar("T")


def tracking_uri() -> str:
    """Where MLflow keeps the runs."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{home() / 'mlflow.db'}"


def started() -> bool:
    """False while the default database does not exist: nothing to list, no second to spend."""
    return bool(os.environ.get("MLFLOW_TRACKING_URI")) or (home() / "mlflow.db").exists()


def connect() -> Any:
    """MLflow's client; raises BadWorkspace when its list of runs cannot be opened."""
    return client_of(tracking_uri())


@functools.cache
def client_of(uri: str) -> Any:
    """The client of one place, connected once a process."""
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
        with locked(home() / ".mlflow.lock"):
            client = MlflowClient(tracking_uri=uri)
            client.search_experiments(max_results=1)
            return client
    except (OSError, SQLAlchemyError, MlflowException) as error:
        why = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise BadWorkspace(
            f"could not open the list of runs in the workspace {home()}: {why}. "
            "Make the folder writable or name another one in SPAMLAB_HOME."
        ) from error


def experiment_of(project: str, *, make: bool = False) -> str | None:
    """The id of MLflow's experiment with the runs of a project, or None."""
    from mlflow.exceptions import MlflowException

    client = connect()
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


def artifact(run_id: str, name: str) -> Path:
    """The path of a file that a run left; raises BadData when it left none of that name."""
    from mlflow.exceptions import MlflowException

    client = connect()
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


def writes(function: Callable[P, T]) -> Callable[P, T]:
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
    connect()
