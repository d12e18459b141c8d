"""What a gateway hands over: payments, movements and returns without a provider's peculiarities.

Frozen and checked once, here; nothing behind this line knows Stripe. Amounts are whole minor
units, currencies ISO 4217 in capitals, moments aware datetimes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PaymentStatus(TextChoices):
    """What became of the payment itself, whatever was returned later."""

    SUCCEEDED = "succeeded", _("succeeded")
    PENDING = "pending", _("pending")
    FAILED = "failed", _("failed")
    AUTHORISED = "authorised", _("authorised")
    CANCELLED = "cancelled", _("cancelled")


class PurchaseKind(TextChoices):
    SALE = "sale", _("sale")
    MEMBERSHIP = "membership", _("membership")


class MovementKind(TextChoices):
    PAYMENT = "payment", _("payment")
    REFUND = "refund", _("refund")
    REFUND_FAILURE = "refund_failure", _("refund that failed")
    DISPUTE = "dispute", _("dispute")
    DISPUTE_REVERSAL = "dispute_reversal", _("dispute won")
    PAYMENT_FAILURE = "payment_failure", _("payment that failed")
    FEE = "fee", _("fee")
    PAYOUT = "payout", _("payout")
    OTHER = "other", _("other")


class ReturnKind(TextChoices):
    REFUND = "refund", _("refund")
    DISPUTE = "dispute", _("dispute")


class InvalidValue(ValueError):
    """A gateway made a value that cannot be; the message names the field."""


def _check(value: object, **conditions: bool) -> None:
    for name, holds in conditions.items():
        if not holds:
            raise InvalidValue(f"{type(value).__name__}.{name} is not valid")


def _is_currency(code: str) -> bool:
    return len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that a person gave or tried to give; `amount` is what was taken, or would have been."""

    external_id: str
    occurred_at: datetime
    status: PaymentStatus
    kind: PurchaseKind
    currency: str
    amount: int
    description: str = ""
    customer_id: str = ""
    email: str = ""
    name: str = ""
    country: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        _check(
            self,
            external_id=bool(self.external_id),
            occurred_at=self.occurred_at.tzinfo is not None,
            currency=_is_currency(self.currency),
            amount=self.amount >= 0,
            country=len(self.country) in (0, 2),
        )


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of the provider's ledger; `net = amount - fee` in the settlement `currency`."""

    external_id: str
    kind: MovementKind
    category: str
    occurred_at: datetime
    currency: str
    amount: int
    fee: int
    net: int
    object_id: str = ""
    payment_id: str = ""
    description: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        _check(
            self,
            external_id=bool(self.external_id),
            occurred_at=self.occurred_at.tzinfo is not None,
            currency=_is_currency(self.currency),
            net=self.net == self.amount - self.fee,
        )


@dataclass(frozen=True, slots=True)
class Return:
    """A refund or dispute; `amount` in the currency the fan paid, `status` the provider's word."""

    external_id: str
    kind: ReturnKind
    payment_id: str
    occurred_at: datetime
    currency: str
    amount: int
    status: str = ""
    reason: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        _check(
            self,
            external_id=bool(self.external_id),
            payment_id=bool(self.payment_id),
            occurred_at=self.occurred_at.tzinfo is not None,
            currency=_is_currency(self.currency),
            amount=self.amount >= 0,
        )


@dataclass(frozen=True, slots=True)
class Customer:
    """What a provider knows of a payer apart from any payment."""

    external_id: str
    email: str = ""
    name: str = ""
    country: str = ""
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """What one answer of a provider held. `cursor` continues after it; None: it was the last."""

    cursor: str | None
    customers: Sequence[Customer] = ()
    payments: Sequence[Payment] = ()
    movements: Sequence[Movement] = ()
    returns: Sequence[Return] = ()
