"""Writing what a gateway read: one transaction a page, and the same books whatever the order.

Everything that comes in (a backfill's page, a poll, a webhook's nudge, a row of a file) comes in
here. Movements are only ever added; what a purchase counts for is worked out anew from all that
is stored about it, so a page may come twice, late, or before the pages it depends on.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Q
from msgspec.structs import asdict, replace

from fans.models import Creator
from revenue import values
from revenue.attribution import Payer, misattributed
from revenue.following import follow
from revenue.invoices import SILENT
from revenue.members import hand_over, owners_of_memberships
from revenue.models import (
    Customer,
    Invoice,
    Membership,
    Movement,
    Nudge,
    Return,
    SetAside,
    Source,
)
from revenue.purchases import count_purchases, payment_of
from revenue.upsert import Row, Upserted, upsert
from revenue.values import MovementKind, Page
from truefans.lookups import array_of_texts

T = TypeVar("T")

UNIQUE = ["external_id", "source_id"]
BATCH = 500
#: Columns of a line: its money, and what it is about.
MONEY = ("digest", "occurred_at", "currency", "amount", "fee", "net")
CAUSE = ("kind", "category", "object_id", "payment_id")
#: Lines whose cause is the payment itself.
OF_ITSELF = (MovementKind.PAYMENT, MovementKind.PAYMENT_FAILURE)
#: Columns of a membership by which alone it is not different.
MEMBERSHIP_FIXED = {"external_id", "source_id", "creator_id", "raw", "read_at"}


class SourceClosed(Exception):
    """The source was disconnected or removed while something was read from it."""


@dataclass(frozen=True, slots=True)
class Written:
    """How much of a page was new or different."""

    movements: int
    purchases: int


def ingest(*, source: Source, page: Page, now: datetime) -> Written:
    """Store `page` and mark everybody whose numbers it may change; runs in one transaction.

    Raises SourceClosed if nothing may come from `source` any more.
    """
    with transaction.atomic():
        return store(source=lock_open(source), page=page, now=now)


def store(*, source: Source, page: Page, now: datetime) -> Written:
    """`ingest` for a caller who holds the lock already, and may have more to store with it."""
    stored = _store_customers(source, page.customers)
    customers = stored.written
    moved = misattributed(source=source, customers=customers)
    if moved or stored.changed:
        follow(source=source, before=dict.fromkeys(stored.new, "") | stored.former)
    lines = _store_movements(source, page.movements)
    _store(source, Return, page.returns)
    invoices = _store(source, Invoice, page.invoices)
    memberships, left = _store_memberships(source, page.memberships, customers)
    payments = _with_orders(source, page)
    touched = {m.payment_id for m in page.movements} | {r.payment_id for r in page.returns}
    touched |= {*moved, *_link(source, page)}
    changed = count_purchases(
        source=source,
        payments=payments,
        touched=touched - {""},
        invoices=invoices,
        customers=customers,
        memberships=memberships,
        left=left,
        now=now,
    )
    _store_nudges(source, page.nudges, now)
    _store_set_aside(source, page, now)
    return Written(movements=lines, purchases=changed)


def lock(source: Source) -> Source:
    """Serialise the writers of one source, and of one creator's people; in this order always."""
    source = Source.objects.select_for_update(no_key=True).get(pk=source.pk)
    source.creator = Creator.objects.select_for_update(no_key=True).get(pk=source.creator_id)
    return source


def lock_open(source: Source) -> Source:
    """`lock` for who has something new from the provider; raises SourceClosed if it is too late."""
    try:
        source = lock(source)
    except Source.DoesNotExist:
        raise SourceClosed from None
    if source.is_closed or source.creator.is_leaving:
        raise SourceClosed
    return source


def known_lines(source: Source, external_ids: Sequence[str]) -> dict[str, int]:
    """The fingerprints of the lines that are stored, by their outside id."""
    found = source.movements.filter(external_id__among=external_ids)
    return {name: digest for name, digest in found.values_list("external_id", "digest") if digest}


