"""File locks, with which one process waits for another.

The system releases a lock when the process that holds it ends, however it ends. Nothing has to be
cleaned up, and no clock has to be trusted.
"""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import IO


@contextlib.contextmanager
def locked(path: Path) -> Iterator[IO[str]]:
    """Hold the only lock on a file for a with-block; everybody else waits.

    Creates the file if it is missing; its folder must exist. The block may append to the file,
    which is flushed before the lock is released. A process that locks a file twice waits for ever.
    """
    with path.open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def share_lock(path: Path) -> IO[str]:
    """Share a lock on a file until the returned file is closed or the process ends."""
    file = path.open("a")
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


def try_lock(path: Path) -> IO[str] | None:
    """Hold the only lock on a file until the returned file is closed; None if it is locked."""
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def is_locked(path: Path) -> bool:
    """Whether a living process holds a lock on the file; False if the file does not exist."""
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("r+"))  # "a" would create the file
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False
