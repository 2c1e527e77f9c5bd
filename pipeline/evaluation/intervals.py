"""The interval of each figure, which widens with fewer mails and is refused with too few."""

from dataclasses import dataclass

import numpy as np

from pipeline.evaluation import Evaluation, bootstrap, bounds, calibration_error
from pipeline.evaluation.figures import FIGURES, TCR_COSTS, compute_counted_figures
from pipeline.evaluation.operating_point import HALF, OperatingPoint
from pipeline.evaluation.proportions import Share, measure_share
from pipeline.evaluation.ranking import HAM_BUDGET, Ranked
from pipeline.evaluation.resampling import Resamples

FEWEST_CLUSTERS = 10
"""A class with fewer than 10 clusters is not resampled: its draws would hardly differ."""
FEWEST_ODD = 10
"""Errors are resampled only if 10 clusters of each class hold a wrong mail."""
_CHUNK, _MOST_WEIGHTS = 64, 1_500_000
"""64 resamples at a time, and at most 1.5 million weights, so that an array takes 12 MB."""


@dataclass(frozen=True)
class Interval:
    """The interval from `low` to `high`, both NaN if there is none.

    `how` names the method: "Wilson" (a share of mails, by the effective number of mails), "3/n" (a
    share without a single hit), "bounds" (from the intervals of hm and sm, with too few errors to
    resample), "bootstrap" (corrected percentiles over resampled clusters), "inversion" (the
    calibration errors under which the observed one is no surprise) or "none". `note` is a sentence
    if the mails hardly support the figure, else "". `high` may be infinite (TCR).
    """

    low: float
    high: float
    how: str
    note: str = ""


def compute_counted_replicates(
    evaluation: Evaluation, point: OperatingPoint, resamples: Resamples
) -> dict[str, np.ndarray]:
    """Compute every counted figure of `figures.FIGURES` in each resample: float64 [b]."""
    spam, called = evaluation.labels == 1, point.is_spam(evaluation.scores)
    counts = [
        resamples.totals(mask.astype(np.float64))
        for mask in (spam & called, ~spam & called, ~spam & ~called, spam & ~called)
    ]
    return compute_counted_figures(*counts)