def settle_invoices(*, source: Source, now: datetime) -> int:
    """Judge the invoices that can only be judged once all payments are known; how many purchases
    changed by it."""
    changed = 0
    silent = list(source.invoices.filter(SILENT).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(silent), BATCH):
        with transaction.atomic():
            locked = lock_open(source)
            batch = silent[start : start + BATCH]
            changed += count_purchases(source=locked, invoices=batch, now=now)
    return changed


def _rows(source: Source, found: Iterable[Any]) -> list[Row]:
    """The columns of values, which are named as their fields are."""
    return [{"source_id": source.pk} | asdict(value) for value in found]


def _store_as_told(
    source: Source,
    model: type[Customer | Movement],
    found: Iterable[T],
    told_by: Callable[[T], Sequence[str]],
    **options: Any,
) -> Upserted:
    """Store `found`; of what is stored of each, the columns that are `told_by` it are written anew.

    `options` are those of `upsert`.
    """
    groups: dict[Sequence[str], list[T]] = defaultdict(list)
    for value in found:
        groups[told_by(value)].append(value)
    stored = Upserted([], [])
    for columns, theirs in groups.items():
        done = upsert(model, _rows(source, theirs), unique=UNIQUE, update=columns, **options)
        stored.new.extend(done.new)
        stored.changed.extend(done.changed)
        stored.former.update(done.former)
    return stored


def _store_customers(source: Source, customers: Sequence[values.Customer]) -> Upserted:
    """The customers that are new or different, and the addresses that these had before."""
    options = {"quietly": ["read_at"], "newest_by": "read_at", "recall": "email"}
    return _store_as_told(source, Customer, customers, _columns_of, **options)


def _columns_of(customer: values.Customer) -> tuple[str, ...]:
    """What of a customer that is stored is written anew: an address that is there no more stays
    known, or one person would be as many as there are addresses that they typed at the till."""
    if customer.is_deleted:
        return ("is_deleted",)
    if not customer.email:
        return "name", "country", "is_deleted"
    return "email", "name", "country", "is_deleted"


def _store_movements(source: Source, movements: Sequence[values.Movement]) -> int:
    """How many lines are new. What they are about may have changed, which their raw form keeps;
    they themselves never do, unless they came damaged before."""
    return len(_store_as_told(source, Movement, movements, _mended_by, quietly=["raw"]).new)


def _mended_by(movement: values.Movement) -> tuple[str, ...]:
    """What of a stored line is as `movement` says it: its money not by a line that came inside of
    an object; whose it is not by one of a list that does not say what it is about."""
    money = () if movement.digest is None else MONEY
    return money + CAUSE if movement.payment_id and not _is_unlinked(movement) else money


def _is_unlinked(movement: values.Movement) -> bool:
    """Whether a line only says which refund or dispute it is about, and not of which payment."""
    return movement.payment_id == movement.object_id != "" and movement.kind not in OF_ITSELF


def _link(source: Source, page: Page) -> list[str]:
    """Have lines of which only the refund or dispute was known be of its payment, whichever of the
    two came first; the outside ids of these payments."""
    names = {given.external_id for given in page.returns}
    names |= {movement.payment_id for movement in page.movements if _is_unlinked(movement)}
    if not names:
        return []
    with connection.cursor() as cursor:
        cursor.execute(LINK, [source.pk, array_of_texts(names)])
        return [payment_id for (payment_id,) in cursor.fetchall()]


# The index of lines by payment holds only what is not empty, so that has to be said.
LINK = """
UPDATE revenue_movement AS line SET payment_id = given.payment_id
FROM revenue_return AS given
WHERE line.source_id = %s AND line.payment_id = ANY(%s::text[]) AND line.payment_id <> ''
  AND given.source_id = line.source_id AND given.external_id = line.payment_id
RETURNING line.payment_id
"""


