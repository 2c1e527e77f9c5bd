"""The cluster bootstrap: whole clusters of near-duplicates are drawn, not single mails.

Mails of one campaign fare alike, so that a hundred of them say hardly more than one (Davison and
Hinkley, *Bootstrap Methods and their Application*, 1997, 3.8).
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

RESAMPLES = 2000
FEWEST = 500
"""With fewer the ends of an interval wander: the 2.5 % quantile of 500 is the 12th smallest."""
MOST_DRAWS = 60_000_000
"""Bytes of draws kept; 2,000 resamples of 30,000 clusters."""
_BLOCK = 64
"""Resamples drawn and turned round at a time: a row of them is one line of the cache."""


def align_clusters(clusters: pd.Series, ids: Sequence[str]) -> np.ndarray:
    """The cluster of each mail, int64 [n]; a mail that no cluster is known of stands alone.

    Args:
        clusters: a number at least 0 by the mail's id, as `project.cluster_mails` gives it.
    """
    numbers = clusters.reindex(list(ids)).to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isnan(numbers), -1 - np.arange(len(numbers)), numbers).astype(np.int64)


class Resamples:
    """How often each mail is drawn in each of many resamples; the same seed, the same draws.

    With more than 30,000 clusters there are fewer resamples, so that time and memory stay bounded,
    but never fewer than `FEWEST` of those asked for: 200,000 clusters get 500 (100 MB).

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
        # another process draws the same anew, which is quicker than sending 40 MB
        return type(self), (self.cluster, self.resamples, self.seed)

    @cached_property
    def draws(self) -> np.ndarray:
        """Times each cluster was drawn, uint8 [n_clusters, b]; each resample draws n_clusters.

        One byte is enough: that one cluster is drawn 256 times has a chance below 1e-500.
        """
        random = np.random.default_rng(self.seed)
        c = self.n_clusters
        drawn = np.empty((c, self.resamples), np.uint8)
        block = np.empty((_BLOCK, c), np.uint8)
        for start in range(0, self.resamples, _BLOCK):
            some = block[: min(_BLOCK, self.resamples - start)]
            for row in some:
                row[:] = np.bincount(random.integers(0, c, c), minlength=c)
            drawn[:, start : start + len(some)] = some.T
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
        found = np.zeros(self.resamples)
        for start in range(0, len(used), 256):
            some = used[start : start + 256]
            found += sums[some] @ self.draws[some].astype(kind)
        return found

    def weights(self, start: int, stop: int, order: np.ndarray | None = None) -> np.ndarray:
        """Times each mail counts in the resamples start to stop: float64 [stop - start, n].

        Args:
            order: places of the mails, to have the columns in this order.
        """
        cluster = self.cluster if order is None else self.cluster[order]
        return np.ascontiguousarray(self.draws[cluster, start:stop].T, dtype=np.float64)
