import itertools
import math
import warnings

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from sklearn import metrics

from pipeline.errors import BadData
from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import HALF, OperatingPoint
from pipeline.mail.dataset import encode_labels


def evaluation(labels, scores) -> Evaluation:
    return Evaluation("validation", tuple(f"m{i}" for i in range(len(labels))), labels, scores)


unit = st.floats(0, 1)
few = st.integers(0, 4).map(lambda n: n / 4)  # ties, zeros and ones
pairs = st.lists(st.tuples(st.integers(0, 1), unit | few), min_size=1, max_size=40)


@given(pairs, unit | few)
def test_counts_and_rates_are_scikit_learns(pairs, threshold: float) -> None:
    labels, scores = map(np.array, zip(*pairs, strict=True))
    called = (scores >= threshold).astype(int)
    figures = evaluation(labels, scores).at(OperatingPoint(threshold))
    (tn, fp), (fn, tp) = metrics.confusion_matrix(labels, called, labels=[0, 1])
    assert (figures.true_negatives, figures.false_positives) == (tn, fp)
    assert (figures.false_negatives, figures.true_positives) == (fn, tp)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one class only
        mcc = metrics.matthews_corrcoef(labels, called)
    for ours, theirs in (
        (figures.accuracy, metrics.accuracy_score(labels, called)),
        (figures.precision, metrics.precision_score(labels, called, zero_division=0)),
        (figures.recall, metrics.recall_score(labels, called, zero_division=0)),
        (figures.f1, metrics.f1_score(labels, called, zero_division=0)),
        (figures.mcc, mcc),
        (figures.hm, fp / max(fp + tn, 1)),
        (figures.sm, fn / max(fn + tp, 1)),
    ):
        assert ours == pytest.approx(theirs, abs=1e-12)


@given(pairs)
def test_ranking_is_scikit_learns(pairs) -> None:
    labels, scores = map(np.array, zip(*pairs, strict=True))
    assume(len(set(labels)) == 2)
    ranking = evaluation(labels, scores).ranking
    for name, theirs in (
        ("roc_auc", metrics.roc_auc_score(labels, scores)),
        ("one_minus_auc", 1 - metrics.roc_auc_score(labels, scores)),
        ("average_precision", metrics.average_precision_score(labels, scores)),
        ("log_loss", metrics.log_loss(labels, scores)),
        ("brier", metrics.brier_score_loss(labels, scores)),
    ):
        assert ranking[name] == pytest.approx(theirs, abs=1e-12)


@given(pairs)
@example([(0, 0.75), (1, 1.0), (1, 0.25)])  # two gaps as near
def test_the_best_threshold_is_the_nearest_to_a_half_within_one_standard_error(pairs) -> None:
    labels, scores = map(np.array, zip(*pairs, strict=True))
    found = evaluation(labels, scores)
    edges = np.unique([0.0, *scores])
    # half-way in every gap between scores, and the score itself where nothing is between
    halves = [(low, high, (low + high) / 2) for low, high in itertools.pairwise(edges)]
    places = {0.5} | {float(half if half > low else high) for low, high, half in halves}
    figures = [found.at(OperatingPoint(t)) for t in scores]
    top = max(figures, key=lambda f: (f.f1, f.threshold))
    errors = top.false_positives + top.false_negatives
    hits = 2 * top.true_positives
    floor = min(top.f1, hits / max(1, hits + errors + math.sqrt(max(1, errors))))
    best = found.best_threshold()
    assert 0 <= best <= 1
    assert found.at(OperatingPoint(best)).f1 >= floor - 1e-12
    nearer = [t for t in places if abs(t - 0.5) < abs(best - 0.5) - 1e-12]
    within_the_gap = {
        len(scores[scores >= t]) for t in nearer if found.at(OperatingPoint(t)).f1 >= floor + 1e-12
    }
    # nearer places that are as good lie in the very gap that was chosen
    assert within_the_gap <= {len(scores[scores >= best])}


def test_a_half_is_taken_when_nothing_speaks_against_it() -> None:
    labels = [0] * 40 + [1] * 10
    parted = evaluation(labels, [0.01] * 40 + [0.04] * 9 + [0.9])
    assert parted.best_threshold() == pytest.approx(0.025), "nine spam mails are no chance"
    lucky = evaluation(labels, [0.01] * 39 + [0.45] + [0.4] + [0.9] * 9)
    assert lucky.best_threshold() == 0.5, "one more spam at 0.4 costs a ham at 0.45"


def test_the_best_threshold_when_everything_must_be_called_spam() -> None:
    # two of the three spam mails score 0: only a threshold of 0 finds them
    found = evaluation([1, 1, 0], [0.0, 0.0, 0.5])
    assert found.best_threshold() == 0.0
    assert found.at(OperatingPoint(found.best_threshold())).recall == 1


