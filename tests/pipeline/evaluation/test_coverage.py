"""Do 95 % intervals hold the truth 93 to 97 times in 100? Slow: a thousand imaginary data sets."""

from collections import Counter

import pytest

from pipeline.evaluation.intervals import compute_intervals
from pipeline.evaluation.resampling import Resamples
from tests.clustered import POINT, draw, truth

SIMULATIONS = 1000
"""Their share has a standard error of 0.7 points at 95 %."""
PROMISED = ("accuracy", "precision", "recall", "hm", "sm", "f1", "mcc", "lam", "roc_auc",
            "average_precision", "log_loss", "brier", "ece")  # fmt: skip


@pytest.mark.slow
def test_intervals_hold_the_truth_93_to_97_times_in_100() -> None:
    true = truth(2.0)
    held: Counter[str] = Counter()
    for seed in range(SIMULATIONS):
        evaluation, clusters = draw(200, 2.0, seed)
        found = compute_intervals(evaluation, POINT, Resamples(clusters, 400, seed))
        for name, one in found.items():
            held[name] += one.low <= true[name] <= one.high
    missed = {n: held[n] for n in PROMISED if not 0.93 <= held[n] / SIMULATIONS <= 0.97}
    assert not missed
