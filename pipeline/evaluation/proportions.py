"""Intervals of plain shares of mails (ham lost, spam let through) when mails come in clusters."""

import math
from dataclasses import dataclass

import numpy as np

from pipeline.evaluation.resampling import Resamples

LEVEL = 0.95
Z = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""
FEW = 5
"""Clusters that differ from the rest; with fewer, what is seen of their likeness is chance."""


@dataclass(frozen=True)
class Share:
    """`part` of `whole` mails, as sure as `effective` mails that have nothing in common.

    `clusters` counts the clusters with mails of the whole, `odd` those that hold a mail of the
    rarer kind (the wrong ones, mostly).
    """

    part: int
    whole: int
    effective: float
    clusters: int
    odd: int

    @property
    def value(self) -> float:
        """The share itself; NaN of nothing."""
        return self.part / self.whole if self.whole else math.nan

    def ends(self) -> tuple[float, float]:
        """The interval, from 0 to 1: Wilson's, or the rule of three where all mails fare alike."""
        if not self.whole:
            return math.nan, math.nan
        if self.part == 0:
            return 0.0, at_most(self.effective)
        if self.part == self.whole:
            return 1 - at_most(self.effective), 1.0
        return wilson(self.value, self.effective)


def share(part: np.ndarray, whole: np.ndarray, resamples: Resamples) -> Share:
    """How many of some mails have a property, and how many independent mails that is worth.

    The variance of the share is the linearised one of a ratio of sums over clusters (Cochran,
    *Sampling Techniques*, 1977, 6.3 and 9A); the effective number of mails is the one with which
    the binomial variance is as large (Korn and Graubard, 1998), at most the mails themselves. With
    fewer than `FEW` clusters that differ the variance is chance, and the clusters count at most.

    Args:
        part: who has the property, bool [n], in the order of the resamples' mails.
        whole: among whom, bool [n].
    """
    m = resamples.sums(whole.astype(np.float64))
    a = resamples.sums((part & whole).astype(np.float64))
    a, m = a[m > 0], m[m > 0]
    n, hits, c = int(m.sum()), int(a.sum()), len(m)
    odd = int(min((a > 0).sum(), (a < m).sum()))
    if hits in (0, n):
        return Share(hits, n, float(c), c, 0)
    p = hits / n
    if c == 1:
        return Share(hits, n, 1.0, 1, 1)
    variance = c / (c - 1) * float(((a - p * m) ** 2).sum()) / n**2
    effective = float(n) if variance * n <= p * (1 - p) else max(1.0, p * (1 - p) / variance)
    return Share(hits, n, min(effective, c) if odd < FEW else effective, c, odd)


def wilson(value: float, n: float) -> tuple[float, float]:
    """Wilson's score interval (1927) of a share that was seen among n mails."""
    middle = (value + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * math.sqrt(value * (1 - value) / n + Z * Z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def at_most(n: float) -> float:
    """The share that is refuted with 95 % certainty when not one of n mails had it; about 3/n.

    (Hanley and Lippman-Hand, *If nothing goes wrong, is everything all right?*, 1983.)
    """
    return 1 - (1 - LEVEL) ** (1 / n) if n > 0 else 1.0