def test_the_best_threshold_between_neighbouring_floats_parts_them() -> None:
    low = 0.3
    high = math.nextafter(low, 1)
    for _ in range(2):  # half-way is rounded to the even one of the two
        found = evaluation([0, 1], [low, high])
        assert found.at(OperatingPoint(found.best_threshold())).f1 == 1
        low, high = high, math.nextafter(high, 1)


@pytest.mark.parametrize("score", [0.0, 0.3, 1.0])
def test_equal_scores_are_all_called_the_same(score: float) -> None:
    found = evaluation([0, 1, 1], [score] * 3)
    assert found.at(OperatingPoint(found.best_threshold())).recall == 1
    assert found.ranking["roc_auc"] == 0.5


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_gives_nan_where_nothing_can_be_said(label: int) -> None:
    found = evaluation([label] * 3, [0.1, 0.5, 0.9])
    assert all(math.isnan(v) for v in found.ranking.values())
    figures = found.at(HALF)
    assert math.isnan(figures.lam)
    assert figures.mcc == 0
    assert (figures.hm, figures.sm) == ((2 / 3, 0) if label == 0 else (0, 1 / 3))
    assert 0 <= found.best_threshold() <= 1


@pytest.mark.parametrize("bad", [math.nan, math.inf, -0.001, 1.001])
def test_a_score_that_is_no_probability_is_refused(bad: float) -> None:
    with pytest.raises(BadData, match="probabilities from 0 to 1"):
        evaluation([0, 1], [0.5, bad])


def test_lengths_must_agree() -> None:
    with pytest.raises(BadData, match="3 ids, 2 labels and 3 scores"):
        Evaluation("test", ("a", "b", "c"), np.array([0, 1]), np.array([0.1, 0.2, 0.3]))


def test_lam_is_the_mean_of_both_rates_on_the_log_odds_scale() -> None:
    # 1,000 mails of each class, 10 ham and 100 spam wrong: logits -4.556 and -2.193
    labels = np.repeat([0, 1], 1000)
    scores = np.concatenate([np.repeat([1, 0], [10, 990]), np.repeat([0, 1], [100, 900])])
    lam = evaluation(labels, scores).at(HALF).lam
    plain = 1 / (1 + math.exp(-(math.log(10 / 990) + math.log(100 / 900)) / 2))
    assert lam == pytest.approx(plain, rel=0.03)
    perfect = evaluation(labels, labels).at(HALF).lam
    assert perfect == pytest.approx(0.5 / 1000.5 / (1 + 0.5 / 1000.5), rel=1e-9)


@given(pairs, unit | few)
def test_every_point_of_the_curves_is_what_at_says(pairs, threshold: float) -> None:
    labels, scores = map(np.array, zip(*pairs, strict=True))
    assume(len(set(labels)) == 2)
    found = evaluation(labels, scores)
    for point in found.precision_recall().iloc[:-1].itertuples():
        figures = found.at(OperatingPoint(point.threshold))
        assert point.precision == pytest.approx(figures.precision, abs=1e-12)
        assert point.recall == pytest.approx(figures.recall, abs=1e-12)
    roc = found.roc()
    assert roc.iloc[0][["false_positive_rate", "recall"]].tolist() == [0, 0]
    for point in roc.iloc[1:].itertuples():
        figures = found.at(OperatingPoint(point.threshold))
        assert point.false_positive_rate == pytest.approx(figures.hm, abs=1e-12)
        assert point.recall == pytest.approx(figures.recall, abs=1e-12)


def test_a_frame_brings_back_the_same_scores() -> None:
    found = evaluation([0, 1, 1], [0.1, 1 / 3, 1.0])
    frame = found.to_frame()
    assert frame["label"].tolist() == ["ham", "spam", "spam"]
    again = Evaluation.from_frame("validation", frame)
    assert again.ids == found.ids
    assert np.array_equal(again.scores, found.scores)
    assert np.array_equal(again.labels, found.labels)


def test_the_summary_holds_all_figures_flat() -> None:
    summary = evaluation([0, 1, 1], [0.1, 0.4, 1.0]).summary(HALF)
    assert summary["threshold"] == 0.5
    assert summary["recall"] == 0.5
    assert summary["roc_auc"] == 1
    assert (summary["n_ham"], summary["n_spam"]) == (1, 2)


def test_spam_is_one() -> None:
    assert encode_labels(["ham", "spam", "ham"]).tolist() == [0, 1, 0]
    assert encode_labels([]).tolist() == []
