"""Measures how similar two runs are, and how good both together would be."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import CALLS, OperatingPoint

EDGE = 1e-6
"""Scores are clipped to this distance from 0 and 1 (log-odds of 14), so that an overconfident run
cannot always outvote the other."""


@dataclass(frozen=True)
class RunAgreement:
    """How similar two runs are.

    Attributes:
        same: the share of mails that both call the same, 0 to 1.
        kappa: Cohen's kappa; NaN if both give all mails the same call.
        correlation: Spearman's correlation of the scores; NaN if a run scores all mails alike.
        fusion: the figures of both runs together (`Evaluation.summary`).
    """

    same: float
    kappa: float
    correlation: float
    fusion: dict[str, Any]


def measure_agreement(
    a: Evaluation, b: Evaluation, points: tuple[OperatingPoint, OperatingPoint]
) -> RunAgreement:
    """Compare the calls and the scores of two runs on the same mails.

    Kappa is (same - chance) / (1 - chance) (Cohen, 1960), where chance is how often the two would
    agree if each made as many of each call, but at random.
    """
    calls_a, calls_b = points[0].call(a.scores), points[1].call(b.scores)
    same = float((calls_a == calls_b).mean())
    chance = sum(float((calls_a == c).mean() * (calls_b == c).mean()) for c in CALLS)
    kappa = (same - chance) / (1 - chance) if chance < 1 else float("nan")
    fused = fuse_runs(a, b)
    return RunAgreement(
        same,
        kappa,
        _compute_spearman(a.scores, b.scores),
        fused.summary(OperatingPoint(fused.best_threshold())),
    )


def fuse_runs(a: Evaluation, b: Evaluation) -> Evaluation:
    """Fuse two runs into one: the mean of their log-odds of spam, as a score."""
    odds = [np.log(s) - np.log1p(-s) for s in (np.clip(e.scores, EDGE, 1 - EDGE) for e in (a, b))]
    mean = (odds[0] + odds[1]) / 2
    return Evaluation(a.part, a.ids, a.labels, 1 / (1 + np.exp(-mean)))


def _compute_spearman(a: np.ndarray, b: np.ndarray) -> float:
    from scipy.stats import spearmanr

    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(spearmanr(a, b).statistic)
