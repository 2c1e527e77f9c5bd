"""What a process of the cluster does when it starts (a Dask preload).

A worker imports TensorFlow at once, in a thread, so that it can read a file meanwhile and has the
import behind it when somebody clicks on Train. And no process outlives the one that started it:
after a crash of the dashboard nothing keeps running unseen.
"""

import logging
import os
import threading
import time
from typing import Any


def dask_setup(server: Any) -> None:
    """Called by Dask with the scheduler, nanny or worker that starts here."""
    threading.Thread(target=_leave_with_parent, args=(os.getppid(),), daemon=True).start()
    if type(server).__name__ == "Worker":
        threading.Thread(target=_warm, daemon=True).start()


def _warm() -> None:
    try:
        import sklearn.feature_selection
        import sklearn.linear_model  # noqa: F401

        from pipeline import store, train  # noqa: F401
        from pipeline.models.mlp import warm

        warm()
        store.runs()
    except Exception:  # a cold worker is slow, not broken; the training will say what is wrong
        logging.getLogger(__name__).exception("could not warm up")


def _leave_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)
