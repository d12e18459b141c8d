"""Payments counted anew because a rate is known now: the bank's, or one that the creator said.

Both take the locks that an import takes, and count no more than what is concerned.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from fans.models import Creator, User
from revenue.ingest import lock
from revenue.models import Purchase, SaidRate, Source
from revenue.purchases import count_purchases

Origin = Purchase.RateOrigin

BATCH = 2000
#: Purchases that go by a rate of the bank, or would if it had one.
BY_THE_BANK = Q(rate_origin__in=[Origin.ECB, Origin.MISSING]) | (
    ~Q(settlement_currency="") & ~Q(settlement_currency=F("counted_currency"))
)
#: What was not counted anew within this time is not by this: a task may get lost.
LOOKED_BACK = timedelta(days=7)


def concerned_since(day: date) -> Q:
    """Purchases that a rate of `day` or later may change."""
    return BY_THE_BANK & Q(occurred_at__gte=datetime.combine(day, time(), UTC))


def creators_since(day: date) -> list[int]:
    """Row ids of those who have such purchases."""
    found = Purchase.objects.filter(concerned_since(day), creator__leaves_at=None)
    return list(found.order_by().values_list("creator", flat=True).distinct())


def count_at_new_rates(
    *,
    creator: Creator,
    since: date,
    after: int = 0,
    until: datetime,
    clock: Callable[[], datetime] = timezone.now,
) -> int | None:
    """Count the purchases behind `after` (a row id) anew that a rate of `since` or later may
    change, until the time is `until`; where to go on, None if all are counted."""
    while rows := _next(creator, since, after):
        sources = creator.sources.without_secrets().exclude(state=Source.State.REMOVING)
        for source in sources.filter(pk__in={row[1] for row in rows}).order_by("pk"):
            names = [name for _pk, source_id, name in rows if source_id == source.pk]
            with transaction.atomic():
                count_purchases(source=lock(source), touched=names, now=clock())
        after = rows[-1][0]
        if clock() >= until:
            return after
    return None


def _next(creator: Creator, since: date, after: int) -> list[tuple[int, int, str]]:
    """(row id, source, outside id) of the next purchases."""
    found = creator.purchases.filter(concerned_since(since), pk__gt=after).order_by("pk")
    return list(found.values_list("pk", "source", "external_id")[:BATCH])


def say_rate(*, purchase: Purchase, value: Decimal, by: User, now: datetime) -> bool:
    """Have `purchase` count at `value` units of the creator's currency for one of its own; whether
    it did not have a rate by itself."""
    with transaction.atomic():
        source = lock(purchase.source)
        found = source.purchases.get(pk=purchase.pk)
        if found.rate_origin not in (Origin.MISSING, Origin.SAID):
            return False
        SaidRate.objects.update_or_create(
            source=source,
            external_id=found.external_id,
            defaults={
                "creator": source.creator,
                "currency": source.creator.currency,
                "value": value,
                "by": by,
            },
        )
        count_purchases(source=source, touched=[found.external_id], now=now)
    return True


def take_back_rate(*, purchase: Purchase, now: datetime) -> bool:
    """Have `purchase` count as it does by itself; whether a rate was said of it."""
    with transaction.atomic():
        source = lock(purchase.source)
        said = source.said_rates.filter(external_id=purchase.external_id)
        if not said.delete()[0]:
            return False
        count_purchases(source=source, touched=[purchase.external_id], now=now)
    return True
