"""Intervals that widen, or say that there is none, where the mails cannot carry a figure."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binomtest, bootstrap
from sklearn import metrics

from pipeline.evaluation import Evaluation
from pipeline.evaluation.figures import FIGURES
from pipeline.evaluation.intervals import (
    Interval,
    compute_counted_replicates,
    compute_intervals,
    compute_ranking_replicates,
)
from pipeline.evaluation.operating_point import HALF, OperatingPoint
from pipeline.evaluation.proportions import (
    compute_largest_unseen_share,
    compute_wilson_ends,
    measure_share,
)
from pipeline.evaluation.resampling import Resamples
from tests.clustered import draw


def of(labels, scores, clusters=None, threshold: float = 0.5) -> dict[str, Interval]:
    n = len(labels)
    evaluation = Evaluation("validation", tuple(map(str, range(n))), labels, scores)
    numbers = np.arange(n) if clusters is None else np.asarray(clusters)
    return compute_intervals(evaluation, OperatingPoint(threshold), Resamples(numbers, 300))


def parted(ham: int, spam: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels and scores without any error."""
    labels = np.repeat([0, 1], [ham, spam])
    return labels, np.where(labels, 0.9, 0.1) + np.linspace(0, 0.05, ham + spam)


@given(st.integers(0, 200), st.integers(1, 200))
def test_wilson_is_scipys(hits: int, more: int) -> None:
    n = hits + more
    theirs = binomtest(hits, n).proportion_ci(0.95, method="wilson")
    assert compute_wilson_ends(hits / n, n) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@given(st.integers(1, 10_000))
def test_the_rule_of_three_is_clopper_and_pearsons_one_sided_bound(n: int) -> None:
    assert compute_largest_unseen_share(n) == pytest.approx(beta.ppf(0.95, 1, n), rel=1e-9)
    if n >= 30:
        assert compute_largest_unseen_share(n) == pytest.approx(3 / n, rel=0.06)


