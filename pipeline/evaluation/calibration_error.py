"""The interval of the calibration error, which chance alone makes larger than it is."""

import numpy as np

from pipeline.evaluation import Evaluation
from pipeline.evaluation.proportions import LEVEL
from pipeline.evaluation.ranking import BINS
from pipeline.evaluation.resampling import Resamples

DRAWS = 2000
STEPS = np.linspace(0, 2, 81)
"""The error that is tried out, in parts of the error that was seen."""


def ends(evaluation: Evaluation, resamples: Resamples) -> tuple[float, float]:
    """The calibration errors with which the one that was seen would be no surprise.

    The error is a sum of absolute distances, one a bin, so that chance adds to it and resamples
    add as much again: their percentiles covered the truth in 0 of 600 simulations. Instead, the
    distances are taken to be k times those seen, with k from 0 to 2, and chance is added, normal
    with the covariance over clusters (a test turned round; Casella and Berger, *Statistical
    Inference*, 2002, 9.2.1). What was seen always lies inside; twice of it is the most.
    """
    scores, spam = evaluation.scores, evaluation.labels == 1
    n, c = len(scores), resamples.n_clusters
    bins = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
    place = resamples.cluster * BINS + bins
    sums = np.bincount(place, weights=scores - spam, minlength=c * BINS).reshape(c, BINS)
    size = np.bincount(resamples.cluster, minlength=c)
    seen = sums.sum(axis=0) / n
    rest = sums - size[:, None] * seen
    covariance = rest.T @ rest * (c / (c - 1) / n**2)
    values, vectors = np.linalg.eigh(covariance)
    normal = np.random.default_rng(resamples.seed).standard_normal((DRAWS, BINS))
    chance = normal * np.sqrt(np.maximum(values, 0)) @ vectors.T
    error = float(np.abs(seen).sum())
    if not error:
        return 0.0, float(np.quantile(np.abs(chance).sum(axis=1), LEVEL))
    possible = []
    for k in STEPS:
        would = np.abs(k * seen + chance).sum(axis=1)
        low, high = np.quantile(would, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        if low <= error <= high:
            possible.append(float(k))
    if not possible:  # less than chance alone gives
        return 0.0, error
    return min(1.0, possible[0]) * error, max(1.0, possible[-1]) * error
