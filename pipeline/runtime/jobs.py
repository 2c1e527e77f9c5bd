"""Hands work to other processes with dask.distributed; the only file that imports distributed.

A server process makes one `Jobs`. Without SPAMLAB_SCHEDULER it starts a scheduler and two workers
of its own as subprocesses (a LocalCluster would run the Streamlit script again in its children);
with it, the same jobs go to the cluster at that address.
"""

import atexit
import gc
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from pipeline.errors import BadWorkspace, SpamlabError
from pipeline.project import Project
from pipeline.runs import store
from pipeline.specs import FeatureSpec, ModelSpec
from pipeline.training import train
from pipeline.workspace import live
from pipeline.workspace.progress import WorkState

WORKERS = 2
"""The number of workers: two trainings, or a training and the reading of a file, run at once."""


class Jobs:
    """A connection to the cluster; every method may be called from any thread.

    Starting the processes takes a second, so a thread of its own does it; a call that comes sooner
    waits.
    """

    def __init__(self) -> None:
        self._cluster: Any = None
        self._ready: Future[Any] = Future()
        self._training: dict[str, Any] = {}
        self._working: dict[str, Any] = {}
        threading.Thread(target=self._connect, daemon=True).start()

    def _connect(self) -> None:
        try:
            from distributed import Client

            address = os.environ.get("SPAMLAB_SCHEDULER")
            self._cluster = None if address else _own_cluster()
            client = Client(  # type: ignore[no-untyped-call]
                address or self._cluster, set_as_default=False
            )
            self._ready.set_result(client)
            store.warm()  # the first page that shows a run would wait for it
            # Streamlit collects garbage after each script run, and the objects of mlflow's import
            # take 0.25 s of that; the collector skips frozen objects
            gc.collect()
            gc.freeze()
        except Exception as error:
            if not self._ready.done():
                self._ready.set_exception(
                    BadWorkspace(f"the processes that do the work could not be started: {error}")
                )

    @property
    def _client(self) -> Any:
        return self._ready.result()

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run a function of `pipeline` on a worker and wait for its result.

        A SpamlabError on the worker is raised here; when the worker dies, BadWorkspace.
        """
        from distributed import KilledWorker

        future = self._client.submit(_call, function, args, kwargs, pure=False, priority=10)
        try:
            result, mistake = future.result()
        except KilledWorker as error:
            raise BadWorkspace(
                "the process that did this work was ended, most likely because memory ran out; "
                "close other programs or use a smaller file, then try again."
            ) from error
        if mistake is not None:
            raise mistake
        return result

    def start(self, name: str, function: Callable[..., Any], *args: Any) -> None:
        """Queue a long job; `live` has its progress and its failure under its name.

        Calls the function with `args` and a `Progress` as `progress`. Does nothing if a job of
        that name is running.
        """
        if live.is_held(name):
            return
        live.clear(name)
        held = live.hold(name)  # until the worker holds it
        live.write_state(name, WorkState("Waiting for its turn", 0.0))
        future = self._client.submit(_work, name, function, args, pure=False, retries=0)
        self._working[name] = future  # Dask cancels a future that nobody references

        def ended(_: Any) -> None:
            held.close()
            if self._working.get(name) is future:
                del self._working[name]

        future.add_done_callback(ended)

    def start_training(
        self,
        project: Project,
        model: ModelSpec,
        *,
        feature_spec: FeatureSpec | None = None,
        note: str = "",
        parent: str | None = None,
    ) -> str:
        """Queue a training; returns the run's id at once."""
        # the arguments of `create_run`, written out so that mypy sees a caller's mistake
        run_id = train.create_run(
            project, model, feature_spec=feature_spec, note=note, parent=parent
        )
        held = live.hold(run_id)  # until the worker holds it
        future = self._client.submit(_train, run_id, key=f"train-{run_id}", retries=0)
        self._training[run_id] = future

        def ended(_: Any) -> None:
            held.close()
            self._training.pop(run_id, None)

        future.add_done_callback(ended)
        return run_id

    def stop(self, run_id: str) -> None:
        """Ask a training to stop; one that still waits in the queue is cancelled."""
        live.request_stop(run_id)
        future = self._training.get(run_id)
        if store.read_run(run_id).status == store.QUEUED and future is not None:
            future.cancel()
            store.fail_run(run_id, "stopped before it began.")

    def close(self) -> None:
        """Close the connection, and end the processes if this object started them."""
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()


def _call(function: Callable[..., Any], args: Any, kwargs: Any) -> tuple[Any, SpamlabError | None]:
    """Return the result, or a SpamlabError as a value: the cluster logs errors that are raised."""
    try:
        return function(*args, **kwargs), None
    except SpamlabError as mistake:
        return None, mistake


def _work(name: str, function: Callable[..., Any], args: Any) -> None:
    with live.holding(name):
        try:
            function(*args, progress=live.StateWriter(name))
        except SpamlabError as mistake:
            live.fail(name, mistake)
        except MemoryError:
            sentence = "memory ran out; close other programs or use fewer mails."
            live.fail(name, BadWorkspace(sentence))
        except Exception as error:
            sentence = f"an error in Spamlab itself: {type(error).__name__}: {error}"
            live.fail(name, BadWorkspace(sentence))
            raise
        else:
            live.clear(name)


def _train(run_id: str) -> None:
    try:
        train.train_run(run_id)
    except SpamlabError:
        return  # the run keeps the sentence; the cluster would only log it as its own error


def _own_cluster() -> Any:
    import dask
    from distributed.deploy.spec import close_clusters
    from distributed.deploy.subprocess import SubprocessCluster

    # its processes end with this one (`runtime.preload`); Dask's own cleanup prints a traceback if
    # one of them has ended already
    atexit.unregister(close_clusters)
    # the subprocesses read these; a job that killed its worker is not tried on the next one
    for part in ("SCHEDULER", "WORKER", "NANNY"):
        os.environ[f"DASK_DISTRIBUTED__{part}__PRELOAD"] = "pipeline.runtime.preload"
    os.environ["DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"] = "0"
    os.environ["DASK_LOGGING__DISTRIBUTED"] = "warning"
    # a process that exits at once leaves its semaphores to the system
    os.environ.setdefault("PYTHONWARNINGS", "ignore:resource_tracker")
    dask.config.set({"distributed.comm.timeouts.connect": "30s"})
    return SubprocessCluster(
        n_workers=WORKERS,
        threads_per_worker=1,
        dashboard_address=None,  # type: ignore[arg-type]  # documented as the way to have none
        worker_kwargs={"memory_limit": 0, "silence_logs": 40},
    )
