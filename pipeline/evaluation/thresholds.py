"""Where to set the threshold of a run: by ham budget, by cost, by F-beta, or by hand.

A threshold matters only through the mails on either side of it, so each rule chooses a gap between
two scores. The threshold lies half-way in that gap, or at 0.5 if 0.5 is inside.
"""

import math
from bisect import bisect_left
from dataclasses import dataclass, replace

import numpy as np

from pipeline.errors import BadSpec
from pipeline.evaluation import Evaluation
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.specs import ThresholdSpec
from pipeline.splits.size import SURE, compute_smallest_rate

OWN = (
    "Balanced: the threshold nearest to 0.5 whose F1 on validation is as good as the highest, "
    "within one standard error."
)


@dataclass(frozen=True)
class Gaps:
    """The thresholds that a rule may choose, the lowest first, and the mails lost at each.

    All arrays have one length. `thresholds` rise from the one that calls every mail spam to the one
    that calls no mail spam, which is missing if a mail has a score of 1. `ham_lost` and
    `spam_missed` count mails.
    """

    thresholds: np.ndarray
    ham_lost: np.ndarray
    spam_missed: np.ndarray


def find_gaps(evaluation: Evaluation) -> Gaps:
    """Find every gap between two neighbouring scores; takes n log n."""
    distinct = np.unique(evaluation.scores)
    ham = np.sort(evaluation.scores[evaluation.labels == 0])
    spam = np.sort(evaluation.scores[evaluation.labels == 1])
    above = distinct if distinct[-1] == 1 else np.append(distinct, 1.0)
    below = np.append(0.0, distinct)[: len(above)]
    half_way = (above + below) / 2
    # half-way between two neighbouring floats rounds to one of them
    half_way = np.where(half_way > below, half_way, above)
    half_way[(below < 0.5) & (above >= 0.5)] = 0.5
    ham_lost = len(ham) - np.searchsorted(ham, half_way, side="left")
    return Gaps(half_way, ham_lost, np.searchsorted(spam, half_way, side="left"))


def choose_operating_point(
    evaluation: Evaluation,
    rule: ThresholdSpec,
    clusters: np.ndarray | None = None,
    own: float | None = None,
) -> OperatingPoint:
    """Choose the operating point that a rule demands on these mails.

    Budget: the lowest threshold at which the one-sided upper 95 % bound of the share of ham called
    spam (Clopper and Pearson, Biometrika 1934) is at most 1 in N. Near-duplicates fare alike and
    are no independent evidence, so the bound is computed over mails and over clusters (a cluster is
    lost with its first mail), and the larger bound counts. Cost: the lowest value × ham lost + spam
    missed. F-beta: the highest. Among equals, the threshold nearest to 0.5 wins.

    Args:
        clusters: a number for each mail, [n]; None when no two mails are alike. Only for a budget.
        own: the threshold stored with the run, which an older Spamlab may have chosen by another
            rule; None to choose it on these mails.

    Raises BadSpec for a budget that these mails cannot show or that this run cannot keep.
    """
    if not len(evaluation.ids):
        raise BadSpec("a threshold needs mails to be chosen on; expected at least one, received 0.")
    if rule.rule == "hand" and rule.value is not None:
        return OperatingPoint(rule.value, rule.unsure, "Set by hand.")
    if rule.rule == "budget":
        point = _choose_by_budget(
            evaluation, find_gaps(evaluation), _require_number(rule.value), clusters
        )
    elif rule.rule == "cost":
        point = _choose_by_cost(find_gaps(evaluation), _require_number(rule.value))
    elif rule.rule == "f_beta":
        point = _choose_by_f_beta(evaluation, find_gaps(evaluation), _require_number(rule.value))
    else:
        point = _build_own_point(evaluation, own)
    return add_band(evaluation, point, rule.unsure)


def resolve_operating_point(
    evaluation: Evaluation,
    rule: ThresholdSpec,
    clusters: np.ndarray | None = None,
    own: float | None = None,
) -> OperatingPoint:
    """Choose an operating point, or fall back on the run's own if the rule cannot be kept.

    `why` then says so. Arguments as for `choose_operating_point`.
    """
    try:
        return choose_operating_point(evaluation, rule, clusters, own)
    except BadSpec as error:
        point = _build_own_point(evaluation, own)
        if len(evaluation.ids):
            point = add_band(evaluation, point, rule.unsure)
        return replace(
            point, why=f"The rule cannot be kept: {error} The balanced threshold is used instead."
        )


def add_band(evaluation: Evaluation, point: OperatingPoint, share: float | None) -> OperatingPoint:
    """Add a band below the threshold that leaves at most a share of the spam below it.

    A band that would hold no mail is not added.

    Args:
        share: the share of the spam that may lie below the band, 0 to 1; None for no band.
    """
    if share is None:
        return point
    gaps = find_gaps(evaluation)
    at_most = f"{100 * share:.3g} %"
    # the last gap that stays within the share; the first gap misses no spam
    last = np.searchsorted(gaps.spam_missed, share * evaluation.n_spam + 1e-9, side="right") - 1
    start = min(float(gaps.thresholds[last]), point.threshold)
    banded = replace(
        point,
        unsure_from=start,
        why=f"{point.why} Unsure from {start:.3f} on, so that at most {at_most} of the spam is "
        "called ham.",
    )
    if banded.is_unsure(evaluation.scores).any():
        return banded
    why = f"{point.why} No mail is unsure: at most {at_most} of the spam is below it."
    return replace(point, why=why)


