"""Ham and spam over time: collected at different times, and a share of spam that drifts."""

import numpy as np
import pandas as pd

from pipeline.mail.dataset import LABELS
from pipeline.quality import telling
from pipeline.quality.finding import Finding
from pipeline.quality.lengths import told_apart
from pipeline.quality.remedies import drop_mails
from pipeline.wording import counted

UNITS = {
    "day": ("D", 1),
    "week": ("W", 7),
    "month": ("M", 30),
    "quarter": ("Q", 91),
    "year": ("Y", 365),
}
"""What pandas calls them, and days."""
MOST_PERIODS = 40
"""The finest unit is taken that needs no more periods than this for the middle 98 % of mails."""
CLEAR = 30
"""Mails of a period from which its share of spam is named in a sentence."""
CALENDAR = 0.25
"""Part of the uncertainty about the label that the period removes, from which it is a warning."""
DRIFT, STRONG_DRIFT = 0.15, 0.3
"""Cramér's V of period and label from which a drift is said, and is a warning."""
LUCK = 0.001
"""A drift must be less probable than this by chance (chi-square test)."""
FAR = pd.Timedelta(days=365)
"""A date further than this outside the middle 98 % is odd."""


def first_and_last(frame: pd.DataFrame) -> dict[str, tuple[pd.Timestamp, pd.Timestamp]]:
    """The first and last date by class, without the classes that have none."""
    dated = frame[frame["date"].notna()].groupby("label")["date"]
    return {str(label): (dates.min(), dates.max()) for label, dates in dated}


