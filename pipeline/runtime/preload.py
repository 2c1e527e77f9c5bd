"""Prepares each process of the cluster when it starts (a Dask preload).

TensorFlow takes four seconds to import and holds the interpreter's lock for most of them. One
worker imports it before it accepts work, so that it is ready when somebody clicks on Train. The
others accept work at once, because users start with reading a file; they import it when they are
idle.

No process outlives the one that started it: after a crash of the dashboard nothing keeps running
unseen.
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
    """Prepare the scheduler, nanny or worker of this process; Dask calls it before work begins."""
    threading.Thread(target=_leave_with_parent, args=(os.getppid(),), daemon=True).start()
    if type(server).__name__ != "Worker":
        return
    # one lock per scheduler; the system releases it when the process that holds it dies
    name = "".join(c if c.isalnum() else "-" for c in server.scheduler.address)
    path = Path(tempfile.gettempdir()) / f"spamlab-warm-{os.getuid()}-{name}"
    lock = try_lock(path)
    if lock is None:
        threading.Thread(target=_warm_when_idle, args=(server, path), daemon=True).start()
        return
    with lock:
        await asyncio.to_thread(_warm)


def _warm_when_idle(worker: Any, path: Path) -> None:
    with locked(path):  # waits for the worker that warms up first
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
    except Exception:  # a cold worker is slow, not broken; a training will raise the error again
        logging.getLogger(__name__).exception("could not warm up")


def _leave_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)
