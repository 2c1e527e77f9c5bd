"""Intervals of figures that follow from hm and sm, from the intervals of these two.

Where too few errors were seen to be drawn again and again: a resample of mails without an error
has none either, and an interval of no width would pretend to be sure.
"""

import math

import numpy as np

from pipeline.evaluation.figures import FIGURES, TCR_COSTS, of_counts
from pipeline.evaluation.proportions import Share, Z

Ends = tuple[float, float]


def counted(name: str, ham: Share, spam: Share) -> Ends:
    """Square-and-add: how far each rate alone moves the figure, added as at right angles.

    (Newcombe 1998, method 10; Donner and Zou 2012 for functions of two proportions.) TCR is taken
    as 1 / TCR, lam on the scale of log-odds; both run from 0 to infinity there.

    Args:
        name: a counted figure of `FIGURES` that depends on both rates in one direction.
        ham: ham called spam among the ham.
        spam: spam let through among the spam.
    """

    def figure(hm: float, sm: float) -> float:
        if name == "lam":
            return _mean_log_odds(hm, sm)
        fp, fn = hm * ham.whole, sm * spam.whole
        value = float(of_counts(spam.whole - fn, fp, ham.whole - fp, fn)[name])
        return 1 / value if name in TCR_COSTS else value

    hm, sm = ham.value, spam.value
    ends = []
    for side in (0, 1):
        there = ham.ends()[side], spam.ends()[side]
        moved = figure(there[0], sm), figure(hm, there[1])
        here = figure(hm, sm)
        if not np.isfinite([here, *moved]).all():  # no error seen: both ends at once
            ends.append(figure(*there))
        else:
            up = 1 if figure(*there) >= here else -1
            ends.append(here + up * math.hypot(moved[0] - here, moved[1] - here))
    low, high = min(ends), max(ends)
    if name == "lam":
        return 1 / (1 + math.exp(-low)), 1 / (1 + math.exp(-high))
    if name in TCR_COSTS:
        return 1 / high, 1 / low if low > 0 else math.inf
    return max(low, -1.0 if name == "mcc" else 0.0), min(high, 1.0)


def _mean_log_odds(hm: float, sm: float) -> float:
    with np.errstate(divide="ignore"):
        odds = [np.log(rate) - np.log1p(-rate) for rate in (hm, sm)]
    return float(np.mean(odds)) if not np.isnan(sum(odds)) else 0.0


def roc_auc(value: float, ham: float, spam: float) -> Ends:
    """Newcombe's score interval of the area under ROC (2006, method 5), which 1 does not break.

    It solves |AUC - value| = z·s(AUC) with the variance of exponentially distributed scores.

    Args:
        ham: effective number of ham.
        spam: effective number of spam.
    """
    from scipy.optimize import brentq

    more = (ham + spam) / 2 - 1

    def distance(t: float) -> float:
        variance = t * (1 - t) * (1 + more * (1 - t) / (2 - t) + more * t / (1 + t)) / (ham * spam)
        return (value - t) ** 2 - Z * Z * variance

    low = brentq(distance, 0.0, value) if value > 0 and distance(0.0) > 0 else 0.0
    high = brentq(distance, value, 1.0) if value < 1 and distance(1.0) > 0 else 1.0
    return float(low), float(high)


def average_precision(value: float, ham: Share, spam: Share) -> Ends:
    """From the worst ranking that the intervals of hm and sm at one threshold leave possible to 1.

    The worst: all ham that may be lost score above all spam, and the spam that may be missed is as
    rare as spam is. With h ham lost for each spam, ∫ r / (r + h) dr over the recall.
    """
    h = ham.ends()[1] * ham.whole / spam.whole
    caught = 1 - spam.ends()[1]
    missed = (1 - caught) * spam.whole / (ham.whole + spam.whole)
    worst = caught - h * math.log1p(caught / h) + missed if h > 0 else caught + missed
    return min(value, max(0.0, worst)), 1.0


COUNTED = tuple(
    name
    for name, figure in FIGURES.items()
    if figure.counted and name not in ("accuracy", "precision", "recall", "hm", "sm")
)
"""The figures that `counted` is for; the others are shares of mails themselves."""