def over_time(frame: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """Mails by period and class.

    Returns:
        The unit ("day", "week", "month", "quarter" or "year") and a DataFrame with columns period
        (its first day), ham, spam (mails), in order of time; mails without a date and those with
        odd dates are not counted. Empty when no mail has a date.
    """
    dates = frame["date"].dropna()
    if dates.empty:
        return "month", pd.DataFrame(columns=["period", *LABELS])
    dates = dates[~_odd(dates)].dt.tz_localize(None)
    span = (dates.quantile(0.99) - dates.quantile(0.01)).days
    unit = next((unit for unit, (_, days) in UNITS.items() if span < MOST_PERIODS * days), "year")
    periods = dates.dt.to_period(UNITS[unit][0])
    table = pd.crosstab(periods.dt.start_time, frame["label"][dates.index])
    table = table.reindex(columns=list(LABELS), fill_value=0).rename_axis(columns=None)
    return unit, table.rename_axis(index="period").reset_index()


def on_times(
    frame: pd.DataFrame,
    dates: dict[str, tuple[pd.Timestamp, pd.Timestamp]],
    unit: str,
    table: pd.DataFrame,
) -> list[Finding]:
    """Classes of different times, a drifting share of spam, odd dates.

    Args:
        dates: what `first_and_last` gives.
        unit: with `table`, what `over_time` gives.
    """
    findings = _on_odd(frame)
    if len(dates) < 2:
        return findings
    apart = _on_no_common_day(dates) or _on_calendar(frame, unit, table)
    return [*findings, *(apart or _on_drift(unit, table))]


def _odd(dates: pd.Series) -> pd.Series:
    return (dates < dates.quantile(0.01) - FAR) | (dates > dates.quantile(0.99) + FAR)


def _on_odd(frame: pd.DataFrame) -> list[Finding]:
    dates = frame["date"].dropna()
    if dates.empty:
        return []
    odd = dates[_odd(dates)]
    if odd.empty:
        return []
    usual = dates[~_odd(dates)]
    return [
        Finding(
            "odd_dates",
            "info",
            f"{counted(len(odd), 'mail')} dated far from all others ({odd.min():%Y-%m-%d} to "
            f"{odd.max():%Y-%m-%d}; the others are from {usual.min():%Y-%m-%d} to "
            f"{usual.max():%Y-%m-%d}). Spam forges dates; a split by time would put them at its "
            "ends.",
            tuple(frame["id"][odd.index]),
        )
    ]


def _on_no_common_day(dates: dict[str, tuple[pd.Timestamp, pd.Timestamp]]) -> list[Finding]:
    (ham_first, ham_last), (spam_first, spam_last) = dates["ham"], dates["spam"]
    if ham_first <= spam_last and spam_first <= ham_last:
        return []
    return [
        Finding(
            "calendar",
            "warning",
            f"Ham is from {ham_first:%Y-%m-%d} to {ham_last:%Y-%m-%d} and spam from "
            f"{spam_first:%Y-%m-%d} to {spam_last:%Y-%m-%d}, with no day in common; a model can "
            "tell the times apart instead of the mails. Collect both over the same time.",
        )
    ]


def _on_calendar(frame: pd.DataFrame, unit: str, table: pd.DataFrame) -> list[Finding]:
    found = telling.of_counts((table["ham"] + table["spam"]).to_numpy(), table["spam"].to_numpy())
    if found.told < CALENDAR:
        return []
    dated = frame[frame["date"].notna()]
    spam = (dated["label"] == "spam").to_numpy()
    newer = told_apart(dated["date"].astype("int64").to_numpy(), spam)
    middle = dated.groupby("label")["date"].median()
    who = "newer" if newer >= 0.5 else "older"
    return [
        Finding(
            "calendar",
            "warning",
            f"The {unit} alone puts {found.right:.0%} of the mails into the right class "
            f"({found.guess:.0%} without it), and spam is the {who} one in "
            f"{max(newer, 1 - newer):.0%} of ham-spam pairs (middle of ham {middle['ham']:%Y-%m-%d}"
            f", of spam {middle['spam']:%Y-%m-%d}). A model may learn the calendar: names, topics "
            "and headers of a time. Collect both over the same time.",
            remedies=_common_time(dated),
            table=_with_share(table),
        )
    ]


def _common_time(dated: pd.DataFrame) -> tuple:
    """Keep the days that both classes cover, if the times then tell no more than they may."""
    ends = dated.groupby("label")["date"].quantile([0.01, 0.99]).unstack()
    first, last = ends[0.01].max(), ends[0.99].min()
    inside = dated["date"].between(first, last)
    kept = dated[inside]
    if kept["label"].nunique() < 2 or len(kept) < len(dated) / 2:
        return ()
    _, table = over_time(kept)
    left = telling.of_counts((table["ham"] + table["spam"]).to_numpy(), table["spam"].to_numpy())
    if left.told >= CALENDAR:
        return ()
    return (
        drop_mails(
            "common_time",
            f"Keep only {first:%Y-%m-%d} to {last:%Y-%m-%d}",
            f"from before {first:%Y-%m-%d} or after {last:%Y-%m-%d}",
            dated["id"][~inside],
        ),
    )


def _on_drift(unit: str, table: pd.DataFrame) -> list[Finding]:
    counts = table[list(LABELS)].to_numpy()
    filled = counts[counts.sum(axis=1) >= CLEAR]
    if len(filled) < 2 or (filled.sum(axis=0) == 0).any():
        return []
    from scipy.stats import chi2_contingency

    test = chi2_contingency(filled)
    strength = float(np.sqrt(test.statistic / filled.sum()))  # Cramér's V of a table of 2 columns
    if strength < DRIFT or test.pvalue > LUCK:
        return []
    shown = _with_share(table)
    clear = shown[shown["ham"] + shown["spam"] >= CLEAR]
    low, high = (
        clear.loc[i] for i in (clear["share of spam"].idxmin(), clear["share of spam"].idxmax())
    )
    return [
        Finding(
            "drift",
            "warning" if strength >= STRONG_DRIFT else "info",
            f"The share of spam changes over time, from {low['share of spam']:.0%} ({unit} "
            f"{_name(low['period'], unit)}) to {high['share of spam']:.0%} ({unit} "
            f"{_name(high['period'], unit)}); its tie to the {unit} is {strength:.2f} on a scale "
            "from 0 to 1, more than luck would do. A split by time shows what a model is worth on "
            "mail to come.",
            table=shown,
        )
    ]


def _name(period: pd.Timestamp, unit: str) -> str:
    return f"{period:{'%Y' if unit == 'year' else '%Y-%m' if unit == 'month' else '%Y-%m-%d'}}"


def _with_share(table: pd.DataFrame) -> pd.DataFrame:
    share = table["spam"] / (table["ham"] + table["spam"])
    return table.assign(**{"share of spam": share.round(3)})
