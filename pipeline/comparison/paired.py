"""Each figure's difference on the same mails, with an interval from the same resamples of both."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.comparison.significance import holm
from pipeline.evaluation import Evaluation
from pipeline.evaluation.figures import FIGURES
from pipeline.evaluation.intervals import Interval, counted_replicates, ranking_replicates
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.evaluation.proportions import LEVEL
from pipeline.evaluation.resampling import Resamples

FEWEST = 6
"""Clusters that must be decided differently before a counted figure gets a verdict: were all of
them fixed, luck alone would do that in 2 · 0.5^6 = 3.1 % of cases, with 5 in 6.3 %."""
NORMAL = 1.96
BETTER, WORSE, OPEN = "better", "worse", "open"
CLASS_OF = {"hm": (0,), "sm": (1,), "recall": (1,)}
"""Figures that only mails of one class decide (0 ham, 1 spam); the others rest on both."""
SHARES = ("accuracy", "hm", "sm", "recall")
"""Figures that cannot move further than the share of mails that are decided differently."""


@dataclass(frozen=True)
class Judged:
    """A run's scores and the operating point that it is used at."""

    evaluation: Evaluation
    point: OperatingPoint

    @property
    def called_spam(self) -> np.ndarray:
        """Whether each mail is called spam, bool [n]."""
        return self.point.is_spam(self.evaluation.scores)

    @property
    def right(self) -> np.ndarray:
        """Whether each mail is called by its label, which no unsure mail is, bool [n]."""
        return self.point.is_right(self.evaluation.scores, self.evaluation.labels)


def judge_runs(
    evaluations: Mapping[str, Evaluation],
    runs: Sequence[Sequence[tuple[str, OperatingPoint]]],
) -> list[list[Judged]]:
    """Of each run its seeds, ready to be compared.

    Args:
        evaluations: by the id of the run, all on the same mails (`shared.common`).
        runs: of each run the id and the operating point of every seed.
    """
    return [[Judged(evaluations[run_id], point) for run_id, point in seeds] for seeds in runs]


