"""How sure a figure is: an interval for each, which widens or is refused where mails are few."""

from dataclasses import dataclass

import numpy as np

from pipeline.evaluation import Evaluation, bootstrap, bounds, calibration_error
from pipeline.evaluation.figures import FIGURES, TCR_COSTS, compute_counted_figures
from pipeline.evaluation.operating_point import HALF, OperatingPoint
from pipeline.evaluation.proportions import Share, share
from pipeline.evaluation.ranking import HAM_BUDGET, Ranked
from pipeline.evaluation.resampling import Resamples

FEWEST_CLUSTERS = 10
"""Of a class; from fewer nothing is drawn again."""
FEWEST_ODD = 10
"""Clusters with a wrong mail, of each class, from which errors are drawn again."""
_CHUNK, _MOST_WEIGHTS = 64, 1_500_000
"""Resamples, and mails times resamples, worked out at a time: 12 MB an array."""


@dataclass(frozen=True)
class Interval:
    """From `low` to `high`, both NaN for none; `how` it was made, and what is to be known of it.

    `how` is "Wilson" (a share of mails, by the effective number of mails), "3/n" (a share of which
    nothing was seen), "bounds" (from the intervals of hm and sm, where too few errors were seen to
    draw them again), "bootstrap" (corrected percentiles over resampled clusters), "inversion" (the
    calibration errors that would give what was seen) or "none". `note` is a
    sentence where the mails can hardly carry the figure, else "". `high` may be infinite (TCR).
    """

    low: float
    high: float
    how: str
    note: str = ""


def counted_replicates(
    evaluation: Evaluation, point: OperatingPoint, resamples: Resamples
) -> dict[str, np.ndarray]:
    """Every counted figure of `figures.FIGURES` in each resample: float64 [b]."""
    spam, called = evaluation.labels == 1, point.is_spam(evaluation.scores)
    counts = [
        resamples.totals(some.astype(np.float64))
        for some in (spam & called, ~spam & called, ~spam & ~called, spam & ~called)
    ]
    return compute_counted_figures(*counts)


