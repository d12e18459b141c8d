"""When the circle will be full if it goes on as in the last year. Pure: days in, dates out.

It grows as `fans.growth` says. How sure that is, is found by years made of weeks of the last one,
drawn at random: with four out of five of them the circle is full within the range.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random
from typing import NamedTuple

from fans.growth import YEAR, Growth

#: With fewer days, or fewer people who arrived, it is too early to say.
FEWEST_DAYS = 56
FEWEST_ARRIVALS = 10
#: Nobody knows what is further away, in years.
HORIZON = 20
WEEK = 7
DRAWS = 400
NOTHING, ALL = Decimal(0), Decimal(1)


class Outlook(StrEnum):
    REACHED = "reached"
    TOO_EARLY = "too_early"
    EXPECTED = "expected"
    #: The ceiling is not above the target.
    LEVELS_OFF = "levels_off"
    #: Further away than the horizon.
    FAR = "far"


class Week(NamedTuple):
    """What a week of the past brought, and the share that it took, added up day by day."""

    days: int
    arrived: int
    loss: Decimal


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
    growth = growth_of(true_fans=true_fans, arrived=arrived, lost=lost)
    ceiling = growth.ceiling if growth else None
    if true_fans >= target:
        return Arrival(Outlook.REACHED, ceiling=ceiling)
    if growth is None:
        return Arrival(Outlook.TOO_EARLY)
    if ceiling is not None and ceiling <= target:
        return Arrival(Outlook.LEVELS_OFF, ceiling=ceiling)
    weeks = _weeks(true_fans, arrived, lost)
    draw = Random(seed)  # noqa: S311  (weather, not secrets)
    drawn = (_growth(true_fans, draw.choices(weeks, k=len(weeks))) for _ in range(DRAWS))
    found = [growth.days_to(target, years=HORIZON) for growth in drawn]
    dates = [today + timedelta(days) for days in sorted(d for d in found if d is not None)]
    earliest, middle, latest = (_at(dates, DRAWS * tenths // 10) for tenths in (1, 5, 9))
    outlook = Outlook.EXPECTED if middle else Outlook.FAR
    return Arrival(outlook, earliest, middle, latest, ceiling)


def growth_of(*, true_fans: int, arrived: Sequence[int], lost: Sequence[int]) -> Growth | None:
    """How the circle grew in the last year, from the `true_fans` of today on; None while it is too
    early to say. `arrived` and `lost` count by day, today last."""
    if len(arrived) < FEWEST_DAYS or sum(arrived) < FEWEST_ARRIVALS:
        return None
    return _growth(true_fans, _weeks(true_fans, arrived, lost))


def _at(dates: Sequence[date], place: int) -> date | None:
    """Those who never arrive come after all who do."""
    return dates[place] if place < len(dates) else None


def _weeks(true_fans: int, arrived: Sequence[int], lost: Sequence[int]) -> list[Week]:
    """The days of the last year week by week, back from the end; what is left over is one, too."""
    days = []
    there = true_fans
    for came, went in zip(reversed(arrived[-YEAR:]), reversed(lost[-YEAR:]), strict=True):
        there += went - came  # as many as there were when the day began
        days.append(Week(1, came, Decimal(went) / there if went else NOTHING))
    return [_together(days[start : start + WEEK]) for start in range(0, len(days), WEEK)]


def _together(weeks: Sequence[Week]) -> Week:
    days, arrived, loss = zip(*weeks, strict=True)
    return Week(sum(days), sum(arrived), sum(loss, NOTHING))


def _growth(true_fans: int, weeks: Sequence[Week]) -> Growth:
    """These weeks as if they were a year, and every year to come."""
    days, arrived, loss = _together(weeks)
    return Growth(true_fans, Decimal(arrived) * YEAR / days, min(loss * YEAR / days, ALL))
