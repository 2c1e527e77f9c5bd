"""Figures and their intervals in words, the same in tables, reports and on the command line."""

import math

from pipeline.evaluation.figures import FIGURES
from pipeline.evaluation.intervals import Interval

DASH = "–"


def figure(name: str, value: float | None, interval: Interval | None = None) -> str:
    """A figure of `FIGURES` with its interval: "0.9875 (0.978 to 0.994)".

    A figure that is not known, or not with these mails, is a dash; a TCR without an error is "∞".
    """
    if value is None or math.isnan(value):
        return DASH
    told = _number(value, FIGURES[name].form)
    return told if interval is None else f"{told} ({ends(name, interval)})"


def ends(name: str, interval: Interval) -> str:
    """The ends of an interval: "0.978 to 0.994", "at least 12" or "no interval"."""
    if interval.how == "none" or math.isnan(interval.low):
        return "no interval"
    form = FIGURES[name].rough
    if math.isinf(interval.high):
        return f"at least {_number(interval.low, form)}"
    return f"{_number(interval.low, form)} to {_number(interval.high, form)}"


def _number(value: float, form: str) -> str:
    return "∞" if math.isinf(value) else form.format(value + 0.0)  # + 0.0: no minus before 0


def week(value: float, interval: Interval) -> str:
    """Mails a week and the ends of their interval: "about 3 (0.4 to 9)"."""
    if math.isnan(value):
        return DASH
    if interval.how == "none":
        return _mails(value)
    return f"about {_mails(value)} ({_mails(interval.low)} to {_mails(interval.high)})"


def _mails(number: float) -> str:
    """As many digits as one can imagine: 1,234, 12 or 0.4."""
    if number >= 9.95 or number == round(number):
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 0.095 else f"{number:.2g}"
