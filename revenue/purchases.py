"""Purchases, from payments and from everything that is stored about them.

What a purchase counts for is worked out anew from all that reaches it, never added to; so whatever
came, and in whatever order, the same rows come out.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from fans.models import Fan
from revenue.attribution import Payer, assigned, attribute, forget, introduce
from revenue.counting import count
from revenue.doubles import Pair, pairs_of
from revenue.exchange import Rates, count_in
from revenue.invoices import Bills, bills
from revenue.members import follow_payments
from revenue.models import Invoice, Purchase, Source, Summary
from revenue.upsert import Row, Upserted, upsert
from revenue.values import Payment, PaymentStatus, PurchaseKind

#: Columns of a purchase that depend on the creator's currency.
COUNTED = [
    "counted_currency",
    "counted_gross",
    "counted_net",
    "rate",
    "rate_date",
    "rate_origin",
]
#: Columns of a purchase that are written again when they differ.
COLUMNS = [
    "fan_id",
    "customer_id",
    "payer_email",
    "payer_name",
    "payer_country",
    "occurred_at",
    "own_kind",
    "status",
    "description",
    "intent_id",
    "currency",
    "amount",
    "shown_currency",
    "shown_amount",
    "is_elsewhere",
    "kind",
    "invoice_id",
    "state",
    "returned",
    "settlement_currency",
    "fee",
    "net",
    *COUNTED,
]


class Line(NamedTuple):
    """What of a stored movement a purchase is counted by."""

    payment_id: str
    kind: str
    currency: str
    amount: int
    fee: int
    net: int
    object_id: str


class Given(NamedTuple):
    """What of a stored return a purchase is counted by."""

    payment_id: str
    external_id: str
    kind: str
    currency: str
    amount: int
    status: str


class Reach(Struct, frozen=True):
    """All lines and all returns that reach a payment, the invoice that it paid, and the rate that
    the creator said.

    `is_told_elsewhere`: another source tells of it, too, and there it counts.
    """

    lines: list[Line] = field(default_factory=list)
    returns: list[Given] = field(default_factory=list)
    invoice: Invoice | None = None
    said_rate: Decimal | None = None
    is_told_elsewhere: bool = False


class Before(NamedTuple):
    """What was stored of a payment, where it matters to what comes after it."""

    external_id: str
    fan_id: int | None
    read_at: datetime | None
    payer_email: str
    payer_name: str
    payer_country: str


def count_purchases(
    *,
    source: Source,
    payments: Mapping[str, Payment] | None = None,
    touched: Collection[str] = (),
    invoices: Sequence[int] = (),
    customers: Sequence[int] = (),
    memberships: Sequence[int] = (),
    left: Collection[int] = (),
    is_followed: bool = True,
    now: datetime,
) -> int:
    """Count `payments` and the stored purchases `touched` (outside ids) anew, write those that
    differ and mark their owners due; returns how many differed.

    `invoices`, `customers` and `memberships` are row ids of those that changed, `left` the people
    who lost a membership to somebody else. What other sources tell of the same payments is counted
    anew, too, if it `is_followed`. The caller holds the locks of `revenue.ingest.lock`.
    """
    given = dict(payments or {})
    if not (given or touched or invoices or customers or memberships):
        return 0
    before, known, found = _gather(source, given, touched, invoices)
    owners = _owners(source, known)
    pairs = pairs_of(source, known)
    reach = reaching(source, known, found.of_payment, pairs)
    stored = _write(source, known, owners, reach)
    written = stored.written
    without = _take_back(source, found.paid_here)
    had_them = {was.fan_id for n, was in before.items() if was.fan_id != owners.get(n)} | without
    customers_paid = {payment.customer_id for payment in known.values()} if written else set()
    joined, gone = follow_payments(source=source, customers=customers_paid - {""})
    memberships = [*memberships, *joined]
    lost = {fan for fan in had_them if fan} | {*left} | gone
    if written or customers or memberships or lost:
        introduce(
            source=source,
            purchases=written,
            customers=customers,
            memberships=memberships,
            people=lost,
            now=now,
            new=stored.new,
        )
    _mark_due(source, stored.told | had_them, now=now)
    forget(lost)
    if is_followed and (written or without):
        _recount(source, pairs, now)
    return len(written)


def recount_counterparts(*, source: Source, payments: Mapping[str, Payment], now: datetime) -> None:
    """Count anew what other sources tell of `payments`, which have changed or are gone.

    The lock on the creator, which every writer of purchases holds, is enough.
    """
    _recount(source, pairs_of(source, payments), now)


def _recount(source: Source, pairs: Sequence[Pair], now: datetime) -> None:
    theirs: dict[int, set[str]] = defaultdict(set)
    for pair in pairs:
        theirs[pair.source_id].add(pair.theirs)
    for pk, external_ids in theirs.items():
        other = Source.objects.without_secrets().get(pk=pk)
        other.creator = source.creator
        count_purchases(source=other, touched=external_ids, is_followed=False, now=now)


def payment_of(purchase: Purchase) -> Payment:
    """The payment that a stored purchase was made from."""
    return Payment(
        external_id=purchase.external_id,
        occurred_at=purchase.occurred_at,
        status=PaymentStatus(purchase.status),
        kind=PurchaseKind(purchase.own_kind),
        currency=purchase.currency,
        amount=purchase.amount,
        description=purchase.description,
        customer_id=purchase.customer_id,
        email=purchase.payer_email,
        name=purchase.payer_name,
        country=purchase.payer_country,
        intent_id=purchase.intent_id,
        shown_currency=purchase.shown_currency,
        shown_amount=purchase.shown_amount,
        is_elsewhere=purchase.is_elsewhere,
        raw=bytes(purchase.raw),
        read_at=purchase.read_at,
    )


def reaching(
    source: Source,
    payments: Mapping[str, Payment],
    invoices: Mapping[str, Invoice],
    pairs: Iterable[Pair],
) -> dict[str, Reach]:
    """All that reaches these payments, stored movements and returns among it, by the payment's id;
    `pairs` are those of them that other sources tell of."""
    elsewhere = {pair.mine for pair in pairs if pair.is_theirs_to_count}
    said = _said_rates(source, payments)
    found = {
        name: Reach(
            invoice=invoices.get(name),
            said_rate=said.get(name),
            is_told_elsewhere=name in elsewhere,
        )
        for name in payments
    }
    lines = source.movements.filter(payment_id__among=found).values_list(*Line._fields)
    for line in map(Line._make, lines.order_by("external_id")):
        found[line.payment_id].lines.append(line)
    returns = source.returns.filter(payment_id__among=found).values_list(*Given._fields)
    for given in map(Given._make, returns.order_by("external_id")):
        found[given.payment_id].returns.append(given)
    return found


def _said_rates(source: Source, payments: Mapping[str, Payment]) -> dict[str, Decimal]:
    """The rates that the creator said of these payments, for the currency that they count in."""
    currency = source.creator.currency
    foreign = [name for name, payment in payments.items() if payment.currency != currency]
    if not foreign:
        return {}
    said = source.said_rates.filter(external_id__among=foreign, currency=currency)
    return dict(said.values_list("external_id", "value"))


def purchase_row(
    source: Source, payment: Payment, fan_id: int | None, reach: Reach, rates: Rates
) -> Row:
    """The row of `payment` given all that reaches it; the only place where one is made."""
    outcome = count(payment, reach.lines, reach.returns, is_told_elsewhere=reach.is_told_elsewhere)
    kept = 0 if outcome.state in Purchase.NOTHING_PAID else payment.amount - outcome.returned
    counted = count_in(
        source.creator.currency,
        paid=payment.currency,
        kept=kept,
        amount=payment.amount,
        outcome=outcome,
        occurred_at=payment.occurred_at,
        said=reach.said_rate,
        rates=rates,
    )
    if outcome.state == Purchase.State.ELSEWHERE:
        counted = replace(counted, net=counted.gross)  # both nothing, or both without a rate
    is_membership = reach.invoice is not None and bool(reach.invoice.membership_id)
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
        "own_kind": payment.kind,
        "status": payment.status,
        "description": payment.description,
        "intent_id": payment.intent_id,
        "currency": payment.currency,
        "amount": payment.amount,
        "shown_currency": payment.shown_currency,
        "shown_amount": payment.shown_amount,
        "is_elsewhere": payment.is_elsewhere,
        "raw": payment.raw,
        "read_at": payment.read_at,
        "kind": PurchaseKind.MEMBERSHIP if is_membership else payment.kind,
        "invoice_id": reach.invoice.external_id if reach.invoice else "",
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


def _gather(
    source: Source, given: dict[str, Payment], touched: Collection[str], invoices: Sequence[int]
) -> tuple[dict[str, Before], dict[str, Payment], Bills]:
    """What was stored of all payments that are concerned, what is known of each now, and the
    invoices that they paid."""
    before = _before(source, {*given, *touched})
    known = _known(source, given, before)
    found = bills(source=source, payments=known, written=invoices)
    before |= _before(source, (found.differing | found.elsewhere.keys()) - before.keys())
    known |= _load(source, found.differing - known.keys()) | found.elsewhere
    return before, known, found


def _write(
    source: Source,
    payments: Mapping[str, Payment],
    owners: Mapping[str, int | None],
    reach: Mapping[str, Reach],
) -> Upserted:
    """Store the purchases that are new or differ."""
    rates = Rates()
    rows = [purchase_row(source, p, owners[n], reach[n], rates) for n, p in payments.items()]
    return upsert(
        Purchase,
        rows,
        unique=["external_id", "source_id"],
        update=COLUMNS,
        quietly=["read_at", "raw"],
        tell="fan_id",
    )


def _before(source: Source, external_ids: Collection[str]) -> dict[str, Before]:
    if not external_ids:
        return {}
    rows = source.purchases.filter(external_id__among=external_ids).values_list(*Before._fields)
    return {row[0]: Before._make(row) for row in rows}


def _known(
    source: Source, given: dict[str, Payment], before: dict[str, Before]
) -> dict[str, Payment]:
    """What is known of each payment: as given, or as stored where that was read later.

    An address once known for a payment stays known, though the payment itself may not have it.
    """
    known: dict[str, Payment] = {}
    for name, payment in given.items():
        was = before.get(name)
        if was is None:
            known[name] = payment
        elif not _is_older(payment, was):
            known[name] = _with_payer(payment, was)
    return known | _load(source, before.keys() - known.keys())


def _owners(source: Source, payments: Mapping[str, Payment]) -> dict[str, int | None]:
    """Whose these payments are: as the creator said by hand, else as they tell themselves."""
    by_hand = assigned(source=source, external_ids=payments)
    others = [
        Payer(name, payment.customer_id, payment.email)
        for name, payment in payments.items()
        if name not in by_hand
    ]
    return attribute(source=source, payers=others) | by_hand


def _is_older(payment: Payment, was: Before) -> bool:
    return bool(payment.read_at and was.read_at and payment.read_at < was.read_at)


def _with_payer(payment: Payment, was: Before) -> Payment:
    if payment.email or not was.payer_email:
        return payment
    return replace(
        payment,
        email=was.payer_email,
        name=payment.name or was.payer_name,
        country=payment.country or was.payer_country,
    )


def _load(source: Source, external_ids: Collection[str]) -> dict[str, Payment]:
    if not external_ids:
        return {}
    rows = source.purchases.filter(external_id__among=external_ids)
    return {purchase.external_id: payment_of(purchase) for purchase in rows}


def _take_back(source: Source, invoice_ids: Collection[str]) -> set[int]:
    """Remove the purchases of invoices that turned out to be paid here; whose they were."""
    if not invoice_ids:
        return set()
    wrong = source.purchases.filter(external_id__among=invoice_ids, is_elsewhere=True)
    fans = {fan_id for fan_id in wrong.values_list("fan_id", flat=True) if fan_id}
    wrong.delete()
    return fans


def _mark_due(source: Source, people: Collection[int | None], *, now: datetime) -> None:
    """Who has or had a purchase that changed is due for a recompute. Money of nobody (None) has no
    owner, but is in the summary."""
    if None in people:
        Summary.objects.outdate(creator=source.creator_id)
    Fan.objects.mark_due([fan for fan in people if fan], now=now)
