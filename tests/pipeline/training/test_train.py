import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline import models
from pipeline.errors import BadData, BadSpec, Sealed
from pipeline.evaluation import Evaluation
from pipeline.evaluation.figures import keep_finite
from pipeline.evaluation.operating_point import HALF, OperatingPoint
from pipeline.export.bundle import Bundle
from pipeline.features.grams import Grams
from pipeline.mail.dataset import Dataset, encode_labels
from pipeline.models.calibration import Calibration
from pipeline.models.logistic import Logistic
from pipeline.models.probability import sigmoid
from pipeline.project import Project, divide_mails, import_dataset
from pipeline.reports.opening import open_test
from pipeline.runs import store
from pipeline.specs import BlockSpec, FeatureSpec, ModelSpec, SplitSpec
from pipeline.training import train
from pipeline.workspace import live
from pipeline.workspace.progress import WorkState
from tests.heard import Heard
from tests.mails import dataset, mails

SMALL = FeatureSpec((BlockSpec("grams", {"bits": 12, "lengths": [3]}),))
QUICK = {
    "logistic": ModelSpec("logistic", {"passes": 20}),
    "mlp": ModelSpec("mlp", {"hidden": [4], "epochs": 3, "inputs": 256, "learning_rate": 0.02}),
}


def start(project: Project, kind: str = "logistic", **more) -> str:
    model = QUICK.get(kind, ModelSpec(kind))
    return train.create_run(project, model, feature_spec=SMALL, **more)


def arrays(run_id: str) -> dict[str, np.ndarray]:
    bundle = Bundle.load(store.locate_bundle(run_id))
    return {**bundle.features.state(), **bundle.model.state()}


def equal(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in a)


@pytest.mark.parametrize("kind", models.MODELS)
def test_a_training_from_start_to_end(project: Project, workspace: Path, kind: str) -> None:
    heard = Heard()
    run_id = start(project, kind, note="first", parent="0" * 32)
    train.train_run(run_id, heard)
    run = store.read_run(run_id)
    assert (run.status, run.project, run.note, run.parent) == (
        "finished",
        "small",
        "first",
        "0" * 32,
    )
    assert not run.after_test
    assert run.seconds is not None
    assert run.seconds > 0

    curves = store.read_curves(run_id)
    assert curves["epoch"].is_monotonic_increasing
    assert run.epochs == curves["epoch"].iloc[-1]
    assert run.best_epoch in curves["epoch"].tolist()
    assert curves["validation/loss"].notna().all()

    # every figure comes from the stored scores, and these from the stored model
    split, data = project.split, project.mails.complete()
    assert split is not None
    assert data is not None
    scores = store.read_evaluation(run_id)
    assert scores.ids == split.validation
    frame = data.frame.set_index("id", drop=False).loc[list(split.validation)]
    assert np.array_equal(scores.labels, encode_labels(frame["label"]))
    bundle = Bundle.load(store.locate_bundle(run_id))
    assert np.allclose(bundle.score(frame), scores.scores, atol=1e-7)
    assert bundle.point.threshold == run.threshold == scores.best_threshold()
    summary = keep_finite(scores.summary(OperatingPoint(run.threshold)))
    assert run.figures == pytest.approx(summary)
    assert run.figures["f1"] > (0.5 if kind == "majority" else 0.8)
    assert bool(run.choice) == (kind == "logistic")
    assert bundle.about["validation"] == pytest.approx(summary)
    assert (bundle.about["dataset"], bundle.about["split"]) == (data.fingerprint, split.fingerprint)

    # the point of the curve at the best epoch is the model's own, before calibration
    point = curves[curves["epoch"] == run.best_epoch].iloc[0]
    own = sigmoid(bundle.model.log_odds(bundle.features.transform(frame)))
    expected = train.compute_epoch_figures(scores.labels, own)
    for name, value in expected.items():
        assert point[f"validation/{name}"] == pytest.approx(value, abs=1e-6)

    said = [p.text for p in heard]
    begun = next(i for i, text in enumerate(said) if text.startswith("Training"))
    assert said.index("Computing features") < begun < said.index("Calibrating the scores")
    assert heard[-1] == WorkState("Writing the model", 1.0)
    assert all(0 <= p.share <= 1 for p in heard)
    assert not list((workspace / "live").iterdir())


def test_scores_are_calibrated_on_validation_and_the_curves_are_not(database: Path) -> None:
    project = Project.create("large")
    import_dataset(project, dataset(400), mails(0))
    split = divide_mails(project, SplitSpec())
    # so few and so strong words that naive Bayes is far too sure
    run_id = train.create_run(
        project, ModelSpec("naive_bayes", {"alpha": 1e-10}), feature_spec=SMALL
    )
    train.train_run(run_id)
    bundle, data = Bundle.load(store.locate_bundle(run_id)), project.mails.complete()
    assert data is not None
    frame = data.frame.set_index("id", drop=False).loc[list(split.validation)]
    labels = encode_labels(frame["label"])
    odds = bundle.model.log_odds(bundle.features.transform(frame))
    assert bundle.model.calibration == Calibration.choose(odds, labels) != Calibration()
    curves = store.read_curves(run_id)
    assert store.read_run(run_id).figures["log_loss"] < curves["validation/loss"].iloc[-1]