def ranking_replicates(evaluation: Evaluation, resamples: Resamples) -> dict[str, np.ndarray]:
    """Every figure that needs no threshold in each resample: float64 [b]."""
    ranked = Ranked(evaluation.labels, evaluation.scores)
    chunk = max(1, min(_CHUNK, _MOST_WEIGHTS // max(1, resamples.n)))
    parts = [
        ranked.figures(resamples.weights(start, start + chunk, ranked.order))
        for start in range(0, resamples.resamples, chunk)
    ]
    return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}


def intervals(
    evaluation: Evaluation,
    point: OperatingPoint,
    resamples: Resamples,
    ranking: dict[str, np.ndarray] | None = None,
) -> dict[str, Interval]:
    """An interval of `proportions.LEVEL` for every figure of `Evaluation.summary`, by its key.

    Args:
        resamples: over the mails of the evaluation, in their order.
        ranking: what `ranking_replicates` gave, so that a moved threshold costs nothing of it.
    """
    spam, called = evaluation.labels == 1, point.is_spam(evaluation.scores)
    everywhere = np.ones(len(spam), bool)
    shares = {
        "accuracy": share(called == spam, everywhere, resamples),
        "precision": share(spam, called, resamples),
        "recall": share(called, spam, resamples),
        "hm": share(called, ~spam, resamples),
        "sm": share(~called, spam, resamples),
    }
    found = {name: _of_share(name, one) for name, one in shares.items()}
    ham, missed = shares["hm"], shares["sm"]
    refused = _refusal(ham, missed)
    if refused:
        rest = (name for name in FIGURES if name not in found)
        found |= {name: Interval(np.nan, np.nan, "none", refused) for name in rest}
        return {name: found[name] for name in FIGURES}
    mails = share(spam, everywhere, resamples)
    if min(ham.odd, missed.odd) < FEWEST_ODD:
        for name in bounds.COUNTED:
            note = ""
            if not ham.part + missed.part and name.startswith("tcr"):
                note = "no error was seen, so that only the lower end is known"
            found[name] = Interval(*bounds.counted(name, ham, missed, mails), "bounds", note)
    else:
        replicates = counted_replicates(evaluation, point, resamples)
        figures = evaluation.at(point)
        for name in bounds.COUNTED:
            found[name] = _drawn(
                name, replicates[name], getattr(figures, name), ham.odd + missed.odd
            )
    drawn = ranking if ranking is not None else ranking_replicates(evaluation, resamples)
    # by the middle of the scores, so that a moved threshold moves no figure that has none
    half = HALF.is_spam(evaluation.scores)
    wrong = share(half, ~spam, resamples).odd + share(~half, spam, resamples).odd
    for name, values in drawn.items():
        estimate = evaluation.ranking[name]
        found[name] = _drawn(name, values, estimate, max(FEWEST_CLUSTERS, wrong))
    found |= _of_ranking(evaluation, resamples, ham, missed)
    return {name: found[name] for name in FIGURES}


def _drawn(name: str, values: np.ndarray, estimate: float, clusters: int) -> Interval:
    if name in TCR_COSTS:  # whose inverse is a mean of costs, and never infinite
        low, high = bootstrap.ends(1 / values, 1 / estimate, clusters)
        return Interval(1 / high, 1 / low if low > 0 else np.inf, "bootstrap")
    return Interval(*bootstrap.ends(values, estimate, clusters), "bootstrap")


NOTHING = {
    "hm": "no ham was lost among {n}; with 95 % certainty at most 1 in {most} would be",
    "sm": "no spam was let through among {n}; with 95 % certainty at most 1 in {most} would be",
}
"""What is said of a share that nothing was seen of."""
EMPTY = {"precision": "no mail is called spam", "hm": "there is no ham"}


def note_of(name: str, one: Share) -> str:
    """What is to be known of a share of mails (a key of `FIGURES`), "" where nothing is."""
    if not one.whole:
        return EMPTY.get(name, "there is no spam")
    if one.part or name not in NOTHING:
        return ""
    n = f"{one.whole:,}"
    if one.clusters < one.whole:
        n += f" ({one.clusters:,} when near-duplicates count once)"
    return NOTHING[name].format(n=n, most=f"{max(1, int(1 / one.ends()[1])):,}")


def _of_share(name: str, one: Share) -> Interval:
    if not one.whole:
        return Interval(np.nan, np.nan, "none", note_of(name, one))
    how = "3/n" if one.part in (0, one.whole) else "Wilson"
    return Interval(*one.ends(), how, note_of(name, one))


def _refusal(ham: Share, spam: Share) -> str:
    """Why figures of both classes have no interval, or ""."""
    for one, word in ((ham, "ham"), (spam, "spam")):
        if not one.whole:
            return f"there is no {word}"
        if one.clusters < FEWEST_CLUSTERS:
            different = " that differ" if one.clusters < one.whole else ""
            return (
                f"only {one.clusters} {word}{different}; below {FEWEST_CLUSTERS} "
                "there is no interval"
            )
    return ""


def _of_ranking(
    evaluation: Evaluation, resamples: Resamples, ham: Share, spam: Share
) -> dict[str, Interval]:
    """Intervals of those ranking figures that resamples cannot carry."""
    found = {}
    needed = round(3 / HAM_BUDGET)
    if ham.clusters < needed:
        found["sm_at_hm"] = Interval(
            np.nan,
            np.nan,
            "none",
            f"1 ham in {1 / HAM_BUDGET:,.0f} cannot be told with {ham.clusters:,} ham; "
            f"about {needed:,} are needed",
        )
    of_spam = evaluation.labels == 1
    scores, cluster = evaluation.scores, resamples.cluster
    above = ~of_spam & (scores >= scores[of_spam].min())
    below = of_spam & (scores <= scores[~of_spam].max())
    odd = min(len(np.unique(cluster[some])) for some in (above, below))
    if odd < FEWEST_ODD:
        auc = evaluation.ranking["roc_auc"]
        low, high = bounds.roc_auc(auc, ham.clusters, spam.clusters)
        found["roc_auc"] = Interval(low, high, "bounds")
        found["one_minus_auc"] = Interval(1 - high, 1 - low, "bounds")
    low, high = calibration_error.ends(evaluation, resamples)
    note = "" if low else "a part of it, perhaps all, is chance: few mails never agree exactly"
    found["ece"] = Interval(low, high, "inversion", note)
    if not odd:
        ends = bounds.average_precision(evaluation.ranking["average_precision"], ham, spam)
        found["average_precision"] = Interval(*ends, "bounds")
    return found
