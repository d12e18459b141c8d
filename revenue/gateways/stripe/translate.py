"""Stripe's objects → the provider-neutral values of `revenue.values`.

Every field is treated as optional: old API versions, other servers and future types leave some
out. A balance transaction is classified by its `reporting_category`, because its `type` lumps
together what is not the same (docs.stripe.com/reports/reporting-categories).
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from fans.identity import normalise_email
from revenue.values import (
    Customer,
    Movement,
    MovementKind,
    Page,
    Payment,
    PaymentStatus,
    PurchaseKind,
    Return,
    ReturnKind,
)
from truefans.text import clean

Json = dict[str, Any]

KIND_OF_CATEGORY = {
    "charge": MovementKind.PAYMENT,
    "refund": MovementKind.REFUND,
    "refund_failure": MovementKind.REFUND_FAILURE,
    "dispute": MovementKind.DISPUTE,
    "dispute_reversal": MovementKind.DISPUTE_REVERSAL,
    "charge_failure": MovementKind.PAYMENT_FAILURE,
    "fee": MovementKind.FEE,
    "network_cost": MovementKind.FEE,
    "payout": MovementKind.PAYOUT,
    "payout_reversal": MovementKind.PAYOUT,
}
CATEGORY_OF_TYPE = {
    "payment": "charge",
    "payment_refund": "refund",
    "payment_failure_refund": "charge_failure",
    "stripe_fee": "fee",
    "payout_failure": "payout",
    "payout_cancel": "payout",
}
#: What Stripe itself writes on the payments of a subscription.
SUBSCRIPTION_DESCRIPTIONS = frozenset(
    {"Subscription creation", "Subscription update", "Subscription cycle"}
)
#: Looks like a refund and is none: what was authorised beyond what was captured.
NOT_A_REFUND = "partial_capture_reversal"


def to_page(transactions: Iterable[Json], *, cursor: str | None) -> Page:
    """A page of balance transactions with expanded sources as values."""
    payments: dict[str, Payment] = {}
    returns: dict[str, Return] = {}
    movements = []
    for transaction in transactions:
        movement = to_movement(transaction)
        movements.append(movement)
        source = transaction.get("source")
        if not isinstance(source, dict) or not movement.payment_id:
            continue
        if source["object"] == "charge":
            payments[source["id"]] = to_payment(source)
        elif movement.category != NOT_A_REFUND:
            returns[source["id"]] = to_return(source)
    return Page(
        cursor=cursor,
        payments=list(payments.values()),
        movements=movements,
        returns=list(returns.values()),
    )


def to_movement(transaction: Json) -> Movement:
    source = transaction.get("source")
    kind = transaction.get("type") or ""
    category = transaction.get("reporting_category") or CATEGORY_OF_TYPE.get(kind, kind)
    if category == "adjustment" and _object_type(source) == "dispute":
        category = "dispute" if transaction["amount"] < 0 else "dispute_reversal"
    fee = transaction.get("fee") or 0
    return Movement(
        external_id=transaction["id"],
        kind=KIND_OF_CATEGORY.get(category, MovementKind.OTHER),
        category=category,
        occurred_at=moment(transaction["created"]),
        currency=transaction["currency"].upper(),
        amount=transaction["amount"],
        fee=fee,
        net=transaction.get("net", transaction["amount"] - fee),
        object_id=id_of(source),
        payment_id=_payment_id(source),
        description=clean(transaction.get("description")),
        raw={**transaction, "source": id_of(source)},
    )


def to_payment(charge: Json) -> Payment:
    billing = charge.get("billing_details") or {}
    captured = charge.get("captured", True)
    amount = charge.get("amount_captured") if captured else None
    description = clean(charge.get("description"))
    membership = description in SUBSCRIPTION_DESCRIPTIONS
    return Payment(
        external_id=charge["id"],
        occurred_at=moment(charge["created"]),
        status=_status(charge, captured=captured),
        kind=PurchaseKind.MEMBERSHIP if membership else PurchaseKind.SALE,
        currency=charge["currency"].upper(),
        amount=charge["amount"] if amount is None else amount,
        description=description,
        customer_id=id_of(charge.get("customer")),
        email=normalise_email(billing.get("email")) or normalise_email(charge.get("receipt_email")),
        name=clean(billing.get("name")),
        country=_country(billing.get("address")),
        raw={**charge, "balance_transaction": id_of(charge.get("balance_transaction")) or None},
    )


def to_return(source: Json) -> Return:
    """A refund or a dispute."""
    is_refund = _object_type(source) == "refund"
    return Return(
        external_id=source["id"],
        kind=ReturnKind.REFUND if is_refund else ReturnKind.DISPUTE,
        payment_id=id_of(source.get("charge")),
        occurred_at=moment(source["created"]),
        currency=source["currency"].upper(),
        amount=source["amount"],
        status=source.get("status") or "",
        reason=source.get("reason") or "",
        raw={k: v for k, v in source.items() if k not in ("evidence", "balance_transactions")},
    )


def to_customer(customer: Json) -> Customer:
    return Customer(
        external_id=customer["id"],
        email=normalise_email(customer.get("email")),
        name=clean(customer.get("name")),
        country=_country(customer.get("address")),
        is_deleted=bool(customer.get("deleted")),
    )


def moment(timestamp: int) -> datetime:
    """A Unix timestamp as an aware datetime in UTC."""
    return datetime.fromtimestamp(timestamp, UTC)


def id_of(value: Json | str | None) -> str:
    """The id of an object that may be expanded, a bare id, or missing."""
    return (value.get("id") or "") if isinstance(value, dict) else (value or "")


def _object_type(source: Json | str | None) -> str:
    return source.get("object", "") if isinstance(source, dict) else ""


def _payment_id(source: Json | str | None) -> str:
    match _object_type(source):
        case "charge":
            return id_of(source)
        case "refund" | "dispute" if isinstance(source, dict):
            return id_of(source.get("charge"))
    return ""


def _status(charge: Json, *, captured: bool) -> PaymentStatus:
    match charge.get("status"):
        case "failed":
            return PaymentStatus.FAILED
        case "pending":
            return PaymentStatus.PENDING
    if captured:
        return PaymentStatus.SUCCEEDED
    return PaymentStatus.CANCELLED if charge.get("refunded") else PaymentStatus.AUTHORISED


def _country(address: Json | None) -> str:
    country = clean((address or {}).get("country")).upper()
    return country if len(country) == 2 and country.isascii() else ""
