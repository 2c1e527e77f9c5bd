import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from pipeline.workspace import live
from pipeline.workspace.progress import Pace, WorkState

ROOT = Path(__file__).parents[3]


def wait_until(condition, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_a_run_is_held_until_it_is_let_go() -> None:
    assert not live.is_held("r1")
    with live.holding("r1"):
        assert live.is_held("r1")
        assert not live.is_held("r2")
        with live.holding("r1"):  # the queue and the worker hold it together for a moment
            assert live.is_held("r1")
        assert live.is_held("r1")
    assert not live.is_held("r1")


def test_a_process_that_is_killed_lets_go() -> None:
    code = (
        "import sys, time; from pipeline.workspace import live; "
        "f = live.hold('r1'); print(1, flush=True)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code + "; time.sleep(60)"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"1\n"
        assert live.is_held("r1")
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not live.is_held("r1")


def test_a_process_started_while_holding_does_not_inherit_the_hold() -> None:
    with live.holding("r1"):
        child = subprocess.Popen(["sleep", "60"])
    try:
        assert not live.is_held("r1")
    finally:
        child.kill()
        child.wait()


def test_progress_is_what_was_reported_last() -> None:
    assert live.read_state("r1") is None
    live.write_state("r1", WorkState("Computing features", 0.0))
    assert live.read_state("r1") == WorkState("Computing features", 0.0, None)
    live.write_state("r1", WorkState("Epoch 3 of at most 9", 1 / 3, 12.5))
    assert live.read_state("r1") == WorkState("Epoch 3 of at most 9", 1 / 3, 12.5)


def test_damaged_progress_is_no_progress() -> None:
    live.write_state("r1", WorkState("x", 0.5))
    (live._folder("r1") / "progress.json").write_text('{"text": "x", "sha')
    assert live.read_state("r1") is None


def test_a_stop_is_seen_by_the_one_run_it_is_for() -> None:
    with live.holding("r1"), live.holding("r2"):
        assert not live.stop_requested("r1")
        live.request_stop("r1")
        live.request_stop("r1")
        assert live.stop_requested("r1")
        assert not live.stop_requested("r2")


def test_a_stop_that_comes_too_late_is_no_error() -> None:
    with live.holding("r1"):
        pass
    live.clear("r1")
    live.request_stop("r1")
    assert not live.stop_requested("r1")


def test_clear_leaves_nothing(workspace: Path) -> None:
    with live.holding("r1"):
        live.write_state("r1", WorkState("x", 0.5))
        live.request_stop("r1")
    live.clear("r1")
    live.clear("r1")
    assert live.read_state("r1") is None
    assert not live.stop_requested("r1")
    assert not list((workspace / "live").iterdir())


def test_pace_knows_the_seconds_left(monkeypatch) -> None:
    now = [100.0]
    monkeypatch.setattr("pipeline.workspace.progress.time.monotonic", lambda: now[0])
    pace = Pace()
    assert pace.left(0) is None
    now[0] = 110.0
    assert pace.left(0.25) == 30.0
    assert pace.left(1.0) == 0.0
