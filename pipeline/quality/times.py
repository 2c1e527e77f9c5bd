"""Checks ham and spam over time: different periods, a drifting share of spam, odd dates."""

import numpy as np
import pandas as pd

from pipeline.mail.dataset import LABELS
from pipeline.quality import association
from pipeline.quality.finding import Finding
from pipeline.quality.lengths import compute_auc
from pipeline.quality.remedies import Remedy, drop_mails
from pipeline.wording import format_count

UNITS = {
    "day": ("D", 1),
    "week": ("W", 7),
    "month": ("M", 30),
    "quarter": ("Q", 91),
    "year": ("Y", 365),
}
"""The units of time: pandas' name and the number of days."""
MOST_PERIODS = 40
"""The finest unit is used that needs at most 40 periods for the middle 98% of the mails."""
CLEAR = 30
"""A sentence mentions the share of spam in a period only if it has at least 30 mails."""
CALENDAR = 0.25
"""It is a warning if the period removes 25% of the uncertainty about the label."""
DRIFT, STRONG_DRIFT = 0.15, 0.3
"""A drift is reported from a Cramér's V of period and label of 0.15 on; from 0.3 on it is a
warning."""
SIGNIFICANCE = 0.001
"""A drift is reported only if its p-value (chi-square test) is at most 0.001."""
FAR = pd.Timedelta(days=365)
"""A date is odd if it is more than a year outside the middle 98%."""


def find_date_ranges(frame: pd.DataFrame) -> dict[str, tuple[pd.Timestamp, pd.Timestamp]]:
    """Find the first and last date of each class that has dates."""
    dated = frame[frame["date"].notna()].groupby("label")["date"]
    return {str(label): (dates.min(), dates.max()) for label, dates in dated}


