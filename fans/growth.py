"""How a circle of people grows: some come, some do not come back. Pure; the one rule for it.

Year by year N' = N(1 − c) + A: `loss` (c) is the part of those who are there that leaves within a
year, `arrivals` (A) are those who come. Within a year both go on evenly. A year has 365 days.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_DOWN, Decimal
from itertools import islice

YEAR = 365
#: A week is no finite decimal of a year: what is nearer to a whole number than this is that number.
MOMENT = Decimal("1e-9")


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
        exact = (self.arrivals / self.loss).quantize(MOMENT)
        return int(exact.to_integral_value(ROUND_HALF_DOWN))

    def tops_out_before(self, target: int) -> bool:
        """Whether `target` is never quite reached, however long one waits."""
        return self.people < target and self.arrivals <= self.loss * target and self.loss < 1

    def days_to(self, target: int, *, years: int) -> int | None:
        """The day on which there are `target`, counted from 1; 0 if they are there already.

        None if that is never, or not within so many `years`.
        """
        if self.people >= target:
            return 0
        if self.tops_out_before(target):
            return None
        for year, people in enumerate(islice(self.years(), years)):
            gained = self.arrivals - self.loss * people
            if people + gained >= target:
                days = (year + (target - people) / gained) * YEAR
                return int(days.quantize(MOMENT).to_integral_value(ROUND_CEILING))
        return None
