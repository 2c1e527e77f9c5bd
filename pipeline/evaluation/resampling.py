"""The cluster bootstrap: whole clusters of near-duplicates are drawn, not single mails.

Mails of one campaign fare alike, so that a hundred of them say hardly more than one (Davison and
Hinkley, *Bootstrap Methods and their Application*, 1997, 3.8).
"""

from functools import cached_property

import numpy as np

RESAMPLES = 2000


class Resamples:
    """How often each mail is drawn in each of many resamples; the same seed, the same draws.

    Args:
        clusters: a number for each mail, int64 [n]; mails of one number are drawn together.
        resamples: how many, b.
    """

    def __init__(self, clusters: np.ndarray, resamples: int = RESAMPLES, seed: int = 0) -> None:
        _, self.cluster = np.unique(np.asarray(clusters), return_inverse=True)
        self.n = len(self.cluster)
        self.n_clusters = int(self.cluster.max(initial=-1)) + 1
        self.resamples = resamples
        self.seed = seed

    @cached_property
    def draws(self) -> np.ndarray:
        """Times each cluster was drawn, uint16 [n_clusters, b]; each resample draws n_clusters."""
        random = np.random.default_rng(self.seed)
        c = self.n_clusters
        drawn = np.empty((self.resamples, c), np.uint16)
        for b in range(self.resamples):
            drawn[b] = np.bincount(random.integers(0, c, c), minlength=c)
        return np.ascontiguousarray(drawn.T)

    def totals(self, values: np.ndarray) -> np.ndarray:
        """The sum of a value over the mails of each resample: values [n] to float64 [b]."""
        sums = np.bincount(self.cluster, weights=values, minlength=self.n_clusters)
        used = np.flatnonzero(sums)
        return sums[used] @ self.draws[used].astype(np.float64)

    def weights(self, start: int, stop: int) -> np.ndarray:
        """Times each mail counts in the resamples start to stop: float64 [stop - start, n]."""
        return self.draws[self.cluster, start:stop].T.astype(np.float64)
