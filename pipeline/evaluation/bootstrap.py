"""From what resamples of a figure give to its interval."""

import math

import numpy as np

from pipeline.evaluation.proportions import LEVEL


def ends(values: np.ndarray, estimate: float, clusters: int) -> tuple[float, float]:
    """The accelerated bias-corrected percentiles (BCa; Efron 1987) of a figure's resamples.

    The acceleration is a sixth of the skewness of the resamples, which for a sum over clusters is
    what Efron's jackknife gives, and costs nothing. The quantiles are Student's instead of the
    normal ones, because percentiles of few clusters are too narrow (Hesterberg, *What teachers
    should know about the bootstrap*, 2015); few are those that differ from the rest. How often
    such intervals hold the truth, and plain percentiles: benchmarks/intervals.json.

    Args:
        values: the figure in each resample; NaN, where a class was not drawn, is left out.
        estimate: the figure itself.
        clusters: those with a wrong mail, which most of the spread comes from; at least 2.
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
