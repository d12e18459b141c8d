"""The circle: the people who have a dot in the field, each of whom has a turn in every round."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from django.db.models import Exists, Max, OuterRef, Q

from fans.models import Creator, Turn
from fans.models.fans import FanQuerySet

#: How many people's turn it is every day.
A_DAY = 3


def circle_of(creator: Creator) -> FanQuerySet:
    """The true fans, then those nearest on their way, up to the target count: two queries at most.

    It reads no more of the index by spend than the circle is long.
    """
    spending = creator.fans.filter(spend__gt=0)
    by_spend = spending.order_by("-spend", "pk").values_list("spend", "pk")
    last = by_spend[creator.target_count - 1 : creator.target_count].first()
    if last is None:
        return spending
    spend, pk = last
    if spend >= creator.target_spend:
        return spending.filter(spend__gte=creator.target_spend)
    return spending.filter(spend__gte=spend).filter(Q(spend__gt=spend) | Q(pk__lte=pk))


def number_of(creator: Creator) -> int:
    """Which circle it is, from 1."""
    return creator.turn_set.aggregate(number=Max("circle"))["number"] or 1


def without_turn(fans: FanQuerySet, *, creator: Creator, number: int) -> FanQuerySet:
    """Those of `fans` who had no turn in the circle `number`, have none now, and have none ahead
    because they were put off."""
    turns = Turn.objects.filter(creator=creator, fan=OuterRef("pk"))
    ahead = Q(outcome__in=[Turn.Outcome.OPEN, Turn.Outcome.SNOOZED])
    return fans.exclude(Exists(turns.filter(ahead | Q(circle=number))))


@dataclass(frozen=True, slots=True)
class Circle:
    """How far through the circle `number` a creator is: `served` had their turn, `left` have not;
    `put_off` of these come back on a day of their own."""

    number: int
    served: int
    left: int
    put_off: int

    @property
    def everybody(self) -> int:
        return self.served + self.left

    @property
    def percent(self) -> int:
        """How many were served, in whole percent, rounded down."""
        return self.served * 100 // self.everybody if self.everybody else 0

    @property
    def days_left(self) -> int:
        """How many days the rest takes, at three people a day."""
        return ceil(self.left / A_DAY)

    def closes_on(self, today: date) -> date:
        """The day on which the last of them has their turn, if the first of `left` has it today."""
        return today + timedelta(days=max(self.days_left - 1, 0))


def how_far(creator: Creator) -> Circle:
    """How far through their circle `creator` is; five queries."""
    number = number_of(creator)
    turns = creator.turn_set.filter(circle=number)
    served = turns.served()
    left = circle_of(creator).exclude(Exists(served.filter(fan=OuterRef("pk"))))
    return Circle(
        number=number,
        served=served.count(),
        left=left.count(),
        put_off=creator.turn_set.put_off().count(),
    )
