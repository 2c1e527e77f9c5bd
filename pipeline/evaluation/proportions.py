"""Intervals of plain shares of mails (ham lost, spam let through) for mails in clusters."""

import math
from dataclasses import dataclass

import numpy as np

from pipeline.evaluation.resampling import Resamples

LEVEL = 0.95
Z = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""
FEW = 5
"""With fewer than 5 clusters that differ from the rest, an estimated variance is chance."""


@dataclass(frozen=True)
class Share:
    """`part` of `whole` mails, which carry as much evidence as `effective` independent mails.

    `clusters` counts the clusters with mails of the whole, `odd` the clusters that hold a mail of
    the rarer kind (mostly the wrong mails).
    """

    part: int
    whole: int
    effective: float
    clusters: int
    odd: int

    @property
    def value(self) -> float:
        """The share itself, 0 to 1; NaN without mails."""
        return self.part / self.whole if self.whole else math.nan

    def ends(self) -> tuple[float, float]:
        """The interval, within 0 to 1: Wilson's, or the rule of three if all mails fare alike.

        NaN without mails.
        """
        if not self.whole:
            return math.nan, math.nan
        if self.part == 0:
            return 0.0, compute_largest_unseen_share(self.effective)
        if self.part == self.whole:
            return 1 - compute_largest_unseen_share(self.effective), 1.0
        return compute_wilson_ends(self.value, self.effective)


def measure_share(part: np.ndarray, whole: np.ndarray, resamples: Resamples) -> Share:
    """Measure the share of mails with a property, and how many independent mails it is worth.

    The variance of the share is the linearised variance of a ratio of sums over clusters (Cochran,
    *Sampling Techniques*, 1977, 6.3 and 9A). The effective number of mails is the number whose
    binomial variance is as large (Korn and Graubard, 1998), and at most the number of mails. With
    fewer than `FEW` clusters that differ, the variance is chance, and the effective number is at
    most the number of clusters.

    Args:
        part: the mails with the property, bool [n], in the order of the resamples' mails.
        whole: the mails that are considered, bool [n].
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


def compute_wilson_ends(value: float, n: float) -> tuple[float, float]:
    """Compute Wilson's score interval (1927) of a share observed among n mails."""
    middle = (value + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * math.sqrt(value * (1 - value) / n + Z * Z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def compute_largest_unseen_share(n: float) -> float:
    """Compute the largest share that is plausible (95 %) if none of n mails shows it; about 3/n.

    This is the rule of three (Hanley and Lippman-Hand, *If nothing goes wrong, is everything all
    right?*, 1983). 1 without mails.
    """
    return 1 - (1 - LEVEL) ** (1 / n) if n > 0 else 1.0