def test_the_progress_names_the_epoch_that_is_under_way(project: Project, monkeypatch) -> None:
    # an mlp with a wide path reports epoch 0, which is a row of the curves but no work done
    heard = Heard()
    step = train.Recorder.report_step

    def at_once(self: train.Recorder, share: float) -> None:
        self._published_at = 0.0
        step(self, share)

    monkeypatch.setattr(train.Recorder, "report_step", at_once)
    run_id = start(project, "mlp")
    train.train_run(run_id, heard)
    assert store.read_curves(run_id)["epoch"].tolist() == [0, 1, 2, 3]
    shares = [p.share for p in heard if p.text.startswith("Epoch")]
    assert shares == sorted(shares)
    assert {p.text for p in heard if p.text.startswith("Epoch")} == {
        f"Epoch {n} of at most 3" for n in range(4)
    }


def test_one_spec_one_result(project: Project) -> None:
    first, second = start(project), start(project)
    for run_id in (first, second):
        train.train_run(run_id)
    assert equal(arrays(first), arrays(second))
    assert store.read_run(first).figures == store.read_run(second).figures
    assert store.read_run(first).spec.key == store.read_run(second).spec.key


def test_features_are_computed_once(project: Project, monkeypatch) -> None:
    first = start(project)
    train.train_run(first)

    def never(*_: object) -> None:
        raise AssertionError("the features were computed again")

    with monkeypatch.context() as patch:
        for name in ("fit", "fit_transform", "transform"):
            patch.setattr(Grams, name, never)
        second = start(project)
        train.train_run(second)
    assert equal(arrays(first), arrays(second))
    other = FeatureSpec((BlockSpec("grams", {"bits": 13}),))
    with monkeypatch.context() as patch:
        patch.setattr(Grams, "fit_transform", never)
        with pytest.raises(AssertionError):
            train.train_run(train.create_run(project, QUICK["logistic"], feature_spec=other))


@pytest.mark.parametrize("kind", models.MODELS)
def test_poisoned_test_mails_change_neither_weights_nor_figures(
    project: Project, kind: str
) -> None:
    honest = start(project, kind)
    train.train_run(honest)
    split, data = project.split, project.mails.complete()
    assert split is not None
    assert data is not None
    frame = data.frame.copy()
    test = frame["id"].isin(split.test)
    frame.loc[test, "label"] = frame.loc[test, "label"].map({"ham": "spam", "spam": "ham"})
    frame.loc[test, ["subject", "body"]] = "poison casino meeting " * 20
    # the same split is forced on the poisoned mails through a column of the file
    frame["file:part"] = "train"
    for part in ("validation", "test"):
        frame.loc[frame["id"].isin(split.ids(part)), "file:part"] = part
    other = Project.create("poisoned")
    import_dataset(other, Dataset("poisoned", frame), mails(0))
    assert divide_mails(other, SplitSpec(strategy="column", column="part")).train == split.train
    poisoned = start(other, kind)
    train.train_run(poisoned)
    assert equal(arrays(honest), arrays(poisoned))
    assert store.read_run(honest).figures == store.read_run(poisoned).figures
    one, other = (
        store.read_curves(r).drop(columns="seconds", errors="ignore") for r in (honest, poisoned)
    )
    assert one.equals(other)


def test_nothing_that_is_stored_of_a_run_names_a_test_mail(project: Project) -> None:
    run_id = start(project)
    train.train_run(run_id)
    split = project.split
    assert split is not None
    assert not {*split.test} & {*store.read_evaluation(run_id).ids}
    assert not (project.path / "test.parquet").exists()
    assert "test" not in json.dumps(sorted(store.read_curves(run_id).columns))


def test_the_test_part_opens_once_for_one_run(project: Project) -> None:
    first, second = start(project), start(project)
    train.train_run(first)
    train.train_run(second)
    figures = open_test(project, first, HALF)
    split, data = project.split, project.mails.complete()
    assert split is not None
    assert data is not None
    test = data.frame.set_index("id", drop=False).loc[list(split.test)]
    scores = Bundle.load(store.locate_bundle(first)).score(test)
    expected = Evaluation("test", split.test, encode_labels(test["label"]), scores).summary(HALF)
    assert figures == pytest.approx(expected, nan_ok=True)
    opening = project.seal.ledger.opening()
    assert opening is not None
    assert (opening.run, opening.threshold) == (first, 0.5)
    assert opening.figures == pytest.approx(expected, nan_ok=True)
    kept = Evaluation.from_frame("test", pd.read_parquet(project.path / "test.parquet"))
    assert kept.ids == split.test
    for run_id in (first, second):
        with pytest.raises(Sealed):
            open_test(project, run_id, OperatingPoint(0.4))
    assert project.seal.ledger.opening() == opening


