import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import BadData, BadWorkspace
from pipeline.evaluation import Evaluation
from pipeline.evaluation.figures import keep_finite
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.project import Project
from pipeline.runs import server, store
from pipeline.specs import ModelSpec, RunSpec, flatten_spec
from pipeline.training import train
from pipeline.workspace import live

ROOT = Path(__file__).parents[3]
SPEC = RunSpec("0" * 16, model=ModelSpec("mlp", {"hidden": [8], "epochs": 2}, seed=3))
SCORES = Evaluation("validation", ("a", "b", "c"), np.array([0, 1, 1]), np.array([0.1, 0.3, 0.9]))

pytestmark = pytest.mark.usefixtures("database")


def create(project: str = "p", spec: RunSpec = SPEC, **more) -> str:
    return store.create_run(project, spec, split="f" * 16, **more)


CHOICE = [{"C": 1.0, "log_loss": 0.125, "standard_error": 0.01}]


def finish(run_id: str, folder: Path, stopped: bool = False) -> None:
    model = folder / "model.spamlab"
    model.write_bytes(b"the model")
    store.finish_run(
        run_id,
        stopped=stopped,
        point=OperatingPoint(0.2),
        best_epoch=2,
        seconds=1.5,
        diagnosis=[{"verdict": "Looks fine", "evidence": "e", "suggestion": "s"}],
        choice=CHOICE,
        evaluation=SCORES,
        bundle=model,
    )


def test_a_run_is_what_was_asked_for() -> None:
    run_id = create(note="try <b>dropout</b> ü", parent="0" * 32, after_test=True)
    with live.holding(run_id):
        run = store.read_run(run_id)
    assert (run.id, run.project, run.name, run.kind) == (run_id, "p", "mlp-1", "mlp")
    assert run.spec == SPEC
    assert run.spec.key == SPEC.key
    assert (run.status, run.active, run.usable) == ("queued", True, False)
    assert (run.note, run.parent, run.after_test) == ("try <b>dropout</b> ü", "0" * 32, True)
    assert run.split == "f" * 16
    assert run.environment["numpy"] == np.__version__
    assert run.created.tzinfo is not None
    plain = store.read_run(create())
    assert (plain.note, plain.parent, plain.after_test) == ("", None, False)


def test_a_run_goes_from_queued_to_running_to_finished(tmp_path: Path) -> None:
    run_id = create()
    with live.holding(run_id):
        store.begin_run(run_id)
        assert store.read_run(run_id).status == "running"
        finish(run_id, tmp_path)
        run = store.read_run(run_id)
    assert (run.status, run.usable, run.active) == ("finished", True, False)
    assert (run.threshold, run.best_epoch, run.seconds) == (0.2, 2, 1.5)
    assert run.diagnosis[0]["verdict"] == "Looks fine"
    assert run.choice == CHOICE
    expected = keep_finite(
        SCORES.summary(OperatingPoint(0.2))
    )  # without an error the TCRs are infinite
    assert run.figures == pytest.approx({k: float(v) for k, v in expected.items()})
    assert not {"tcr_1", "tcr_9", "tcr_999"} & {*run.figures}
    assert store.read_run(run_id) == run  # nobody holds it any more; a finished run never changes


def test_scores_and_model_come_back_as_they_were(tmp_path: Path) -> None:
    run_id = create()
    finish(run_id, tmp_path)
    found = store.read_evaluation(run_id)
    assert found.ids == SCORES.ids
    assert np.array_equal(found.scores, SCORES.scores)
    assert np.array_equal(found.labels, SCORES.labels)
    assert store.locate_bundle(run_id).read_bytes() == b"the model"


def test_a_stopped_run_is_usable(tmp_path: Path) -> None:
    run_id = create()
    finish(run_id, tmp_path, stopped=True)
    assert store.read_run(run_id).status == "stopped"
    assert store.read_run(run_id).usable


