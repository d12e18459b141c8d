"""Proof that the books are right: what is stored equals what can be rebuilt from below.

Four questions, each with the rows that differ: does every fan equal their purchases, does every
purchase equal its movements and returns, does the sum over fans and nobody equal the sum over
purchases, and does the sum of the movements equal the balance that the provider states?
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Sum

from fans.models import Creator, Fan
from revenue.gateways.problems import SourceProblem
from revenue.gateways.stripe.client import StripeGateway
from revenue.gateways.stripe.reading import account_balance, newest_movement_id
from revenue.invoices import bills
from revenue.models import Purchase, Source
from revenue.purchases import COLUMNS as PURCHASE_COLUMNS
from revenue.purchases import payment_of, purchase_row, reaching
from revenue.spend import COLUMNS, rebuilt, recompute_due_fans

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One row whose stored value is not what it should be."""

    what: str
    column: str
    stored: Any
    expected: Any

    def __str__(self) -> str:
        return f"{self.what}: {self.column} is {self.stored}, should be {self.expected}"


def check_books(
    *, creator: Creator, now: datetime, on_step: Callable[[int], None] = lambda done: None
) -> Iterator[Finding]:
    """Every difference in the books of `creator`; none means they are right to the cent.

    Work that is due is done first. `on_step` is told how many more rows have been looked at.
    """
    recompute_due_fans(creator=creator, now=now)
    yield from check_purchases(creator=creator, on_step=on_step)
    yield from check_fans(creator=creator, now=now, on_step=on_step)
    yield from check_sums(creator=creator)
    for source in creator.sources.filter(kind=Source.Kind.STRIPE):
        yield from check_balance(source=source)


def check_fans(
    *, creator: Creator, now: datetime, on_step: Callable[[int], None] = lambda done: None
) -> Iterator[Finding]:
    """Stored spend and standing against the same statement run over the purchases."""
    stored = {
        row[0]: row[1:] for row in Fan.objects.filter(creator=creator).values_list("pk", *COLUMNS)
    }
    for fan_id, *expected, _recompute_at in rebuilt(creator=creator, now=now):
        on_step(1)
        for column, was, should in zip(COLUMNS, stored.get(fan_id, ()), expected, strict=False):
            if was != should:
                yield Finding(f"fan {fan_id}", column, was, should)


def check_purchases(
    *, creator: Creator, on_step: Callable[[int], None] = lambda done: None
) -> Iterator[Finding]:
    """Stored purchases against the pure function of their payment, movements and returns."""
    for source in creator.sources.all():
        source.creator = creator
        purchases = source.purchases.order_by("pk").iterator(chunk_size=BATCH)
        for batch in _batches(purchases):
            on_step(len(batch))
            yield from _check_batch(source, batch)


def _check_batch(source: Source, batch: list[Purchase]) -> Iterator[Finding]:
    payments = {purchase.external_id: payment_of(purchase) for purchase in batch}
    found = bills(source=source, payments=payments)
    reach = reaching(source, payments, found.of_payment)
    for purchase in batch:
        name = purchase.external_id
        expected = purchase_row(source, payments[name], purchase.fan_id, reach[name])
        for column in PURCHASE_COLUMNS:
            if getattr(purchase, column) != expected[column]:
                yield Finding(
                    f"purchase {purchase.external_id}",
                    column,
                    getattr(purchase, column),
                    expected[column],
                )


def check_sums(*, creator: Creator) -> Iterator[Finding]:
    """Fans and nobody's money together against all purchases."""
    columns = {"lifetime_gross": "counted_gross", "lifetime_net": "counted_net"}
    for column, counted in columns.items():
        purchases = creator.purchases.aggregate(all=Sum(counted))["all"] or 0
        nobodys = creator.purchases.unattributed().aggregate(all=Sum(counted))["all"] or 0
        fans = creator.fans.aggregate(all=Sum(column))["all"] or 0
        if fans + nobodys != purchases:
            yield Finding("all fans and unattributed money", column, fans + nobodys, purchases)


def check_balance(*, source: Source) -> Iterator[Finding]:
    """The sum of all movements by currency against the balance that the provider states.

    Money may move while we look, so the ledger's last line is asked for before and after, and a
    line that is not stored yet means that there is nothing to compare.
    """
    gateway = StripeGateway(source.key)
    try:
        before = newest_movement_id(gateway)
        balance = account_balance(gateway)
        after = newest_movement_id(gateway)
    except SourceProblem as problem:
        yield Finding(f"source {source}", "balance", "not compared", str(problem))
        return
    if before != after or (before and not _is_stored(source, before)):
        yield Finding(f"source {source}", "newest movement", "not stored", before or after)
        return
    stored = net_by_currency(source)
    for currency in sorted(balance.keys() | stored.keys()):
        if stored.get(currency, 0) != balance.get(currency, 0):
            yield Finding(
                f"source {source}",
                f"net in {currency}",
                stored.get(currency, 0),
                balance.get(currency, 0),
            )


def net_by_currency(source: Source) -> dict[str, int]:
    """Σ net of everything that moved, in minor units by currency."""
    rows = source.movements.values("currency").annotate(total=Sum("net")).order_by("currency")
    return {row["currency"]: row["total"] for row in rows}


def _is_stored(source: Source, movement_id: str) -> bool:
    return source.movements.filter(external_id=movement_id).exists()


def _batches(rows: Iterator[Purchase]) -> Iterator[list[Purchase]]:
    batch: list[Purchase] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
