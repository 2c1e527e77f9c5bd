"""The curves agree with scikit-learn's, lose no corner when they are thinned, and lie in a band."""

import numpy as np
import pytest
from sklearn.metrics import det_curve, precision_recall_curve, roc_curve

from pipeline.evaluation import Evaluation, curves
from pipeline.evaluation.resampling import Resamples


def evaluation(n: int, digits: int = 12, seed: int = 0) -> Evaluation:
    """Scores of a middling filter; of few digits, so that many are equal."""
    dice = np.random.default_rng(seed)
    labels = (dice.random(n) < 0.3).astype(int)
    scores = 1 / (1 + np.exp(-dice.normal(3 * labels - 1.5, 1.5)))
    return Evaluation("validation", tuple(map(str, range(n))), labels, scores.round(digits))


@pytest.mark.parametrize("digits", [1, 12])
def test_a_short_curve_is_that_of_scikit_learn(digits: int) -> None:
    found = evaluation(300, digits)
    lost, caught, _ = roc_curve(found.labels, found.scores, drop_intermediate=False)
    roc = curves.compute_roc(found)
    assert np.array_equal(roc["false_positive_rate"], lost)
    assert np.array_equal(roc["recall"], caught)
    precision, recall, _ = precision_recall_curve(found.labels, found.scores)
    traded = curves.compute_precision_recall(found)
    assert np.array_equal(traded["precision"], precision)
    assert np.array_equal(traded["recall"], recall)
    # det_curve leaves out what is not worth a threshold; all that it has is there
    both = {tuple(pair) for pair in curves.compute_det(found).round(9).to_numpy()[:, 1:]}
    false_positive, false_negative, _ = det_curve(found.labels, found.scores)
    assert {*zip(false_positive.round(9), false_negative.round(9), strict=True)} <= both
    gain = curves.compute_gain(found).iloc[1:]
    called = [(found.scores >= threshold).mean() for threshold in gain["threshold"]]
    assert gain["called"].to_numpy() == pytest.approx(called)


@pytest.mark.parametrize("name", list(curves.CURVES))
def test_a_long_curve_is_thinned_and_keeps_its_points_and_extremes(name: str) -> None:
    found = evaluation(30_000)
    drawn = curves.CURVES[name](found)
    assert 200 < len(drawn) <= curves.POINTS
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(curves, "POINTS", 10**9)
        full = curves.CURVES[name](found)
    assert len(full) > 10 * len(drawn)
    columns = list(full.columns)
    assert len(drawn.merge(full, on=columns)) >= len(drawn)  # each is a point of the whole curve
    for end in (0, -1):
        assert list(drawn.iloc[end]) == list(full.iloc[end])
    for column in columns[1:]:
        assert drawn[column].min() == full[column].min()
        assert drawn[column].max() == full[column].max()
    area = [abs(np.trapezoid(f[columns[2]], f[columns[1]])) for f in (drawn, full)]
    assert area[0] == pytest.approx(area[1], abs=2e-4)


def test_thinning_keeps_the_corner_of_little_lost_ham() -> None:
    found = evaluation(30_000)
    drawn = curves.compute_roc(found)
    few = drawn[drawn["false_positive_rate"] * found.n_ham < 10.5]
    assert len(few["false_positive_rate"].unique()) == 11  # 0, 1, … 10 ham lost


def test_the_middle_of_a_band_is_the_curve_and_the_band_is_as_wide_as_the_interval() -> None:
    found = evaluation(2000)
    resamples = Resamples(np.arange(2000))
    drawn = curves.compute_bands(found, resamples)
    assert set(drawn) == set(curves.CURVES)
    roc = curves.compute_roc(found)
    for _, x, low, high in drawn["roc"].iloc[5:].itertuples():
        reached = roc.loc[roc["false_positive_rate"] <= x + 1e-12, "recall"].max()
        assert low <= reached <= high
    recall = (roc["false_positive_rate"] <= 0.1).sum()
    at = drawn["roc"].iloc[(drawn["roc"]["x"] - 0.1).abs().argmin()]
    p, n = roc["recall"].iloc[recall - 1], found.n_spam
    # at least the binomial width of the recall, and not twice that of a threshold that moves, too
    width = 2 * 1.96 * (p * (1 - p) / n) ** 0.5
    assert width * 0.9 < at["high"] - at["low"] < width * 2
    upside_down = drawn["det"]
    assert list(upside_down["low"]) == list(1 - drawn["roc"]["high"])


def test_clusters_that_fare_alike_make_a_band_wider() -> None:
    found = evaluation(400)
    doubled = Evaluation(
        "validation",
        tuple(map(str, range(1600))),
        np.tile(found.labels, 4),
        np.tile(found.scores, 4),
    )
    alone = curves.compute_bands(doubled, Resamples(np.arange(1600)))["precision_recall"]
    together = curves.compute_bands(doubled, Resamples(np.tile(np.arange(400), 4)))[
        "precision_recall"
    ]
    width = [(band["high"] - band["low"]).mean() for band in (alone, together)]
    assert 1.6 < width[1] / width[0] < 2.4  # a quarter of the witnesses, twice the width


@pytest.mark.parametrize("labels", [[0, 0, 0], [1, 1, 1], []])
def test_one_class_has_no_curve(labels: list[int]) -> None:
    n = len(labels)
    found = Evaluation("validation", tuple("abc"[:n]), labels, [0.1, 0.5, 0.9][:n])
    for name, curve in curves.CURVES.items():
        assert curve(found).empty, name
    assert all(band.empty for band in curves.compute_bands(found, Resamples(np.arange(n))).values())
