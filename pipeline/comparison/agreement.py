"""How alike two runs are, and what both together would give."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import CALLS, OperatingPoint

EDGE = 1e-6
"""Scores nearer than this to 0 or 1 count as this, so that one sure run cannot outvote the other
for ever; it is 14 in log-odds."""


@dataclass(frozen=True)
class Agreement:
    """`same`: share of mails decided alike; Cohen's `kappa`; Spearman's `correlation` of scores.

    Kappa is NaN when both call all mails the same, the correlation when a run gives all mails one
    score. `fusion` holds the figures of both runs together, `Evaluation.summary`.
    """

    same: float
    kappa: float
    correlation: float
    fusion: dict[str, Any]


def agreement(
    a: Evaluation, b: Evaluation, points: tuple[OperatingPoint, OperatingPoint]
) -> Agreement:
    """Compare the calls and the scores of two runs on the same mails.

    Kappa is (same - chance) / (1 - chance) (Cohen, 1960), where chance is how often the two would
    agree if each made as many of each call as it does, but of any mails.
    """
    calls_a, calls_b = points[0].call(a.scores), points[1].call(b.scores)
    same = float((calls_a == calls_b).mean())
    chance = sum(float((calls_a == c).mean() * (calls_b == c).mean()) for c in CALLS)
    kappa = (same - chance) / (1 - chance) if chance < 1 else float("nan")
    together = fusion(a, b)
    return Agreement(
        same,
        kappa,
        _spearman(a.scores, b.scores),
        together.summary(OperatingPoint(together.best_threshold())),
    )


def fusion(a: Evaluation, b: Evaluation) -> Evaluation:
    """Both runs as one: the mean of their log-odds of spam, as a score again."""
    odds = [np.log(s) - np.log1p(-s) for s in (np.clip(e.scores, EDGE, 1 - EDGE) for e in (a, b))]
    mean = (odds[0] + odds[1]) / 2
    return Evaluation(a.part, a.ids, a.labels, 1 / (1 + np.exp(-mean)))


def _spearman(a: np.ndarray, b: np.ndarray) -> float:
    from scipy.stats import spearmanr

    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(spearmanr(a, b).statistic)
