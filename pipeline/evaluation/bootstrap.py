"""The interval of a figure from its values in resamples."""

import math

import numpy as np

from pipeline.evaluation.proportions import LEVEL


def compute_bootstrap_ends(
    values: np.ndarray, estimate: float, clusters: int
) -> tuple[float, float]:
    """Compute the accelerated bias-corrected percentiles (BCa; Efron 1987) of a figure's resamples.

    The acceleration is a sixth of the skewness of the resamples; for a sum over clusters that
    equals Efron's jackknife, at no cost. The quantiles are Student's and not the normal ones,
    because percentiles of few clusters are too narrow (Hesterberg, *What teachers should know about
    the bootstrap*, 2015), and few clusters differ from the rest. benchmarks/intervals.json has how
    often these intervals, and plain percentiles, hold the truth.

    Args:
        values: the figure in each resample, [b]; NaN (a class was not drawn) is left out.
        estimate: the figure itself.
        clusters: clusters with a wrong mail, which cause most of the spread; at least 2.
    """
    from scipy.special import ndtr, ndtri, stdtrit

    values = values[~np.isnan(values)]
    b = len(values)
    below = ((values < estimate).sum() + (values <= estimate).sum()) / 2
    bias = float(ndtri(np.clip(below / b, 1 / b, 1 - 1 / b)))
    spread = values - values.mean()
    variance = float((spread**2).mean())
    acceleration = float((spread**3).mean()) / variance**1.5 / 6 if variance > 0 else 0.0
    wide = math.sqrt(clusters / (clusters - 1)) * float(stdtrit(clusters - 1, (1 + LEVEL) / 2))
    z = bias + np.array([-wide, wide])
    shares = ndtr(bias + z / np.maximum(1e-3, 1 - acceleration * z))
    low, high = np.quantile(values, shares, method="nearest")
    return float(low), float(high)
