"""The state of a job while it runs: a training or other long work.

Each job has a folder of small files in the workspace (a run by its id, another job by its name), so
that every process (the server of a second tab, the command line, a worker on the same file system)
sees the same state:

- ``lock``: a shared lock of every process that takes care of the job. The system releases it when
  a process dies, however it dies. So a job that has not finished and that nobody holds was
  interrupted; there is no heartbeat to tune and no clock to trust.
- ``progress.json``: the latest sentence and share, replaced whole.
- ``stop``: exists if the user asked to stop.
- ``failure.json``: the sentence of a job, other than a run, that failed.
"""

import contextlib
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from pipeline.errors import SpamlabError
from pipeline.workspace import home, write_text
from pipeline.workspace.locks import is_locked, share_lock
from pipeline.workspace.progress import Pace, WorkState


def _folder(run_id: str) -> Path:
    return home() / "live" / run_id


def hold(run_id: str) -> IO[str]:
    """Take care of a job until the returned file is closed or the process ends."""
    folder = _folder(run_id)
    folder.mkdir(parents=True, exist_ok=True)
    return share_lock(folder / "lock")


@contextlib.contextmanager
def holding(run_id: str) -> Iterator[None]:
    """`hold` for the length of a with-block."""
    with hold(run_id):
        yield


def is_held(run_id: str) -> bool:
    """Whether a living process holds the job."""
    return is_locked(_folder(run_id) / "lock")


def write_state(run_id: str, state: WorkState) -> None:
    """Replace the state of a job."""
    write_text(_folder(run_id) / "progress.json", json.dumps(asdict(state)))


def read_state(run_id: str) -> WorkState | None:
    """Read the state of a job, or None before it has written one."""
    try:
        return WorkState(**json.loads((_folder(run_id) / "progress.json").read_text("utf-8")))
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def request_stop(run_id: str) -> None:
    """Ask the run to stop; it keeps its best epoch so far."""
    with contextlib.suppress(FileNotFoundError):  # it ended a moment ago
        (_folder(run_id) / "stop").touch()


def stop_requested(run_id: str) -> bool:
    """Whether the user asked the run to stop (`request_stop`)."""
    return (_folder(run_id) / "stop").exists()


@dataclass(frozen=True)
class Failure:
    """Why a job failed: the name of the error's class and its sentence."""

    kind: str
    sentence: str


def fail(name: str, error: SpamlabError) -> None:
    """Record that a job failed with this error."""
    write_text(
        _folder(name) / "failure.json",
        json.dumps(asdict(Failure(type(error).__name__, str(error)))),
    )


def read_failure(name: str) -> Failure | None:
    """Read why a job failed; None if it did not, or not yet.

    A job whose process died has failed.
    """
    try:
        return Failure(**json.loads((_folder(name) / "failure.json").read_text("utf-8")))
    except FileNotFoundError:
        # in this order: a job that ends in between has removed its lock
        if is_held(name) or not (_folder(name) / "lock").exists():
            return None
    sentence = (
        "this was interrupted: its process ended, perhaps because memory ran out. Start it again."
    )
    return Failure("BadWorkspace", sentence)


class StateWriter:
    """A `Progress` that writes the state of a job, at most five times a second."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._text, self._written_at = "", 0.0
        self._pace = Pace()

    def __call__(self, text: str, share: float, seconds_left: float | None = None, /) -> None:
        now = time.monotonic()
        if text != self._text:
            self._pace = Pace()
        elif now - self._written_at < 0.2:
            return
        self._text, self._written_at = text, now
        if seconds_left is None and now - self._pace.start > 1:
            seconds_left = self._pace.left(share)
        write_state(self.name, WorkState(text, min(share, 1.0), seconds_left))


def clear(run_id: str) -> None:
    """Remove the files of a finished job."""
    folder = _folder(run_id)
    gone = folder.with_name(f".{folder.name}-{time.monotonic_ns()}")
    with contextlib.suppress(FileNotFoundError):
        # renamed first: a folder that has lost its lock would look like an interrupted job
        folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
