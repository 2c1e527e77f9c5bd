"""Files that processes lock, so that one waits for another.

The system lets go of a lock when the process that holds it ends, however it ends. Nobody has to
clean up, and no clock has to be trusted.
"""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import IO


@contextlib.contextmanager
def locked(path: Path) -> Iterator[IO[str]]:
    """Hold a file alone for the length of a with-block; whoever asks meanwhile waits.

    The file is made when it is missing, in a folder that must exist. What the block appends to the
    file it is given is on its way to the disk before the lock is free. A process that asks for a
    lock that it holds already waits for ever.
    """
    with path.open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def share_lock(path: Path) -> IO[str]:
    """Hold a file together with others, until the returned file is closed or the process ends."""
    file = path.open("a")
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


def try_lock(path: Path) -> IO[str] | None:
    """Hold a file alone until the returned file is closed; None when somebody holds it already."""
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def is_locked(path: Path) -> bool:
    """True while some living process holds the file; False for one that does not exist."""
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("r+"))  # "a" would make the file
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False
