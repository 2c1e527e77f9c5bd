"""Every part is trained on alone, what is done is kept, and a stop is obeyed."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import BadData
from pipeline.features.union import Features
from pipeline.mail.dataset import Dataset
from pipeline.project import Project, cluster_mails, divide_mails, import_dataset
from pipeline.runs import store
from pipeline.specs import BlockSpec, FeatureSpec, ModelSpec, SplitSpec
from pipeline.training import learning_curve, train
from pipeline.training.learning_curve import measuring
from pipeline.workspace import live
from tests.mails import mails

SMALL = FeatureSpec((BlockSpec("grams", {"bits": 12, "lengths": [3]}),))


@pytest.fixture
def project(database: object) -> Project:
    """420 train mails, among them copies of one campaign."""
    frame = mails(600)
    spam = frame.index[frame["label"] == "spam"][:30]
    frame.loc[spam, "body"] = frame.loc[spam[0], "body"] + " " + " ".join(map(str, range(80)))
    frame.loc[spam, "body"] += [f" offer {i}" for i in range(len(spam))]
    made = Project.create("curve")
    import_dataset(made, Dataset("curve", frame), frame.iloc[:0])
    divide_mails(made, SplitSpec(strategy="grouped"))
    return made


def trained(project: Project, model: ModelSpec | None = None) -> str:
    run_id = train.create_run(project, model or ModelSpec("logistic"), feature_spec=SMALL)
    train.train_run(run_id)
    return run_id


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, set[str]]]]:
    """Which mails features were fitted on and applied to, in order."""
    found: list[tuple[str, set[str]]] = []
    for name in ("fit_transform", "transform"):
        original = getattr(Features, name)

        def remember(
            self: Features,
            frame: pd.DataFrame,
            *args: object,
            name: str = name,
            original: object = original,
        ) -> object:
            found.append((name, set(frame["id"])))
            return original(self, frame, *args)  # type: ignore[operator]

        monkeypatch.setattr(Features, name, remember)
    return found


def test_it_learns_from_the_parts_alone(project: Project, seen: list) -> None:
    run_id = trained(project)
    seen.clear()
    learning_curve.measure_sizes(project, run_id)
    split = project.split
    assert split is not None
    fitted = [ids for name, ids in seen if name == "fit_transform"]
    assert len(fitted) == 4
    clusters = cluster_mails(project)
    for ids, larger in zip(fitted, [*fitted[1:], set(split.train)], strict=True):
        assert ids < larger
        rest = set(split.train) - ids
        assert not set(clusters[list(ids)]) & set(clusters[list(rest)])
    applied = set().union(*[ids for name, ids in seen if name == "transform"])
    assert applied <= set(split.train) | set(split.validation)
    assert not set().union(*(ids for _, ids in seen)) & set(split.test)
    kept = learning_curve.read_scores(project, run_id)
    assert learning_curve.list_measured_shares(project, run_id) == learning_curve.SHARES[:-1]
    for (_, rows), ids in zip(kept.groupby("share"), fitted, strict=True):
        assert list(rows["id"]) == list(store.read_evaluation(run_id).ids)
        assert rows[["ham", "spam"]].iloc[0].sum() == len(ids)


@pytest.mark.parametrize("kind", ["logistic", "naive_bayes"])
def test_a_part_of_all_mails_would_be_the_run_itself(
    project: Project, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    run_id = trained(project, ModelSpec(kind))
    every = lambda mails, clusters: {0.5: np.ones(len(mails), bool)}  # noqa: E731
    monkeypatch.setattr(measuring, "choose_nested_parts", every)
    learning_curve.measure_sizes(project, run_id)
    own, again = store.read_evaluation(run_id), learning_curve.read_scores(project, run_id)
    assert np.array_equal(again["score"], own.scores)


@pytest.mark.slow
def test_the_network_can_be_measured(project: Project) -> None:
    spec = ModelSpec("mlp", {"hidden": [2], "epochs": 2, "inputs": 64})
    run_id = trained(project, spec)
    told: list[tuple[str, float]] = []
    learning_curve.measure_sizes(project, run_id, lambda text, share: told.append((text, share)))
    assert len(learning_curve.list_measured_shares(project, run_id)) == 4
    assert told[0] == ("Reading the mails", 0.0)
    assert {text for text, _ in told[1:]} == {told[1][0]}
    assert told[1][0].startswith("Training on 26, ")
    assert told[1][0].endswith(f" of {len(project.split.train)} mails")  # type: ignore[union-attr]
    shares = [share for _, share in told[1:]]
    assert shares == sorted(shares)
    assert 0.9 < shares[-1] <= 1


def test_a_stop_keeps_what_is_done_and_the_rest_is_measured_later(
    project: Project, seen: list
) -> None:
    run_id = trained(project)
    work = learning_curve.name_work(run_id)
    whole = trained(project)
    learning_curve.measure_sizes(project, whole)
    seen.clear()

    def stop(text: str, share: float) -> None:
        if share > 0.2:  # the third of 1 : 2 : 4 : 8 begins at 0.2
            live.request_stop(work)

    with live.holding(work):
        learning_curve.measure_sizes(project, run_id, stop)
        assert learning_curve.list_measured_shares(project, run_id) == learning_curve.SHARES[:2]
    live.clear(work)
    seen.clear()
    learning_curve.measure_sizes(project, run_id)
    assert len([1 for name, _ in seen if name == "fit_transform"]) == 2
    pd.testing.assert_frame_equal(
        learning_curve.read_scores(project, run_id).reset_index(drop=True),
        learning_curve.read_scores(project, whole).reset_index(drop=True),
    )
    seen.clear()
    learning_curve.measure_sizes(project, run_id)
    assert not seen


def test_parts_that_are_too_small_are_left_out(database: object) -> None:
    frame = mails(120)
    made = Project.create("few")
    import_dataset(made, Dataset("few", frame), frame.iloc[:0])
    divide_mails(made, SplitSpec())
    run_id = trained(made)
    learning_curve.measure_sizes(made, run_id)
    # 42 train mails of each class, of which a quarter is 10
    assert learning_curve.list_measured_shares(made, run_id) == (0.25, 0.5)


def test_where_all_mails_are_alike_only_copies_stay_together(project: Project) -> None:
    frame = mails(200)
    frame["body"] += " and the very long footer of this list" * 20
    frame["subject"] = ""
    frame.loc[10:19, "body"] = frame.loc[10, "body"]
    project.change(dataset=None, split=None)
    import_dataset(project, Dataset("alike", frame), frame.iloc[:0])
    divide_mails(project, SplitSpec())
    assert cluster_mails(project).nunique() < 10
    run_id = trained(project)
    learning_curve.measure_sizes(project, run_id)
    assert learning_curve.list_measured_shares(project, run_id)[-1] == 0.5


def test_too_few_mails_are_refused_with_their_number(database: object) -> None:
    frame = mails(120, share=0.15)
    made = Project.create("fewer")
    import_dataset(made, Dataset("fewer", frame), frame.iloc[:0])
    divide_mails(made, SplitSpec())
    with pytest.raises(BadData, match=r"half .* hold \d+ ham and \d spam; .* at least 10"):
        learning_curve.measure_sizes(made, trained(made))


def test_a_run_of_another_split_is_refused(project: Project) -> None:
    run_id = trained(project)
    learning_curve.measure_sizes(project, run_id)
    divide_mails(project, SplitSpec(seed=7))
    for function in (learning_curve.measure_sizes, learning_curve.compute_figures):
        with pytest.raises(BadData, match="train again"):
            function(project, run_id)
