"""Writing what a gateway read: one transaction a page, and the same books whatever the order.

Everything that comes in (a backfill's page, a poll, a webhook's nudge, a row of a file) comes in
here. Movements are only ever added; what a purchase counts for is worked out anew from all that
is stored about it, so a page may come twice, late, or before the pages it depends on.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from fans.models import Creator, Fan
from revenue import values
from revenue.attribution import Payer, attribute
from revenue.counting import count
from revenue.exchange import count_in
from revenue.models import Customer, Movement, Purchase, Return, Source
from revenue.upsert import upsert
from revenue.values import Page, Payment, PaymentStatus, PurchaseKind

Row = dict[str, Any]

UNIQUE = ["source_id", "external_id"]

#: Columns of a purchase that are written again when they differ.
PURCHASE_COLUMNS = [
    "fan_id",
    "customer_id",
    "payer_email",
    "payer_name",
    "payer_country",
    "occurred_at",
    "kind",
    "status",
    "description",
    "currency",
    "amount",
    "raw",
    "state",
    "returned",
    "settlement_currency",
    "fee",
    "net",
    "counted_currency",
    "counted_gross",
    "counted_net",
    "rate",
    "rate_date",
    "rate_origin",
]


@dataclass(frozen=True, slots=True)
class Written:
    """How much of a page was new or different."""

    movements: int
    purchases: int


def ingest(*, source: Source, page: Page, now: datetime) -> Written:
    """Store `page` and mark everybody whose numbers it may change; runs in one transaction."""
    with transaction.atomic():
        source = lock(source)
        _store_customers(source, page)
        movements = _store_movements(source, page)
        _store_returns(source, page)
        touched = {p.external_id for p in page.payments}
        touched |= {m.payment_id for m in page.movements if m.payment_id}
        touched |= {r.payment_id for r in page.returns}
        changed = _store_purchases(source, page.payments, touched, page.customers, now=now)
    return Written(movements=movements, purchases=changed)


def lock(source: Source) -> Source:
    """Serialise the writers of one source, and of one creator's people; in this order always."""
    source = Source.objects.select_for_update(no_key=True).get(pk=source.pk)
    source.creator = Creator.objects.select_for_update(no_key=True).get(pk=source.creator_id)
    return source


def _row(source: Source, value: values.Customer | values.Movement | values.Return) -> Row:
    """The columns of `value`, which are named as its fields are."""
    return {"source_id": source.pk} | {f.name: getattr(value, f.name) for f in fields(value)}


def _store_customers(source: Source, page: Page) -> None:
    for is_deleted, columns in (
        (False, ["email", "name", "country", "is_deleted"]),
        # A deleted customer comes without an address: what was known before stays known.
        (True, ["is_deleted"]),
    ):
        rows = [_row(source, c) for c in page.customers if c.is_deleted is is_deleted]
        upsert(Customer, rows, unique=UNIQUE, update=columns)


def _store_movements(source: Source, page: Page) -> int:
    return len(upsert(Movement, [_row(source, m) for m in page.movements], unique=UNIQUE))


def _store_returns(source: Source, page: Page) -> None:
    columns = [f.name for f in fields(values.Return) if f.name not in ("external_id", "kind")]
    upsert(Return, [_row(source, r) for r in page.returns], unique=UNIQUE, update=columns)


def _store_purchases(
    source: Source,
    payments: Sequence[Payment],
    touched: set[str],
    customers: Sequence[Any],
    *,
    now: datetime,
) -> int:
    """Count every touched purchase anew; write those that differ and mark their owners due."""
    stored = source.purchases.filter(
        Q(external_id__in=touched) | Q(customer_id__in=[c.external_id for c in customers])
    )
    owners_before = {p.external_id: p.fan_id for p in stored}
    everything = {p.external_id: payment_of(p) for p in stored} | {
        p.external_id: p for p in payments
    }
    if not everything:
        return 0
    owners = attribute(source=source, payers=[payer_of(p) for p in everything.values()], now=now)
    rows = _purchase_rows(source, everything, owners)
    written = upsert(Purchase, rows, unique=UNIQUE, update=PURCHASE_COLUMNS)
    _mark_due(written, owners_before, now=now)
    return len(written)


