"""Where to set the threshold of a run: by ham budget, by cost, by F-beta, or by hand.

A threshold matters only by the mails on either side of it, so that what is chosen is a gap between
two scores; the threshold lies half-way in it, or at 0.5 where that is inside.
"""

import math
from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from pipeline.errors import BadSpec
from pipeline.evaluation import Evaluation
from pipeline.specs import ThresholdSpec
from pipeline.splits.size import SURE, compute_smallest_rate

OWN = (
    "Its own: the threshold nearest to 0.5 whose F1 on validation is as good as the highest, "
    "within one standard error."
)


@dataclass(frozen=True)
class OperatingPoint:
    """What a score means for one run: from `threshold` on spam, from `unsure_from` on unsure.

    Below that it is ham; without a band `unsure_from` is None. `why` is a sentence for the user.
    """

    threshold: float
    unsure_from: float | None
    why: str

    def calls(self, scores: np.ndarray) -> np.ndarray:
        """ "ham", "unsure" or "spam" for each score."""
        return called(scores, self.threshold, self.unsure_from)


def called(scores: np.ndarray, threshold: float, unsure_from: float | None) -> np.ndarray:
    """ "ham", "unsure" or "spam" for each score; never "unsure" without a band."""
    from_here = threshold if unsure_from is None else unsure_from
    return np.where(scores >= threshold, "spam", np.where(scores >= from_here, "unsure", "ham"))


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


def choose(
    evaluation: Evaluation, spec: ThresholdSpec, clusters: np.ndarray | None = None
) -> OperatingPoint:
    """The threshold that a rule asks for on these mails.

    Budget: the lowest threshold at which the one-sided upper 95 % bound of the share of ham called
    spam (Clopper and Pearson, Biometrika 1934) is at most 1 in N. Near-duplicates fare alike and
    are no independent witnesses: the bound is taken over mails and over clusters, of which one
    counts as lost with its first mail, and the larger of the two counts. Cost: the fewest
    value × ham lost + spam missed. F-beta: the highest. Of equals the one nearest to 0.5.

    Args:
        clusters: a number for each mail, [n]; None when no two mails are alike. Only for a budget.

    Raises BadSpec for a budget that these mails cannot show or that this run cannot keep.
    """
    if not len(evaluation.ids):
        raise BadSpec("a threshold needs mails to be chosen on; expected at least one, received 0.")
    found = gaps(evaluation)
    if spec.rule == "hand" and spec.value is not None:
        band = spec.unsure if spec.unsure != spec.value else None
        return OperatingPoint(spec.value, band, "Set by hand.")
    if spec.rule == "budget":
        threshold, why = _by_budget(evaluation, found, _number(spec.value), clusters)
    elif spec.rule == "cost":
        threshold, why = _by_cost(found, _number(spec.value))
    elif spec.rule == "f_beta":
        threshold, why = _by_f_beta(evaluation, found, _number(spec.value))
    else:
        threshold, why = evaluation.best_threshold(), OWN
    return with_band(evaluation, threshold, why, spec.unsure)


def with_band(
    evaluation: Evaluation, threshold: float, why: str, unsure: float | None
) -> OperatingPoint:
    """The threshold with a band below it, which begins where at most a share of the spam is lower.

    There is no band when it would hold no mail.

    Args:
        unsure: the share of the spam that may lie below the band, 0 to 1; None for no band.
    """
    if unsure is None:
        return OperatingPoint(threshold, None, why)
    found = gaps(evaluation)
    share = f"{100 * unsure:.3g} %"
    # the last gap that misses no more; the first misses none
    last = np.searchsorted(found.spam_missed, unsure * evaluation.n_spam + 1e-9, side="right") - 1
    start = float(found.thresholds[last])
    if not ((evaluation.scores >= start) & (evaluation.scores < threshold)).any():
        return OperatingPoint(
            threshold, None, f"{why} No mail is unsure: at most {share} of the spam is below it."
        )
    return OperatingPoint(
        threshold,
        start,
        f"{why} Unsure from {start:.3f} on, so that at most {share} of the spam is called ham.",
    )


def unsure_shares(evaluation: Evaluation, point: OperatingPoint) -> dict[str, float]:
    """The share of the "mails", of the "ham" and of the "spam" in the band, 0 to 1.

    0 of a class that is not there.
    """
    inside = point.calls(evaluation.scores) == "unsure"
    some = {"mails": evaluation.labels >= 0, "ham": evaluation.labels == 0}
    some["spam"] = ~some["ham"]
    return {name: float(inside[which].sum() / max(1, which.sum())) for name, which in some.items()}


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
) -> tuple[float, str]:
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
    return float(found.thresholds[i]), (
        f"The lowest threshold that loses at most 1 in {budget:,.0f} ham: it loses "
        f"{found.ham_lost[i]:,} of the {n:,} in validation{once}, so with 95 % confidence at most "
        f"{100 * bound:.2g} % of all ham."
    )


def _by_cost(found: Gaps, cost: float) -> tuple[float, str]:
    costs = cost * found.ham_lost + found.spam_missed
    i = _nearest_to_a_half(found, costs == costs.min())
    return float(found.thresholds[i]), (
        f"The lowest cost when a lost ham costs as much as {cost:,.4g} spams read: "
        f"{found.ham_lost[i]:,} ham lost and {found.spam_missed[i]:,} spam let through in "
        "validation."
    )


def _by_f_beta(evaluation: Evaluation, found: Gaps, beta: float) -> tuple[float, str]:
    hits, weight = evaluation.n_spam - found.spam_missed, beta * beta
    hits_counted = (1 + weight) * hits
    whole = hits_counted + weight * found.spam_missed + found.ham_lost
    values = np.divide(hits_counted, whole, out=np.zeros(len(hits)), where=whole > 0)
    i = _nearest_to_a_half(found, values == values.max())
    return float(found.thresholds[i]), (
        f"The highest F with β = {beta:.4g} on validation: {values[i]:.4f}."
    )


def _nearest_to_a_half(found: Gaps, good: np.ndarray) -> int:
    places = np.flatnonzero(good)
    return int(places[np.argmin(np.abs(found.thresholds[places] - 0.5))])


def _number(value: float | None) -> float:
    assert value is not None  # the spec has seen to it
    return value
