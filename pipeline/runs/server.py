"""The connection to MLflow: its client, a project's experiment, the files of a run.

Importing mlflow takes a second, so every module of this room imports it inside its functions.
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
    """The address where MLflow keeps the runs."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{home() / 'mlflow.db'}"


def has_store() -> bool:
    """False until the default database exists, so that an empty list costs no import of mlflow."""
    return bool(os.environ.get("MLFLOW_TRACKING_URI")) or (home() / "mlflow.db").exists()


def connect() -> Any:
    """Connect to MLflow; raises BadWorkspace if its list of runs cannot be opened."""
    return connect_to(tracking_uri())


@functools.cache
def connect_to(uri: str) -> Any:
    """Connect to MLflow at one address, once a process; raises what `connect` raises."""
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
        # two processes that see no tables at the same time must not both create them
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


def find_experiment(project: str, *, make: bool = False) -> str | None:
    """Find the id of MLflow's experiment for a project; None if there is none.

    Args:
        make: create the experiment if it is missing.
    """
    from mlflow.exceptions import MlflowException

    client = connect()
    name = f"spamlab/{project}"
    experiment = client.get_experiment_by_name(name)
    if experiment is None and make:
        local = not os.environ.get("MLFLOW_TRACKING_URI")
        location = str(home() / "artifacts" / project) if local else None
        try:
            return str(client.create_experiment(name, artifact_location=location))
        except MlflowException:  # another process was faster
            experiment = client.get_experiment_by_name(name)
    return str(experiment.experiment_id) if experiment else None


def fetch_artifact(run_id: str, name: str) -> Path:
    """Fetch a file that a run stored; returns its path, raises BadData if there is no such file.

    A file on a team's server is downloaded once.
    """
    from mlflow.exceptions import MlflowException

    client = connect()
    try:
        place = client.get_run(run_id).info.artifact_uri
        here = Path(place.removeprefix("file://")) / name
        if "://" not in place.removeprefix("file://") and here.exists():
            return here
        # on a team's server, so downloaded once
        cached = home() / "artifacts-seen" / run_id / name
        if not cached.exists():
            with tempfile.TemporaryDirectory() as folder, replacing(cached) as path:
                shutil.copyfile(client.download_artifacts(run_id, name, folder), path)
        return cached
    except (MlflowException, OSError) as error:
        raise BadData(f"the run {run_id!r} has no {name}; it did not finish.") from error


def translate_write_errors(function: Callable[P, T]) -> Callable[P, T]:
    """Decorate a function so that a full disk or an unreachable server raises BadWorkspace."""

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
    """Import mlflow and open the list of runs, creating it if it is missing: 2.5 s together."""
    connect()
