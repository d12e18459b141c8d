"""Stripe's objects → the provider-neutral values of `revenue.values`: invoices, memberships.

An invoice no longer names its charge, nor a subscription its period: since version 2025-03-31 the
payments of an invoice and the items of a subscription do.
"""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from fans.identity import normalise_email
from revenue.gateways.stripe.translate import buyer_of, id_of, moment
from revenue.values import Invoice, Membership, MembershipState
from truefans.text import clean

Json = dict[str, Any]

STATE_OF_STATUS = {
    "trialing": MembershipState.TRIAL,
    "active": MembershipState.ACTIVE,
    "past_due": MembershipState.PAST_DUE,
    "unpaid": MembershipState.PAST_DUE,
    "paused": MembershipState.PAUSED,
    "incomplete": MembershipState.INCOMPLETE,
    "incomplete_expired": MembershipState.ENDED,
    "canceled": MembershipState.ENDED,
}
REASONS = {
    "cancellation_requested": "own_choice",
    "payment_failed": "payment_failed",
    "payment_disputed": "disputed",
}
#: Where a price, or a plan as of old, says what one of it costs.
UNIT_AMOUNTS = ("unit_amount", "unit_amount_decimal", "amount", "amount_decimal")
#: Kinds of payment of an invoice that leave a line in Stripe's ledger.
ON_STRIPE = ("payment_intent", "charge")


def to_invoice(invoice: Json, *, raw: bytes = b"", read_at: datetime | None = None) -> Invoice:
    """An invoice, best with its `payments` expanded; only what was paid of it counts."""
    paid = invoice.get("status") == "paid"
    amount_paid = (invoice.get("amount_paid") or 0) if paid else 0
    payments = (invoice.get("payments") or {}).get("data") or []
    transitions = invoice.get("status_transitions") or {}
    issued_at = invoice["created"]
    paid_at = transitions.get("paid_at") or issued_at
    return Invoice(
        external_id=id_of(invoice),
        currency=invoice["currency"].upper(),
        amount_paid=amount_paid,
        customer_id=buyer_of(invoice),
        membership_id=_subscription_id(invoice),
        payment_ids=_payment_ids(invoice, payments),
        paid_elsewhere=_paid_elsewhere(invoice, payments, amount_paid),
        issued_at=moment(issued_at),
        paid_at=moment(paid_at) if paid else None,
        email=normalise_email(invoice.get("customer_email")),
        name=clean(invoice.get("customer_name")),
        description=_words(invoice),
        raw=raw,
        read_at=read_at,
    )


def to_membership(
    subscription: Json, *, raw: bytes = b"", read_at: datetime | None = None
) -> Membership:
    items = (subscription.get("items") or {}).get("data") or []
    prices = [(item.get("price") or item.get("plan") or {}, item) for item in items]
    ends = [item.get("current_period_end") for item in items]
    paid_until = max((end for end in ends if end), default=subscription.get("current_period_end"))
    details = subscription.get("cancellation_details") or {}
    return Membership(
        external_id=id_of(subscription),
        customer_id=buyer_of(subscription),
        state=_state(subscription),
        currency=subscription["currency"].upper(),
        amount=sum(_cost(price, item.get("quantity")) for price, item in prices),
        since=moment(subscription.get("start_date") or subscription["created"]),
        description=clean(subscription.get("description")) or _name(prices[0][0] if prices else {}),
        interval=_interval(prices[0][0] if prices else {}),
        paid_until=moment(paid_until) if paid_until else None,
        cancelled_at=_moment_or_none(subscription.get("canceled_at")),
        ends_at=_moment_or_none(_ends_at(subscription, paid_until)),
        reason=REASONS.get(details.get("reason") or "", ""),
        comment=clean(details.get("comment")) or clean(details.get("feedback")),
        raw=raw,
        read_at=read_at,
    )


def _payment_ids(invoice: Json, payments: list[Json]) -> tuple[str, ...]:
    """What paid the invoice: intents and charges, in the words of any version."""
    found = {id_of(invoice.get("charge")), id_of(invoice.get("payment_intent"))}
    for payment in payments:
        paid_by = payment.get("payment") or {}
        found |= {id_of(paid_by.get(kind)) for kind in ON_STRIPE}
    return tuple(sorted(found - {""}))


def _paid_elsewhere(invoice: Json, payments: list[Json], amount_paid: int) -> int | None:
    """What was paid past Stripe, as far as the invoice says so itself; else None."""
    said = invoice.get("amount_paid_off_stripe")
    if said:
        return min(int(said), amount_paid)
    if invoice.get("paid_out_of_band"):
        return amount_paid
    if not amount_paid:
        return 0
    if payments:
        kinds = [(p.get("payment") or {}).get("type") for p in payments if _is_paid(p)]
        on_stripe = any(kind in ON_STRIPE for kind in kinds)
        recorded = sum(p.get("amount_paid") or 0 for p in payments if _is_recorded(p))
        return 0 if on_stripe and not recorded else min(recorded or amount_paid, amount_paid)
    if id_of(invoice.get("charge")) or id_of(invoice.get("payment_intent")):
        return 0
    return None


def _is_paid(payment: Json) -> bool:
    return payment.get("status") == "paid"


def _is_recorded(payment: Json) -> bool:
    """A payment that somebody wrote down, and that Stripe did not carry out."""
    return _is_paid(payment) and (payment.get("payment") or {}).get("type") == "payment_record"


def _subscription_id(invoice: Json) -> str:
    parent = (invoice.get("parent") or {}).get("subscription_details") or {}
    return id_of(parent.get("subscription")) or id_of(invoice.get("subscription"))


def _words(invoice: Json) -> str:
    lines = (invoice.get("lines") or {}).get("data") or []
    first = lines[0].get("description") if lines else ""
    return clean(invoice.get("description")) or clean(first)


def _state(subscription: Json) -> MembershipState:
    state = STATE_OF_STATUS.get(subscription.get("status") or "", MembershipState.ACTIVE)
    if subscription.get("pause_collection") and state != MembershipState.ENDED:
        return MembershipState.PAUSED
    return state


def _ends_at(subscription: Json, paid_until: int | None) -> int | None:
    """When it ends or ended; known from the day on which it is decided."""
    ended: int | None = subscription.get("ended_at") or subscription.get("cancel_at")
    return ended or (paid_until if subscription.get("cancel_at_period_end") else None)


def _name(price: Json) -> str:
    return clean(price.get("nickname"))


def _cost(price: Json, quantity: int | None) -> int:
    """What `quantity` of it cost each time, in minor units; 0 where that is not the same each time:
    by use, or in tiers. A price may be in fractions of a cent: then the product is rounded."""
    if (price.get("recurring") or price).get("usage_type") == "metered":
        return 0
    said = (price.get(name) for name in UNIT_AMOUNTS)
    each = next((Decimal(str(amount)) for amount in said if amount is not None), Decimal(0))
    return int((each * (1 if quantity is None else quantity)).to_integral_value(ROUND_HALF_UP))


def _interval(price: Json) -> str:
    recurring = price.get("recurring") or price
    interval, count = recurring.get("interval") or "", recurring.get("interval_count") or 1
    return f"{count} {interval}s" if interval and count > 1 else interval


def _moment_or_none(timestamp: int | None) -> datetime | None:
    return moment(timestamp) if timestamp else None
