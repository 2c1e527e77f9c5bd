"""How sure a figure is: an interval for each, from whole clusters drawn again and again."""

from dataclasses import dataclass

import numpy as np

from pipeline.evaluation import Evaluation
from pipeline.evaluation.figures import of_counts
from pipeline.evaluation.ranking import of_weights
from pipeline.evaluation.resampling import Resamples

LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """From `low` to `high`, NaN for none; `how` it was made, and what is to be known of it.

    `how` is "Wilson", "bootstrap" or "none"; `note` is a sentence where the mails cannot carry
    the figure, else "".
    """

    low: float
    high: float
    how: str
    note: str = ""


def counted_replicates(
    evaluation: Evaluation, threshold: float, resamples: Resamples
) -> dict[str, np.ndarray]:
    """Every counted figure of `figures.FIGURES` in each resample: float64 [b]."""
    spam, called = evaluation.labels == 1, evaluation.scores >= threshold
    counts = [
        resamples.totals(some.astype(np.float64))
        for some in (spam & called, ~spam & called, ~spam & ~called, spam & ~called)
    ]
    return of_counts(*counts)


def ranking_replicates(evaluation: Evaluation, resamples: Resamples) -> dict[str, np.ndarray]:
    """Every figure that needs no threshold in each resample: float64 [b]."""
    parts = [
        of_weights(evaluation.labels, evaluation.scores, resamples.weights(start, start + 50))
        for start in range(0, resamples.resamples, 50)
    ]
    return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}


def intervals(
    evaluation: Evaluation,
    threshold: float,
    resamples: Resamples,
    ranking: dict[str, np.ndarray] | None = None,
) -> dict[str, Interval]:
    """An interval of `LEVEL` for every figure of `Evaluation.summary`, by its key.

    Args:
        resamples: over the mails of the evaluation, in their order.
        ranking: what `ranking_replicates` gave, so that a moved threshold costs nothing of it.
    """
    replicates = counted_replicates(evaluation, threshold, resamples)
    replicates |= ranking if ranking is not None else ranking_replicates(evaluation, resamples)
    found = {}
    for name, values in replicates.items():
        finite = values[~np.isnan(values)]
        if len(finite) < len(values) / 2:
            found[name] = Interval(np.nan, np.nan, "none", "too few mails")
            continue
        low, high = np.quantile(finite, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="nearest")
        found[name] = Interval(float(low), float(high), "bootstrap")
    return found
