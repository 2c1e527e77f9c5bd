"""Reading the store while others write to it, and from a place that is not ours."""

from pathlib import Path

import pytest

from pipeline.project import Project
from pipeline.runs import reading, server, store
from pipeline.specs import ModelSpec
from pipeline.training import train


def test_a_run_that_ends_between_two_looks_is_not_called_interrupted(project: Project) -> None:
    run_id = train.create_run(project, ModelSpec("logistic"))
    store.begin_run(run_id)
    looked_at_before = server.connect().get_run(run_id)
    assert reading._build_run(looked_at_before).status == store.INTERRUPTED
    store.fail_run(run_id, "memory ran out.")
    ended = reading._build_run(looked_at_before)
    assert (ended.status, ended.message) == (store.FAILED, "memory ran out.")


def test_reading_a_model_from_elsewhere_leaves_it_there(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where MLflow puts the files of a database without a server
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'team.db'}")
    run_id = train.create_run(project, ModelSpec("logistic"))
    train.train_run(run_id)
    (kept,) = tmp_path.glob(f"mlruns/*/{run_id}/artifacts/model.spamlab")
    for _ in range(2):
        assert store.locate_bundle(run_id).read_bytes() == kept.read_bytes()