def measure_unsure_shares(evaluation: Evaluation, point: OperatingPoint) -> dict[str, float]:
    """Measure the share of the "mails", the "ham" and the "spam" in the band, 0 to 1.

    It is 0 for a class without mails.
    """
    at, n_ham, n_spam = evaluation.at(point), evaluation.n_ham, evaluation.n_spam
    return {
        "mails": (at.unsure_ham + at.unsure_spam) / max(1, n_ham + n_spam),
        "ham": at.unsure_ham / max(1, n_ham),
        "spam": at.unsure_spam / max(1, n_spam),
    }


def compute_upper_bound(lost: int, n: int) -> float:
    """The one-sided upper 95 % bound of a share when `lost` of n are lost (Clopper-Pearson).

    From 0 to 1.
    """
    from scipy.special import betaincinv

    # if all are lost, the beta distribution has no second parameter
    return float(betaincinv(lost + 1, n - lost, 1 - SURE)) if lost < n else 1.0


def count_allowed_losses(n: int, budget: float) -> int:
    """Count how many of n may be lost with an upper bound of at most 1 in `budget`.

    -1 if even 0 lost of n does not show it.
    """
    # the bound rises with each further loss, so a binary search finds the last that is allowed
    return (
        bisect_left(range(n + 1), True, key=lambda lost: compute_upper_bound(lost, n) > 1 / budget)
        - 1
    )


def find_strictest_budget(n_ham: int) -> int:
    """Find the largest N for which n independent ham, none of them lost, show "at most 1 in N".

    About n / 3 (the rule of three); 1 without any ham.
    """
    return int(1 / compute_smallest_rate(n_ham))


def count_witnesses(evaluation: Evaluation, clusters: np.ndarray | None = None) -> int:
    """Count the ham that are independent evidence for a budget: a cluster counts once."""
    if clusters is None:
        return evaluation.n_ham
    return len(np.unique(np.asarray(clusters)[evaluation.labels == 0]))


def require_budget(n_ham: int, budget: float) -> None:
    """Raise BadSpec if n independent ham cannot show that at most 1 in `budget` is lost."""
    if compute_smallest_rate(n_ham) <= 1 / budget:
        return
    needed = math.ceil(math.log(SURE) / math.log1p(-1 / budget))
    if needed > 100:  # "about": two digits say enough
        needed = round(needed, 2 - len(str(needed)))
    raise BadSpec(
        f"the {n_ham:,} ham of validation (near-duplicates counted once) can show at most 1 in "
        f"{find_strictest_budget(n_ham):,}; to promise 1 in {budget:,.0f} about {needed:,} ham "
        "with none lost are needed."
    )


def _choose_by_budget(
    evaluation: Evaluation, gaps: Gaps, budget: float, clusters: np.ndarray | None
) -> OperatingPoint:
    n, alone = evaluation.n_ham, count_witnesses(evaluation, clusters)
    require_budget(alone, budget)
    clusters_lost = gaps.ham_lost
    if clusters is not None:
        ham = evaluation.labels == 0
        _, number = np.unique(np.asarray(clusters)[ham], return_inverse=True)
        highest = np.zeros(alone)
        np.maximum.at(highest, number, evaluation.scores[ham])
        highest.sort()
        clusters_lost = alone - np.searchsorted(highest, gaps.thresholds, side="left")
    kept = np.flatnonzero(
        (gaps.ham_lost <= count_allowed_losses(n, budget))
        & (clusters_lost <= count_allowed_losses(alone, budget))
    )
    if not len(kept):
        raise BadSpec(
            f"{gaps.ham_lost[-1]:,} ham have a score of 1, so that no threshold of this run loses "
            f"at most 1 in {budget:,.0f} ham; ask for less, or read those mails on the Errors page."
        )
    i = kept[0]
    bound = max(
        compute_upper_bound(gaps.ham_lost[i], n), compute_upper_bound(clusters_lost[i], alone)
    )
    once = "" if alone == n else f"; near-duplicates counted once, {alone:,}"
    return OperatingPoint(
        float(gaps.thresholds[i]),
        why=f"The lowest threshold that loses at most 1 in {budget:,.0f} ham: it loses "
        f"{gaps.ham_lost[i]:,} of the {n:,} in validation{once}, so with 95 % confidence at most "
        f"{100 * bound:.2g} % of all ham.",
    )


def _choose_by_cost(gaps: Gaps, cost: float) -> OperatingPoint:
    costs = cost * gaps.ham_lost + gaps.spam_missed
    i = _find_nearest_to_half(gaps, costs == costs.min())
    return OperatingPoint(
        float(gaps.thresholds[i]),
        why=f"The lowest cost when a lost ham costs as much as {cost:,.4g} spams read: "
        f"{gaps.ham_lost[i]:,} ham lost and {gaps.spam_missed[i]:,} spam let through in "
        "validation.",
    )


def _choose_by_f_beta(evaluation: Evaluation, gaps: Gaps, beta: float) -> OperatingPoint:
    hits, weight = evaluation.n_spam - gaps.spam_missed, beta * beta
    hits_counted = (1 + weight) * hits
    whole = hits_counted + weight * gaps.spam_missed + gaps.ham_lost
    values = np.divide(hits_counted, whole, out=np.zeros(len(hits)), where=whole > 0)
    i = _find_nearest_to_half(gaps, values == values.max())
    return OperatingPoint(
        float(gaps.thresholds[i]),
        why=f"The highest F with β = {beta:.4g} on validation: {values[i]:.4f}.",
    )


def _build_own_point(evaluation: Evaluation, own: float | None) -> OperatingPoint:
    return OperatingPoint(evaluation.best_threshold() if own is None else own, why=OWN)


def _find_nearest_to_half(gaps: Gaps, good: np.ndarray) -> int:
    places = np.flatnonzero(good)
    return int(places[np.argmin(np.abs(gaps.thresholds[places] - 0.5))])


def _require_number(value: float | None) -> float:
    assert value is not None  # the spec has checked that the rule has its value
    return value
