"""When mails arrive: eighteen months in which trades of spam come and go."""

from datetime import UTC, datetime, timedelta, timezone

from sample.dice import Dice
from sample.kinds import Kind

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
MONTHS = 18
DAYS = 547  # to the end of June 2025
OFFSETS = (0, 0, 60, 60, 60, 120, 120, -300, -300, -480, 330, 480, 180)
OFFICE_HOURS = (1, 1, 1, 1, 1, 2, 4, 8, 12, 14, 14, 13, 10, 12, 13, 13, 12, 10, 9, 9, 8, 7, 5, 2)
ANY_HOUR = (6, 6, 6, 6, 6, 6, 6, 7, 8, 8, 8, 8, 7, 8, 8, 8, 8, 7, 7, 7, 7, 7, 7, 6)


def month_of(moment: datetime) -> int:
    """1 for January 2024 … 18 for June 2025, in UTC."""
    moment = moment.astimezone(UTC)
    return (moment.year - FIRST.year) * 12 + moment.month


def arrival(kind: Kind, dice: Dice) -> datetime:
    """A moment within the months of the kind, more often where its trend is high."""
    first, last = kind.months
    months = list(range(first, last + 1))
    span = max(1, last - first)
    weights = [1 + (kind.trend - 1) * (month - first) / span for month in months]
    month = dice.weighted(months, weights)
    start = datetime(FIRST.year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=UTC)
    return _at_some_hour(start + timedelta(days=dice.between(0, 27)), kind, dice)


def campaign_arrivals(kind: Kind, size: int, dice: Dice) -> list[datetime]:
    """Bulk mail comes in bursts of days or weeks; the same ham notice comes over months."""
    start = arrival(kind, dice)
    spread = dice.between(2, 25) if kind.label == "spam" else dice.between(60, 240)
    latest = FIRST + timedelta(days=DAYS - 1 - spread)
    start = min(start, latest.replace(hour=0))
    days = [start + timedelta(days=dice.between(0, spread)) for _ in range(size)]
    return [_at_some_hour(day.replace(hour=0), kind, dice) for day in days]


def _at_some_hour(day: datetime, kind: Kind, dice: Dice) -> datetime:
    hour = dice.weighted(range(24), OFFICE_HOURS if kind.label == "ham" else ANY_HOUR)
    zone = timezone(timedelta(minutes=dice.pick(OFFSETS)))
    moment = day.replace(hour=hour, minute=dice.between(0, 59), second=dice.between(0, 59))
    return moment.astimezone(zone)
