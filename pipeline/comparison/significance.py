"""Is it more than luck? McNemar's test of decisions, DeLong's of rankings, Holm's correction."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.evaluation import Evaluation


@dataclass(frozen=True)
class McNemar:
    """How many mails only one of two runs decides rightly, and how probable that is by luck.

    `p` treats every mail as independent. `p_clusters` counts a cluster of near-duplicates once,
    for the run that is right on more of its mails; clusters with as many of both are left out.
    """

    fixed: int
    broken: int
    p: float
    clusters_fixed: int
    clusters_broken: int
    p_clusters: float


def mcnemar(right_a: np.ndarray, right_b: np.ndarray, clusters: np.ndarray) -> McNemar:
    """McNemar's test, exact: the binomial test of the discordant pairs (Psychometrika 12, 1947).

    With no discordant pair p is 1.

    Args:
        right_a, right_b: whether each run decides the mail rightly, bool [n].
        clusters: a number for each mail [n].
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
    """Two areas under the ROC curve on the same mails; z and p of their difference b - a.

    `p` treats every mail as independent, as DeLong does; `p_clusters` lets mails of a cluster fare
    alike. Without any difference in the ranks p is 1.
    """

    a: float
    b: float
    standard_error: float
    z: float
    p: float
    p_clusters: float


def delong(a: Evaluation, b: Evaluation, clusters: np.ndarray) -> DeLong | None:
    """DeLong's test (Biometrics 44, 1988), in O(n log n) by midranks (Sun and Xu, SPL 21, 2014).

    With clusters the components are summed within each first (Obuchowski, Biometrics 53, 1997).
    None without two ham and two spam, which a variance needs.
    """
    from scipy.stats import norm

    spam = a.labels == 1
    m, n = int(spam.sum()), int((~spam).sum())
    if min(m, n) < 2:
        return None
    areas, influence = [], []
    for scores in (a.scores, b.scores):
        components = _components(scores, spam)
        area = float(components[spam].mean())
        areas.append(area)
        influence.append(components - area)
    # of each mail: by how much it, alone, moves the difference of the areas
    moved = influence[1] - influence[0]
    variance = moved[spam].var(ddof=1) / m + moved[~spam].var(ddof=1) / n
    _, cluster = np.unique(clusters, return_inverse=True)
    sums = np.bincount(cluster, weights=moved / np.where(spam, m, n))
    groups = len(sums)
    grouped = groups / (groups - 1) * (sums**2).sum() if groups > 1 else np.nan

    def p_of(variance: float) -> tuple[float, float]:
        if variance <= 1e-24:  # what is left of rounding
            return 0.0, 1.0
        z = (areas[1] - areas[0]) / np.sqrt(variance)
        return float(z), float(2 * norm.sf(abs(z)))

    z, p = p_of(float(variance))
    return DeLong(areas[0], areas[1], float(np.sqrt(variance)), z, p, p_of(float(grouped))[1])


def _components(scores: np.ndarray, spam: np.ndarray) -> np.ndarray:
    """Of each spam the share of ham below it, of each ham the share of spam above it; ties half."""
    from scipy.stats import rankdata

    m, n = spam.sum(), (~spam).sum()
    among_all = rankdata(scores)
    found = np.empty(len(scores))
    found[spam] = (among_all[spam] - rankdata(scores[spam])) / n
    found[~spam] = 1 - (among_all[~spam] - rankdata(scores[~spam])) / m
    return found


def holm(p: Sequence[float]) -> list[float]:
    """p-values corrected for their number (Holm, Scandinavian Journal of Statistics 6, 1979).

    NaN, where nothing was tested, stays NaN and does not count.
    """
    values = np.asarray(p, dtype=np.float64)
    found = values.copy()
    tested = np.flatnonzero(~np.isnan(values))
    order = tested[np.argsort(values[tested], kind="stable")]
    steps = (len(order) - np.arange(len(order))) * values[order]
    found[order] = np.minimum(1, np.maximum.accumulate(steps))
    return found.tolist()