def test_mails_that_have_nothing_in_common_count_in_full_and_copies_once() -> None:
    part = np.arange(400) % 8 == 0
    every = np.ones(400, bool)
    alone = measure_share(part, every, Resamples(np.arange(400)))
    assert (alone.part, alone.whole, alone.clusters, alone.odd) == (50, 400, 400, 50)
    assert alone.effective == pytest.approx(400, rel=0.01)
    copied = measure_share(
        np.repeat(part, 5), np.ones(2000, bool), Resamples(np.repeat(range(400), 5))
    )
    assert copied.whole == 2000
    assert copied.effective == pytest.approx(alone.effective, rel=0.01)
    # few errors, all in clusters of their own: the clusters count at most
    few = measure_share(
        np.arange(2000) % 1999 == 0, np.ones(2000, bool), Resamples(np.arange(2000) // 5)
    )
    assert few.effective <= 400


def test_no_ham_lost_is_said_with_the_rule_of_three() -> None:
    labels, scores = parted(362, 80)
    found = of(labels, scores)
    hm = found["hm"]
    assert (hm.low, hm.how) == (0, "3/n")
    assert hm.high == pytest.approx(3 / 362, rel=0.01)
    assert hm.note == ("no ham was lost among 362; with 95 % certainty at most 1 in 121 would be")
    twins = of(labels, scores, np.concatenate([np.arange(362) // 2, 1000 + np.arange(80)]))
    assert "among 362 (181 when near-duplicates count once)" in twins["hm"].note
    assert twins["hm"].high == pytest.approx(2 * hm.high, rel=0.02)


def test_without_an_error_nothing_pretends_to_be_sure() -> None:
    labels, scores = parted(300, 100)
    for name, one in of(labels, scores).items():
        if one.how != "none":
            assert one.high > one.low, name
    found = of(labels, scores)
    assert found["f1"].how == found["roc_auc"].how == found["average_precision"].how == "bounds"
    assert found["f1"].high == found["roc_auc"].high == found["average_precision"].high == 1
    assert 0.95 < found["f1"].low < 0.99
    assert 0.97 < found["roc_auc"].low < 1
    assert 0.8 < found["average_precision"].low < 1
    assert found["lam"].low == 0 < found["lam"].high
    assert math.isinf(found["tcr_9"].high)
    assert found["tcr_9"].low > 0
    assert "only the lower end" in found["tcr_9"].note


@pytest.mark.parametrize(("ham", "spam"), [(0, 30), (30, 0)])
def test_of_one_class_only_its_own_shares_have_an_interval(ham: int, spam: int) -> None:
    labels = np.repeat([0, 1], [ham, spam])
    found = of(labels, np.linspace(0.2, 0.8, 30))
    there = {name for name, one in found.items() if one.how != "none"}
    assert there == (
        {"accuracy", "hm", "precision"} if ham else {"accuracy", "recall", "sm", "precision"}
    )
    word = "spam" if ham else "ham"
    assert found["f1"].note == f"there is no {word}"
    assert math.isnan(found["roc_auc"].low)


def test_few_mails_of_a_class_are_refused_with_their_number() -> None:
    labels, scores = parted(200, 6)
    found = of(labels, scores)
    assert found["mcc"].how == found["brier"].how == "none"
    assert "only 6 spam" in found["mcc"].note
    assert found["recall"].how == "3/n"
    assert found["recall"].low < 0.65, "6 of 6 say little"
    campaign = np.concatenate([np.arange(200), np.full(60, 777)])
    found = of(*parted(200, 60), campaign)
    assert "only 1 spam that differ" in found["roc_auc"].note


def test_ten_mails_nothing_called_and_equal_scores_break_nothing() -> None:
    for labels, scores, threshold in (
        ([0, 1] * 5, np.full(10, 0.5), 0.5),
        ([0, 1] * 20, np.full(40, 0.5), 0.5),
        ([0, 1] * 20, np.full(40, 0.5), 1.0),
        ([0, 1] * 20, np.linspace(0, 1, 40), 0.0),
        ([0] * 30 + [1] * 30, np.repeat([0.0, 1.0], 30), 0.5),
        ([], [], 0.5),
    ):
        found = of(np.array(labels, int), np.array(scores, float), threshold=threshold)
        assert list(found) == list(FIGURES)
        for name, one in found.items():
            assert (one.how == "none") == math.isnan(one.low), name
            assert one.how != "none" or one.note, name
            assert not one.low > one.high, name
    nothing = of(np.array([0, 1] * 20), np.linspace(0, 0.4, 40))["precision"]
    assert (nothing.how, nothing.note) == ("none", "no mail is called spam")


def test_an_interval_holds_the_figure_and_shrinks_with_more_mails() -> None:
    widths = []
    for clusters in (100, 400, 1600):
        evaluation, numbers = draw(clusters, 1.5, seed=1)
        summary = evaluation.summary(HALF)
        found = compute_intervals(evaluation, HALF, Resamples(numbers, 300))
        for name, one in found.items():
            if name != "sm_at_hm":
                assert one.low <= summary[name] <= one.high, name
        widths.append(found["f1"].high - found["f1"].low)
    assert widths[0] > 1.5 * widths[1] > 2.25 * widths[2]


def test_sm_at_hm_is_refused_below_three_thousand_ham() -> None:
    assert "about 3,000 are needed" in of(*parted(900, 50))["sm_at_hm"].note
    found = of(*parted(3200, 50))["sm_at_hm"]
    assert found.how != "none"


def test_replicates_are_the_figures_of_the_drawn_mails() -> None:
    evaluation, numbers = draw(40, 1.0, seed=2)
    resamples = Resamples(numbers, 70)
    counted = compute_counted_replicates(evaluation, HALF, resamples)
    ranked = compute_ranking_replicates(evaluation, resamples)
    for b, weights in enumerate(resamples.weights(0, 70)):
        some = np.repeat(np.arange(len(numbers)), weights.astype(int))
        ids = tuple(map(str, range(len(some))))
        drawn = Evaluation("", ids, evaluation.labels[some], evaluation.scores[some]).summary(HALF)
        for name, values in (counted | ranked).items():
            assert values[b] == pytest.approx(drawn[name], abs=1e-12, nan_ok=True), name


def test_the_bootstrap_agrees_with_scipys_bca() -> None:
    evaluation, _ = draw(1500, 1.0, seed=3)
    n = len(evaluation.labels)
    ours = compute_intervals(evaluation, HALF, Resamples(np.arange(n), 2000))
    found = bootstrap(
        (evaluation.labels, evaluation.scores),
        metrics.brier_score_loss,
        paired=True,
        vectorized=False,
        n_resamples=500,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    width = found.high - found.low
    assert ours["brier"].low == pytest.approx(found.low, abs=0.12 * width)
    assert ours["brier"].high == pytest.approx(found.high, abs=0.12 * width)


def test_a_given_ranking_is_used_and_changes_nothing() -> None:
    evaluation, numbers = draw(150, 1.5, seed=4)
    resamples = Resamples(numbers, 200)
    ranking = compute_ranking_replicates(evaluation, resamples)
    for threshold in (0.3, 0.7):
        with_it = compute_intervals(evaluation, OperatingPoint(threshold), resamples, ranking)
        assert repr(with_it) == repr(
            compute_intervals(evaluation, OperatingPoint(threshold), resamples)
        )
