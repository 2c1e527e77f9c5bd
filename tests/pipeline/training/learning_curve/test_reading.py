"""Figures of each size agree with an evaluation of its scores; the sentence says no more."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.evaluation import Evaluation, thresholds
from pipeline.evaluation.figures import FIGURES
from pipeline.evaluation.intervals import compute_intervals
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.evaluation.resampling import Resamples
from pipeline.mail.dataset import Dataset
from pipeline.project import Project, choose_threshold, cluster_mails, divide_mails, import_dataset
from pipeline.runs import store
from pipeline.specs import BlockSpec, FeatureSpec, ModelSpec, SplitSpec, ThresholdSpec
from pipeline.training import learning_curve, train
from pipeline.training.learning_curve import write_verdict
from tests.mails import mails

SMALL = FeatureSpec((BlockSpec("grams", {"bits": 12, "lengths": [3]}),))


@pytest.fixture
def measured(database: Path) -> tuple[Project, str]:
    """A run of 280 train mails that is measured."""
    project, frame = Project.create("small"), mails(400)
    import_dataset(project, Dataset("small", frame), frame.iloc[:0])
    divide_mails(project, SplitSpec())
    run_id = train.create_run(project, ModelSpec("naive_bayes"), feature_spec=SMALL)
    train.train_run(run_id)
    assert learning_curve.compute_figures(project, run_id).empty
    learning_curve.measure_sizes(project, run_id)
    return project, run_id


def test_each_size_is_told_as_an_evaluation_would(measured: tuple[Project, str]) -> None:
    project, run_id = measured
    frame = learning_curve.compute_figures(project, run_id)
    own, run = store.read_evaluation(run_id), store.read_run(run_id)
    sizes = sorted(set(frame["mails"]))
    assert len(sizes) == len(learning_curve.list_measured_shares(project, run_id)) + 1
    assert sizes[-1] == len(project.split.train)  # type: ignore[union-attr]
    assert set(frame["figure"]) == set(FIGURES)
    assert (frame["ham"] + frame["spam"] == frame["mails"]).all()
    last = frame[frame["mails"] == sizes[-1]].set_index("figure")
    assert last["threshold"].iloc[0] == run.threshold
    resamples = Resamples(cluster_mails(project)[list(own.ids)].to_numpy())
    ranges = compute_intervals(own, OperatingPoint(float(run.threshold or 0)), resamples)
    for figure, row in last.iterrows():
        assert row["value"] == pytest.approx(run.figures[str(figure)], nan_ok=True)
        expected = (ranges[str(figure)].low, ranges[str(figure)].high)
        assert (row["low"], row["high"]) == pytest.approx(expected, nan_ok=True)
    kept = learning_curve.read_scores(project, run_id)
    half = Evaluation.from_frame("validation", kept[kept["share"] == 0.5])
    before = frame[frame["mails"] == sizes[-2]].set_index("figure")
    value = half.at(OperatingPoint(half.best_threshold())).f1
    assert before.loc["f1", "value"] == value
    assert last.loc["f1", "gain"] == pytest.approx(run.figures["f1"] - value)


def test_the_gain_is_paired(measured: tuple[Project, str]) -> None:
    """Between equal scores there is no difference in any resample, though each has its interval."""
    project, run_id = measured
    path = learning_curve.measuring._locate_scores(project, run_id)
    own = store.read_evaluation(run_id).to_frame()
    pd.concat([own.assign(share=s, ham=n, spam=n) for s, n in ((0.25, 20), (0.5, 30))]).to_parquet(
        path
    )
    frame = learning_curve.compute_figures(project, run_id).set_index(["mails", "figure"])
    last = frame.loc[(280, "f1")]
    assert last["low"] < last["high"]
    assert (last["gain"], last["gain_low"], last["gain_high"]) == (0, 0, 0)


def test_a_threshold_set_by_hand_is_that_of_every_size(measured: tuple[Project, str]) -> None:
    project, run_id = measured
    choose_threshold(project, ThresholdSpec("hand", 0.25), run_id)
    assert set(learning_curve.compute_figures(project, run_id)["threshold"]) == {0.25}


def test_a_rule_finds_the_threshold_of_each_size_anew(measured: tuple[Project, str]) -> None:
    project, run_id = measured
    choose_threshold(project, ThresholdSpec("cost", 9))
    frame = learning_curve.compute_figures(project, run_id)
    own = thresholds.choose_operating_point(
        store.read_evaluation(run_id), ThresholdSpec("cost", 9)
    ).threshold
    found = dict(zip(frame["mails"], frame["threshold"], strict=True))
    kept = learning_curve.read_scores(project, run_id)
    half = Evaluation.from_frame("validation", kept[kept["share"] == 0.5])
    expected = thresholds.choose_operating_point(half, ThresholdSpec("cost", 9)).threshold
    assert list(found.values())[-2:] == [expected, own]


def curve(before: float, last: float, low: float, high: float, figure: str = "f1") -> pd.DataFrame:
    row = {"figure": figure, "validation": 300, "low": 0.0, "high": 1.0}
    none = {"gain": np.nan, "gain_low": np.nan, "gain_high": np.nan}
    gain = {"gain": last - before, "gain_low": low, "gain_high": high}
    return pd.DataFrame(
        [
            {**row, "mails": 1011, "value": before, **none},
            {**row, "mails": 2023, "value": last, **gain},
        ]
    )


def test_a_gain_beyond_its_interval_is_called_one() -> None:
    said = write_verdict(curve(0.962, 0.975, 0.003, 0.021))
    assert "F1 rose from 0.9620 to 0.9750 when the train mails went from 1,011 to 2,023" in said
    assert "+0.0030 to +0.0210" in said
    assert said.endswith("more mails of this kind would probably help.")


def test_where_less_is_better_a_fall_is_the_gain() -> None:
    said = write_verdict(curve(0.021, 0.010, -0.02, -0.004, "hm"), "hm")
    assert "hm% fell from 2.10% to 1.00%" in said
    assert "−2.00% to −0.40%" in said
    assert "would probably help" in said
    assert "made it worse" in write_verdict(curve(0.010, 0.021, 0.004, 0.02, "hm"), "hm")


def test_without_a_gain_it_says_how_large_one_could_be() -> None:
    near = write_verdict(curve(0.970, 0.971, -0.004, 0.006))
    assert near.startswith("No gain that these 300 validation mails can show")
    assert near.endswith("More of the same mail will hardly help.")
    far = write_verdict(curve(0.970, 0.971, -0.03, 0.04))
    assert "A gain of up to 0.0400 is possible" in far
    assert "hardly" not in far
    less = write_verdict(curve(0.030, 0.029, -0.04, 0.02, "hm"), "hm")
    assert "A gain of up to 4.00% is possible" in less


def test_what_the_mails_cannot_carry_is_said() -> None:
    assert "too few to tell" in write_verdict(curve(0.9, 0.9, np.nan, np.nan))
    same = write_verdict(curve(1.0, 1.0, 0.0, 0.0))
    assert "1.0000 with 1,011 train mails as with 2,023" in same
    assert "As far as they can tell" in same
    assert "no curve yet" in write_verdict(curve(0.9, 0.9, 0, 0).head(1))
