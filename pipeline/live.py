"""What is going on right now in a run: who works on it, how far it is, and whether to stop.

Three small files in the workspace a run, so that any process (a second tab's server, the command
line, a worker on the same file system) sees the same:

- ``lock``: held shared by everyone who still cares for the run. The system lets go of it when a
  process dies, however it dies, so a run that is not finished and that nobody holds was
  interrupted; no heartbeat to tune, no clock to trust.
- ``progress.json``: the latest sentence and share, replaced whole.
- ``stop``: exists when the user asked to stop.
"""

import contextlib
import fcntl
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from pipeline.workspace import home, write_text


@dataclass(frozen=True)
class Progress:
    """Where a run stands: a sentence, the share done (0 to 1), seconds left if known."""

    text: str
    share: float
    seconds_left: float | None = None


def _folder(run_id: str) -> Path:
    return home() / "live" / run_id


def hold(run_id: str) -> IO[str]:
    """Mark the run as being cared for until the returned file is closed or the process ends."""
    folder = _folder(run_id)
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / "lock").open("a")
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


@contextlib.contextmanager
def holding(run_id: str) -> Iterator[None]:
    """`hold` for the length of a with-block."""
    with hold(run_id):
        yield


def is_held(run_id: str) -> bool:
    """True while some living process holds the run."""
    try:
        with (_folder(run_id) / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def report(run_id: str, progress: Progress) -> None:
    """Replace the progress of a run."""
    write_text(_folder(run_id) / "progress.json", json.dumps(asdict(progress)))


def progress(run_id: str) -> Progress | None:
    """The latest progress, or None before the first."""
    try:
        return Progress(**json.loads((_folder(run_id) / "progress.json").read_text("utf-8")))
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def request_stop(run_id: str) -> None:
    """Ask the run to stop; it keeps its best epoch so far."""
    with contextlib.suppress(FileNotFoundError):  # it ended a moment ago: nothing left to ask
        (_folder(run_id) / "stop").touch()


def stop_requested(run_id: str) -> bool:
    """True after `request_stop`."""
    return (_folder(run_id) / "stop").exists()


def clear(run_id: str) -> None:
    """Forget the three files of a finished run."""
    shutil.rmtree(_folder(run_id), ignore_errors=True)


class Pace:
    """Seconds left, from the share done so far; None until there is something to go by."""

    def __init__(self) -> None:
        self.start = time.monotonic()

    def left(self, share: float) -> float | None:
        """Seconds left when `share` (0 to 1) is done."""
        if share <= 0:
            return None
        return (time.monotonic() - self.start) * (1 - share) / share
