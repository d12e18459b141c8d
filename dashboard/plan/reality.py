"""What the books say to a plan: who would be a true fan, and how much of the money is kept.

Amounts are in minor units of the creator's currency.
"""

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from django.db.models import Count, Q, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.plan.goal import people_for
from dashboard.plan.keeping import keep_rate
from fans.models import Creator


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
    """The money of the window of all people: what they paid and what reached the creator.

    `people` is how many who pay the target spend leave the whole goal when as much is kept as now.
    """

    gross: int
    net: int
    people: int

    @property
    def rate(self) -> Decimal:
        return keep_rate(self.gross, self.net)


def kept(creator: Creator) -> Kept | None:
    """What is left of everybody's money, by one query; None while nothing is."""
    found = creator.fans.aggregate(gross=Sum("window_gross"), net=Sum("window_net"))
    gross, net = found["gross"] or 0, found["net"] or 0
    if gross <= 0 or net <= 0:
        return None
    return Kept(gross, net, people_for(creator.goal * gross, creator.target_spend * net))