def _mark_due(written: list[int], owners_before: dict[str, int | None], *, now: datetime) -> None:
    """The owners of the purchases touched, before and after, are due for a recompute."""
    due: set[int] = set()
    left: set[int] = set()
    changed = Purchase.objects.filter(pk__in=written).values_list("external_id", "fan_id")
    for external_id, owner in changed:
        before = owners_before.get(external_id)
        due |= {fan_id for fan_id in (owner, before) if fan_id}
        if before and before != owner:
            left.add(before)
    Fan.objects.mark_due(due, now=now)
    # Somebody known by a customer's id only, until the customer turned out to have an address.
    Fan.objects.filter(pk__in=left, purchase_set=None, seat=None).delete()


def payment_of(purchase: Purchase) -> Payment:
    """The payment that a stored purchase was made from."""
    return Payment(
        external_id=purchase.external_id,
        occurred_at=purchase.occurred_at,
        status=PaymentStatus(purchase.status),
        kind=PurchaseKind(purchase.kind),
        currency=purchase.currency,
        amount=purchase.amount,
        description=purchase.description,
        customer_id=purchase.customer_id,
        email=purchase.payer_email,
        name=purchase.payer_name,
        country=purchase.payer_country,
        raw=purchase.raw,
    )


def payer_of(payment: Payment) -> Payer:
    return Payer(
        external_id=payment.external_id,
        occurred_at=payment.occurred_at,
        customer_id=payment.customer_id,
        email=payment.email,
        name=payment.name,
        country=payment.country,
    )


def _purchase_rows(
    source: Source, payments: dict[str, Payment], owners: dict[str, int | None]
) -> list[Row]:
    movements, returns = reaching(source, payments)
    return [
        purchase_row(
            source, payment, owners[external_id], movements[external_id], returns[external_id]
        )
        for external_id, payment in payments.items()
    ]


def reaching(
    source: Source, payment_ids: Iterable[str]
) -> tuple[dict[str, list[Movement]], dict[str, list[Return]]]:
    """All stored movements and all returns that reach these payments, by the payment's id."""
    movements: dict[str, list[Movement]] = defaultdict(list)
    for movement in source.movements.filter(payment_id__in=payment_ids).defer("raw"):
        movements[movement.payment_id].append(movement)
    returns: dict[str, list[Return]] = defaultdict(list)
    for given in source.returns.filter(payment_id__in=payment_ids).defer("raw"):
        returns[given.payment_id].append(given)
    return movements, returns


def purchase_row(
    source: Source,
    payment: Payment,
    fan_id: int | None,
    movements: Sequence[Movement],
    returns: Sequence[Return],
) -> Row:
    """The row of `payment` given all that reaches it; the only place where one is made."""
    outcome = count(payment, movements, returns)
    kept = 0 if outcome.state in Purchase.NOTHING_PAID else payment.amount - outcome.returned
    counted = count_in(
        source.creator.currency,
        paid=payment.currency,
        kept=kept,
        amount=payment.amount,
        outcome=outcome,
        occurred_at=payment.occurred_at,
    )
    return {
        "creator_id": source.creator_id,
        "source_id": source.pk,
        "external_id": payment.external_id,
        "fan_id": fan_id,
        "customer_id": payment.customer_id,
        "payer_email": payment.email,
        "payer_name": payment.name,
        "payer_country": payment.country,
        "occurred_at": payment.occurred_at,
        "kind": payment.kind,
        "status": payment.status,
        "description": payment.description,
        "currency": payment.currency,
        "amount": payment.amount,
        "raw": payment.raw,
        "state": outcome.state,
        "returned": outcome.returned,
        "settlement_currency": outcome.settlement_currency,
        "fee": outcome.fee,
        "net": outcome.net,
        "counted_currency": source.creator.currency,
        "counted_gross": counted.gross,
        "counted_net": counted.net,
        "rate": counted.rate,
        "rate_date": counted.rate_date,
        "rate_origin": counted.rate_origin,
    }
