"""The sums on a creator's home, from stored columns. Amounts in the creator's minor units."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet, Sum

from fans.models import Creator, Fan
from revenue.exchange import Rates
from revenue.models import Membership, Purchase, Source
from revenue.models.purchases import PurchaseQuerySet


def without_rate(creator: Creator) -> list[tuple[str, int]]:
    """Currencies that nobody publishes a rate for, and how many purchases in each count nothing."""
    missing = creator.purchases.filter(
        rate_origin=Purchase.RateOrigin.MISSING, counted_currency=creator.currency
    ).exclude(state__in=Purchase.NOTHING_PAID)
    return list(missing.values_list("currency").annotate(count=Count("pk")).order_by("currency"))


def would_be_without_rate(creator: Creator, currency: str, *, today: date) -> list[tuple[str, int]]:
    """Currencies without a rate to `currency`, and how many purchases in each would count nothing
    in it: those that Stripe exchanged into it have a rate of their own. One query."""
    others = creator.purchases.exclude(state__in=Purchase.NOTHING_PAID)
    others = others.exclude(currency=currency).exclude(settlement_currency=currency)
    counts = others.order_by("currency").values_list("currency").annotate(count=Count("pk"))
    rates = Rates()
    return [(code, count) for code, count in counts if not rates.between(code, currency, today)]


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
    """The last `count` purchases with who made them; not those that were only tried. Only what a
    line of a list shows is read."""
    made = creator.purchases.exclude(state__in=Purchase.NOTHING_PAID).newest()
    return made.select_related("fan").only(
        "creator",
        "occurred_at",
        "currency",
        "amount",
        "returned",
        "state",
        "kind",
        "description",
        "fan__name",
        "fan__email",
    )[:count]


def listed(purchases: PurchaseQuerySet) -> PurchaseQuerySet:
    """`purchases` with what a list shows, without the provider's own words behind it."""
    return purchases.select_related("fan").with_source().defer("raw")


def leaving(creator: Creator, count: int, *, now: datetime) -> QuerySet[Membership]:
    """The `count` memberships that end first, with whose they are."""
    found = creator.memberships.leaving(now).select_related("fan")
    return found.only(
        "creator",
        "state",
        "ends_at",
        "reason",
        "currency",
        "amount",
        "interval",
        "fan__name",
        "fan__email",
    )[:count]
