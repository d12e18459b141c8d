"""Which payments paid which invoice, and what of an invoice was paid past the provider.

An invoice names what paid it. Where one names nothing (versions before 2025, some servers), it is
the payment of the same customer, currency and amount of the time between the bill and its being
paid, each payment once and the closest first. What no payment stands for, or what the provider
itself calls paid elsewhere, is a purchase of its own: counted, marked, and never beside a payment
for the same invoice.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Protocol

from django.db.models import Q

from revenue.models import Invoice, Source
from revenue.values import Payment, PaymentStatus, PurchaseKind

#: An invoice is paid when its payment succeeds; the two clocks differ by seconds.
SAME_TIME = timedelta(hours=1)
#: So long after it was made it may be paid where nobody says when that was: a bill waits for an
#: hour, a declined card is tried again for weeks. The next month's payment is out of reach.
TRIED = timedelta(days=21)


class PaidLike(Protocol):
    """A payment, or the stored row of one."""

    @property
    def external_id(self) -> str: ...

    @property
    def intent_id(self) -> str: ...

    @property
    def customer_id(self) -> str: ...

    @property
    def occurred_at(self) -> datetime: ...

    @property
    def currency(self) -> str: ...

    @property
    def amount(self) -> int: ...

    @property
    def status(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Paid:
    """What of a stored purchase has to be known here."""

    external_id: str
    intent_id: str
    customer_id: str
    occurred_at: datetime
    currency: str
    amount: int
    status: str
    invoice_id: str


@dataclass(slots=True)
class Bills:
    """What invoices say of payments.

    `of_payment`: the invoice that a payment paid, by the payment's outside id. `differing`: outside
    ids of stored payments of which that is not what is stored. `elsewhere`: the purchases that
    invoices are themselves, by the invoice's outside id; `paid_here`: the invoices that are none.
    """

    of_payment: dict[str, Invoice] = field(default_factory=dict)
    differing: set[str] = field(default_factory=set)
    elsewhere: dict[str, Payment] = field(default_factory=dict)
    paid_here: set[str] = field(default_factory=set)


def bills(
    *, source: Source, payments: Mapping[str, PaidLike], written: Sequence[int] = ()
) -> Bills:
    """The bills of `payments` and of the stored invoices `written` (by row id)."""
    if not written and not source.invoices.exists():
        return Bills()
    new = list(source.invoices.filter(pk__among=written).defer("raw"))
    customers = {p.customer_id for p in payments.values()} | {i.customer_id for i in new}
    names = [name for p in payments.values() for name in (p.external_id, p.intent_id) if name]
    about = (
        Q(payment_ids__overlap=names)
        | Q(external_id__among=list(payments))
        | SILENT & Q(customer_id__among=customers - {""})
    )
    found = {i.pk: i for i in (*new, *source.invoices.filter(about).defer("raw"))}
    if not found:
        return Bills()
    # Of these customers everything has to be looked at, because one payment can take another's
    # place at an invoice.
    whole = {i.customer_id for i in found.values() if i.pk in written or _is_silent(i)} - {""}
    found |= {i.pk: i for i in source.invoices.filter(customer_id__among=whole).defer("raw")}
    stored = _stored(source, whole)
    paid: dict[str, PaidLike] = {**stored, **payments}
    of_payment = _named(found.values(), paid)
    silent = [invoice for invoice in found.values() if _is_silent(invoice)]
    of_payment |= match(silent, [p for p in paid.values() if p.external_id not in of_payment])
    matched = {invoice.external_id for invoice in of_payment.values()}
    result = Bills(of_payment)
    for row in stored.values():
        now_paid = of_payment.get(row.external_id)
        if row.invoice_id != (now_paid.external_id if now_paid else ""):
            result.differing.add(row.external_id)
    for invoice in found.values():
        is_matched = invoice.external_id in matched
        amount = _amount_elsewhere(invoice, is_matched=is_matched, source=source)
        if amount and invoice.paid_at:
            result.elsewhere[invoice.external_id] = _as_payment(invoice, amount, invoice.paid_at)
            of_payment[invoice.external_id] = invoice
        else:
            result.paid_here.add(invoice.external_id)
    return result


def match(invoices: Iterable[Invoice], payments: Iterable[PaidLike]) -> dict[str, Invoice]:
    """The invoice of each payment that must have paid one, by the payment's outside id."""
    candidates: dict[Hashable, list[PaidLike]] = defaultdict(list)
    for payment in payments:
        if payment.customer_id and payment.status == PaymentStatus.SUCCEEDED:
            candidates[payment.customer_id, payment.currency, payment.amount].append(payment)
    near: list[tuple[bool, timedelta, str, str]] = []
    by_name = {invoice.external_id: invoice for invoice in invoices}
    for name, invoice in by_name.items():
        same = (invoice.customer_id, invoice.currency, invoice.amount_paid)
        for payment in candidates.get(same, ()):
            if apart := _apart(invoice, payment.occurred_at):
                near.append((*apart, name, payment.external_id))
    found: dict[str, Invoice] = {}
    for *_apart_by, name, payment_id in sorted(near):
        if name in by_name and payment_id not in found:
            found[payment_id] = by_name.pop(name)
    return found


