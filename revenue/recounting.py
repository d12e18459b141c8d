"""Every purchase of a creator counted anew, in batches, after a change of the creator's currency.

From the change until the last batch is done, purchases in the old and in the new currency stand
side by side. All that time every sum of a fan is nothing and nobody is recomputed
(`revenue.spend`), so that two currencies are never added. In the transaction that ends it everybody
is recomputed at once.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from fans.models import Creator
from revenue.doubles import pairs_of
from revenue.exchange import Rates
from revenue.models import Purchase, Recount, Source
from revenue.purchases import COUNTED, payment_of, purchase_row, reaching
from revenue.spend import recompute_all_fans, recompute_usual
from revenue.upsert import Row, upsert

BATCH = 2000

#: What a fan has until all purchases are counted in the new currency.
NOTHING = {
    "lifetime_gross": 0,
    "lifetime_net": 0,
    "window_gross": 0,
    "window_net": 0,
    "usual_order": None,
    "spend": 0,
    "is_true_fan": False,
    "tier": None,
}


def begin_recount(*, creator: Creator, now: datetime) -> Recount:
    """Have all purchases of `creator` counted in its currency, which has just changed; from the
    beginning, if that is under way already. The caller holds the lock on the creator."""
    creator.fans.mark_everybody_due(now=now, **NOTHING)
    recount, _created = Recount.objects.update_or_create(
        creator=creator,
        defaults={
            "currency": creator.currency,
            "cursor": 0,
            "done": 0,
            "total": creator.purchases.count(),
            "started_at": now,
            "heard_at": now,
            "finished_at": None,
        },
    )
    return recount


def recount(
    *, creator: Creator, until: datetime, clock: Callable[[], datetime] = timezone.now
) -> bool:
    """Count batch after batch until the time is `until`; whether everything is counted.

    The cursor moves in the transaction of its batch. Several workers at one creator do no harm.
    """
    while _recount_batch(creator, now=clock()):
        if clock() >= until:
            return False
    return True


def _recount_batch(creator: Creator, *, now: datetime) -> bool:
    """Count the next purchases; whether there may be more."""
    with transaction.atomic():
        # Whoever writes a purchase holds this lock, so those of its source are not needed.
        creator = Creator.objects.select_for_update(no_key=True).get(pk=creator.pk)
        progress = Recount.objects.under_way().filter(creator=creator).first()
        if progress is None:
            return False
        ahead = creator.purchases.filter(pk__gt=progress.cursor).order_by("pk")
        if batch := list(ahead[:BATCH]):
            _count(creator, batch)
            progress.cursor = batch[-1].pk
            progress.done += len(batch)
        else:
            progress.finished_at = now
        progress.heard_at = now
        progress.save(update_fields=["cursor", "done", "heard_at", "finished_at"])
        if progress.finished_at:
            recompute_all_fans(creator=creator, now=now)
            recompute_usual(creator=creator, now=now)
    return bool(batch)


def _count(creator: Creator, batch: Sequence[Purchase]) -> None:
    """Write what these purchases count for."""
    by_source: dict[int, list[Purchase]] = defaultdict(list)
    for purchase in batch:
        by_source[purchase.source_id].append(purchase)
    sources = Source.objects.without_secrets().in_bulk(by_source)
    rows: list[Row] = []
    for source_id, purchases in by_source.items():
        sources[source_id].creator = creator
        rows += _rows(sources[source_id], purchases)
    upsert(Purchase, rows, unique=["external_id", "source_id"], update=COUNTED)


def _rows(source: Source, purchases: Sequence[Purchase]) -> list[Row]:
    """These purchases as they count now. Their invoices are left out: they say nothing of money."""
    payments = {purchase.external_id: payment_of(purchase) for purchase in purchases}
    reach, rates = reaching(source, payments, {}, pairs_of(source, payments)), Rates()
    return [
        purchase_row(source, payments[p.external_id], p.fan_id, reach[p.external_id], rates)
        for p in purchases
    ]
