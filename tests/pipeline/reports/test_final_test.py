"""The opened test part: closed before, read afterwards, and found again after a crash."""

import pickle
from collections.abc import Callable

import numpy as np
import pytest

from pipeline.errors import BadData, Sealed
from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import HALF, OperatingPoint
from pipeline.export.bundle import Bundle
from pipeline.project import Project, divide_mails
from pipeline.reports import final_test
from pipeline.reports.opening import open_test
from pipeline.runs import store
from pipeline.specs import BlockSpec, FeatureSpec, ModelSpec, SplitSpec
from pipeline.training import train

SMALL = FeatureSpec((BlockSpec("grams", {"bits": 12, "lengths": [3]}),))
ASKED: tuple[Callable[[Project], object], ...] = (
    final_test.read_evaluation, final_test.build_report, final_test.list_errors,
    final_test.read_mails,
)  # fmt: skip


@pytest.fixture
def run(project: Project) -> store.Run:
    run_id = train.create_run(project, ModelSpec("logistic", {"passes": 5}), feature_spec=SMALL)
    train.train_run(run_id)
    return store.read_run(run_id)


def test_nothing_is_told_before_the_opening(project: Project, run: store.Run) -> None:
    for ask in ASKED:
        with pytest.raises(Sealed):
            ask(project)


def test_scores_lost_in_a_crash_are_made_again(
    project: Project, run: store.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(final_test, "keep_scores", crash)
        with pytest.raises(KeyboardInterrupt):
            open_test(project, run.id, HALF)
    path, opening = project.path / "test.parquet", project.seal.ledger.opening()
    assert opening is not None
    assert not path.exists()
    found = final_test.read_evaluation(project)
    assert path.exists()
    assert found.ids == project.split.test  # type: ignore[union-attr]
    assert found.summary(HALF) == pytest.approx(opening.figures, nan_ok=True)
    kept = path.read_bytes()
    path.write_bytes(kept[:50])  # cut by a full disk
    assert np.array_equal(final_test.read_evaluation(project).scores, found.scores)


def test_scores_that_do_not_give_the_ledger_are_not_believed(
    project: Project, run: store.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_test(project, run.id, HALF)
    honest = final_test.read_evaluation(project)
    flattering = Evaluation("test", honest.ids, honest.labels, honest.labels.astype(float))
    final_test.keep_scores(project, flattering)
    assert np.array_equal(final_test.read_evaluation(project).scores, honest.scores)
    final_test.keep_scores(project, flattering)
    monkeypatch.setattr(Bundle, "score", lambda self, frame: np.full(len(frame), 0.5))
    with pytest.raises(BadData, match="do not give the figures of the ledger"):
        final_test.read_evaluation(project)
    report = final_test.build_report(project)
    assert report.summaries["test"] == dict(project.seal.ledger.opening().figures)  # type: ignore[union-attr]
    assert "test" not in report.intervals
    assert not report.agreements
    assert any("ledger stand" in note for note in report.notes)


def test_the_report_sets_test_beside_validation(project: Project, run: store.Run) -> None:
    figures = open_test(project, run.id, OperatingPoint(0.4))
    report = final_test.build_report(project)
    assert report.summaries["test"] == pytest.approx(figures, nan_ok=True)
    validation = store.read_evaluation(run.id).summary(OperatingPoint(0.4))
    assert report.summaries["validation"] == pytest.approx(validation, nan_ok=True)
    for part in ("test", "validation"):
        interval = report.intervals[part]["recall"]
        assert interval.low <= report.summaries[part]["recall"] <= interval.high
    assert "f1" in {a.figure for a in report.agreements}


def test_the_errors_are_the_wrong_test_mails(project: Project, run: store.Run) -> None:
    open_test(project, run.id, OperatingPoint(0.9))  # a threshold at which some spam is missed
    table, scores = final_test.list_errors(project), final_test.read_evaluation(project)
    wrong = (scores.scores >= 0.9) != (scores.labels == 1)
    assert wrong.any()
    assert set(table["id"]) == set(np.asarray(scores.ids)[wrong])
    mail = final_test.read_mails(project).take([table["id"][0]])
    dataset = project.mails.complete()
    assert dataset is not None
    said = dataset.frame.set_index("id").loc[table["id"][0], "body"]
    assert mail["body"].iloc[0] == said


def test_another_test_part_stays_closed(project: Project, run: store.Run) -> None:
    figures = open_test(project, run.id, HALF)
    divide_mails(project, SplitSpec(seed=4))
    for ask in (final_test.read_evaluation, final_test.list_errors, final_test.read_mails):
        with pytest.raises(Sealed, match="not the project's any more"):
            ask(project)
    report = final_test.build_report(project)
    assert report.summaries["test"] == pytest.approx(figures, nan_ok=True)
    assert not report.intervals


def test_a_run_that_is_gone_leaves_the_figures(
    project: Project, run: store.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = open_test(project, run.id, HALF)

    def gone(*_: object) -> None:
        raise BadData("there is no such run.")

    monkeypatch.setattr(store, "read_evaluation", gone)
    monkeypatch.setattr(store, "locate_bundle", gone)
    report = final_test.build_report(project)
    assert set(report.summaries) == {"test"}
    assert "test" in report.intervals  # the scores are there without the run
    (project.path / "test.parquet").unlink()
    with pytest.raises(BadData, match="scores of the test mails are lost"):
        final_test.read_evaluation(project)
    report = final_test.build_report(project)
    assert report.summaries["test"] == pytest.approx(figures, nan_ok=True)
    assert len(report.notes) == 2


def test_a_report_can_be_sent_to_another_process(project: Project, run: store.Run) -> None:
    open_test(project, run.id, HALF)
    report = final_test.build_report(project)
    sent = pickle.loads(pickle.dumps(report))  # noqa: S301
    assert sent.opening == report.opening
    assert repr(sent.agreements) == repr(report.agreements)  # some are NaN