def count_by_period(frame: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """Count the mails by period and class.

    Returns:
        The unit ("day", "week", "month", "quarter" or "year") and a frame with columns period (its
        first day), ham, spam (mails) in chronological order. Mails without a date or with an odd
        one are not counted; empty if no mail has a date.
    """
    dates = frame["date"].dropna()
    if dates.empty:
        return "month", pd.DataFrame(columns=["period", *LABELS])
    dates = dates[~_are_odd(dates)].dt.tz_localize(None)
    span = (dates.quantile(0.99) - dates.quantile(0.01)).days
    unit = next((unit for unit, (_, days) in UNITS.items() if span < MOST_PERIODS * days), "year")
    periods = dates.dt.to_period(UNITS[unit][0])
    table = pd.crosstab(periods.dt.start_time, frame["label"][dates.index])
    table = table.reindex(columns=list(LABELS), fill_value=0).rename_axis(columns=None)
    return unit, table.rename_axis(index="period").reset_index()


def check_times(
    frame: pd.DataFrame,
    dates: dict[str, tuple[pd.Timestamp, pd.Timestamp]],
    unit: str,
    table: pd.DataFrame,
) -> list[Finding]:
    """Check for classes from different times, a drifting share of spam, and odd dates.

    Args:
        dates: from `find_date_ranges`.
        unit, table: from `count_by_period`.
    """
    findings = _check_odd_dates(frame)
    if len(dates) < 2:
        return findings
    calendar = _check_common_days(dates) or _check_calendar(frame, unit, table)
    return [*findings, *(calendar or _check_drift(unit, table))]


def _are_odd(dates: pd.Series) -> pd.Series:
    return (dates < dates.quantile(0.01) - FAR) | (dates > dates.quantile(0.99) + FAR)


def _check_odd_dates(frame: pd.DataFrame) -> list[Finding]:
    dates = frame["date"].dropna()
    if dates.empty:
        return []
    odd = dates[_are_odd(dates)]
    if odd.empty:
        return []
    usual = dates[~_are_odd(dates)]
    return [
        Finding(
            "odd_dates",
            "info",
            f"{format_count(len(odd), 'mail')} {'has a date' if len(odd) == 1 else 'have dates'} "
            f"far from all others ({odd.min():%Y-%m-%d} to {odd.max():%Y-%m-%d}; the others are "
            f"from {usual.min():%Y-%m-%d} to {usual.max():%Y-%m-%d}). Spam forges dates; a split "
            "by time would put these mails first or last.",
            tuple(frame["id"][odd.index]),
        )
    ]


def _check_common_days(dates: dict[str, tuple[pd.Timestamp, pd.Timestamp]]) -> list[Finding]:
    (ham_first, ham_last), (spam_first, spam_last) = dates["ham"], dates["spam"]
    if ham_first <= spam_last and spam_first <= ham_last:
        return []
    return [
        Finding(
            "calendar",
            "warning",
            f"Ham is from {ham_first:%Y-%m-%d} to {ham_last:%Y-%m-%d} and spam from "
            f"{spam_first:%Y-%m-%d} to {spam_last:%Y-%m-%d}, without a common day; a model can "
            "learn to tell the periods apart instead of the mails. Collect both over the same "
            "period.",
        )
    ]


def _check_calendar(frame: pd.DataFrame, unit: str, table: pd.DataFrame) -> list[Finding]:
    measured = association.measure_counts(
        (table["ham"] + table["spam"]).to_numpy(), table["spam"].to_numpy()
    )
    if measured.information < CALENDAR:
        return []
    dated = frame[frame["date"].notna()]
    spam = (dated["label"] == "spam").to_numpy()
    auc = compute_auc(dated["date"].astype("int64").to_numpy(), spam)
    median = dated.groupby("label")["date"].median()
    age = "newer" if auc >= 0.5 else "older"
    return [
        Finding(
            "calendar",
            "warning",
            f"The {unit} alone puts {measured.accuracy:.0%} of the mails into the right class "
            f"({measured.base_rate:.0%} without it), and in {max(auc, 1 - auc):.0%} of all "
            f"ham-spam pairs spam is {age} (median date of ham {median['ham']:%Y-%m-%d}, of spam "
            f"{median['spam']:%Y-%m-%d}). A model may learn the calendar: names, topics and "
            "headers of a period. Collect both over the same period.",
            remedies=_offer_common_period(dated),
            table=_add_share(table),
        )
    ]


def _offer_common_period(dated: pd.DataFrame) -> tuple[Remedy, ...]:
    """Offer to keep only the period that both classes cover, if that resolves the finding."""
    ends = dated.groupby("label")["date"].quantile([0.01, 0.99]).unstack()
    first, last = ends[0.01].max(), ends[0.99].min()
    inside = dated["date"].between(first, last)
    kept = dated[inside]
    if kept["label"].nunique() < 2 or len(kept) < len(dated) / 2:
        return ()
    _, table = count_by_period(kept)
    measured = association.measure_counts(
        (table["ham"] + table["spam"]).to_numpy(), table["spam"].to_numpy()
    )
    if measured.information >= CALENDAR:
        return ()
    return (
        drop_mails(
            "common_time",
            f"Keep only {first:%Y-%m-%d} to {last:%Y-%m-%d}",
            f"from before {first:%Y-%m-%d} or after {last:%Y-%m-%d}",
            dated["id"][~inside],
        ),
    )


def _check_drift(unit: str, table: pd.DataFrame) -> list[Finding]:
    counts = table[list(LABELS)].to_numpy()
    filled = counts[counts.sum(axis=1) >= CLEAR]
    if len(filled) < 2 or (filled.sum(axis=0) == 0).any():
        return []
    from scipy.stats import chi2_contingency

    test = chi2_contingency(filled)
    strength = float(np.sqrt(test.statistic / filled.sum()))  # Cramér's V of a table of 2 columns
    if strength < DRIFT or test.pvalue > SIGNIFICANCE:
        return []
    shown = _add_share(table)
    clear = shown[shown["ham"] + shown["spam"] >= CLEAR]
    low, high = (
        clear.loc[i] for i in (clear["share of spam"].idxmin(), clear["share of spam"].idxmax())
    )
    return [
        Finding(
            "drift",
            "warning" if strength >= STRONG_DRIFT else "info",
            f"The share of spam changes over time, from {low['share of spam']:.0%} ({unit} "
            f"{_format_period(low['period'], unit)}) to {high['share of spam']:.0%} ({unit} "
            f"{_format_period(high['period'], unit)}); association with the {unit}: "
            f"{strength:.2f} (0 to 1), more than chance explains. A split by time shows how well a "
            "model does on future mail.",
            table=shown,
        )
    ]


def _format_period(period: pd.Timestamp, unit: str) -> str:
    return f"{period:{'%Y' if unit == 'year' else '%Y-%m' if unit == 'month' else '%Y-%m-%d'}}"


def _add_share(table: pd.DataFrame) -> pd.DataFrame:
    share = table["spam"] / (table["ham"] + table["spam"])
    return table.assign(**{"share of spam": share.round(3)})
