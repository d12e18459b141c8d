"""How a circle of people grows: some come, some do not come back.

Year by year N' = N(1 − c) + A: `loss` (c) is the part of those who are there that leaves within a
year, `arrivals` (A) are those who come. Within a year both go on evenly. A year has 365 days.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_DOWN, Decimal
from itertools import islice

from dashboard.plan.keeping import half_up

YEAR, WEEK = 365, 7
#: Nobody plans for longer, and no date lies much further.
MOST_YEARS = 100
#: A week is no finite decimal of a year: what is nearer to a whole day than this is that day.
MOMENT = Decimal("1e-9")


def a_year(arrivals: Decimal, every: int) -> Decimal:
    """How many come in a year when `arrivals` come every so many days."""
    return arrivals * YEAR / every


def a_week(people_a_year: Decimal) -> Decimal:
    """With one decimal, half up."""
    return half_up(people_a_year * WEEK / YEAR, Decimal("0.1"))


@dataclass(frozen=True, slots=True)
class Growth:
    """`people` to begin with, `arrivals` a year, `loss` a year as a part between 0 and 1."""

    people: int
    arrivals: Decimal
    loss: Decimal

    def years(self) -> Iterator[Decimal]:
        """How many there are at the beginning, after one year, after two; without end."""
        people = Decimal(self.people)
        while True:
            yield people
            people = people * (1 - self.loss) + self.arrivals

    @property
    def ceiling(self) -> int | None:
        """What their number tends to, A ÷ c: where as many leave as come. None: it has none.

        The nearest whole person, and of two that are as near the lower: it is never passed.
        """
        if not self.loss:
            return None
        return int((self.arrivals / self.loss).to_integral_value(ROUND_HALF_DOWN))

    def tops_out_before(self, target: int) -> bool:
        """Whether `target` is never quite reached, however long one waits."""
        return self.people < target and self.arrivals <= self.loss * target and self.loss < 1

    def days_to(self, target: int) -> int | None:
        """The day on which there are `target`, counted from 1; 0 if they are there already.

        None if that is never, or not within `MOST_YEARS`.
        """
        if self.people >= target:
            return 0
        if self.tops_out_before(target):
            return None
        for year, people in enumerate(islice(self.years(), MOST_YEARS)):
            gained = self.arrivals - self.loss * people
            if people + gained >= target:
                days = (year + (target - people) / gained) * YEAR
                return int(days.quantize(MOMENT).to_integral_value(ROUND_CEILING))
        return None


@dataclass(frozen=True, slots=True)
class Forecast:
    """`growth` from the day on which it `begins`, and the `target` it is to reach."""

    growth: Growth
    target: int
    begins: date

    @property
    def days(self) -> int | None:
        return self.growth.days_to(self.target)

    @property
    def reached_on(self) -> date | None:
        """The day on which the last one comes; the first day is that on which it begins."""
        days = self.days
        return None if days is None else self.begins + timedelta(days=max(days - 1, 0))

    @property
    def year(self) -> int | None:
        """In which year that is, counted from 1; 0 if they are there already."""
        days = self.days
        return None if days is None else -(-days // YEAR)

    @property
    def holding(self) -> Decimal:
        """How many must come in a year so that the target, once reached, is kept."""
        return self.growth.loss * self.target

    @property
    def tops_out(self) -> bool:
        """Whether the target is never reached."""
        return self.growth.tops_out_before(self.target)

    def at_ends(self, years: int) -> list[tuple[int, date, int]]:
        """(year, its last day, how many whole people there are then) of so many `years`."""
        return [
            (year, self.begins + timedelta(days=YEAR * year - 1), int(people))
            for year, people in enumerate(islice(self.growth.years(), 1, years + 1), 1)
        ]