@dataclass(frozen=True)
class Difference:
    """One figure of two runs on the same mails; `difference` is b - a in the figure's own unit.

    `p` is the bootstrap's, two-sided, `adjusted` the same after Holm. `verdict` is better, worse or
    open; `needed` is about how many mails would tell, None when nothing suggests a number.
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
    """Every figure of a run: its value and, in each resample, its replicates float64 [b]."""

    values: dict[str, float]
    resampled: dict[str, np.ndarray]


def replicates(members: Sequence[Judged], resamples: Resamples) -> Replicates:
    """The figures of a run; of several seeds of one spec their mean.

    Of k seeds, each resample also draws k - 1 with replacement, whose mean varies as the mean of k
    independent seeds does (Rao and Wu, JASA 83, 1988), so that an interval covers their luck.
    """
    rows = []
    for one in members:
        summary = one.evaluation.summary(one.point)
        drawn = counted_replicates(one.evaluation, one.point, resamples)
        drawn |= ranking_replicates(one.evaluation, resamples)
        rows.append(({key: float(summary[key]) for key in FIGURES}, drawn))
    k = len(rows)
    # the resamples may be fewer than asked for
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


def differences(
    a: Sequence[Judged],
    b: Sequence[Judged],
    of_a: Replicates,
    of_b: Replicates,
    clusters: np.ndarray,
) -> dict[str, Difference]:
    """Every figure of `FIGURES`, b against a; not yet corrected for other comparisons."""
    # all counted figures follow from what is called spam
    differ = np.mean([m.called_spam for m in a], axis=0) != np.mean(
        [m.called_spam for m in b], axis=0
    )
    labels = a[0].evaluation.labels
    found = {}
    for key, figure in FIGURES.items():
        with np.errstate(invalid="ignore"):  # infinite minus infinite: no such difference
            drawn = of_b.resampled[key] - of_a.resampled[key]
        inside = np.isin(labels, CLASS_OF.get(key, (0, 1)))
        units = len(np.unique(clusters[inside]))
        unlike = len(np.unique(clusters[inside & differ]))
        found[key] = _difference(
            key,
            (of_a.values[key], of_b.values[key]),
            drawn,
            len(labels),
            (units, unlike) if figure.counted else None,
        )
    return found


def _difference(
    key: str,
    values: tuple[float, float],
    drawn: np.ndarray,
    n: int,
    units: tuple[int, int] | None,
) -> Difference:
    """`units`: clusters that the figure rests on, and those of them decided differently."""
    better = FIGURES[key].better
    d = values[1] - values[0]
    drawn = drawn[np.isfinite(drawn)]

    def open_with(interval: Interval, p: float = math.nan, needed: int | None = None) -> Difference:
        return Difference(key, *values, d, interval, p, p, OPEN, needed)

    if not math.isfinite(d):
        return open_with(_none("one of the two has no such figure, or an infinite one"))
    if units is not None and units[1] == 0:
        return open_with(_nothing_differs(key, units[0]))
    if len(drawn) < 100:
        return open_with(_none("too few mails"))
    if np.ptp(drawn) < 1e-12 and abs(d) < 1e-12:
        return open_with(_none("both are the same in every resample"))
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    interval = Interval(float(low), float(high), "bootstrap")
    tail = min((drawn <= 0).sum(), (drawn >= 0).sum())
    p = min(1.0, 2 * (1 + int(tail)) / (1 + len(drawn)))
    needed = _needed(n, d, float(drawn.std(ddof=1)))
    if units is not None and units[1] < FEWEST:
        note = (
            f"only {_mails(units[1])} decided differently, near-duplicates counted as one; no "
            f"verdict with fewer than {FEWEST}"
        )
        needed = max(needed or 0, _rounded_up(n * FEWEST / units[1]))
        return open_with(replace(interval, note=note), p, needed)
    verdict = OPEN
    if low > 0 or high < 0:
        verdict = BETTER if (low > 0) == (better > 0) else WORSE
    return Difference(key, *values, d, interval, p, p, verdict, needed)


def _mails(n: int) -> str:
    return "1 mail is" if n == 1 else f"{n:,} mails are"


def _none(note: str) -> Interval:
    return Interval(math.nan, math.nan, "none", note)


def _nothing_differs(key: str, units: int) -> Interval:
    """Where no mail is decided differently, every resample says 0, which proves nothing.

    Of n independent mails none differed: the share that do is at most 1 - 0.05^(1/n), about 3/n,
    with 95 % confidence (Hanley and Lippman-Hand, JAMA 249, 1983).
    """
    most = 1 - (1 - LEVEL) ** (1 / units) if units else 1.0
    note = f"no mail is decided differently; at most {most:.2%} of such mails are (95 %)"
    if key in SHARES:
        return Interval(-most, most, "exact", note)
    return Interval(math.nan, math.nan, "none", note)


def _needed(n: int, d: float, standard_error: float) -> int | None:
    """Mails with which an interval of `LEVEL` would just leave 0 out, to two figures.

    The standard error falls with the root of the number. None when there is no difference.
    """
    if abs(d) < 1e-12:
        return None
    return _rounded_up(max(n + 1.0, n * (NORMAL * standard_error / abs(d)) ** 2))


def _rounded_up(mails: float) -> int:
    step = 10 ** max(0, math.floor(math.log10(mails)) - 1)
    return math.ceil(mails / step) * step


def corrected(several: Sequence[dict[str, Difference]]) -> list[dict[str, Difference]]:
    """The differences of several comparisons, each figure corrected for their number (Holm)."""
    found: list[dict[str, Difference]] = [{} for _ in several]
    for key in FIGURES:
        adjusted = holm([one[key].p for one in several])
        for place, one, p in zip(found, several, adjusted, strict=True):
            old = one[key]
            stands = old.verdict == OPEN or p <= 1 - LEVEL
            place[key] = replace(old, adjusted=p, verdict=old.verdict if stands else OPEN)
    return found
