"""Hand work to other processes with dask.distributed; the only file that imports distributed.

`Jobs` is made once a server process. Without SPAMLAB_SCHEDULER it starts a scheduler and two
workers of its own as subprocesses (a LocalCluster would re-run the Streamlit script in its
children); with it, the same jobs go to the cluster at that address.
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
"""Two trainings, or a training and the reading of a file, go on at once."""


class Jobs:
    """A connection to the cluster; every method may be called from any thread.

    Starting the processes takes a second, so it happens in a thread of its own; a call that comes
    sooner waits for it.
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
            # Streamlit collects garbage after each script run and spends 0.25 s of it on looking
            # through what mlflow's import left behind; frozen, that is not looked at again
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
        """Put a long work into the queue; `live` has its progress and its failure by the name.

        The function is called with `progress`, a `Progress`, besides `args`. Does nothing while
        a work of that name goes on already.
        """
        if live.is_held(name):
            return
        live.clear(name)
        held = live.hold(name)  # until the worker has it, this process cares for it
        live.write_state(name, WorkState("Waiting for its turn", 0.0))
        future = self._client.submit(_work, name, function, args, pure=False, retries=0)
        self._working[name] = future  # a future that nobody holds is given up

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
        """Put a training into the queue; returns the run's id at once."""
        # the arguments of `create_run`, written out so that mypy sees a caller's mistake
        run_id = train.create_run(
            project, model, feature_spec=feature_spec, note=note, parent=parent
        )
        held = live.hold(run_id)  # until the worker has it, the run is cared for by this process
        future = self._client.submit(_train, run_id, key=f"train-{run_id}", retries=0)
        self._training[run_id] = future

        def ended(_: Any) -> None:
            held.close()
            self._training.pop(run_id, None)

        future.add_done_callback(ended)
        return run_id

    def stop(self, run_id: str) -> None:
        """Ask a training to stop; one that still waits in the queue is given up."""
        live.request_stop(run_id)
        future = self._training.get(run_id)
        if store.read_run(run_id).status == store.QUEUED and future is not None:
            future.cancel()
            store.fail_run(run_id, "stopped before it began.")

    def close(self) -> None:
        """End the connection, and the processes if they are ours."""
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()


def _call(function: Callable[..., Any], args: Any, kwargs: Any) -> tuple[Any, SpamlabError | None]:
    """The result, or the user's mistake as a value: raised, the cluster would log it as its own."""
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
        return  # the run has the sentence; the cluster need not log it as its own error


def _own_cluster() -> Any:
    import dask
    from distributed.deploy.spec import close_clusters
    from distributed.deploy.subprocess import SubprocessCluster

    # its processes leave with this one (`runtime.preload`); Dask's own farewell prints a traceback
    # when it finds one of them gone already
    atexit.unregister(close_clusters)
    # read by the subprocesses: a job that killed its worker is not tried on the next one
    for part in ("SCHEDULER", "WORKER", "NANNY"):
        os.environ[f"DASK_DISTRIBUTED__{part}__PRELOAD"] = "pipeline.runtime.preload"
    os.environ["DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"] = "0"
    os.environ["DASK_LOGGING__DISTRIBUTED"] = "warning"
    # processes that leave at once do not tidy up their semaphores; the system does
    os.environ.setdefault("PYTHONWARNINGS", "ignore:resource_tracker")
    dask.config.set({"distributed.comm.timeouts.connect": "30s"})
    return SubprocessCluster(
        n_workers=WORKERS,
        threads_per_worker=1,
        dashboard_address=None,  # type: ignore[arg-type]  # documented as the way to have none
        worker_kwargs={"memory_limit": 0, "silence_logs": 40},
    )
