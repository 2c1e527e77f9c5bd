"""What a filter would do in an inbox with another share of spam than the mails it was judged on."""

import math

import numpy as np

from pipeline.errors import BadSpec
from pipeline.evaluation import Evaluation
from pipeline.evaluation.intervals import Interval, write_note
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.evaluation.proportions import Share, measure_share
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
    lost, caught = measure_share(called, ~spam, resamples), measure_share(called, spam, resamples)
    seen = measure_share(~called & ~unsure, spam, resamples)
    week = DAYS * mails_a_day
    ham_week, spam_week = week * (1 - spam_share), week * spam_share
    estimates = {
        "precision": _estimate_precision(caught, lost, spam_share),
        "ham_lost": _scale_share("hm", lost, ham_week),
        "spam_seen": _scale_share("sm", seen, spam_week),
    }
    if point.has_band:
        parts = [
            (measure_share(unsure, ~spam, resamples), ham_week),
            (measure_share(unsure, spam, resamples), spam_week),
        ]
        estimates["unsure"] = _add_shares([(share, times) for share, times in parts if times])
    return estimates


def _scale_share(name: str, share: Share, times: float) -> tuple[float, Interval]:
    if not times:
        return 0.0, Interval(0.0, 0.0, "none")
    if not share.whole:
        return math.nan, Interval(math.nan, math.nan, "none", write_note(name, share))
    low, high = share.ends()
    how = "3/n" if share.part in (0, share.whole) else "Wilson"
    return share.value * times, Interval(low * times, high * times, how, write_note(name, share))


def _add_shares(parts: list[tuple[Share, float]]) -> tuple[float, Interval]:
    """Add up shares, each times a number; square-and-add gives the ends."""
    if not all(share.whole for share, _ in parts):
        return math.nan, Interval(math.nan, math.nan, "none", "a class is missing")
    value = sum(share.value * times for share, times in parts)
    off = [[(end - share.value) * times for end in share.ends()] for share, times in parts]
    down, up = (math.hypot(*side) for side in zip(*off, strict=True)) if parts else (0.0, 0.0)
    return value, Interval(max(0.0, value - down), value + up, "bounds")


def _estimate_precision(caught: Share, lost: Share, spam_share: float) -> tuple[float, Interval]:
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
    note = write_note("hm", lost)
    return value, Interval(max(0.0, low), float(np.clip(high, 0, 1)), "bounds", note)
