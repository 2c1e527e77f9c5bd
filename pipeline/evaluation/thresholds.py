"""Where to set the threshold of a run: by ham budget, by cost, by F-beta, or by hand.

A threshold matters only by the mails on either side of it, so that what is chosen is a gap between
two scores; the threshold lies half-way in it, or at 0.5 where that is inside.
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
    """The places where a threshold may lie, the lowest first, and what is lost at each.

    All arrays are of one length. `thresholds` rise from the one that calls every mail spam to the
    one that calls none so, which is there unless a mail has a score of 1. `ham_lost` and
    `spam_missed` count mails.
    """

    thresholds: np.ndarray
    ham_lost: np.ndarray
    spam_missed: np.ndarray


def gaps(evaluation: Evaluation) -> Gaps:
    """Every gap between two neighbouring scores; n log n."""
    distinct = np.unique(evaluation.scores)
    ham = np.sort(evaluation.scores[evaluation.labels == 0])
    spam = np.sort(evaluation.scores[evaluation.labels == 1])
    above = distinct if distinct[-1] == 1 else np.append(distinct, 1.0)
    below = np.append(0.0, distinct)[: len(above)]
    half_way = (above + below) / 2
    # between two neighbouring floats there is nothing, and half-way is rounded to either
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
    """The operating point that a rule asks for on these mails.

    Budget: the lowest threshold at which the one-sided upper 95 % bound of the share of ham called
    spam (Clopper and Pearson, Biometrika 1934) is at most 1 in N. Near-duplicates fare alike and
    are no independent witnesses: the bound is taken over mails and over clusters, of which one
    counts as lost with its first mail, and the larger of the two counts. Cost: the fewest
    value × ham lost + spam missed. F-beta: the highest. Of equals the one nearest to 0.5.

    Args:
        clusters: a number for each mail, [n]; None when no two mails are alike. Only for a budget.
        own: the run's own threshold as it was written down with it, which an older Spamlab found
            by another rule; None to find it on these mails.

    Raises BadSpec for a budget that these mails cannot show or that this run cannot keep.
    """
    if not len(evaluation.ids):
        raise BadSpec("a threshold needs mails to be chosen on; expected at least one, received 0.")
    if rule.rule == "hand" and rule.value is not None:
        return OperatingPoint(rule.value, rule.unsure, "Set by hand.")
    if rule.rule == "budget":
        point = _by_budget(evaluation, gaps(evaluation), _number(rule.value), clusters)
    elif rule.rule == "cost":
        point = _by_cost(gaps(evaluation), _number(rule.value))
    elif rule.rule == "f_beta":
        point = _by_f_beta(evaluation, gaps(evaluation), _number(rule.value))
    else:
        point = _own(evaluation, own)
    return add_band(evaluation, point, rule.unsure)


def resolve_operating_point(
    evaluation: Evaluation,
    rule: ThresholdSpec,
    clusters: np.ndarray | None = None,
    own: float | None = None,
) -> OperatingPoint:
    """As `choose_operating_point`, but under a rule that cannot be kept the run's own point.

    `why` then says so.
    """
    try:
        return choose_operating_point(evaluation, rule, clusters, own)
    except BadSpec as error:
        point = _own(evaluation, own)
        if len(evaluation.ids):
            point = add_band(evaluation, point, rule.unsure)
        return replace(
            point, why=f"The rule cannot be kept: {error} The balanced threshold is used instead."
        )


def add_band(evaluation: Evaluation, point: OperatingPoint, share: float | None) -> OperatingPoint:
    """The point with a band below it, which begins where at most a share of the spam is lower.

    There is no band when it would hold no mail.

    Args:
        share: of the spam, how much may lie below the band, 0 to 1; None for no band.
    """
    if share is None:
        return point
    found = gaps(evaluation)
    at_most = f"{100 * share:.3g} %"
    # the last gap that misses no more; the first misses none
    last = np.searchsorted(found.spam_missed, share * evaluation.n_spam + 1e-9, side="right") - 1
    start = min(float(found.thresholds[last]), point.threshold)
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
    """The share of the "mails", of the "ham" and of the "spam" in the band, 0 to 1.

    0 of a class that is not there.
    """
    at, n_ham, n_spam = evaluation.at(point), evaluation.n_ham, evaluation.n_spam
    return {
        "mails": (at.unsure_ham + at.unsure_spam) / max(1, n_ham + n_spam),
        "ham": at.unsure_ham / max(1, n_ham),
        "spam": at.unsure_spam / max(1, n_spam),
    }


def upper_bound(lost: int, n: int) -> float:
    """The one-sided upper 95 % bound of a share when `lost` of n were, 0 to 1 (Clopper-Pearson)."""
    from scipy.special import betaincinv

    # with all of them lost the beta distribution has no second parameter
    return float(betaincinv(lost + 1, n - lost, 1 - SURE)) if lost < n else 1.0


def most_lost(n: int, budget: float) -> int:
    """How many of n may be lost for the upper bound to be at most 1 in `budget`; -1 for none."""
    # the bound rises with every one that is lost
    return bisect_left(range(n + 1), True, key=lambda lost: upper_bound(lost, n) > 1 / budget) - 1


def strictest_budget(n_ham: int) -> int:
    """The largest N of "at most 1 in N" that n independent ham can show, with none of them lost.

    About n / 3 (the rule of three); 1 when there is nothing to go by.
    """
    return int(1 / compute_smallest_rate(n_ham))


def witnesses(evaluation: Evaluation, clusters: np.ndarray | None = None) -> int:
    """How many ham count for a budget: those of one cluster once."""
    if clusters is None:
        return evaluation.n_ham
    return len(np.unique(np.asarray(clusters)[evaluation.labels == 0]))


def require_budget(n_ham: int, budget: float) -> None:
    """Raise BadSpec when n independent ham cannot show that at most 1 in `budget` is lost."""
    if compute_smallest_rate(n_ham) <= 1 / budget:
        return
    needed = math.ceil(math.log(SURE) / math.log1p(-1 / budget))
    if needed > 100:  # "about": two digits say enough
        needed = round(needed, 2 - len(str(needed)))
    raise BadSpec(
        f"the {n_ham:,} ham of validation (near-duplicates counted once) can show at most 1 in "
        f"{strictest_budget(n_ham):,}; to promise 1 in {budget:,.0f} about {needed:,} ham with "
        "none lost are needed."
    )


def _by_budget(
    evaluation: Evaluation, found: Gaps, budget: float, clusters: np.ndarray | None
) -> OperatingPoint:
    n, alone = evaluation.n_ham, witnesses(evaluation, clusters)
    require_budget(alone, budget)
    clusters_lost = found.ham_lost
    if clusters is not None:
        ham = evaluation.labels == 0
        _, number = np.unique(np.asarray(clusters)[ham], return_inverse=True)
        highest = np.zeros(alone)
        np.maximum.at(highest, number, evaluation.scores[ham])
        highest.sort()
        clusters_lost = alone - np.searchsorted(highest, found.thresholds, side="left")
    kept = np.flatnonzero(
        (found.ham_lost <= most_lost(n, budget)) & (clusters_lost <= most_lost(alone, budget))
    )
    if not len(kept):
        raise BadSpec(
            f"{found.ham_lost[-1]:,} ham have a score of 1, so that no threshold of this run loses "
            f"at most 1 in {budget:,.0f} ham; ask for less, or read those mails on the Errors page."
        )
    i = kept[0]
    bound = max(upper_bound(found.ham_lost[i], n), upper_bound(clusters_lost[i], alone))
    once = "" if alone == n else f"; near-duplicates counted once, {alone:,}"
    return OperatingPoint(
        float(found.thresholds[i]),
        why=f"The lowest threshold that loses at most 1 in {budget:,.0f} ham: it loses "
        f"{found.ham_lost[i]:,} of the {n:,} in validation{once}, so with 95 % confidence at most "
        f"{100 * bound:.2g} % of all ham.",
    )


def _by_cost(found: Gaps, cost: float) -> OperatingPoint:
    costs = cost * found.ham_lost + found.spam_missed
    i = _nearest_to_a_half(found, costs == costs.min())
    return OperatingPoint(
        float(found.thresholds[i]),
        why=f"The lowest cost when a lost ham costs as much as {cost:,.4g} spams read: "
        f"{found.ham_lost[i]:,} ham lost and {found.spam_missed[i]:,} spam let through in "
        "validation.",
    )


def _by_f_beta(evaluation: Evaluation, found: Gaps, beta: float) -> OperatingPoint:
    hits, weight = evaluation.n_spam - found.spam_missed, beta * beta
    hits_counted = (1 + weight) * hits
    whole = hits_counted + weight * found.spam_missed + found.ham_lost
    values = np.divide(hits_counted, whole, out=np.zeros(len(hits)), where=whole > 0)
    i = _nearest_to_a_half(found, values == values.max())
    return OperatingPoint(
        float(found.thresholds[i]),
        why=f"The highest F with β = {beta:.4g} on validation: {values[i]:.4f}.",
    )


def _own(evaluation: Evaluation, own: float | None) -> OperatingPoint:
    return OperatingPoint(evaluation.best_threshold() if own is None else own, why=OWN)


def _nearest_to_a_half(found: Gaps, good: np.ndarray) -> int:
    places = np.flatnonzero(good)
    return int(places[np.argmin(np.abs(found.thresholds[places] - 0.5))])


def _number(value: float | None) -> float:
    assert value is not None  # the spec has seen to it
    return value
