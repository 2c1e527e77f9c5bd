"""Parses dates in any common format to UTC, without asking for the format."""

import warnings
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pandas as pd

EPOCHS = ((1e8, 1e11, 1e6), (1e11, 1e14, 1e3), (1e14, 1e17, 1), (1e17, 1e20, 1e-3))
"""For seconds, milli-, micro- and nanoseconds since 1970: the range of such numbers, and the factor
to microseconds."""
DATE_FORMATS = (
    *("%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%y"),
    *("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%Y/%m/%d"),
    "%a %b %d %Y",
)
CLOCKS = ("", " %H:%M:%S", " %H:%M", ", %H:%M:%S", ", %H:%M", " %I:%M:%S %p", " %I:%M %p")
NAMES = "mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
LIKE = rf"(?i)(?:(?:{NAMES})[a-z]*[., ]+){{0,2}}\d{{1,4}}[\s/.,-].{{2,30}}"
"""Matches what may be a date, so that sentences are not tried in 105 formats (60 ms each time)."""
EARLIEST, LATEST = pd.Timestamp("1970-01-01", tz="UTC"), pd.Timestamp("2100-01-01", tz="UTC")
"""Dates outside this range count as missing: no mail is older, and databases write the year 9999 or
1 for "unknown"."""


def parse_dates(values: pd.Series) -> pd.Series:
    """Parse dates to datetime64[us, UTC]; NaT if empty, not a date, or outside 1970 to 2099.

    Tries in this order: numbers (seconds since 1970 and the like), ISO 8601, the Date field of a
    mail (RFC 5322), then repeatedly the format that reads most of the rest; month/day before
    day/month if both read equally many. A time without a zone is read as UTC.

    >>> parse_dates(pd.Series(["2005-08-15", "15 Aug 2005", "soon"])).dt.year.tolist()
    [2005.0, 2005.0, nan]
    """
    distinct = pd.Series(values.dropna().astype("str").str.strip().unique(), dtype="str")
    distinct = distinct[distinct != ""]
    dates = _parse_epochs(distinct)
    dates = dates.fillna(_parse_iso(distinct[dates.isna()]))
    rest = distinct[dates.isna()]
    dates = dates.fillna(pd.Series([parse_mail_date(text) for text in rest], rest.index, _DTYPE))
    like = distinct.str.fullmatch(LIKE)
    while len(rest := distinct[dates.isna() & like]):
        best = _best_format(rest)
        if best.isna().all():
            break
        dates = dates.fillna(best)
    dates = dates.where(dates.between(EARLIEST, LATEST, inclusive="left"))
    table = dates.set_axis(pd.Index(distinct, dtype="str"))
    return table.reindex(values.astype("str").str.strip()).set_axis(values.index)


_DTYPE = "datetime64[us, UTC]"


def _parse_epochs(texts: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(texts.where(texts.str.fullmatch(r"\d{9,20}(\.\d+)?")), errors="coerce")
    micros = pd.Series(float("nan"), texts.index)
    for low, high, factor in EPOCHS:
        micros = micros.fillna((numbers * factor).where(numbers.between(low, high, "left")))
    micros = micros.where(micros < LATEST.timestamp() * 1e6)
    return pd.to_datetime(micros.round().astype("Int64"), unit="us", utc=True).astype(_DTYPE)


def _parse_iso(texts: pd.Series) -> pd.Series:
    # Eight digits at least: "12" is no date.
    texts = texts.where(texts.str.contains(r"^\d{4}-?\d\d", na=False))
    texts = texts.str.replace(r" (?:UTC|GMT)$", "Z", regex=True)
    return pd.to_datetime(texts, format="ISO8601", errors="coerce", utc=True).astype(_DTYPE)


def parse_mail_date(text: str) -> datetime | None:
    """Parse the Date field of a mail to UTC; None if it is not a date or outside 1970 to 2099."""
    try:
        date = parsedate_to_datetime(text)
        date = (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
        return date if EARLIEST <= date < LATEST else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _best_format(texts: pd.Series) -> pd.Series:
    """Parse by the format that reads most of `texts`, which a sample of 200 decides."""
    sample = texts.iloc[:: max(1, len(texts) // 200)]
    formats = [day + clock for clock in CLOCKS for day in DATE_FORMATS]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = {f: _parse_format(sample, f).notna().sum() for f in formats}
        return _parse_format(texts, max(formats, key=lambda f: read[f]))


def _parse_format(texts: pd.Series, form: str) -> pd.Series:
    return pd.to_datetime(texts, format=form, errors="coerce", utc=True).astype(_DTYPE)
