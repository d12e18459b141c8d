"""Stripe's objects → the provider-neutral values of `revenue.values`: payments and their money.

Every field is treated as optional: old API versions, other servers and future types leave some
out. A balance transaction is classified by its `reporting_category`, because its `type` lumps
together what is not the same (docs.stripe.com/reports/reporting-categories).
"""

from datetime import UTC, datetime
from typing import Any

from fans.identity import normalise_email
from revenue.values import (
    OF_PAYMENTS,
    RENEWALS,
    Customer,
    Movement,
    MovementKind,
    Order,
    Payment,
    PaymentStatus,
    PostalAddress,
    PurchaseKind,
    Return,
    ReturnKind,
)
from truefans.text import clean

Json = dict[str, Any]

KIND_OF_CATEGORY = {
    "charge": MovementKind.PAYMENT,
    # Looks like a refund and is none: what was authorised beyond what was captured.
    "partial_capture_reversal": MovementKind.UNCAPTURED,
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
#: For objects that do not say it themselves.
KIND_OF_ID = {
    "txn": "balance_transaction",
    "ch": "charge",
    "py": "charge",
    "re": "refund",
    "pyr": "refund",
    "dp": "dispute",
    "du": "dispute",
    "cus": "customer",
    "in": "invoice",
    "sub": "subscription",
    "cs": "checkout.session",
    "evt": "event",
}


def to_movement(transaction: Json, *, raw: bytes = b"", digest: int | None = None) -> Movement:
    """`transaction` with its source expanded, or only its id."""
    source = transaction.get("source")
    category = _category(transaction, source)
    kind = KIND_OF_CATEGORY.get(category, MovementKind.OTHER)
    fee = transaction.get("fee") or 0
    return Movement(
        external_id=id_of(transaction),
        kind=kind,
        category=category,
        occurred_at=moment(transaction["created"]),
        currency=transaction["currency"].upper(),
        amount=transaction["amount"],
        fee=fee,
        net=transaction.get("net", transaction["amount"] - fee),
        object_id=id_of(source),
        payment_id=_payment_id(source, kind),
        description=clean(transaction.get("description")),
        raw=raw,
        digest=digest,
    )


def to_payment(charge: Json, *, raw: bytes = b"", read_at: datetime | None = None) -> Payment:
    billing = charge.get("billing_details") or {}
    shown_currency, shown_amount = _shown(charge)
    captured = charge.get("captured", True)
    amount = charge.get("amount_captured") if captured else None
    description = clean(charge.get("description"))
    membership = description in RENEWALS
    return Payment(
        external_id=id_of(charge),
        occurred_at=moment(charge["created"]),
        status=_status(charge, captured=captured),
        kind=PurchaseKind.MEMBERSHIP if membership else PurchaseKind.SALE,
        currency=charge["currency"].upper(),
        amount=charge["amount"] if amount is None else amount,
        description=description,
        customer_id=buyer_of(charge),
        email=normalise_email(billing.get("email")) or normalise_email(charge.get("receipt_email")),
        name=clean(billing.get("name")),
        country=country_of(billing.get("address")),
        intent_id=id_of(charge.get("payment_intent")),
        shown_currency=shown_currency,
        shown_amount=shown_amount,
        raw=raw,
        read_at=read_at,
    )


def to_return(source: Json, *, raw: bytes = b"", read_at: datetime | None = None) -> Return:
    """A refund or a dispute."""
    return Return(
        external_id=id_of(source),
        kind=ReturnKind.REFUND if kind_of(source) == "refund" else ReturnKind.DISPUTE,
        payment_id=id_of(source.get("charge")),
        occurred_at=moment(source["created"]),
        currency=source["currency"].upper(),
        amount=source["amount"],
        status=source.get("status") or "",
        reason=source.get("reason") or "",
        raw=raw,
        read_at=read_at,
    )


def to_customer(customer: Json, *, read_at: datetime | None = None) -> Customer:
    return Customer(
        external_id=id_of(customer),
        email=normalise_email(customer.get("email")),
        name=clean(customer.get("name")),
        country=country_of(customer.get("address")),
        is_deleted=bool(customer.get("deleted")),
        read_at=read_at,
    )


def to_order(session: Json) -> Order | None:
    """Who went through a checkout; None where the session does not say."""
    payer = session.get("customer_details") or {}
    email = normalise_email(payer.get("email")) or normalise_email(session.get("customer_email"))
    intent = id_of(session.get("payment_intent"))
    if not email or not intent:
        return None
    return Order(
        external_id=id_of(session),
        intent_id=intent,
        email=email,
        name=clean(payer.get("name")),
        country=country_of(payer.get("address")),
    )


def moment(timestamp: int) -> datetime:
    """A Unix timestamp as an aware datetime in UTC."""
    return datetime.fromtimestamp(timestamp, UTC)


def id_of(value: Json | str | None) -> str:
    """The id of an object that may be expanded, a bare id, or missing; "" for what is no id."""
    found = value.get("id") if isinstance(value, dict) else value
    return clean(found) if isinstance(found, str) else ""


def buyer_of(row: Json) -> str:
    """The id of the customer, or of the account that buys where customers are accounts."""
    return id_of(row.get("customer")) or id_of(row.get("customer_account"))


def kind_of(value: Json | str | None) -> str:
    """Stripe's name for the kind of an expanded object, "" for anything else."""
    if not isinstance(value, dict):
        return ""
    kind = value.get("object") or _kind_of_id(value)
    return kind if isinstance(kind, str) else ""


def _kind_of_id(value: Json | str | None) -> str:
    return KIND_OF_ID.get(id_of(value).split("_")[0], "")


def country_of(address: Json | None) -> str:
    country = clean((address or {}).get("country")).upper()
    return country if len(country) == 2 and country.isascii() else ""


def to_postal_address(charge: Json) -> PostalAddress:
    """Where things for the payer go: where this one was sent, else where they live."""
    billing, shipping = charge.get("billing_details") or {}, charge.get("shipping") or {}
    known = shipping if shipping.get("address") else billing
    address = known.get("address") or {}
    return PostalAddress(
        name=clean(known.get("name") or billing.get("name")),
        line1=clean(address.get("line1")),
        line2=clean(address.get("line2")),
        postal_code=clean(address.get("postal_code")),
        city=clean(address.get("city")),
        state=clean(address.get("state")),
        country=country_of(address),
    )


def _shown(charge: Json) -> tuple[str, int | None]:
    """What the payer saw, where the till translated it: it decides nothing, so it may be wrong."""
    shown = charge.get("presentment_details")
    if not isinstance(shown, dict):
        return "", None
    currency, amount = shown.get("presentment_currency"), shown.get("presentment_amount")
    if not isinstance(currency, str) or type(amount) is not int or not 0 <= amount < 2**63:
        return "", None
    return clean(currency)[:3].upper(), amount


def _category(transaction: Json, source: Json | str | None) -> str:
    kind: str = transaction.get("type") or ""
    category: str = transaction.get("reporting_category") or CATEGORY_OF_TYPE.get(kind, kind)
    about = kind_of(source) or _kind_of_id(source)
    if category == "adjustment" and about == "dispute":
        return "dispute" if transaction["amount"] < 0 else "dispute_reversal"
    if category == "adjustment" and about == "refund":
        return "refund_failure"
    return category


def _payment_id(source: Json | str | None, kind: MovementKind) -> str:
    """Which payment a line is about; the refund or dispute itself where that does not say of what,
    or only its id is there."""
    if isinstance(source, dict):
        match kind_of(source):
            case "charge":
                return id_of(source)
            case "refund" | "dispute":
                return id_of(source.get("charge")) or id_of(source)
        return ""
    is_of_payment = _kind_of_id(source) in ("charge", "refund", "dispute") or kind in OF_PAYMENTS
    return id_of(source) if is_of_payment else ""


def _status(charge: Json, *, captured: bool) -> PaymentStatus:
    match charge.get("status"):
        case "failed":
            return PaymentStatus.FAILED
        case "pending":
            return PaymentStatus.PENDING
    if captured:
        return PaymentStatus.SUCCEEDED
    return PaymentStatus.CANCELLED if charge.get("refunded") else PaymentStatus.AUTHORISED
