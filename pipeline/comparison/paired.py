"""Computes the difference of each figure, with an interval from paired resamples."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.comparison.significance import adjust_p_values
from pipeline.evaluation import Evaluation
from pipeline.evaluation.figures import FIGURES
from pipeline.evaluation.intervals import (
    Interval,
    compute_counted_replicates,
    compute_ranking_replicates,
)
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.evaluation.proportions import LEVEL
from pipeline.evaluation.resampling import Resamples

FEWEST = 6
"""A counted figure gets a verdict only if at least 6 clusters are classified differently. If all of
them are fixed, chance explains that in 2 · 0.5^6 = 3.1% of cases; with 5 it would be 6.3%."""
NORMAL = 1.96
BETTER, WORSE, OPEN = "better", "worse", "open"
CLASS_OF = {"hm": (0,), "sm": (1,), "recall": (1,)}
"""Figures that depend only on mails of one class (0 ham, 1 spam); the others depend on both."""
SHARES = ("accuracy", "hm", "sm", "recall")
"""Figures that cannot change by more than the share of mails classified differently."""


@dataclass(frozen=True)
class JudgedRun:
    """A run's scores and the operating point that it is used at."""

    evaluation: Evaluation
    point: OperatingPoint

    @property
    def called_spam(self) -> np.ndarray:
        """Whether each mail is called spam, bool [n]."""
        return self.point.is_spam(self.evaluation.scores)

    @property
    def right(self) -> np.ndarray:
        """Whether each mail is classified correctly, bool [n]; unsure mails are not."""
        return self.point.is_right(self.evaluation.scores, self.evaluation.labels)


def judge_runs(
    evaluations: Mapping[str, Evaluation],
    runs: Sequence[Sequence[tuple[str, OperatingPoint]]],
) -> list[list[JudgedRun]]:
    """Combine the evaluations and operating points of runs for `compare_runs`.

    Args:
        evaluations: by the id of the run, all on the same mails (`find_common_mails`).
        runs: for each run the id and the operating point of every seed.
    """
    return [[JudgedRun(evaluations[run_id], point) for run_id, point in seeds] for seeds in runs]


@dataclass(frozen=True)
class Difference:
    """One figure of two runs on the same mails.

    Attributes:
        key: of `FIGURES`.
        a, b: its values.
        difference: b - a, in the figure's own unit.
        interval: of the difference.
        p: two-sided, from the bootstrap.
        adjusted: p after Holm's correction.
        verdict: "better", "worse" or "open".
        needed: about how many mails would decide an open verdict; None if nothing suggests a
            number.
    """

    key: str
    a: float
    b: float
    difference: float
    interval: Interval
    p: float
    adjusted: float
    verdict: str
    needed: int | None


@dataclass(frozen=True)
class Replicates:
    """Every figure of a run: its value, and its value in each of b resamples, float64 [b]."""

    values: dict[str, float]
    resampled: dict[str, np.ndarray]


def compute_replicates(members: Sequence[JudgedRun], resamples: Resamples) -> Replicates:
    """Compute the figures of a run; with several seeds, their means.

    With k seeds, each resample also draws k - 1 of them with replacement, whose mean varies like
    the mean of k independent seeds (Rao and Wu, JASA 83, 1988), so that intervals cover the luck of
    the seeds too.
    """
    rows = []
    for member in members:
        summary = member.evaluation.summary(member.point)
        drawn = compute_counted_replicates(member.evaluation, member.point, resamples)
        drawn |= compute_ranking_replicates(member.evaluation, resamples)
        rows.append(({key: float(summary[key]) for key in FIGURES}, drawn))
    k = len(rows)
    # There may be fewer resamples than requested.
    b = len(next(iter(rows[0][1].values())))
    dice = np.random.default_rng(resamples.seed)
    seeds = dice.integers(0, k, (max(1, k - 1), b))
    return Replicates(
        {key: float(np.mean([values[key] for values, _ in rows])) for key in FIGURES},
        {
            key: np.stack([drawn[key] for _, drawn in rows])[seeds, np.arange(b)].mean(axis=0)
            for key in FIGURES
        },
    )


