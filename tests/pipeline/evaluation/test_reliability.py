import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from pipeline.evaluation import Evaluation
from pipeline.evaluation.reliability import compute_reliability_curve, undo_calibration
from pipeline.evaluation.resampling import Resamples
from pipeline.models.calibration import Calibration
from tests.clustered import draw


def of(labels, scores) -> Evaluation:
    return Evaluation("validation", tuple(map(str, range(len(labels)))), labels, scores)


def test_the_curve_is_scikit_learns_with_counts_and_bands() -> None:
    found, clusters = draw(600, 1.0, seed=1)
    bins = compute_reliability_curve(found, bins="width")
    share, score = calibration_curve(found.labels, found.scores, n_bins=10)
    assert bins["share_spam"].to_numpy() == pytest.approx(share, abs=1e-12)
    assert bins["score"].to_numpy() == pytest.approx(score, abs=1e-12)
    assert bins["mails"].sum() == len(found.ids)
    assert (bins["low"] <= bins["share_spam"]).all()
    assert (bins["share_spam"] <= bins["high"]).all()
    error = (bins["mails"] * (bins["score"] - bins["share_spam"]).abs()).sum() / len(found.ids)
    assert error == pytest.approx(found.ranking["ece"], abs=1e-12)
    clustered = compute_reliability_curve(found, Resamples(clusters), bins="width")
    wider = (clustered["high"] - clustered["low"]) - (bins["high"] - bins["low"])
    assert wider.mean() > 0, "mails of a campaign are less sure"


def test_quantile_bins_hold_about_as_many_mails_each() -> None:
    random = np.random.default_rng(0)
    scores = np.concatenate([random.uniform(0, 0.02, 180), random.uniform(0.95, 1, 60)])
    found = of(np.repeat([0, 1], [180, 60]), scores)
    bins = compute_reliability_curve(found)
    assert len(bins) == 10, "the equal-width bins would be two"
    assert bins["mails"].between(20, 30).all()
    assert (bins["start"] <= bins["score"]).all()
    assert (bins["score"] <= bins["stop"]).all()


def test_equal_scores_are_one_bin_and_no_mails_none() -> None:
    for bins in ("width", "quantile"):
        (row,) = compute_reliability_curve(of([0, 1, 1, 0], [0.3] * 4), bins=bins).itertuples()
        assert (row.score, row.share_spam, row.mails) == (pytest.approx(0.3), 0.5, 4)
        assert compute_reliability_curve(of([], []), bins=bins).empty


@given(
    st.lists(st.floats(-15, 15), min_size=1, max_size=30),
    st.floats(0.2, 5),
    st.floats(-3, 3),
)
def test_before_undoes_the_calibration(log_odds, slope: float, offset: float) -> None:
    raw = np.array(log_odds)
    calibration = Calibration(slope, offset)
    scores = 1 / (1 + np.exp(-np.clip(calibration(raw), -30, 30)))
    found = undo_calibration(of(np.zeros(len(raw), int), scores), calibration)
    expected = 1 / (1 + np.exp(-(np.clip(calibration(raw), -30, 30) - offset) / slope))
    assert found.scores == pytest.approx(expected, abs=1e-6)


def test_scores_of_0_and_1_stay_and_the_order_too() -> None:
    found = undo_calibration(of([0, 1, 1], [0.0, 0.5, 1.0]), Calibration(2.0, 1.0))
    assert found.scores[0] == 0
    assert found.scores[2] == 1
    assert found.scores[1] == pytest.approx(1 / (1 + np.exp(0.5)))
