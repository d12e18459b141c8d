"""The sums on a creator's home, from stored columns. Amounts in the creator's minor units."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet, Sum

from fans.models import Creator, Fan
from revenue.models import Membership, Purchase, Source


@dataclass(frozen=True, slots=True)
class Income:
    """The money of the window. `gross` and `net` are of everybody, known or not.

    `unattributed` is the part of `gross` that no person could be found for, in
    `unattributed_count` purchases; `unconverted` counts purchases in a currency without a rate,
    which are in no sum.
    """

    gross: int
    net: int
    counted: int
    goal: int
    unattributed: int
    unattributed_count: int
    unconverted: int

    @property
    def percent(self) -> int:
        """How much of the goal is reached, in whole percent, rounded down."""
        return self.counted * 100 // self.goal


def income(creator: Creator, *, now: datetime) -> Income:
    """What came in during the window of `now`; three queries."""
    people = creator.fans.aggregate(gross=Sum("window_gross"), net=Sum("window_net"))
    window = creator.purchases.filter(
        occurred_at__gte=creator.window_start(now),
        occurred_at__lt=now,
        counted_currency=creator.currency,
    ).exclude(state__in=Purchase.NOTHING_PAID)
    nobody = window.unattributed().aggregate(
        gross=Sum("counted_gross"), net=Sum("counted_net"), count=Count("pk")
    )
    unconverted = window.filter(counted_gross=None, rate_origin=Purchase.RateOrigin.MISSING)
    gross = (people["gross"] or 0) + (nobody["gross"] or 0)
    net = (people["net"] or 0) + (nobody["net"] or 0)
    return Income(
        gross=gross,
        net=net,
        counted=gross if creator.counts == Creator.Counts.GROSS else net,
        goal=creator.goal,
        unattributed=nobody["gross"] or 0,
        unattributed_count=nobody["count"],
        unconverted=unconverted.count(),
    )


def without_rate(creator: Creator) -> list[tuple[str, int]]:
    """Currencies that nobody publishes a rate for, and how many purchases in each count nothing."""
    missing = creator.purchases.filter(
        rate_origin=Purchase.RateOrigin.MISSING, counted_currency=creator.currency
    ).exclude(state__in=Purchase.NOTHING_PAID)
    return list(missing.values_list("currency").annotate(count=Count("pk")).order_by("currency"))


@dataclass(frozen=True, slots=True)
class Brought:
    """What came from a source: `gross` in the creator's currency, of all time."""

    purchases: int
    people: int
    gross: int


def brought(source: Source) -> Brought:
    """What came from `source`; one query."""
    creator = source.creator
    paid = creator.purchases.filter(source=source).exclude(state__in=Purchase.NOTHING_PAID)
    found = paid.aggregate(
        purchases=Count("pk"),
        people=Count("fan", distinct=True),
        gross=Sum("counted_gross", filter=Q(counted_currency=creator.currency)),
    )
    return Brought(found["purchases"], found["people"], found["gross"] or 0)


def nearest(creator: Creator, count: int) -> QuerySet[Fan]:
    """The `count` people who lack least to be true fans."""
    return creator.fans.on_their_way()[:count]


def newest(creator: Creator, count: int) -> QuerySet[Purchase]:
    """The last `count` purchases with who made them; not those that were only tried."""
    return listed(creator.purchases.exclude(state__in=Purchase.NOTHING_PAID).newest())[:count]


def listed(purchases: QuerySet[Purchase]) -> QuerySet[Purchase]:
    """`purchases` with what a list shows, without the provider's own words behind it."""
    return purchases.select_related("fan", "source").defer("raw", "source__key")


def leaving(creator: Creator, count: int, *, now: datetime) -> QuerySet[Membership]:
    """The `count` memberships that end first, with whose they are."""
    return creator.memberships.leaving(now).select_related("fan").defer("raw")[:count]


def head_count(creator: Creator) -> dict[str, int]:
    """How many people there are: `everybody`, the `true` and those `on_their_way`."""
    return creator.fans.aggregate(
        everybody=Count("pk"),
        true=Count("pk", filter=Q(is_true_fan=True)),
        on_their_way=Count("pk", filter=Q(is_true_fan=False, spend__gt=0)),
    )
