"""The events of the last thirty days, each with its object as it was at that moment."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from sandbox.books import Json
from sandbox.expand import unasked
from sandbox.shapes.people import event
from sandbox.story.acts import Client, Invoice, Membership, Payment, Plan
from sandbox.story.scribe import Clock, Scribe
from sandbox.story.shop import DAY, Shop

KEPT = 30 * DAY  # as long as Stripe keeps events


@dataclass(frozen=True, slots=True)
class Happening:
    at: int
    kind: str
    about: str
    before: Json | None = None

    @property
    def seen_at(self) -> int:
        """When its object is looked at: what was deleted is shown as it last was."""
        return self.at - 1 if self.kind == "customer.deleted" else self.at


def events(plan: Plan, shop: Shop, clock: Clock) -> Iterator[Json]:
    """Of payouts there are none: their amounts are known only when the books are closed."""
    for client in plan.clients:
        write = partial(Scribe.client, client=client)
        yield from _told(shop, clock, _of_client(client), write)
    for payment in plan.payments:
        write = partial(Scribe.payment, payment=payment)
        yield from _told(shop, clock, _of_payment(payment), write)
    for membership in plan.memberships:
        write = partial(Scribe.membership, membership=membership)
        yield from _told(shop, clock, _of_membership(membership), write)
        for invoice in _recent(membership, clock.now):
            write = partial(Scribe.invoice, membership=membership, invoice=invoice)
            yield from _told(shop, clock, _of_invoice(invoice), write)


def _told(
    shop: Shop, clock: Clock, happenings: Iterable[Happening], write: Callable[[Scribe], None]
) -> Iterator[Json]:
    """The events of one act. What happens in the same second is seen in one writing."""
    seen: dict[int, dict[str, Json]] = {}
    for happening in happenings:
        if not clock.now - KEPT <= happening.at <= clock.now:
            continue
        at = happening.seen_at
        if at not in seen:
            scribe = Scribe(shop, Clock(at))
            write(scribe)
            seen[at] = {row["id"]: row for rows in scribe.objects.values() for row in rows}
        yield _event(shop, happening, seen[at][happening.about])


def _event(shop: Shop, happening: Happening, about: Json) -> Json:
    data: Json = {"object": unasked(about)}
    if happening.before is not None:
        data["previous_attributes"] = happening.before
    letters = shop.mint.letters(f"event/{happening.kind}/{happening.about}/{happening.at}")
    identifier = shop.mint.timed("evt_1", happening.at, letters)
    return event(identifier, created=happening.at, kind=happening.kind, data=data)


def _of_client(client: Client) -> Iterator[Happening]:
    yield Happening(client.created, "customer.created", client.id)
    if client.moved:
        before = {"email": client.email}
        yield Happening(client.moved[0], "customer.updated", client.id, before)
    if client.deleted_at:
        yield Happening(client.deleted_at, "customer.deleted", client.id)


def _of_payment(payment: Payment) -> Iterator[Happening]:
    for attempt in payment.declined:
        yield Happening(attempt.at, "charge.failed", attempt.charge)
        yield Happening(attempt.at, "payment_intent.payment_failed", payment.intent)
    if payment.paid:
        yield Happening(payment.paid.at, "charge.succeeded", payment.paid.charge)
        yield Happening(payment.paid.at, "payment_intent.succeeded", payment.intent)
        yield from _of_returns(payment, payment.paid.charge)


def _of_returns(payment: Payment, charge: str) -> Iterator[Happening]:
    for refund in payment.refunds:
        yield Happening(refund.at, "refund.created", refund.id)
        yield Happening(refund.at, "charge.refunded", charge)
        if refund.pending_until:
            yield Happening(refund.pending_until, "refund.updated", refund.id)
        if refund.failed_at:
            yield Happening(refund.failed_at, "refund.failed", refund.id)
    if dispute := payment.dispute:
        yield Happening(dispute.at, "charge.dispute.created", dispute.id)
        if not dispute.inquiry:
            yield Happening(dispute.at, "charge.dispute.funds_withdrawn", dispute.id)
        if dispute.won:
            yield Happening(dispute.closes_at, "charge.dispute.funds_reinstated", dispute.id)
        yield Happening(dispute.closes_at, "charge.dispute.closed", dispute.id)


def _recent(membership: Membership, now: int) -> list[Invoice]:
    """Invoices with anything left to tell: the last attempt comes fifteen days after the first."""
    return [i for i in membership.invoices if now - KEPT - 16 * DAY <= i.created <= now]


def _of_invoice(invoice: Invoice) -> Iterator[Happening]:
    yield Happening(invoice.finalized_at, "invoice.finalized", invoice.id)
    yield from _of_payment(invoice.payment)
    for attempt in invoice.payment.declined:
        yield Happening(attempt.at, "invoice.payment_failed", invoice.id)
    if paid := invoice.payment.paid:
        yield Happening(paid.at, "invoice.paid", invoice.id)
        yield Happening(paid.at, "invoice_payment.paid", invoice.link)


def _of_membership(membership: Membership) -> Iterator[Happening]:
    yield Happening(membership.start, "customer.subscription.created", membership.id)
    if membership.asked_at and membership.ending == "choice":
        yield Happening(membership.asked_at, "customer.subscription.updated", membership.id)
    if membership.ended_at:
        yield Happening(membership.ended_at, "customer.subscription.deleted", membership.id)
