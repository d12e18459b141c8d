"""What the books say to a plan: who would be a true fan, and how much of the money is kept.

Amounts are in minor units of the creator's currency.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.breakdowns import together
from dashboard.periods import WINDOW, named
from fans.models import Creator
from revenue.keeping import Keep
from revenue.models import Recount


@dataclass(frozen=True, slots=True)
class Group:
    """Some of a creator's people, told apart by stored columns."""

    key: str
    name: str | Promise
    people: Q
    is_tier: bool = False


def groups(creator: Creator) -> list[Group]:
    """The tiers below a true fan's, all who are on their way, everybody who ever bought; one query.

    Those of a tier are found by their spend, which it follows from: that has an index.
    """
    target = creator.target_spend
    tiers = [tier for tier in creator.tiers.all() if tier.threshold < target]
    bands = pairwise([*(tier.threshold for tier in tiers), target])
    return [
        *(
            Group(f"tier-{tier.pk}", tier.name, Q(spend__gte=start, spend__lt=end), True)
            for tier, (start, end) in zip(tiers, bands, strict=True)
        ),
        Group("way", _("Everybody on their way"), Q(spend__gt=0, spend__lt=target)),
        Group("ever", _("Everybody who ever bought"), Q(purchases__gt=0)),
    ]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """If each of the `people` of a group spent `price` so many `times` more, within the window.

    `known` are all people there are, `true` the true fans there are now, `new` those that would be.
    """

    group: Group
    price: int
    times: int
    known: int
    people: int
    true: int
    new: int

    @property
    def true_then(self) -> int:
        return self.true + self.new

    @property
    def money(self) -> int:
        return self.people * self.price * self.times


def what_if(creator: Creator, group: Group, *, price: int, times: int) -> WhatIf:
    """One query, over stored columns."""
    target = creator.target_spend
    lacks_less = Q(spend__lt=target, spend__gte=target - price * times)
    found = creator.fans.aggregate(
        known=Count("pk"),
        people=Count("pk", filter=group.people),
        true=Count("pk", filter=Q(spend__gte=target)),
        new=Count("pk", filter=group.people & lacks_less),
    )
    return WhatIf(group=group, price=price, times=times, **found)


@dataclass(frozen=True, slots=True)
class Kept:
    """What fans really paid and what of it reached the creator, both without what nobody knows the
    net of: that is `untold`, a part of what was paid. `keep` tells how much is kept of the rest.

    `people` is how many who pay the target spend leave the whole goal when as much is kept as now.
    """

    keep: Keep
    untold: int
    people: int


def kept(creator: Creator, *, now: datetime) -> Kept | None:
    """What is left of the window's money, by two queries; None where nobody can tell, or while it
    is being counted in another currency."""
    if Recount.under_way_of(creator):
        return None
    window = named(creator, WINDOW, now=now)
    found = together(creator.purchases.filter(window.within()))
    people = found.keep.people_for(creator.goal, target_spend=creator.target_spend)
    if people is None:
        return None
    return Kept(found.keep, found.gross - found.settled, people)
