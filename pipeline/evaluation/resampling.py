"""The cluster bootstrap, which draws whole clusters of near-duplicates and not single mails.

Mails of one campaign fare alike, so a hundred of them carry hardly more evidence than one (Davison
and Hinkley, *Bootstrap Methods and their Application*, 1997, 3.8).
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

RESAMPLES = 2000
FEWEST = 500
"""At least 500 resamples, else the ends of an interval wander: their 2.5 % quantile is the 12th
smallest value."""
MOST_DRAWS = 60_000_000
"""At most 60 MB of draws stay in memory: 2,000 resamples of 30,000 clusters."""
_BLOCK = 64
"""64 resamples are drawn and transposed at a time, because a row of 64 bytes is one cache line."""


def align_clusters(clusters: pd.Series, ids: Sequence[str]) -> np.ndarray:
    """Look up the cluster of each mail, int64 [n]; a mail without a cluster stands alone.

    Args:
        clusters: a number at least 0 by the mail's id, as `project.cluster_mails` gives it.
    """
    numbers = clusters.reindex(list(ids)).to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isnan(numbers), -1 - np.arange(len(numbers)), numbers).astype(np.int64)


class Resamples:
    """How often each mail is drawn in each of many resamples; the same seed gives the same draws.

    More than 30,000 clusters get fewer resamples, so that time and memory stay bounded, but never
    fewer than `FEWEST` (or `resamples`, if less): 200,000 clusters get 500 (100 MB).

    Args:
        clusters: a number for each mail, int64 [n]; mails of one number are drawn together.
        resamples: how many at most, b.
    """

    def __init__(self, clusters: np.ndarray, resamples: int = RESAMPLES, seed: int = 0) -> None:
        _, self.cluster = np.unique(np.asarray(clusters), return_inverse=True)
        self.n = len(self.cluster)
        self.n_clusters = int(self.cluster.max(initial=-1)) + 1
        affordable = max(FEWEST, MOST_DRAWS // max(1, self.n_clusters))
        self.resamples = min(resamples, affordable)
        self.seed = seed

    def __reduce__(self) -> tuple[Any, ...]:
        # another process draws the same again, which is quicker than receiving 40 MB
        return type(self), (self.cluster, self.resamples, self.seed)

    @cached_property
    def draws(self) -> np.ndarray:
        """How often each cluster was drawn, uint8 [n_clusters, b]; a resample draws n_clusters.

        One byte is enough: the chance that a cluster is drawn 256 times is below 1e-500.
        """
        random = np.random.default_rng(self.seed)
        c = self.n_clusters
        drawn = np.empty((c, self.resamples), np.uint8)
        block = np.empty((_BLOCK, c), np.uint8)
        for start in range(0, self.resamples, _BLOCK):
            rows = block[: min(_BLOCK, self.resamples - start)]
            for row in rows:
                row[:] = np.bincount(random.integers(0, c, c), minlength=c)
            drawn[:, start : start + len(rows)] = rows.T
        return drawn

    def sums(self, values: np.ndarray) -> np.ndarray:
        """The sum of a value over the mails of each cluster: values [n] to float64 [n_clusters]."""
        return np.bincount(self.cluster, weights=values, minlength=self.n_clusters)

    def totals(self, values: np.ndarray) -> np.ndarray:
        """The sum of a value over the mails of each resample: values [n] to float64 [b]."""
        sums = self.sums(values)
        used = np.flatnonzero(sums)
        # whole numbers below 2^24 are exact in half the bytes; one cluster is drawn a few times
        small = np.abs(sums).sum() < 2**20 and np.array_equal(sums, np.rint(sums))
        kind = np.float32 if small else np.float64
        sums = sums.astype(kind)
        totals = np.zeros(self.resamples)
        for start in range(0, len(used), 256):
            chunk = used[start : start + 256]
            totals += sums[chunk] @ self.draws[chunk].astype(kind)
        return totals

    def weights(self, start: int, stop: int, order: np.ndarray | None = None) -> np.ndarray:
        """How often each mail counts in the resamples start to stop: float64 [stop - start, n].

        Args:
            order: positions of the mails, in the order that the columns shall have.
        """
        cluster = self.cluster if order is None else self.cluster[order]
        return np.ascontiguousarray(self.draws[cluster, start:stop].T, dtype=np.float64)
