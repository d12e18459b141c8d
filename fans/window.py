"""The trailing window: the calendar months before a moment, by the creator's own clock.

A purchase at `t` is in the window of `now` when `window_start(now) <= t < now`.
"""

from calendar import monthrange
from datetime import date, datetime, time
from zoneinfo import ZoneInfo


def months_before(day: date, months: int) -> date:
    """The same day of the month `months` earlier, or that month's last day if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def before(now: datetime, months: int) -> datetime:
    """The same time of day `months` earlier, in the zone of `now`."""
    return datetime.combine(months_before(now.date(), months), now.timetz())


def window_start(now: datetime, *, months: int, zone: ZoneInfo) -> datetime:
    """Where the window of `months` before `now` begins, an aware datetime in `zone`."""
    return before(now.astimezone(zone), months)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of `day` in `zone`."""
    return datetime.combine(day, time.min, tzinfo=zone)
