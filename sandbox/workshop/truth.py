"""What a right importer must find, told from the acts alone: no object that is served is read here.

Who paid (the first that there is):
- the customer's present address, without regard to case and to spaces around it;
- the address that the payment carries itself: billing, then receipt, then Checkout session;
- the customer's id; else nobody (None).
A deleted customer has no address any more, except for those who saw it before (`remembering`).

What becomes of a payment (the first that fits), and what is kept of it, never below nothing:
- failed           the payment failed, at once or later            nothing
- cancelled        it was held, and let go                         nothing
- authorised       it is held                                      nothing
- disputed         an open dispute has taken money                 captured - refunds - withdrawn
- lost             a lost dispute has taken money                  captured - refunds - withdrawn
- refund_pending   a refund waits, whatever its reason             captured - refunds
- refunded         refunds come to what was captured               nothing
- partly_refunded  there is a refund                               captured - refunds
- settling         it has no line on the ledger yet                captured
- paid             otherwise, also while a debit is uncertain      captured

Refunds are those that succeeded: one that waits takes nothing, one that failed or was cancelled
gives everything back. A dispute that was won gives everything back, whatever the exchange rate
did; an inquiry takes nothing, nor do fees. What was held beyond the captured part was never paid.
A line that is still hidden counts as seen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sandbox.workshop.record import Bill, Client, Sale

Who = str | None


class Purchase(NamedTuple):
    """`kept` in minor units of `currency`, the one that was charged."""

    state: str
    kept: int
    currency: str
    who: Who


@dataclass(frozen=True)
class Truth:
    """`purchases` by the id of the charge; `people` by (who, currency): what was kept of theirs.

    `offline` are paid invoices, by id, for what never passed through Stripe; `people` leaves them
    out. `aside` are charges of which nothing is said, because an object that it depends on is
    malformed; neither `purchases` nor `people` has them.
    """

    purchases: Mapping[str, Purchase]
    people: Mapping[tuple[Who, str], int]
    offline: Mapping[str, Purchase]
    aside: frozenset[str]


def truth_of(
    sales: Iterable[Sale], bills: Iterable[Bill], damaged: Mapping[str, object], *, seen: bool
) -> Truth:
    """`damaged` are the ids of malformed objects; `seen` customers are known after deletion."""
    purchases: dict[str, Purchase] = {}
    people: dict[tuple[Who, str], int] = {}
    aside = set()
    for sale in sales:
        if not damaged.keys().isdisjoint(sale.ids()):
            aside.add(sale.id)
            continue
        who = _who(sale.customer, sale.addresses, seen=seen)
        purchases[sale.id] = found = Purchase(_state(sale), _kept(sale), sale.currency, who)
        people[who, sale.currency] = people.get((who, sale.currency), 0) + found.kept
    offline = {
        bill.id: Purchase(
            "paid", bill.off_stripe, bill.currency, _who(bill.customer, (), seen=seen)
        )
        for bill in bills
        if bill.off_stripe and bill.id not in damaged
    }
    return Truth(purchases, people, offline, frozenset(aside))


def _who(customer: Client | None, addresses: Iterable[str], *, seen: bool) -> Who:
    known = customer.email if customer and (seen or not customer.deleted) else None
    for address in (known, *addresses):
        if address:
            return address.strip().lower()
    return customer.id if customer else None


def _state(sale: Sale) -> str:
    taken = [case for case in sale.cases if case.withdrawn]
    returned = _refunded(sale)
    rules = (
        ("failed", sale.failed),
        ("cancelled", sale.released),
        ("authorised", sale.captured is None),
        ("disputed", any(case.open for case in taken)),
        ("lost", taken),
        ("refund_pending", any(r.status in ("pending", "requires_action") for r in sale.refunds)),
        ("refunded", returned and returned >= (sale.captured or 0)),
        ("partly_refunded", returned),
        ("settling", sale.line is None),
    )
    return next((state for state, fits in rules if fits), "paid")


def _kept(sale: Sale) -> int:
    if sale.failed:
        return 0
    withdrawn = sum(case.amount for case in sale.cases if case.withdrawn)
    return max((sale.captured or 0) - _refunded(sale) - withdrawn, 0)


def _refunded(sale: Sale) -> int:
    return sum(refund.amount for refund in sale.refunds if refund.status == "succeeded")
