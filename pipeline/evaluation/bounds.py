"""Intervals of the figures that follow from hm and sm, derived from the intervals of these two.

They are for evaluations with too few errors to resample: a resample of mails without an error holds
no error either, and an interval of no width would claim certainty.
"""

import math

import numpy as np

from pipeline.evaluation.figures import FIGURES, TCR_COSTS, compute_counted_figures
from pipeline.evaluation.proportions import Share, Z

Ends = tuple[float, float]


def bound_counted_figure(name: str, ham: Share, spam: Share, mails: Share) -> Ends:
    """Bound a counted figure by square-and-add.

    The method takes how far each rate alone moves the figure and adds these distances as if at
    right angles (Newcombe 1998, method 10; Donner and Zou 2012 for functions of two proportions).
    It works on 1 / TCR, from 0 to infinity, and on lam as log-odds.

    Args:
        name: a counted figure of `FIGURES`.
        ham: ham called spam among the ham.
        spam: spam let through among the spam.
        mails: spam among all mails.
    """

    def figure(hm: float, sm: float, prevalence: float) -> float:
        if name == "lam":
            return _mean_log_odds(hm, sm)
        fp, fn = hm * (1 - prevalence), sm * prevalence
        value = float(compute_counted_figures(prevalence - fn, fp, 1 - prevalence - fp, fn)[name])
        return 1 / value if name in TCR_COSTS else value

    shares = (ham, spam, mails)
    seen = [share.value for share in shares]
    here = figure(*seen)
    # how far each rate alone moves the figure from the low and from the high end of its interval
    moved = []
    for place, share in enumerate(shares):
        for end in share.ends():
            there = list(seen)
            there[place] = end
            moved.append(figure(*there))
    if np.isfinite([here, *moved]).all():
        down = [min(pair) - here for pair in zip(moved[::2], moved[1::2], strict=True)]
        up = [max(pair) - here for pair in zip(moved[::2], moved[1::2], strict=True)]
        low = here - math.hypot(*(min(0.0, d) for d in down))
        high = here + math.hypot(*(max(0.0, u) for u in up))
    else:  # the log-odds of a rate of 0 are infinite
        both = [figure(ham.ends()[side], spam.ends()[side], mails.value) for side in (0, 1)]
        low, high = min(both), max(both)
    if name == "lam":
        return 1 / (1 + math.exp(-low)), 1 / (1 + math.exp(-high))
    if name in TCR_COSTS:
        return 1 / high, 1 / low if low > 0 else math.inf
    return max(low, FIGURES[name].lowest), min(high, 1.0)


def _mean_log_odds(hm: float, sm: float) -> float:
    """The mean of both log-odds: minus to plus infinity; NaN where one rate is 0, the other 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.log(hm) - np.log1p(-hm) + np.log(sm) - np.log1p(-sm)) / 2


def bound_roc_auc(value: float, ham: float, spam: float) -> Ends:
    """Bound the area under ROC by Newcombe's score interval (2006, method 5).

    It solves |AUC - value| = z·s(AUC) with the variance of exponentially distributed scores, and
    so has a width even for an area of 1.

    Args:
        ham: effective number of ham.
        spam: effective number of spam.
    """
    from scipy.optimize import brentq

    more = (ham + spam) / 2 - 1

    def distance(t: float) -> float:
        variance = t * (1 - t) * (1 + more * (1 - t) / (2 - t) + more * t / (1 + t)) / (ham * spam)
        return (value - t) ** 2 - Z * Z * variance

    # at 0 and 1 the variance vanishes, so both are roots, but not the ends of the interval
    tiny = 1e-12
    low = brentq(distance, tiny, min(value, 1 - tiny)) if distance(tiny) > 0 else 0.0
    high = brentq(distance, max(value, tiny), 1 - tiny) if distance(1 - tiny) > 0 else 1.0
    return float(low), float(high)


def bound_average_precision(value: float, ham: Share, spam: Share) -> Ends:
    """Bound average precision: from the worst ranking that the intervals of hm and sm allow, to 1.

    In the worst ranking all ham that may be lost scores above all spam, and the spam that may be
    missed lies no denser among the rest than spam among all mails. With h ham lost for each spam,
    the area is ∫ r / (r + h) dr over the recall.
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
"""The figures that `bound_counted_figure` bounds; the other counted ones are shares of mails."""