def _store(source: Source, model: type[Return | Invoice], found: Sequence[Any]) -> list[int]:
    """Row ids of what is new or different."""
    unchanging = {"external_id", "kind", "raw", "read_at"}
    columns = found[0].__struct_fields__ if found else ()
    return upsert(
        model,
        _rows(source, found),
        unique=UNIQUE,
        update=[column for column in columns if column not in unchanging],
        quietly=["raw", "read_at"],
        newest_by="read_at",
    ).written


def _with_orders(source: Source, page: Page) -> dict[str, values.Payment]:
    """The payments of the page and those that its orders name the payer of, by their outside id."""
    payments = {payment.external_id: payment for payment in page.payments}
    orders = {order.intent_id: order for order in page.orders}
    if orders:
        nobodys = source.creator.purchases.unattributed().filter(source=source)
        by_hand = source.purchases.filter(external_id__in=source.assignments.values("external_id"))
        for purchases in (nobodys, by_hand) if source.may_be_assigned else (nobodys,):
            for purchase in purchases.filter(intent_id__among=orders):
                payments.setdefault(purchase.external_id, payment_of(purchase))
    for payment in list(payments.values()):
        order = orders.get(payment.intent_id)
        if order and not payment.email:
            payments[payment.external_id] = replace(
                payment,
                email=order.email,
                name=payment.name or order.name,
                country=payment.country or order.country,
            )
    return payments


def _store_memberships(
    source: Source, memberships: Sequence[values.Membership], customers: Sequence[int]
) -> tuple[list[int], set[int]]:
    """Store memberships with their members, who may not have paid anything yet, and those of
    `customers` (row ids) that turned out to be somebody else; returns the row ids of what is new
    or different, and the people whose memberships they were before.
    """
    if not (memberships or customers):
        return [], set()
    given = {membership.external_id for membership in memberships}
    known = source.memberships.filter(
        Q(external_id__among=given)
        | Q(customer_id__in=source.customers.filter(pk__among=customers).values("external_id"))
    )
    before = {m.external_id: m for m in known.defer("raw")}
    members = [Payer(m.external_id, m.customer_id) for m in before.values()]
    members += [Payer(m.external_id, m.customer_id, m.email) for m in memberships]
    owners = owners_of_memberships(source=source, members=members)
    moved, left = hand_over(before.values(), owners)
    rows = [
        row | {"creator_id": source.creator_id, "fan_id": owners[row["external_id"]]}
        for row in _rows(source, memberships)
    ]
    for row in rows:
        del row["email"]
    written = upsert(
        Membership,
        rows,
        unique=UNIQUE,
        update=[column for column in (rows[0] if rows else ()) if column not in MEMBERSHIP_FIXED],
        quietly=["raw", "read_at"],
        newest_by="read_at",
    ).written
    return written + moved, left


def _store_nudges(source: Source, nudges: Sequence[values.Nudge], now: datetime) -> None:
    rows = [
        row | {"way": Nudge.Way.POLL, "arrived_at": now, "attempts": 0, "problem": ""}
        for row in _rows(source, nudges)
    ]
    upsert(Nudge, rows, unique=UNIQUE)


def _store_set_aside(source: Source, page: Page, now: datetime) -> None:
    """Keep what could not be understood, and forget of it what is understood by now."""
    rows = [row | {"seen_at": now} for row in _rows(source, page.set_aside)]
    upsert(SetAside, rows, unique=UNIQUE, update=["problem", "raw"])
    groups: tuple[Sequence[Any], ...] = (
        page.movements,
        page.payments,
        page.returns,
        page.invoices,
        page.customers,
        page.memberships,
    )
    understood = [value.external_id for group in groups for value in group]
    if understood and source.set_aside.exists():
        source.set_aside.filter(external_id__among=understood).delete()
