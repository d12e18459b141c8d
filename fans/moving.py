"""What other tiers would do: who would move from which tier to which. Nothing is stored."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from operator import or_

from django.db.models import Case, Count, F, Q, Value, When, Window
from django.db.models.functions import RowNumber

from fans.models import Creator, Fan, Tier

#: How many of those who would go the same way are named.
NAMED = 3


@dataclass(frozen=True, slots=True)
class Shift:
    """Whose spend is from `start` up to, but not including, `end` (None: without end) would go
    from the tier `was` to the tier `will`; None: no tier. Amounts are in minor units."""

    start: int
    end: int | None
    was: Tier | None
    will: Tier | None

    @property
    def way(self) -> tuple[int, int]:
        return _key(self.was), _key(self.will)

    @property
    def spends(self) -> Q:
        return Q(spend__gte=self.start) & (Q() if self.end is None else Q(spend__lt=self.end))


@dataclass(frozen=True, slots=True)
class Move:
    """The `count` people who would go from one tier to another, and the first of them."""

    was: Tier | None
    will: Tier | None
    is_up: bool
    count: int
    named: Sequence[Fan]

    @property
    def others(self) -> int:
        """How many there are beside those who are named."""
        return self.count - len(self.named)


def shifts(before: Collection[Tier], after: Collection[Tier]) -> list[Shift]:
    """Every stretch of spend that would be in another tier, lowest first.

    A tier is told again by its row; one that is not stored yet is a new one.
    """
    bounds = sorted({tier.threshold for tier in (*before, *after)})
    stretches = [*pairwise(bounds), *((last, None) for last in bounds[-1:])]
    every = [Shift(start, end, _at(start, before), _at(start, after)) for start, end in stretches]
    return [shift for shift in every if shift.way[0] != shift.way[1]]


def moves(creator: Creator, *, after: Collection[Tier]) -> list[Move]:
    """Who would move if `after` were the tiers of `creator`, by what they spend now; the highest
    first. One query beside that of the tiers."""
    ways: dict[tuple[int, int], list[Shift]] = defaultdict(list)
    for shift in shifts(list(creator.tiers.all()), after):
        ways[shift.way].append(shift)
    if not ways:
        return []
    spends = [reduce(or_, (shift.spends for shift in same)) for same in ways.values()]
    people = (
        creator.fans.filter(reduce(or_, spends))
        .annotate(way=Case(*(When(spend, then=Value(n)) for n, spend in enumerate(spends))))
        .annotate(
            place=Window(RowNumber(), partition_by=F("way"), order_by=["-spend", "id"]),
            count=Window(Count("pk"), partition_by=F("way")),
        )
        .filter(place__lte=NAMED)
        .order_by("-way", "place")
    )
    named: dict[int, list[Fan]] = defaultdict(list)
    counts: dict[int, int] = {}
    for fan in people:
        named[fan.way].append(fan)
        counts[fan.way] = fan.count
    first = [same[0] for same in ways.values()]
    return [
        Move(
            was=first[way].was,
            will=first[way].will,
            is_up=_height(first[way].will, after) > _height(first[way].was, after),
            count=counts[way],
            named=fans,
        )
        for way, fans in named.items()
    ]


def _at(spend: int, tiers: Collection[Tier]) -> Tier | None:
    reached = [tier for tier in tiers if tier.threshold <= spend]
    return max(reached, key=lambda tier: tier.threshold, default=None)


def _key(tier: Tier | None) -> int:
    """0 for no tier, -1 for one that is not stored yet."""
    return 0 if tier is None else tier.pk or -1


def _height(tier: Tier | None, after: Collection[Tier]) -> int:
    """Where `tier` would begin or, if it would be gone, began."""
    if tier is None:
        return 0
    return next((t.threshold for t in after if _key(t) == _key(tier)), tier.threshold)
