"""How long a moved slider takes: ``python benchmarks/threshold.py [MAILS]``.

A simulated evaluation of so many validation mails (20,000 unless told), two runs. Measured is what
the form of the threshold does in one script run, 20 times: the operating point, the figures at it,
the share of unsure mails, and both charts as the JSON that the browser gets; in seconds of the
processor, so that other work on the machine does not count. Prints a table and writes
threshold.json beside this file.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.results import write_figures
from dashboard import charts
from pipeline.evaluation import Evaluation
from pipeline.evaluation.by_threshold import count_scores, trace_thresholds
from pipeline.evaluation.thresholds import choose_operating_point, measure_unsure_shares
from pipeline.specs import ThresholdSpec

TIMES = 20


def simulated(n: int, seed: int = 0) -> Evaluation:
    random = np.random.default_rng(seed)
    labels = (random.random(n) < 0.3).astype(int)
    scores = 1 / (1 + np.exp(4 - 8 * labels - 2 * random.normal(size=n)))
    return Evaluation("validation", tuple(map(str, range(n))), labels, scores)


def seconds(work: Callable[[], object]) -> list[float]:
    found = []
    for _ in range(TIMES):
        started = time.process_time()
        work()
        found.append(time.process_time() - started)
    return sorted(found)


def main(n: int) -> None:
    runs = [simulated(n, seed) for seed in range(2)]
    first = seconds(lambda: (trace_thresholds(runs[0]), count_scores(runs[0])))
    cached = [(trace_thresholds(run), count_scores(run)) for run in runs]
    clusters = np.arange(n) // 2

    def by_hand() -> None:
        for run, (frame, counts) in zip(runs, cached, strict=True):
            point = choose_operating_point(run, ThresholdSpec("hand", 0.7, 0.2))
            figures = asdict(run.at(point))
            measure_unsure_shares(run, point)
            charts.plot_score_histogram(counts, point).to_json()
            charts.plot_threshold_curves(frame, point, figures).to_json()

    rows = {
        "a moved slider, two runs (figures and four charts)": seconds(by_hand),
        "choosing by budget": seconds(
            lambda: choose_operating_point(runs[0], ThresholdSpec("budget", 100, 0.01), clusters)
        ),
        "choosing by cost": seconds(
            lambda: choose_operating_point(runs[0], ThresholdSpec("cost", 9, 0.01))
        ),
        "curves and histogram of a run, once": first,
    }
    print(f"{n:,} validation mails{'':<34}{'median s':>9}{'worst s':>9}")
    for name, times in rows.items():
        print(f"{name:<56}{times[TIMES // 2]:9.3f}{times[-1]:9.3f}")
    print(f"rows of the curves: {len(cached[0][0])}")
    found = {name: {"median": t[TIMES // 2], "worst": t[-1]} for name, t in rows.items()}
    write_figures(Path(__file__).with_suffix(".json"), {"mails": n, "seconds": found})


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
