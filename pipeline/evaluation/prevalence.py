"""What a filter would do in an inbox with another share of spam than the mails it was judged on."""

import math

import numpy as np

from pipeline.errors import BadSpec
from pipeline.evaluation import Evaluation
from pipeline.evaluation.intervals import Interval, note_of
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.evaluation.proportions import Share, share
from pipeline.evaluation.resampling import Resamples

DAYS = 7


def expect_in_inbox(
    evaluation: Evaluation,
    point: OperatingPoint,
    resamples: Resamples,
    spam_share: float,
    mails_a_day: float,
) -> dict[str, tuple[float, Interval]]:
    """What to expect of an ordinary week, each figure with its interval.

    ``precision`` (of the mails called spam, the share that is), ``ham_lost`` (ham called spam, a
    week), ``spam_seen`` (spam called ham, a week) and, where the point has a band, ``unsure``
    (mails in it, a week). The rates of ham and of spam are those of the
    evaluation and only their weights change (Elkan, *The foundations of cost-sensitive learning*,
    2001): right as long as the ham and the spam themselves are like those of the evaluation.
    The intervals are those of a mean week; a single one scatters round it.

    Args:
        resamples: over the mails of the evaluation, in their order.
        spam_share: of the mails that come in, from 0 to 1.
        mails_a_day: ham and spam together, at least 0.

    Raises BadSpec for a share or a number that is impossible.
    """
    if not 0 <= spam_share <= 1:
        raise BadSpec(f"share of spam: expected 0 to 1, received {spam_share}.")
    if not (mails_a_day >= 0 and math.isfinite(mails_a_day)):
        raise BadSpec(f"mails a day: expected a number from 0 on, received {mails_a_day}.")
    spam, scores = evaluation.labels == 1, evaluation.scores
    called, unsure = point.is_spam(scores), point.is_unsure(scores)
    lost, caught = share(called, ~spam, resamples), share(called, spam, resamples)
    seen = share(~called & ~unsure, spam, resamples)
    week = DAYS * mails_a_day
    ham_week, spam_week = week * (1 - spam_share), week * spam_share
    found = {
        "precision": _precision(caught, lost, spam_share),
        "ham_lost": _scaled("hm", lost, ham_week),
        "spam_seen": _scaled("sm", seen, spam_week),
    }
    if point.has_band:
        parts = [
            (share(unsure, ~spam, resamples), ham_week),
            (share(unsure, spam, resamples), spam_week),
        ]
        found["unsure"] = _sum([(one, times) for one, times in parts if times])
    return found


def _scaled(name: str, one: Share, times: float) -> tuple[float, Interval]:
    if not times:
        return 0.0, Interval(0.0, 0.0, "none")
    if not one.whole:
        return math.nan, Interval(math.nan, math.nan, "none", note_of(name, one))
    low, high = one.ends()
    how = "3/n" if one.part in (0, one.whole) else "Wilson"
    return one.value * times, Interval(low * times, high * times, how, note_of(name, one))


def _sum(parts: list[tuple[Share, float]]) -> tuple[float, Interval]:
    """The sum of shares, each times a number; its ends by square-and-add."""
    if not all(one.whole for one, _ in parts):
        return math.nan, Interval(math.nan, math.nan, "none", "a class is missing")
    value = sum(one.value * times for one, times in parts)
    off = [[(end - one.value) * times for end in one.ends()] for one, times in parts]
    down, up = (math.hypot(*side) for side in zip(*off, strict=True)) if parts else (0.0, 0.0)
    return value, Interval(max(0.0, value - down), value + up, "bounds")


def _precision(caught: Share, lost: Share, spam_share: float) -> tuple[float, Interval]:
    def precision(recall: float, hm: float) -> float:
        right = recall * spam_share
        called = right + hm * (1 - spam_share)
        return right / called if called > 0 else math.nan

    nothing = Interval(math.nan, math.nan, "none", "no mail would be called spam")
    if not (caught.whole and lost.whole):
        return math.nan, Interval(math.nan, math.nan, "none", "a class is missing")
    recall, hm = caught.value, lost.value
    value = precision(recall, hm)
    if math.isnan(value):
        return value, nothing
    (few, many), (least, most) = caught.ends(), lost.ends()
    low = value - math.hypot(value - precision(few, hm), value - precision(recall, most))
    high = value + math.hypot(precision(many, hm) - value, precision(recall, least) - value)
    note = note_of("hm", lost)
    return value, Interval(max(0.0, low), float(np.clip(high, 0, 1)), "bounds", note)
