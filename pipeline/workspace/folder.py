"""The workspace folder, in which every file is written whole or not at all."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import BadWorkspace


def home() -> Path:
    """Return the workspace: the folder that SPAMLAB_HOME names, by default ``workspace``."""
    return Path(os.environ.get("SPAMLAB_HOME") or "workspace").absolute()


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise BadWorkspace for an OSError in the with-block, which writes this file."""
    try:
        yield
    except OSError as error:
        raise BadWorkspace(
            f"could not write {path.name!r} in the workspace {home()}: {error.strerror}. Nothing "
            "that was there is lost; make room or make the folder writable, then try again."
        ) from error


def write_text(path: Path, text: str) -> None:
    """Write a small file so that a reader sees the old text or the new one, never a part."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path that replaces `path` if the with-block raises nothing.

    Raises BadWorkspace if the folder cannot be written or the disk is full; the old file is then
    still there.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            temporary.chmod(0o644)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