def compute_ranking_replicates(
    evaluation: Evaluation, resamples: Resamples
) -> dict[str, np.ndarray]:
    """Compute every figure that needs no threshold in each resample: float64 [b]."""
    ranked = Ranked(evaluation.labels, evaluation.scores)
    chunk = max(1, min(_CHUNK, _MOST_WEIGHTS // max(1, resamples.n)))
    parts = [
        ranked.figures(resamples.weights(start, start + chunk, ranked.order))
        for start in range(0, resamples.resamples, chunk)
    ]
    return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}


def compute_intervals(
    evaluation: Evaluation,
    point: OperatingPoint,
    resamples: Resamples,
    ranking: dict[str, np.ndarray] | None = None,
) -> dict[str, Interval]:
    """Compute an interval of `proportions.LEVEL` for every figure of `Evaluation.summary`, by key.

    Args:
        resamples: over the mails of the evaluation, in their order.
        ranking: what `compute_ranking_replicates` returned, which a moved threshold leaves as it
            is; None to compute it here.
    """
    spam, called = evaluation.labels == 1, point.is_spam(evaluation.scores)
    everywhere = np.ones(len(spam), bool)
    shares = {
        "accuracy": measure_share(called == spam, everywhere, resamples),
        "precision": measure_share(spam, called, resamples),
        "recall": measure_share(called, spam, resamples),
        "hm": measure_share(called, ~spam, resamples),
        "sm": measure_share(~called, spam, resamples),
    }
    ranges = {name: _build_share_interval(name, share) for name, share in shares.items()}
    ham, missed = shares["hm"], shares["sm"]
    refused = _explain_refusal(ham, missed)
    if refused:
        rest = (name for name in FIGURES if name not in ranges)
        ranges |= {name: Interval(np.nan, np.nan, "none", refused) for name in rest}
        return {name: ranges[name] for name in FIGURES}
    mails = measure_share(spam, everywhere, resamples)
    if min(ham.odd, missed.odd) < FEWEST_ODD:
        for name in bounds.COUNTED:
            note = ""
            if not ham.part + missed.part and name.startswith("tcr"):
                note = "no error was seen, so that only the lower end is known"
            ranges[name] = Interval(
                *bounds.bound_counted_figure(name, ham, missed, mails), "bounds", note
            )
    else:
        replicates = compute_counted_replicates(evaluation, point, resamples)
        figures = evaluation.at(point)
        for name in bounds.COUNTED:
            ranges[name] = _build_bootstrap_interval(
                name, replicates[name], getattr(figures, name), ham.odd + missed.odd
            )
    drawn = ranking if ranking is not None else compute_ranking_replicates(evaluation, resamples)
    # judged at 0.5, so that moving the threshold does not move figures that need no threshold
    half = HALF.is_spam(evaluation.scores)
    wrong = measure_share(half, ~spam, resamples).odd + measure_share(~half, spam, resamples).odd
    for name, values in drawn.items():
        estimate = evaluation.ranking[name]
        ranges[name] = _build_bootstrap_interval(
            name, values, estimate, max(FEWEST_CLUSTERS, wrong)
        )
    ranges |= _bound_ranking_figures(evaluation, resamples, ham, missed)
    return {name: ranges[name] for name in FIGURES}


def _build_bootstrap_interval(
    name: str, values: np.ndarray, estimate: float, clusters: int
) -> Interval:
    if name in TCR_COSTS:  # 1 / TCR is a mean of costs and never infinite
        low, high = bootstrap.compute_bootstrap_ends(1 / values, 1 / estimate, clusters)
        return Interval(1 / high, 1 / low if low > 0 else np.inf, "bootstrap")
    return Interval(*bootstrap.compute_bootstrap_ends(values, estimate, clusters), "bootstrap")


NOTHING = {
    "hm": "no ham was lost among {n}; with 95 % certainty at most 1 in {most} would be",
    "sm": "no spam was let through among {n}; with 95 % certainty at most 1 in {most} would be",
}
"""The note on a share without a single hit."""
EMPTY = {"precision": "no mail is called spam", "hm": "there is no ham"}


def write_note(name: str, share: Share) -> str:
    """Write the note on a share of mails (a key of `FIGURES`); "" if it needs none."""
    if not share.whole:
        return EMPTY.get(name, "there is no spam")
    if share.part or name not in NOTHING:
        return ""
    n = f"{share.whole:,}"
    if share.clusters < share.whole:
        n += f" ({share.clusters:,} when near-duplicates count once)"
    return NOTHING[name].format(n=n, most=f"{max(1, int(1 / share.ends()[1])):,}")


def _build_share_interval(name: str, share: Share) -> Interval:
    if not share.whole:
        return Interval(np.nan, np.nan, "none", write_note(name, share))
    how = "3/n" if share.part in (0, share.whole) else "Wilson"
    return Interval(*share.ends(), how, write_note(name, share))


def _explain_refusal(ham: Share, spam: Share) -> str:
    """Explain why figures of both classes have no interval; "" if they have one."""
    for share, word in ((ham, "ham"), (spam, "spam")):
        if not share.whole:
            return f"there is no {word}"
        if share.clusters < FEWEST_CLUSTERS:
            different = " that differ" if share.clusters < share.whole else ""
            return (
                f"only {share.clusters} {word}{different}; below {FEWEST_CLUSTERS} "
                "there is no interval"
            )
    return ""


def _bound_ranking_figures(
    evaluation: Evaluation, resamples: Resamples, ham: Share, spam: Share
) -> dict[str, Interval]:
    """Bound those ranking figures for which resampling fails."""
    ranges = {}
    needed = round(3 / HAM_BUDGET)
    if ham.clusters < needed:
        ranges["sm_at_hm"] = Interval(
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
    odd = min(len(np.unique(cluster[mask])) for mask in (above, below))
    if odd < FEWEST_ODD:
        auc = evaluation.ranking["roc_auc"]
        low, high = bounds.bound_roc_auc(auc, ham.clusters, spam.clusters)
        ranges["roc_auc"] = Interval(low, high, "bounds")
        ranges["one_minus_auc"] = Interval(1 - high, 1 - low, "bounds")
    low, high = calibration_error.compute_calibration_ends(evaluation, resamples)
    note = "" if low else "a part of it, perhaps all, is chance: few mails never agree exactly"
    ranges["ece"] = Interval(low, high, "inversion", note)
    if not odd:
        ends = bounds.bound_average_precision(evaluation.ranking["average_precision"], ham, spam)
        ranges["average_precision"] = Interval(*ends, "bounds")
    return ranges
