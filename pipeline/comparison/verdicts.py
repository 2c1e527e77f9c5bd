"""A difference in words, with as many digits as its interval can bear."""

import math

from pipeline.comparison.paired import BETTER, OPEN, WORSE, Difference
from pipeline.evaluation.figures import FIGURES

IN_OWN_UNIT = ("tcr_1", "tcr_9", "tcr_999", "log_loss", "brier")
"""Figures that are no share of anything; the others are told in points, hundredths of 1."""
MOST = 10_000_000


def scale(key: str) -> float:
    """What a difference of a figure is multiplied with to be shown."""
    return 1.0 if key in IN_OWN_UNIT else 100.0


def unit(key: str) -> str:
    """ "points" for a share, "" for a figure that has its own unit."""
    return "" if key in IN_OWN_UNIT else "points"


def name(key: str) -> str:
    """The figure in the middle of a sentence."""
    title = FIGURES[key].title
    return title if any(c.isupper() or c.isdigit() for c in title[1:]) else title.lower()


def amount(value: float, digits: int) -> str:
    """A signed number with a real minus."""
    return f"{value:+.{digits}f}".replace("-", "−")


def digits(low: float, high: float) -> int:
    """Decimals that show two figures of the distance between low and high."""
    width = high - low
    if not (math.isfinite(width) and width > 0):
        return 2
    return min(6, max(1, 1 - math.floor(math.log10(width))))


def difference_text(difference: Difference) -> str:
    """ "+0.8 points of F1, 95 % interval 0.3 to 1.4"."""
    key, by = difference.key, scale(difference.key)
    low, high = difference.interval.low * by, difference.interval.high * by
    n = digits(low, high)
    what = f"{amount(difference.difference * by, n)} {unit(key)}".strip()
    between = f"{low:.{n}f} to {high:.{n}f}".replace("-", "−")
    return f"{what} of {name(key)}, 95 % interval {between}"


def verdict(difference: Difference, n: int, comparisons: int = 1) -> str:
    """What a difference says, in one sentence without a full stop.

    Args:
        n: mails that both runs were compared on.
        comparisons: so many were corrected for.
    """
    interval = difference.interval
    if difference.verdict in (BETTER, WORSE):
        return f"{difference.verdict}: {difference_text(difference)}"
    if interval.how == "none":
        return f"no verdict: {interval.note}"
    if interval.how == "exact":
        return f"no difference: {interval.note}"
    alone = interval.low > 0 or interval.high < 0
    if alone and difference.adjusted > 0.05 and comparisons > 1 and not interval.note:
        return (
            f"by itself {difference_text(difference)}, but not once corrected for "
            f"{comparisons} comparisons"
        )
    needed = "" if difference.needed is None else f"; about {difference.needed:,} would be needed"
    if difference.needed and difference.needed > MOST:
        needed = f"; more than {MOST:,} would be needed"
    if abs(difference.difference) < 1e-12:
        needed = "; both are equal here"
    because = f" ({interval.note})" if interval.note else ""
    return f"no difference that these {n:,} mails can show{needed}{because}"


def short(difference: Difference) -> str:
    """The verdict in a few words, for a cell of a table; `verdict` has the sentence."""
    interval, needed = difference.interval, difference.needed
    if difference.verdict in (BETTER, WORSE):
        return difference.verdict
    if interval.how == "exact" or interval.note.startswith("no mail"):
        return "no mail decided differently"
    if interval.how == "none":
        return "no interval"
    if interval.note:
        return "too few mails decided differently"
    if interval.low > 0 or interval.high < 0:
        return "not once corrected"
    if needed is None:
        return "equal"
    return f"open; needs {f'about {needed:,}' if needed <= MOST else f'over {MOST:,}'} mails"


def headline(a: str, b: str, difference: Difference, n: int, comparisons: int = 1) -> str:
    """The answer: is b better than a? One sentence; the names as they are to be shown."""
    if difference.verdict == OPEN:
        return f"{b} against {a}: {verdict(difference, n, comparisons)}."
    return f"{b} is {difference.verdict} than {a}: {difference_text(difference)}."