def _apart(invoice: Invoice, moment: datetime) -> tuple[bool, timedelta] | None:
    """How little a payment of that moment looks like the invoice's; None: it cannot be.

    A card is charged when the invoice is paid, and a debit days before that, when the invoice was
    made: so one at the other end, of an invoice that overlaps, is not taken for this one's.
    """
    if not invoice.paid_at:
        return None
    issued_at = min(invoice.issued_at or invoice.paid_at, invoice.paid_at)
    until = invoice.paid_at if invoice.paid_at > issued_at else issued_at + TRIED
    if not issued_at - SAME_TIME <= moment <= until + SAME_TIME:
        return None
    apart = abs(moment - invoice.paid_at)
    return apart > SAME_TIME, min(apart, abs(moment - issued_at))


def _is_silent(invoice: Invoice) -> bool:
    """It was paid, and neither names what paid it nor says that it was paid elsewhere."""
    return (
        not invoice.payment_ids
        and invoice.paid_elsewhere is None
        and invoice.amount_paid > 0
        and invoice.paid_at is not None
    )


#: The same, asked of the database.
SILENT = Q(payment_ids=[], paid_elsewhere=None, amount_paid__gt=0, paid_at__isnull=False)


def _stored(source: Source, customers: Iterable[str]) -> dict[str, Paid]:
    """All stored payments of these customers, by their outside id."""
    columns = [f.name for f in fields(Paid)]
    rows = source.purchases.filter(customer_id__among=customers, is_elsewhere=False)
    return {row[0]: Paid(*row) for row in rows.values_list(*columns)}


def _named(invoices: Iterable[Invoice], paid: Mapping[str, PaidLike]) -> dict[str, Invoice]:
    """The invoice that names each payment. An intent names each attempt: what was declined, too."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for payment in paid.values():
        for name in {payment.external_id, payment.intent_id} - {""}:
            by_name[name].append(payment.external_id)
    return {
        payment_id: invoice
        for invoice in sorted(invoices, key=lambda invoice: invoice.external_id)
        for name in invoice.payment_ids
        for payment_id in by_name.get(name, ())
    }


def _amount_elsewhere(invoice: Invoice, *, is_matched: bool, source: Source) -> int:
    """What of the invoice is a purchase of its own, in minor units of its currency."""
    if invoice.paid_elsewhere is not None:
        return invoice.paid_elsewhere
    # As long as not all payments are known, one of them may still turn out to have paid it.
    is_certain = _is_silent(invoice) and not is_matched and source.synced_at is not None
    return invoice.amount_paid if is_certain else 0


def _as_payment(invoice: Invoice, amount: int, paid_at: datetime) -> Payment:
    return Payment(
        external_id=invoice.external_id,
        occurred_at=paid_at,
        status=PaymentStatus.SUCCEEDED,
        kind=PurchaseKind.MEMBERSHIP if invoice.membership_id else PurchaseKind.SALE,
        currency=invoice.currency,
        amount=amount,
        description=invoice.description,
        customer_id=invoice.customer_id,
        email=invoice.email,
        name=invoice.name,
        is_elsewhere=True,
        read_at=invoice.read_at,
    )