def compute_differences(
    a: Sequence[JudgedRun],
    b: Sequence[JudgedRun],
    a_replicates: Replicates,
    b_replicates: Replicates,
    clusters: np.ndarray,
) -> dict[str, Difference]:
    """Compute b - a for every figure of `FIGURES`; not yet adjusted for other comparisons."""
    # All counted figures follow from the mails called spam.
    differ = np.mean([m.called_spam for m in a], axis=0) != np.mean(
        [m.called_spam for m in b], axis=0
    )
    labels = a[0].evaluation.labels
    differences = {}
    for key, figure in FIGURES.items():
        with np.errstate(invalid="ignore"):  # infinity minus infinity is undefined
            drawn = b_replicates.resampled[key] - a_replicates.resampled[key]
        inside = np.isin(labels, CLASS_OF.get(key, (0, 1)))
        units = len(np.unique(clusters[inside]))
        unlike = len(np.unique(clusters[inside & differ]))
        differences[key] = _difference(
            key,
            (a_replicates.values[key], b_replicates.values[key]),
            drawn,
            len(labels),
            (units, unlike) if figure.counted else None,
        )
    return differences


def _difference(
    key: str,
    values: tuple[float, float],
    drawn: np.ndarray,
    n: int,
    units: tuple[int, int] | None,
) -> Difference:
    """Judge one figure; `units` are its clusters, and those of them classified differently."""
    better = FIGURES[key].better
    d = values[1] - values[0]
    drawn = drawn[np.isfinite(drawn)]

    def open_with(interval: Interval, p: float = math.nan, needed: int | None = None) -> Difference:
        return Difference(key, *values, d, interval, p, p, OPEN, needed)

    if not math.isfinite(d):
        return open_with(
            _build_no_interval("the figure is undefined or infinite for one of the runs")
        )
    if units is not None and units[1] == 0:
        return open_with(_bound_agreement(key, units[0]))
    if len(drawn) < 100:
        return open_with(_build_no_interval("too few mails"))
    if np.ptp(drawn) < 1e-12 and abs(d) < 1e-12:
        return open_with(_build_no_interval("both runs are equal in every resample"))
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    interval = Interval(float(low), float(high), "bootstrap")
    tail = min((drawn <= 0).sum(), (drawn >= 0).sum())
    p = min(1.0, 2 * (1 + int(tail)) / (1 + len(drawn)))
    needed = _estimate_needed(n, d, float(drawn.std(ddof=1)))
    if units is not None and units[1] < FEWEST:
        note = (
            f"only {_count_mails(units[1])} classified differently, counting near-duplicates once; "
            f"a verdict needs at least {FEWEST}"
        )
        needed = max(needed or 0, _round_up(n * FEWEST / units[1]))
        return open_with(replace(interval, note=note), p, needed)
    verdict = OPEN
    if low > 0 or high < 0:
        verdict = BETTER if (low > 0) == (better > 0) else WORSE
    return Difference(key, *values, d, interval, p, p, verdict, needed)


def _count_mails(n: int) -> str:
    return "1 mail is" if n == 1 else f"{n:,} mails are"


def _build_no_interval(note: str) -> Interval:
    return Interval(math.nan, math.nan, "none", note)


def _bound_agreement(key: str, units: int) -> Interval:
    """Bound the difference of runs that agree on every mail, where all resamples are 0.

    If none of n independent mails differs, the share that does is at most 1 - 0.05^(1/n), about
    3/n, with 95% confidence (Hanley and Lippman-Hand, JAMA 249, 1983).
    """
    most = 1 - (1 - LEVEL) ** (1 / units) if units else 1.0
    note = f"both runs agree on every mail; at most {most:.2%} would differ"
    if key in SHARES:
        return Interval(-most, most, "exact", note)
    return Interval(math.nan, math.nan, "none", note)


def _estimate_needed(n: int, d: float, standard_error: float) -> int | None:
    """Estimate, to two digits, the mails with which an interval of `LEVEL` would just exclude 0.

    The standard error falls with the square root of their number. None if there is no difference.
    """
    if abs(d) < 1e-12:
        return None
    return _round_up(max(n + 1.0, n * (NORMAL * standard_error / abs(d)) ** 2))


def _round_up(mails: float) -> int:
    step = 10 ** max(0, math.floor(math.log10(mails)) - 1)
    return int(math.ceil(mails / step) * step)


def correct_differences(
    comparisons: Sequence[dict[str, Difference]],
) -> list[dict[str, Difference]]:
    """Adjust each figure's p-values for the number of comparisons (Holm), and their verdicts."""
    corrected: list[dict[str, Difference]] = [{} for _ in comparisons]
    for key in FIGURES:
        adjusted = adjust_p_values([differences[key].p for differences in comparisons])
        for target, differences, p in zip(corrected, comparisons, adjusted, strict=True):
            old = differences[key]
            stands = old.verdict == OPEN or p <= 1 - LEVEL
            target[key] = replace(old, adjusted=p, verdict=old.verdict if stands else OPEN)
    return corrected
