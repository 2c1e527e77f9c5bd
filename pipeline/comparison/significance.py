"""Tests of significance: McNemar's for decisions, DeLong's for rankings, and Holm's correction.

>>> a, b = np.array([True] * 10), np.array([True] * 4 + [False] * 6)
>>> test = run_mcnemar_test(b, a, clusters=np.arange(10))
>>> test.fixed, test.broken, test.p
(6, 0, 0.03125)
>>> adjust_p_values([0.01, 0.04])
[0.02, 0.04]
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.evaluation import Evaluation


@dataclass(frozen=True)
class McNemar:
    """How many mails only one of two runs classifies correctly, and the p-value of that.

    Attributes:
        fixed, broken: mails that only b, or only a, classifies correctly.
        p: treats every mail as independent.
        clusters_fixed, clusters_broken: the same by clusters of near-duplicates. A cluster counts
            once, for the run that is right on more of its mails; ties are left out.
        p_clusters: the p-value over clusters.
    """

    fixed: int
    broken: int
    p: float
    clusters_fixed: int
    clusters_broken: int
    p_clusters: float


def run_mcnemar_test(right_a: np.ndarray, right_b: np.ndarray, clusters: np.ndarray) -> McNemar:
    """Run McNemar's exact test: a binomial test of the discordant pairs (Psychometrika 12, 1947).

    Without a discordant pair p is 1.

    Args:
        right_a, right_b: whether each run classifies a mail correctly, bool [n].
        clusters: the cluster of each mail, int [n].
    """
    gain = right_b.astype(np.int64) - right_a.astype(np.int64)
    _, cluster = np.unique(clusters, return_inverse=True)
    net = np.bincount(cluster, weights=gain)
    mails = int((gain > 0).sum()), int((gain < 0).sum())
    groups = int((net > 0).sum()), int((net < 0).sum())
    return McNemar(*mails, _sign_test(*mails), *groups, _sign_test(*groups))


def _sign_test(more: int, fewer: int) -> float:
    from scipy.stats import binomtest

    return float(binomtest(more, more + fewer, 0.5).pvalue) if more + fewer else 1.0


@dataclass(frozen=True)
class DeLong:
    """Two areas under the ROC curve on the same mails, and the test of their difference.

    Attributes:
        a, b: the areas.
        standard_error, z: of the difference b - a.
        p: treats every mail as independent, as DeLong does; 1 if the rankings are equal.
        p_clusters: allows for the dependence of mails in a cluster.
    """

    a: float
    b: float
    standard_error: float
    z: float
    p: float
    p_clusters: float


def run_delong_test(a: Evaluation, b: Evaluation, clusters: np.ndarray) -> DeLong | None:
    """Run DeLong's test (Biometrics 44, 1988) in O(n log n) by midranks (Sun, Xu, SPL 21, 2014).

    For `p_clusters` the components are first summed within each cluster (Obuchowski, Biometrics 53,
    1997). None without two ham and two spam, which a variance needs.
    """
    from scipy.stats import norm

    spam = a.labels == 1
    m, n = int(spam.sum()), int((~spam).sum())
    if min(m, n) < 2:
        return None
    areas, influence = [], []
    for scores in (a.scores, b.scores):
        components = _compute_components(scores, spam)
        area = float(components[spam].mean())
        areas.append(area)
        influence.append(components - area)
    # for each mail: its own contribution to the difference of the areas
    moved = influence[1] - influence[0]
    variance = moved[spam].var(ddof=1) / m + moved[~spam].var(ddof=1) / n
    _, cluster = np.unique(clusters, return_inverse=True)
    sums = np.bincount(cluster, weights=moved / np.where(spam, m, n))
    groups = len(sums)
    grouped = groups / (groups - 1) * (sums**2).sum() if groups > 1 else np.nan

    def compute_p(variance: float) -> tuple[float, float]:
        if variance <= 1e-24:  # only rounding errors
            return 0.0, 1.0
        z = (areas[1] - areas[0]) / np.sqrt(variance)
        return float(z), float(2 * norm.sf(abs(z)))

    z, p = compute_p(float(variance))
    return DeLong(areas[0], areas[1], float(np.sqrt(variance)), z, p, compute_p(float(grouped))[1])


def _compute_components(scores: np.ndarray, spam: np.ndarray) -> np.ndarray:
    """The share of ham below each spam, and of spam above each ham; ties count half."""
    from scipy.stats import rankdata

    m, n = spam.sum(), (~spam).sum()
    among_all = rankdata(scores)
    components = np.empty(len(scores))
    components[spam] = (among_all[spam] - rankdata(scores[spam])) / n
    components[~spam] = 1 - (among_all[~spam] - rankdata(scores[~spam])) / m
    return components


def adjust_p_values(p: Sequence[float]) -> list[float]:
    """Adjust p-values for their number (Holm, Scandinavian Journal of Statistics 6, 1979).

    NaN, where nothing was tested, stays NaN and does not count.
    """
    values = np.asarray(p, dtype=np.float64)
    adjusted = values.copy()
    tested = np.flatnonzero(~np.isnan(values))
    order = tested[np.argsort(values[tested], kind="stable")]
    steps = (len(order) - np.arange(len(order))) * values[order]
    adjusted[order] = np.minimum(1, np.maximum.accumulate(steps))
    return list(adjusted.tolist())
