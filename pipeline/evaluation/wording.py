"""Figures and their intervals as text, the same in tables, in reports and on the command line."""

import math

from pipeline.evaluation.figures import FIGURES
from pipeline.evaluation.intervals import Interval

DASH = "–"


def format_figure(name: str, value: float | None, interval: Interval | None = None) -> str:
    """Format a figure of `FIGURES` with its interval: "0.9875 (0.978 to 0.994)".

    A figure that is unknown or undefined on these mails is a dash; a TCR without an error is "∞".
    """
    if value is None or math.isnan(value):
        return DASH
    number = _format_number(value, FIGURES[name].form)
    return number if interval is None else f"{number} ({format_ends(name, interval)})"


def format_ends(name: str, interval: Interval) -> str:
    """Format the ends of an interval: "0.978 to 0.994", "at least 12" or "no interval"."""
    if interval.how == "none" or math.isnan(interval.low):
        return "no interval"
    form = FIGURES[name].rough
    if math.isinf(interval.high):
        return f"at least {_format_number(interval.low, form)}"
    return f"{_format_number(interval.low, form)} to {_format_number(interval.high, form)}"


def _format_number(value: float, form: str) -> str:
    return "∞" if math.isinf(value) else form.format(value + 0.0)  # + 0.0: no minus before 0


def format_week(value: float, interval: Interval) -> str:
    """Format mails a week with the ends of their interval: "about 3 (0.4 to 9)"."""
    if math.isnan(value):
        return DASH
    if interval.how == "none":
        return _format_mails(value)
    low, high = _format_mails(interval.low), _format_mails(interval.high)
    return f"about {_format_mails(value)} ({low} to {high})"


def _format_mails(number: float) -> str:
    """Format a number of mails with as many digits as are meaningful: 1,234, 12 or 0.4."""
    if number >= 9.95 or number == round(number):
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 0.095 else f"{number:.2g}"
