"""The cluster with its real processes; slow, so it is started once for this module."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from pipeline.errors import BadSpec, BadWorkspace
from pipeline.export.bundle import Bundle
from pipeline.project import Project, divide_mails, find_free_name, import_dataset
from pipeline.runs import store
from pipeline.runtime.jobs import WORKERS, Jobs
from pipeline.specs import BlockSpec, FeatureSpec, ModelSpec, SplitSpec
from pipeline.workspace import live
from tests.mails import dataset

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
SMALL = FeatureSpec((BlockSpec("grams", {"bits": 12, "lengths": [3]}),))
ENDLESS = ModelSpec("mlp", {"hidden": [4], "epochs": 1000, "patience": 1000, "batch_size": 1})


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def status(run_id: str) -> str:
    return store.read_run(run_id).status


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, empty_database: Path
) -> Iterator[tuple[Jobs, Path]]:
    home = tmp_path_factory.mktemp("cluster") / "workspace"
    home.mkdir()
    shutil.copy(empty_database, home / "mlflow.db")
    before = dict(os.environ)
    os.environ.update(SPAMLAB_HOME=str(home), PYTHONPATH=str(ROOT))
    os.environ.pop("SPAMLAB_SCHEDULER", None)
    jobs = Jobs()
    try:
        yield jobs, home
    finally:
        jobs.close()
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture
def jobs(running: tuple[Jobs, Path], monkeypatch: pytest.MonkeyPatch) -> Jobs:
    """The cluster, in the workspace that its processes were started with."""
    found, home = running
    monkeypatch.setenv("SPAMLAB_HOME", str(home))
    return found


@pytest.fixture
def project(jobs: Jobs) -> Project:
    made = Project.create("small")
    import_dataset(made, dataset(), dataset().frame.iloc[:0])
    divide_mails(made, SplitSpec())
    return made


def test_a_call_returns_what_the_function_returns(jobs: Jobs) -> None:
    assert jobs.call(find_free_name, "new/name") == "new-name"
    assert jobs.call(os.getpid) != os.getpid()


def test_an_error_of_the_function_is_raised_here(jobs: Jobs) -> None:
    with pytest.raises(BadSpec, match=r"received '\.\./x'"):
        jobs.call(Project, "../x")
    with pytest.raises(FileNotFoundError):
        jobs.call(os.stat, "/nowhere")


def test_a_call_whose_process_dies_is_a_sentence_and_the_next_one_works(jobs: Jobs) -> None:
    with pytest.raises(BadWorkspace, match="process that did this work was ended"):
        jobs.call(os._exit, 1)
    assert jobs.call(find_free_name, "again") == "again"


@pytest.mark.parametrize("kind", ["logistic", "mlp"])
def test_a_training_runs_to_its_end(jobs: Jobs, project: Project, kind: str) -> None:
    spec = ModelSpec(kind, {"epochs": 2, "hidden": [4]} if kind == "mlp" else {})
    run_id = jobs.start_training(project, spec, feature_spec=SMALL, note="from a page")
    assert status(run_id) in ("queued", "running", "finished")
    until(lambda: not store.read_run(run_id).active)
    run = store.read_run(run_id)
    assert (run.status, run.message, run.note) == ("finished", "", "from a page")
    assert Bundle.load(store.locate_bundle(run_id)).point.threshold == run.threshold
    until(lambda: not live.is_held(run_id), 5)


def test_a_stopped_training_keeps_its_best_epoch(jobs: Jobs, project: Project) -> None:
    run_id = jobs.start_training(project, ENDLESS, feature_spec=SMALL)
    until(lambda: store.read_run(run_id).epochs >= 2)
    assert status(run_id) == "running"
    progress = live.read_state(run_id)
    assert progress is not None
    assert "of at most 1000" in progress.text
    jobs.stop(run_id)
    until(lambda: not store.read_run(run_id).active, 10)
    run = store.read_run(run_id)
    assert (run.status, run.usable) == ("stopped", True)
    curves = store.read_curves(run_id)
    best = curves.loc[curves["epoch"] == run.best_epoch, "validation/loss"].item()
    assert best <= curves["validation/loss"].min() + 1e-4
    jobs.stop(run_id)  # a second click comes too late and does no harm
    assert store.read_run(run_id) == run


def test_a_training_that_still_waits_is_given_up_at_once(jobs: Jobs, project: Project) -> None:
    busy = [jobs.start_training(project, ENDLESS, feature_spec=SMALL) for _ in range(WORKERS)]
    until(lambda: all(status(r) == "running" for r in busy))
    waiting = jobs.start_training(project, ENDLESS, feature_spec=SMALL)
    time.sleep(0.5)
    assert status(waiting) == "queued"
    jobs.stop(waiting)
    run = store.read_run(waiting)
    assert (run.status, run.message) == ("failed", "stopped before it began.")
    for run_id in busy:
        jobs.stop(run_id)
    until(lambda: all(status(r) == "stopped" for r in busy))
    time.sleep(0.5)
    assert status(waiting) == "failed"
    assert store.read_run(waiting).epochs == 0


def test_a_training_whose_process_is_killed_was_interrupted_and_the_next_one_works(
    jobs: Jobs, project: Project
) -> None:
    run_id = jobs.start_training(project, ENDLESS, feature_spec=SMALL)
    until(lambda: store.read_run(run_id).epochs >= 1)
    pids = jobs._client.run(os.getpid)
    (worker,) = [w for w, keys in jobs._client.processing().items() if f"train-{run_id}" in keys]
    os.kill(pids[worker], signal.SIGKILL)
    until(lambda: status(run_id) == "interrupted", 20)
    assert store.read_run(run_id).epochs >= 1
    assert not store.read_curves(run_id).empty
    following = jobs.start_training(project, ModelSpec(), feature_spec=SMALL)
    until(lambda: status(following) == "finished")
    time.sleep(1)
    assert status(run_id) == "interrupted", "a training that killed its process is tried again"


def test_no_process_survives_the_death_of_its_parent(jobs: Jobs, tmp_path: Path) -> None:
    code = """
import os, time
from pipeline.runtime.jobs import Jobs
jobs = Jobs()
jobs.call(os.getpid)
print("ready", flush=True)
time.sleep(600)
"""
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "SPAMLAB_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) >= 1 + WORKERS
        process.kill()
    _, alive = psutil.wait_procs(children, timeout=10)
    for child in alive:
        child.kill()
    assert not alive


def test_a_scheduler_that_is_not_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    import dask

    monkeypatch.setenv("SPAMLAB_SCHEDULER", "tcp://127.0.0.1:1")
    with dask.config.set({"distributed.comm.timeouts.connect": "300ms"}):
        broken = Jobs()
        with pytest.raises(BadWorkspace, match="could not be started"):
            broken.call(os.getpid)