def test_a_failed_run_keeps_its_sentence_and_has_no_model() -> None:
    run_id = create()
    store.fail_run(run_id, "memory ran out. " * 1000)
    run = store.read_run(run_id)
    assert (run.status, run.usable, run.figures) == ("failed", False, {})
    assert run.message.startswith("memory ran out.")
    with pytest.raises(BadData, match=r"has no model\.spamlab; it did not finish"):
        store.locate_bundle(run_id)
    with pytest.raises(BadData, match=r"has no validation\.parquet"):
        store.read_evaluation(run_id)


def test_a_run_that_nobody_cares_for_was_interrupted() -> None:
    run_id = create()
    assert store.read_run(run_id).status == "interrupted"
    store.begin_run(run_id)
    assert store.read_run(run_id).status == "interrupted"
    with live.holding(run_id):
        assert store.read_run(run_id).status == "running"
    assert store.read_run(run_id).status == "interrupted"
    store.delete_run(run_id)  # it is not active, so it may go


def test_a_run_whose_process_was_killed_was_interrupted() -> None:
    run_id = create()
    code = (
        f"from pipeline.workspace import live; f = live.hold({run_id!r}); "
        "print(1, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=dict(os.environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"1\n"
        store.begin_run(run_id)
        assert store.read_run(run_id).status == "running"
        process.kill()
        process.wait()
        assert store.read_run(run_id).status == "interrupted"


def test_curves_come_back_a_row_an_epoch() -> None:
    run_id = create()
    assert list(store.read_curves(run_id).columns) == ["epoch"]
    assert store.read_curves(run_id).empty
    points = [(1, 0.7, 0.8), (2, 0.5, 0.65), (10, 0.4, 0.66)]
    for epoch, on_train, on_validation in points:
        figures = {
            "train/loss": on_train,
            "validation/loss": on_validation,
            "epochs": epoch,
        }
        store.log_epoch(run_id, epoch, figures)
    curves = store.read_curves(run_id)
    assert curves["epoch"].tolist() == [1, 2, 10]
    assert curves["train/loss"].tolist() == [0.7, 0.5, 0.4]
    assert curves["validation/loss"].tolist() == [0.8, 0.65, 0.66]
    assert store.read_run(run_id).epochs == 10


def test_final_figures_are_no_curve(tmp_path: Path) -> None:
    run_id = create()
    store.log_epoch(run_id, 1, {"train/loss": 0.5})
    finish(run_id, tmp_path)
    assert list(store.read_curves(run_id).columns) == ["epoch", "train/loss"]


@pytest.mark.parametrize("note", ["", "shorter", "=1+1\nnew line", "ü" * 20_000, "\0"])
def test_a_note_can_be_replaced_and_emptied(note: str) -> None:
    run_id = create(note="before")
    store.set_note(run_id, note)
    kept = store.read_run(run_id).note
    assert kept == note or (len(kept) > 4000 and note.startswith(kept))


def test_a_long_note_at_the_start_is_kept_or_cut() -> None:
    assert store.read_run(create(note="n" * 20_000)).note.startswith("n" * 4000)


def test_runs_are_listed_by_project_the_newest_first() -> None:
    first, second, other = create(), create(), create("q")
    assert [r.id for r in store.list_runs("p")] == [second, first]
    assert {r.id for r in store.list_runs()} == {first, second, other}
    assert store.list_runs("nobody") == []


def test_more_runs_than_a_page_are_all_listed(monkeypatch) -> None:
    from mlflow import MlflowClient

    ids = [create() for _ in range(3)]
    search = MlflowClient.search_runs
    monkeypatch.setattr(
        MlflowClient,
        "search_runs",
        lambda self, *args, **more: search(self, *args, max_results=1, **more),
    )
    assert {r.id for r in store.list_runs("p")} == set(ids)


def test_a_name_is_not_used_again_after_deletion() -> None:
    assert store.read_run(create()).name == "mlp-1"
    second = create()
    store.delete_run(second)
    assert [r.name for r in store.list_runs("p")] == ["mlp-1"]
    assert store.read_run(create()).name == "mlp-3"
    assert store.read_run(create(spec=RunSpec("0" * 16))).name == "logistic-1"
    assert store.read_run(create("q")).name == "mlp-1"


def test_a_run_in_training_is_not_deleted() -> None:
    run_id = create()
    with live.holding(run_id), pytest.raises(BadData, match="still training; stop it before"):
        store.delete_run(run_id)
    assert [r.id for r in store.list_runs("p")] == [run_id]


def test_mlflows_own_search_sees_the_run_with_every_parameter(tmp_path: Path) -> None:
    import mlflow

    run_id = create(note="a note")
    finish(run_id, tmp_path)
    client = mlflow.MlflowClient(tracking_uri=store.tracking_uri())
    experiment = client.get_experiment_by_name("spamlab/p")
    (found,) = client.search_runs([experiment.experiment_id], "params.`model.kind` = 'mlp'")
    assert found.info.run_id == run_id
    assert found.info.status == "FINISHED"
    assert found.data.params == flatten_spec(SPEC)
    assert found.data.tags["mlflow.note.content"] == "a note"
    assert found.data.metrics["final/n_spam"] == 2
    assert {a.path for a in client.list_artifacts(run_id)} == {
        "model.spamlab",
        "validation.parquet",
    }


def test_runs_that_are_not_ours_are_passed_over() -> None:
    create()
    client = server.connect()
    client.create_run(client.get_experiment_by_name("spamlab/p").experiment_id)
    client.create_run(client.create_experiment("somebody else's"))
    assert len(store.list_runs()) == 1


@pytest.mark.parametrize("run_id", ["0" * 32, "", "../../etc/passwd", "x' OR 1=1"])
def test_an_unknown_run_is_a_sentence(run_id: str) -> None:
    with pytest.raises(BadData, match=r"there is no run .+`spamlab runs` lists them"):
        store.read_run(run_id)


def test_everything_is_kept_in_the_workspace(workspace: Path, tmp_path: Path) -> None:
    run_id = create()
    finish(run_id, tmp_path)
    assert workspace in store.locate_bundle(run_id).parents
    assert store.tracking_uri() == f"sqlite:///{workspace / 'mlflow.db'}"


def test_another_process_reads_the_same_runs(tmp_path: Path) -> None:
    run_id = create()
    finish(run_id, tmp_path)
    code = (
        "from pipeline.runs import store; print(*[(r.id, r.status) for r in store.list_runs('p')])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == str((run_id, "finished"))


def test_listing_nothing_imports_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from pipeline.runs import store; "
        "print(store.list_runs(), 'mlflow' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "SPAMLAB_HOME": str(tmp_path / "new")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "[] False"
    assert not (tmp_path / "new").exists()


def test_a_workspace_that_cannot_be_written_is_a_sentence(monkeypatch) -> None:
    monkeypatch.setenv("SPAMLAB_HOME", "/proc/x")
    assert store.list_runs() == []
    with pytest.raises(BadWorkspace, match=r"could not open the list of runs .+ /proc/x"):
        create()


def test_a_damaged_database_is_a_sentence(workspace: Path) -> None:
    server.connect_to.cache_clear()
    (workspace / "mlflow.db").write_bytes(b"this is not a database" * 1000)
    with pytest.raises(BadWorkspace, match=r"list of runs .+ file is not a database"):
        store.list_runs()


def test_a_new_project_does_not_inherit_the_runs_of_a_deleted_one(project: Project) -> None:
    for _ in range(2):  # the name of the deleted experiment must not be in the way, twice
        train.create_run(project, ModelSpec("logistic"))
        assert len(store.list_runs(project.name)) == 1
        store.delete_project(project.name)
        assert store.list_runs(project.name) == []
