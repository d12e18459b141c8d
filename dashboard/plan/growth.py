"""When a circle of people that grows is as large as it is to be; `fans.growth` is the rule."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice

from dashboard.plan.keeping import half_up
from fans.growth import YEAR, Growth

WEEK = 7
#: Nobody plans for longer, and no date lies much further.
MOST_YEARS = 100


def a_year(arrivals: Decimal, every: int) -> Decimal:
    """How many come in a year when `arrivals` come every so many days."""
    return arrivals * YEAR / every


def a_week(people_a_year: Decimal) -> Decimal:
    """With one decimal, half up."""
    return half_up(people_a_year * WEEK / YEAR, Decimal("0.1"))


def shortened(growth: Growth) -> Growth:
    """`growth` with no more digits than its ceiling needs, in percent two decimals at most."""
    for places in range(3):
        arrivals, loss = round(growth.arrivals, places), round(growth.loss, places + 2)
        short = Growth(growth.people, arrivals, loss)
        if short.ceiling == growth.ceiling:
            break
    return short


@dataclass(frozen=True, slots=True)
class Forecast:
    """`growth` from the day on which it `begins`, and the `target` it is to reach."""

    growth: Growth
    target: int
    begins: date

    @property
    def days(self) -> int | None:
        return self.growth.days_to(self.target, years=MOST_YEARS)

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
