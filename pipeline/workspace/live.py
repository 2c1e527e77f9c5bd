"""What is going on right now in a run or another long work: who is at it, how far, how it ended.

Small files in the workspace, a folder for each work (a run by its id, other work by its name), so
that any process (a second tab's server, the command line, a worker on the same file system) sees
the same:

- ``lock``: held shared by everyone who still cares for the work. The system lets go of it when a
  process dies, however it dies, so a work that is not finished and that nobody holds was
  interrupted; no heartbeat to tune, no clock to trust.
- ``progress.json``: the latest sentence and share, replaced whole.
- ``stop``: exists when the user asked to stop.
- ``failure.json``: the sentence of other work than a run that could not be done.
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
    """Mark the run as being cared for until the returned file is closed or the process ends."""
    folder = _folder(run_id)
    folder.mkdir(parents=True, exist_ok=True)
    return share_lock(folder / "lock")


@contextlib.contextmanager
def holding(run_id: str) -> Iterator[None]:
    """`hold` for the length of a with-block."""
    with hold(run_id):
        yield


def is_held(run_id: str) -> bool:
    """True while some living process holds the run."""
    return is_locked(_folder(run_id) / "lock")


def write_state(run_id: str, state: WorkState) -> None:
    """Replace what is known of how far a work is."""
    write_text(_folder(run_id) / "progress.json", json.dumps(asdict(state)))


def read_state(run_id: str) -> WorkState | None:
    """How far a work is, or None before it said so."""
    try:
        return WorkState(**json.loads((_folder(run_id) / "progress.json").read_text("utf-8")))
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def request_stop(run_id: str) -> None:
    """Ask the run to stop; it keeps its best epoch so far."""
    with contextlib.suppress(FileNotFoundError):  # it ended a moment ago: nothing left to ask
        (_folder(run_id) / "stop").touch()


def stop_requested(run_id: str) -> bool:
    """True after `request_stop`."""
    return (_folder(run_id) / "stop").exists()


@dataclass(frozen=True)
class Failure:
    """Why a work could not be done: the name of the error's class and its sentence."""

    kind: str
    sentence: str


def fail(name: str, error: SpamlabError) -> None:
    """Leave the sentence of an error behind."""
    write_text(
        _folder(name) / "failure.json",
        json.dumps(asdict(Failure(type(error).__name__, str(error)))),
    )


def failure(name: str) -> Failure | None:
    """How the work failed; None when it did not, or not yet. A work whose process died, failed."""
    try:
        return Failure(**json.loads((_folder(name) / "failure.json").read_text("utf-8")))
    except FileNotFoundError:
        # in this order: a work that ends in between has no lock any more
        if is_held(name) or not (_folder(name) / "lock").exists():
            return None
    sentence = (
        "this was interrupted: its process ended, perhaps because memory ran out. Start it again."
    )
    return Failure("BadWorkspace", sentence)


class StateWriter:
    """A `Progress` that writes the state of a work, five times a second at most."""

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
    """Forget the files of a finished work."""
    folder = _folder(run_id)
    gone = folder.with_name(f".{folder.name}-{time.monotonic_ns()}")
    with contextlib.suppress(FileNotFoundError):
        # at once: a folder without its lock for a moment would look like an interrupted work
        folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
