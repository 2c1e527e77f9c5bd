"""What a process of the cluster does when it starts (a Dask preload).

TensorFlow takes four seconds to import, with the interpreter's lock in hand most of the time. One
worker imports it before it reports for work, so that it is ready when somebody clicks on Train.
The others report at once, because the first thing a user does is to have a file read, and import
it later, when they have nothing to do.

And no process outlives the one that started it: after a crash of the dashboard nothing keeps
running unseen.
"""

import asyncio
import logging
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from pipeline.workspace.locks import locked, try_lock


async def dask_setup(server: Any) -> None:
    """Called by Dask with the scheduler, nanny or worker that starts here, before it begins."""
    threading.Thread(target=_leave_with_parent, args=(os.getppid(),), daemon=True).start()
    if type(server).__name__ != "Worker":
        return
    # one lock a scheduler; the system lets go of it when the process that holds it dies
    name = "".join(c if c.isalnum() else "-" for c in server.scheduler.address)
    path = Path(tempfile.gettempdir()) / f"spamlab-warm-{os.getuid()}-{name}"
    lock = try_lock(path)
    if lock is None:
        threading.Thread(target=_warm_when_idle, args=(server, path), daemon=True).start()
        return
    with lock:
        await asyncio.to_thread(_warm)


def _warm_when_idle(worker: Any, path: Path) -> None:
    with locked(path):  # first the one that is at it
        path.unlink(missing_ok=True)
    while worker.state.executing_count:
        time.sleep(0.5)
    _warm()


def _warm() -> None:
    try:
        import sklearn.feature_selection
        import sklearn.linear_model  # noqa: F401

        from pipeline.models import MODELS
        from pipeline.runs import store
        from pipeline.training import train  # noqa: F401

        for model in MODELS.values():
            model.warm_up()
        store.warm()
    except Exception:  # a cold worker is slow, not broken; the training will say what is wrong
        logging.getLogger(__name__).exception("could not warm up")


def _leave_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)
