"""The tests against what is published, against their plain definitions, and against SciPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.stats import binom, norm

from pipeline.comparison.significance import adjust_p_values, run_delong_test, run_mcnemar_test
from pipeline.evaluation import Evaluation


def evaluation(labels: np.ndarray, scores: np.ndarray) -> Evaluation:
    return Evaluation("validation", tuple(map(str, range(len(labels)))), labels, scores)


def plain_delong(labels: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[float, ...]:
    """Areas, standard error and p by the definition: every spam with every ham."""
    spam, ham = labels == 1, labels == 0
    v10, v01 = [], []
    for scores in (a, b):
        wins = scores[spam][:, None] - scores[ham][None, :]
        psi = (wins > 0) + 0.5 * (wins == 0)
        v10.append(psi.mean(axis=1))
        v01.append(psi.mean(axis=0))
    covariance = np.cov(v10) / spam.sum() + np.cov(v01) / ham.sum()
    contrast = np.array([-1, 1])
    error = float(np.sqrt(contrast @ covariance @ contrast))
    areas = np.mean(v10, axis=1)
    z = (areas[1] - areas[0]) / error if error > 1e-12 else 0.0
    return float(areas[0]), float(areas[1]), error, float(2 * norm.sf(abs(z)))


scores = some.lists(some.integers(0, 6), min_size=8, max_size=40)


@given(a=scores, data=some.data())
@settings(deadline=None, max_examples=60)
def test_delong_is_its_plain_definition_ties_and_all(a: list[int], data: some.DataObject) -> None:
    n = len(a)
    b = data.draw(some.lists(some.integers(0, 6), min_size=n, max_size=n))
    labels = np.array(data.draw(some.permutations([1, 0] * 2 + [1, 0, 0, 0] * n))[:n])
    labels[:4] = [1, 0, 1, 0]
    one, other = np.array(a) / 6, np.array(b) / 6
    found = run_delong_test(evaluation(labels, one), evaluation(labels, other), np.arange(n))
    assert found is not None
    expected = plain_delong(labels, one, other)
    assert (found.a, found.b, found.standard_error, found.p) == pytest.approx(expected, abs=1e-9)


def test_delong_of_copied_mails_is_as_sure_as_of_the_originals() -> None:
    dice = np.random.default_rng(3)
    labels = (dice.random(400) < 0.4).astype(int)
    a, b = (np.clip(0.5 * labels + dice.normal(0.25, w, 400), 0, 1) for w in (0.3, 0.45))
    once = run_delong_test(evaluation(labels, a), evaluation(labels, b), np.arange(400))
    copies = [np.repeat(x, 5) for x in (labels, a, b, np.arange(400))]
    five = run_delong_test(
        evaluation(copies[0], copies[1]), evaluation(copies[0], copies[2]), copies[3]
    )
    assert once is not None
    assert five is not None
    assert five.p < once.p / 10  # taken for independent, copies feign certainty
    assert five.p_clusters == pytest.approx(once.p_clusters, rel=1e-6)
    assert once.p_clusters == pytest.approx(once.p, rel=0.05)


def test_delong_without_difference_or_without_a_class() -> None:
    labels = np.array([0, 1] * 10)
    same = evaluation(labels, labels * 0.5)
    found = run_delong_test(same, evaluation(labels, labels * 0.9), np.arange(20))
    assert found is not None
    assert (found.z, found.p, found.p_clusters) == (0, 1, 1)
    spam = evaluation(np.ones(5), np.linspace(0, 1, 5))
    assert run_delong_test(spam, spam, np.arange(5)) is None


def test_delong_of_20000_mails_is_quick_and_needs_no_square() -> None:
    dice = np.random.default_rng(0)
    labels = (dice.random(20_000) < 0.3).astype(int)
    a, b = dice.random(20_000), dice.random(20_000)
    found = run_delong_test(evaluation(labels, a), evaluation(labels, b), np.arange(20_000))
    assert found is not None
    assert 0 < found.standard_error < 0.01


@pytest.mark.parametrize(("fixed", "broken"), [(0, 0), (6, 0), (0, 5), (9, 2), (59, 6), (16, 37)])
def test_mcnemar_is_the_binomial_test_of_the_discordant_pairs(fixed: int, broken: int) -> None:
    a = np.array([False] * fixed + [True] * broken + [True] * 40 + [False] * 3)
    b = np.array([True] * fixed + [False] * broken + [True] * 40 + [False] * 3)
    found = run_mcnemar_test(a, b, np.arange(len(a)))
    assert (found.fixed, found.broken) == (fixed, broken)
    n = fixed + broken
    expected = min(1.0, 2 * binom.cdf(min(fixed, broken), n, 0.5)) if n else 1.0
    assert found.p == pytest.approx(expected)
    assert found.p_clusters == found.p


def test_mcnemar_agrees_with_agresti() -> None:
    # Agresti, Categorical Data Analysis, 2002, 10.1: 150 and 86 of 1,600 changed their mind; the
    # exact p is 3.7e-5, z = 4.17
    a = np.array([False] * 150 + [True] * 86 + [True] * 1364)
    b = np.array([True] * 150 + [False] * 86 + [True] * 1364)
    assert run_mcnemar_test(a, b, np.arange(1600)).p == pytest.approx(3.7e-5, rel=0.02)


def test_mcnemar_counts_a_campaign_once() -> None:
    a, b = np.array([False] * 12 + [True] * 2), np.array([True] * 12 + [False] * 2)
    clusters = np.array([7] * 12 + [1, 2])
    found = run_mcnemar_test(a, b, clusters)
    assert found.p < 0.02
    assert (found.clusters_fixed, found.clusters_broken) == (1, 2)
    assert found.p_clusters == 1
    assert (
        run_mcnemar_test(a, b, np.zeros(14, int)).clusters_fixed == 1
    )  # twelve against two: for b


def test_holm_by_hand() -> None:
    assert adjust_p_values([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert adjust_p_values([0.5]) == [0.5]
    assert adjust_p_values([0.9, 0.8]) == [1, 1]
    found = adjust_p_values([0.02, float("nan"), 0.04])
    assert found[::2] == pytest.approx([0.04, 0.04])
    assert np.isnan(found[1])
    assert adjust_p_values([]) == []
