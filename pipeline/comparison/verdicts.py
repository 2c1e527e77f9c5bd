"""Puts a difference into words, with as many digits as its interval supports."""

import math

from pipeline.comparison.paired import BETTER, OPEN, WORSE, Difference
from pipeline.evaluation.figures import FIGURES

IN_OWN_UNIT = ("tcr_1", "tcr_9", "tcr_999", "log_loss", "brier")
"""Figures that are not shares; the others are given in percentage points."""
MOST = 10_000_000
"""A larger number of needed mails is given as "more than 10,000,000"."""


def get_scale(key: str) -> float:
    """Get the factor by which a difference of a figure is multiplied to be shown."""
    return 1.0 if key in IN_OWN_UNIT else 100.0


def get_unit(key: str) -> str:
    """Get the unit of a difference: "points" for a share, "" for a figure with its own unit."""
    return "" if key in IN_OWN_UNIT else "points"


def get_title(key: str) -> str:
    """Get the title of a figure as it is written inside a sentence."""
    title = FIGURES[key].title
    return title if any(c.isupper() or c.isdigit() for c in title[1:]) else title.lower()


def format_amount(value: float, digits: int) -> str:
    """Format a signed number with a real minus sign.

    >>> format_amount(-0.5, 1)
    '−0.5'
    """
    return f"{value:+.{digits}f}".replace("-", "−")


def choose_digits(low: float, high: float) -> int:
    """Choose the decimals that show two digits of the distance between low and high."""
    width = high - low
    if not (math.isfinite(width) and width > 0):
        return 2
    return min(6, max(1, 1 - math.floor(math.log10(width))))


def describe_difference(difference: Difference) -> str:
    """Describe a difference, such as "+0.8 points of F1, 95% interval 0.3 to 1.4"."""
    key, by = difference.key, get_scale(difference.key)
    low, high = difference.interval.low * by, difference.interval.high * by
    n = choose_digits(low, high)
    amount = f"{format_amount(difference.difference * by, n)} {get_unit(key)}".strip()
    between = f"{low:.{n}f} to {high:.{n}f}".replace("-", "−")
    return f"{amount} of {get_title(key)}, 95% interval {between}"


def describe_verdict(difference: Difference, n: int, comparisons: int = 1) -> str:
    """Describe what a difference shows, in one sentence without a full stop.

    Args:
        n: the mails that both runs were compared on.
        comparisons: the number of comparisons that p-values are adjusted for.
    """
    interval = difference.interval
    if difference.verdict in (BETTER, WORSE):
        return f"{difference.verdict}: {describe_difference(difference)}"
    if interval.how == "none":
        return f"no verdict: {interval.note}"
    if interval.how == "exact":
        return f"no difference: {interval.note}"
    alone = interval.low > 0 or interval.high < 0
    if alone and difference.adjusted > 0.05 and comparisons > 1 and not interval.note:
        return (
            f"on its own {describe_difference(difference)}, but not significant after correction "
            f"for {comparisons} comparisons"
        )
    needed = "" if difference.needed is None else f"; about {difference.needed:,} would be needed"
    if difference.needed and difference.needed > MOST:
        needed = f"; more than {MOST:,} would be needed"
    if abs(difference.difference) < 1e-12:
        needed = "; both runs are equal here"
    because = f" ({interval.note})" if interval.note else ""
    return f"no difference that these {n:,} mails can show{needed}{because}"


def shorten_verdict(difference: Difference) -> str:
    """Put the verdict into a few words for a cell; `describe_verdict` has the sentence."""
    interval, needed = difference.interval, difference.needed
    if difference.verdict in (BETTER, WORSE):
        return difference.verdict
    if interval.how == "exact" or interval.note.startswith("both runs agree"):
        return "agree on every mail"
    if interval.how == "none":
        return "no interval"
    if interval.note:
        return "too few mails classified differently"
    if interval.low > 0 or interval.high < 0:
        return "not after correction"
    if needed is None:
        return "equal"
    return f"open; needs {f'about {needed:,}' if needed <= MOST else f'over {MOST:,}'} mails"


def write_headline(a: str, b: str, difference: Difference, n: int, comparisons: int = 1) -> str:
    """Answer in one sentence whether b is better than a; the names are those to be shown."""
    if difference.verdict == OPEN:
        return f"{b} against {a}: {describe_verdict(difference, n, comparisons)}."
    return f"{b} is {difference.verdict} than {a}: {describe_difference(difference)}."
