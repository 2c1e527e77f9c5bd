"""Every figure agrees with scikit-learn or with a plain reference, also for weighted mails."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.calibration import calibration_curve

from pipeline.evaluation.figures import FIGURES, MAIN, compute_counted_figures, keep_finite
from pipeline.evaluation.ranking import BINS, HAM_BUDGET, compute_ranking_figures

counts = st.integers(0, 5000)
unit = st.floats(0, 1) | st.integers(0, 8).map(lambda n: n / 8)  # ties, zeros and ones
weighted = st.lists(
    st.tuples(st.integers(0, 1), unit, st.integers(0, 3)), min_size=1, max_size=40
)  # fmt: skip


def logit(p: float) -> float:
    return math.log(p / (1 - p))


@given(counts, counts, counts, counts)
def test_counted_figures_are_scikit_learns(tp: int, fp: int, tn: int, fn: int) -> None:
    assume(tp + fp + tn + fn)
    labels, called = np.array([1, 0, 0, 1]), np.array([1, 1, 0, 0])
    kept = {"sample_weight": np.array([tp, fp, tn, fn], float)}
    ours = {name: float(value) for name, value in compute_counted_figures(tp, fp, tn, fn).items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one class only
        theirs = {
            "accuracy": metrics.accuracy_score(labels, called, **kept),
            "precision": metrics.precision_score(labels, called, zero_division=0, **kept),
            "recall": metrics.recall_score(labels, called, zero_division=0, **kept),
            **{
                name: metrics.fbeta_score(labels, called, beta=beta, zero_division=0, **kept)
                for name, beta in (("f1", 1), ("f0_5", 0.5), ("f2", 2))
            },
        }
        if tp + fn and fp + tn:
            theirs["balanced_accuracy"] = metrics.balanced_accuracy_score(labels, called, **kept)
            theirs["mcc"] = metrics.matthews_corrcoef(labels, called, **kept)
    for name, value in theirs.items():
        assert ours[name] == pytest.approx(value, abs=1e-12), name


@given(counts, counts, counts, counts)
def test_the_spam_filters_own_figures_are_those_of_a_plain_reference(
    tp: int, fp: int, tn: int, fn: int
) -> None:
    ham, spam = fp + tn, tp + fn
    ours = {name: float(value) for name, value in compute_counted_figures(tp, fp, tn, fn).items()}
    assert ours["hm"] == pytest.approx(fp / ham if ham else 0, abs=1e-12)
    assert ours["sm"] == pytest.approx(fn / spam if spam else 0, abs=1e-12)
    if ham and spam:
        rates = [(fp + 0.5) / (ham + 1), (fn + 0.5) / (spam + 1)]
        mean = sum(map(logit, rates)) / 2
        assert ours["lam"] == pytest.approx(1 / (1 + math.exp(-mean)), abs=1e-12)
    else:
        assert math.isnan(ours["lam"])
    for cost in (1, 9, 999):
        value = ours[f"tcr_{cost}"]
        if not spam:
            assert math.isnan(value)
        elif fp or fn:
            assert value == pytest.approx(spam / (cost * fp + fn), abs=1e-12)
        else:
            assert value == math.inf


@given(weighted)
def test_ranking_figures_are_scikit_learns_with_weights(mails) -> None:
    labels, scores, weights = map(np.array, zip(*mails, strict=True))
    assume(weights[labels == 1].sum() and weights[labels == 0].sum())
    ours = {
        name: v[0] for name, v in compute_ranking_figures(labels, scores, weights[None]).items()
    }
    kept = {"sample_weight": weights}
    auc = metrics.roc_auc_score(labels, scores, **kept)
    for name, theirs in (
        ("roc_auc", auc),
        ("one_minus_auc", 1 - auc),
        ("average_precision", metrics.average_precision_score(labels, scores, **kept)),
        ("log_loss", metrics.log_loss(labels, scores, **kept)),
        ("brier", metrics.brier_score_loss(labels, scores, **kept)),
    ):
        assert ours[name] == pytest.approx(theirs, abs=1e-12), name


@given(weighted)
def test_sm_at_hm_and_the_calibration_error_are_those_of_a_plain_reference(mails) -> None:
    assume({label for label, _, n in mails if n} == {0, 1})
    labels, scores, weights = map(np.array, zip(*mails, strict=True))
    ours = {
        name: v[0] for name, v in compute_ranking_figures(labels, scores, weights[None]).items()
    }
    ham = sum(n for label, _, n in mails if not label)
    spam = sum(n for label, _, n in mails if label)
    least = 1.0
    for threshold in {*scores, 2.0}:
        lost = sum(n for label, score, n in mails if not label and score >= threshold)
        missed = sum(n for label, score, n in mails if label and score < threshold)
        if lost <= HAM_BUDGET * ham:
            least = min(least, missed / spam)
    assert ours["sm_at_hm"] == pytest.approx(least, abs=1e-12)
    error = 0.0
    for k in range(BINS):
        some = [m for m in mails if min(int(m[1] * BINS), BINS - 1) == k and m[2]]
        if some:
            n = sum(m[2] for m in some)
            mean = sum(m[1] * m[2] for m in some) / n
            error += n / (ham + spam) * abs(mean - sum(m[0] * m[2] for m in some) / n)
    assert ours["ece"] == pytest.approx(error, abs=1e-12)


# scikit-learn's bins hold their upper end, ours their lower: no score lies on an edge
inside = st.integers(0, 9999).map(lambda n: (n + 0.5) / 10_000)


@given(st.lists(st.tuples(st.integers(0, 1), inside), min_size=2, max_size=60))
def test_the_calibration_error_is_the_distance_from_scikit_learns_curve(pairs) -> None:
    labels, scores = map(np.array, zip(*pairs, strict=True))
    assume(len(set(labels)) == 2)
    there, said = calibration_curve(labels, scores, n_bins=BINS)
    sizes = np.bincount((scores * BINS).astype(int), minlength=BINS)
    error = (np.abs(there - said) * sizes[sizes > 0]).sum() / len(labels)
    ours = compute_ranking_figures(labels, scores, np.ones((1, len(labels))))["ece"][0]
    assert ours == pytest.approx(error, abs=1e-12)


@given(weighted)
def test_a_weight_of_two_is_a_mail_that_is_there_twice(mails) -> None:
    labels, scores, weights = map(np.array, zip(*mails, strict=True))
    once = compute_ranking_figures(labels, scores, weights[None])
    labels, scores = np.repeat(labels, weights), np.repeat(scores, weights)
    again = compute_ranking_figures(labels, scores, np.ones((1, len(labels))))
    for name, value in once.items():
        assert value[0] == pytest.approx(again[name][0], abs=1e-12, nan_ok=True), name


def test_no_mails_and_one_class_have_no_ranking() -> None:
    for labels in ([], [1, 1], [0]):
        scores = np.full(len(labels), 0.3)
        found = compute_ranking_figures(np.array(labels, int), scores, np.ones((2, len(labels))))
        assert all(np.isnan(value).all() and value.shape == (2,) for value in found.values())


def test_every_figure_has_its_words_and_counted_ones_follow_from_counts() -> None:
    counted = {name for name, one in FIGURES.items() if one.counted}
    assert counted == set(compute_counted_figures(1, 1, 1, 1))
    ranked = compute_ranking_figures(np.array([0, 1]), np.array([0.1, 0.9]), np.ones((1, 2)))
    assert set(FIGURES) - counted == set(ranked)
    assert set(MAIN) < set(FIGURES)
    for one in FIGURES.values():
        assert one.form.format(0.5)
        assert one.rough.format(0.5)
        assert one.better in (-1, 1)


def test_what_is_stored_is_a_number() -> None:
    told = {"f1": 0.5, "lam": math.nan, "tcr_9": math.inf, "n_ham": 3}
    assert keep_finite(told) == {"f1": 0.5, "n_ham": 3}
