"""Intervals of all figures: time, memory, and how often they hold the truth.

    uv run python benchmarks/intervals.py [--simulations 1000] [--json FILE]

Time: all figures of 20,000 and of 200,000 mails with the draws, a moved threshold, and the same
figures by scipy.stats.bootstrap with scikit-learn's functions (of which 20 resamples are timed).
Coverage: imaginary mails in clusters, whose true figures are known (tests/clustered.py).
"""

import argparse
import resource
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import corpora  # noqa: F401  (puts the repository on the path)
import numpy as np

from benchmarks.results import write_figures
from pipeline.evaluation.figures import FIGURES
from pipeline.evaluation.intervals import (
    compute_counted_replicates,
    compute_intervals,
    compute_ranking_replicates,
)
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.evaluation.resampling import Resamples
from tests.clustered import POINT, draw, truth

DESIGNS = ((200, 2.0), (300, 1.5), (600, 3.0))
"""Clusters, and how far apart ham and spam are."""
PEER_RESAMPLES = 20


def speed(mails: int) -> dict[str, Any]:
    """Seconds for all figures of so many mails, MB above what was there."""
    evaluation, clusters = draw(round(mails / 1.42), 1.5, 0)
    evaluation.ranking  # noqa: B018
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, cpu = time.perf_counter(), time.process_time()
    resamples = Resamples(clusters)
    ranking = compute_ranking_replicates(evaluation, resamples)
    compute_intervals(evaluation, POINT, resamples, ranking)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    moved = []
    for threshold in np.linspace(0.05, 0.95, 9):
        started = time.perf_counter()
        compute_intervals(evaluation, OperatingPoint(threshold), resamples, ranking)
        moved.append(time.perf_counter() - started)
    return {
        "mails": len(evaluation.ids),
        "resamples": resamples.resamples,
        "seconds": seconds,
        "CPU seconds": cpu,
        "MB more": (peak - before) / 1024,
        "moved threshold, s (median of 9)": float(np.median(moved)),
    }


def peer(mails: int) -> dict[str, Any]:
    """Seconds that scipy.stats.bootstrap takes with scikit-learn's functions, by 2,000 resamples.

    Of single mails, because it knows no clusters, and of those figures that scikit-learn has.
    """
    from scipy.stats import bootstrap
    from sklearn import metrics as m

    evaluation, _ = draw(round(mails / 1.42), 1.5, 0)
    called = POINT.is_spam(evaluation.scores).astype(int)
    on_calls = (m.accuracy_score, m.balanced_accuracy_score, m.precision_score, m.recall_score,
                m.f1_score, m.matthews_corrcoef)  # fmt: skip
    on_scores = (m.roc_auc_score, m.average_precision_score, m.log_loss, m.brier_score_loss)
    started = time.perf_counter()
    for functions, values in ((on_calls, called), (on_scores, evaluation.scores)):
        for function in functions:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                bootstrap(
                    (evaluation.labels, values), function, paired=True, vectorized=False,
                    n_resamples=PEER_RESAMPLES, method="percentile",
                )  # fmt: skip
    seconds = (time.perf_counter() - started) * 2000 / PEER_RESAMPLES
    return {"figures": len(on_calls) + len(on_scores), "seconds by 2,000 resamples": seconds}


def coverage(clusters: int, apart: float, simulations: int) -> dict[str, Any]:
    """In how many of 100 simulations an interval holds the truth, ours and plain percentiles."""
    true = truth(apart)
    ours, plain, there = Counter[str](), Counter[str](), Counter[str]()
    how = {name: Counter[str]() for name in FIGURES}
    for seed in range(simulations):
        evaluation, numbers = draw(clusters, apart, seed)
        resamples = Resamples(numbers, 500, seed)
        ranking = compute_ranking_replicates(evaluation, resamples)
        drawn = compute_counted_replicates(evaluation, POINT, resamples) | ranking
        for name, one in compute_intervals(evaluation, POINT, resamples, ranking).items():
            how[name][one.how] += 1
            if one.how != "none":
                there[name] += 1
                ours[name] += one.low <= true[name] <= one.high
            low, high = np.quantile(drawn[name], [0.025, 0.975], method="nearest")
            plain[name] += low <= true[name] <= high
    return {
        "clusters": clusters,
        "ham clusters wrong": round(true["hm"] * clusters * 0.65, 1),
        "spam clusters wrong": round(true["sm"] * clusters * 0.35, 1),
        "simulations": simulations,
        "figures": {
            name: {
                "true": true[name],
                "holds it": 100 * ours[name] / there[name] if there[name] else None,
                "plain percentiles hold it": 100 * plain[name] / simulations,
                "how": dict(how[name]),
            }
            for name in FIGURES
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--simulations", type=int, default=1000)
    parser.add_argument("--json", type=Path, default=Path(__file__).with_suffix(".json"))
    arguments = parser.parse_args()
    compute_intervals(*draw_small())  # what is imported on the way is not timed
    found: dict[str, Any] = {"speed": [speed(20_000), speed(200_000)], "peer": peer(20_000)}
    seconds = found["speed"][0]["seconds"]
    found["peer"]["times ours"] = found["peer"]["seconds by 2,000 resamples"] / seconds
    for row in found["speed"]:
        print({k: round(v, 3) for k, v in row.items()})
    print({k: round(v, 1) for k, v in found["peer"].items()}, flush=True)
    found["coverage"] = [coverage(*design, arguments.simulations) for design in DESIGNS]
    print(f"{'% that hold the truth (plain percentiles)':<22}")
    for name in FIGURES:
        cells = [design["figures"][name] for design in found["coverage"]]
        told = [
            f"{'–' if c['holds it'] is None else format(c['holds it'], '.1f'):>6} "
            f"({c['plain percentiles hold it']:5.1f})"
            for c in cells
        ]
        print(f"{name:<20}", *told)
    write_figures(arguments.json, found)


def draw_small() -> tuple[Any, float, Resamples]:
    """A few mails, to have everything imported."""
    evaluation, clusters = draw(100, 1.0, 0)
    return evaluation, POINT, Resamples(clusters, 100)


if __name__ == "__main__":
    main()
