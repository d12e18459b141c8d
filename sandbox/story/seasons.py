"""When things are sold: whole numbers spread over days, with bursts around a release."""

import math
import random
from collections.abc import Callable
from datetime import date, timedelta

from sandbox.story.chance import Wheel
from sandbox.story.shop import unix

# How a day's purchases spread over its hours (UTC): few at night, most in the evening.
_HOURS = Wheel(
    dict(enumerate((2, 1, 1, 1, 1, 2, 3, 5, 6, 7, 7, 8, 9, 8, 7, 7, 8, 9, 11, 13, 14, 12, 8, 4)))
)


class Rhythm:
    """So many a day that `total` are reached exactly on the day before `anchor`, and onwards at the
    same pace. `weight` says how lively a day is; ask for the days one after the other."""

    def __init__(
        self, weight: Callable[[date], float], start: date, anchor: date, total: int
    ) -> None:
        self._weight = weight
        self._scale = total / sum(weight(day) for day in days(start, anchor))
        self._due = 0.0
        self._given = 0

    def on(self, day: date) -> int:
        self._due += self._weight(day) * self._scale
        count = math.floor(self._due + 0.5) - self._given
        self._given += count
        return count


def days(start: date, end: date) -> list[date]:
    return [start + timedelta(days=n) for n in range((end - start).days)]


def months_before(anchor: date, months: int) -> date:
    """The same day of an earlier month, or the 28th where that may not exist."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 - months, 12)
    return date(year, month + 1, min(anchor.day, 28))


def friday_before(day: date) -> date:
    return day - timedelta(days=(day.weekday() - 4) % 7)


def burst(day: date, release: date, *, height: float, fades: float) -> float:
    """The liveliness that a release adds: highest on its day, fading over so many days."""
    since = (day - release).days
    return height * math.exp(-since / fades) if 0 <= since < 10 * fades else 0.0


def ordinary(day: date) -> float:
    """An ordinary day: about 1, more on Fridays and before Christmas, never two alike."""
    wobble = (day.toordinal() * 2_654_435_761 % 1009) / 1009
    friday = 0.35 if day.weekday() == 4 else 0.0
    christmas = 0.5 if day.month == 12 and day.day < 24 else 0.0
    return 0.55 + 0.8 * wobble + friday + christmas


def moment(roll: random.Random, day: date) -> int:
    """A Unix time within the day, at an hour when people buy."""
    return unix(day, _HOURS.spin(roll) * 3_600 + int(roll.random() * 3_600))