def test_what_is_trained_after_the_opening_is_marked(project: Project) -> None:
    before = start(project)
    train.train_run(before)
    open_test(project, before, HALF)
    after = start(project)
    train.train_run(after)
    assert store.read_run(after).after_test
    assert not store.read_run(before).after_test


def test_the_test_part_opens_only_for_a_finished_run_of_these_mails(project: Project) -> None:
    waiting, old = start(project), start(project)
    train.train_run(old)
    with pytest.raises(BadData, match="finished run of the current mails and split"):
        open_test(project, waiting, HALF)
    divide_mails(project, SplitSpec(seed=1))
    with pytest.raises(BadData, match="finished run of the current mails and split"):
        open_test(project, old, HALF)
    assert project.seal.ledger.opening() is None


def test_mails_that_changed_under_the_same_split_are_noticed(project: Project) -> None:
    done, waiting = start(project), start(project)
    train.train_run(done)
    data, split = project.mails.complete(), project.split
    assert data is not None
    assert split is not None
    frame = data.frame.copy()
    frame.loc[frame["id"] == split.train[0], "body"] = "corrected"
    import_dataset(project, Dataset("small", frame), mails(0))
    assert divide_mails(project, SplitSpec()) == split
    with pytest.raises(BadData, match="were changed before training began"):
        train.train_run(waiting)
    with pytest.raises(BadData, match="current mails"):
        open_test(project, done, HALF)


def test_a_split_without_test_mails_has_nothing_to_open(database: Path) -> None:
    frame = mails()
    frame["file:part"] = ["train", "validation"] * 60
    project = Project.create("no test")
    import_dataset(project, Dataset("x", frame), mails(0))
    divide_mails(project, SplitSpec(strategy="column", column="part"))
    run_id = start(project)
    train.train_run(run_id)
    with pytest.raises(BadData, match="no test mails"):
        open_test(project, run_id, HALF)
    assert project.seal.ledger.opening() is None


def test_training_needs_a_split_and_possible_parameters(project: Project) -> None:
    bare = Project.create("bare")
    import_dataset(bare, dataset(), mails(0))
    with pytest.raises(BadData, match="training needs a split"):
        train.create_run(bare, ModelSpec())
    with pytest.raises(BadSpec, match=r"^C: expected"):
        train.create_run(project, ModelSpec("logistic", {"C": -1}))
    assert store.list_runs() == []


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (BadData("choose a smaller learning rate."), "choose a smaller learning rate."),
        (MemoryError(), "memory ran out; use fewer features or fewer mails."),
        (ZeroDivisionError("oh"), "an error in Spamlab itself: ZeroDivisionError: oh"),
    ],
)
def test_a_training_that_fails_leaves_its_sentence(
    project: Project, monkeypatch, error: Exception, sentence: str
) -> None:
    def fit(*_: object) -> None:
        raise error

    monkeypatch.setattr(Logistic, "fit", fit)
    run_id = start(project)
    with pytest.raises(type(error)):
        train.train_run(run_id)
    run = store.read_run(run_id)
    assert (run.status, run.message, run.usable) == ("failed", sentence, False)
    assert not live.is_held(run_id)


def test_a_training_whose_split_was_replaced_fails_with_a_sentence(project: Project) -> None:
    run_id = start(project)
    divide_mails(project, SplitSpec(seed=1))
    with pytest.raises(BadData, match="were changed before training began; train again"):
        train.train_run(run_id)
    assert store.read_run(run_id).status == "failed"


def test_a_run_is_running_while_it_is_trained_and_its_curve_can_be_read(project: Project) -> None:
    seen = []

    def look(*state: Any) -> None:
        run = store.read_run(run_id)
        seen.append((run.status, len(store.read_curves(run_id)), live.read_state(run_id)))
        assert live.read_state(run_id) == WorkState(*state)

    run_id = start(project)
    train.train_run(run_id, look)
    assert {status for status, *_ in seen} == {"running"}
    assert [n for _, n, _ in seen] == sorted(n for _, n, _ in seen)
    assert seen[-1][1] == len(store.read_curves(run_id)) > 1


def test_a_stopped_training_keeps_its_best_epoch(project: Project, monkeypatch) -> None:
    monkeypatch.setattr(train.Recorder, "should_stop", lambda self: bool(self.rows))
    run_id = train.create_run(
        project,
        ModelSpec("mlp", {"hidden": [4], "epochs": 1000, "patience": 1000}),
        feature_spec=SMALL,
    )
    monkeypatch.setattr(live, "stop_requested", lambda _: True)
    train.train_run(run_id)
    run = store.read_run(run_id)
    assert (run.status, run.usable) == ("stopped", True)
    assert run.epochs == 1  # stopped within the first epoch, after epoch 0 was reported
    assert Bundle.load(store.locate_bundle(run_id)).point.threshold == run.threshold
