"""When the circle will be full if it goes on as in the last year. Pure: days in, dates out.

Year by year the share `loss` of those who are there is lost, and `arrivals` come:
N' = N × (1 − loss) + arrivals, evenly within a year. However long that goes on, no more than
arrivals ÷ loss are there at once. How sure that is, is found by years made of weeks of the last
one, drawn at random: with four out of five of them the circle is full within the range.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import ceil
from random import Random
from typing import NamedTuple

#: Days of a year; as many of the past are looked at, at most.
YEAR = 365
#: With fewer days, or fewer people who arrived, it is too early to say.
FEWEST_DAYS = 56
FEWEST_ARRIVALS = 10
#: Nobody knows what is further away, in years.
HORIZON = 20
WEEK = 7
DRAWS = 400


class Outlook(StrEnum):
    REACHED = "reached"
    TOO_EARLY = "too_early"
    EXPECTED = "expected"
    #: The ceiling is not above the target.
    LEVELS_OFF = "levels_off"
    #: Further away than the horizon.
    FAR = "far"


class Pace(NamedTuple):
    """What a year brings: how many `arrivals`, and which share of those who are there it takes."""

    arrivals: float
    loss: float

    @property
    def ceiling(self) -> int | None:
        """Where it levels off; None if nobody is lost, because then it never does."""
        return round(self.arrivals / self.loss) if self.loss else None

    def days_until(self, target: int, *, true_fans: int) -> int | None:
        """How many days from `true_fans` to `target`; None: not within the horizon."""
        there: float = true_fans
        for year in range(HORIZON):
            gain = self.arrivals - self.loss * there
            if there + gain >= target:
                # Rounded first: 270 days must not become 271 by the last digit of a float.
                return year * YEAR + ceil(round((target - there) / gain * YEAR, 6))
            there += gain
        return None


class Week(NamedTuple):
    """What a week of the past brought, and the share that it took, added up day by day."""

    days: int
    arrived: int
    loss: float


@dataclass(frozen=True, slots=True)
class Arrival:
    """What can be said of it. `middle`: as many drawn years are full before as after it; `earliest`
    and `latest` are the bounds of four out of five, `latest` None where the circle may never be
    full. `ceiling` is None where there is none, or nobody can tell."""

    outlook: Outlook
    earliest: date | None = None
    middle: date | None = None
    latest: date | None = None
    ceiling: int | None = None


def arrival(
    *,
    true_fans: int,
    target: int,
    arrived: Sequence[int],
    lost: Sequence[int],
    today: date,
    seed: str,
) -> Arrival:
    """When there will be `target` of them, where `true_fans` are today.

    `arrived` and `lost` count by day, today last. The same `seed` gives the same dates.
    """
    weeks = _weeks(true_fans, arrived, lost)
    is_known = len(arrived) >= FEWEST_DAYS and sum(arrived) >= FEWEST_ARRIVALS
    ceiling = _pace(weeks).ceiling if is_known else None
    if true_fans >= target:
        return Arrival(Outlook.REACHED, ceiling=ceiling)
    if not is_known:
        return Arrival(Outlook.TOO_EARLY)
    if ceiling is not None and ceiling <= target:
        return Arrival(Outlook.LEVELS_OFF, ceiling=ceiling)
    draw = Random(seed)  # noqa: S311  (weather, not secrets)
    paces = (_pace(draw.choices(weeks, k=len(weeks))) for _ in range(DRAWS))
    found = [pace.days_until(target, true_fans=true_fans) for pace in paces]
    dates = [today + timedelta(days) for days in sorted(d for d in found if d is not None)]
    earliest, middle, latest = (_at(dates, DRAWS * tenths // 10) for tenths in (1, 5, 9))
    outlook = Outlook.EXPECTED if middle else Outlook.FAR
    return Arrival(outlook, earliest, middle, latest, ceiling)


def _at(dates: Sequence[date], place: int) -> date | None:
    """Those who never arrive come after all who do."""
    return dates[place] if place < len(dates) else None


def _weeks(true_fans: int, arrived: Sequence[int], lost: Sequence[int]) -> list[Week]:
    """The days of the last year week by week, back from the end; what is left over is one, too."""
    days = []
    there = true_fans
    for came, went in zip(reversed(arrived[-YEAR:]), reversed(lost[-YEAR:]), strict=True):
        there += went - came  # as many as there were when the day began
        days.append(Week(1, came, went / there if went else 0.0))
    return [_together(days[start : start + WEEK]) for start in range(0, len(days), WEEK)]


def _together(weeks: Sequence[Week]) -> Week:
    days, arrived, loss = (sum(column) for column in zip(*weeks, strict=True))
    return Week(int(days), int(arrived), loss)


def _pace(weeks: Sequence[Week]) -> Pace:
    """These weeks as if they were a year."""
    days, arrived, loss = _together(weeks)
    return Pace(arrived * YEAR / days, min(loss * YEAR / days, 1.0))
