"""What a gateway hands over: payments, movements and returns without a provider's peculiarities.

Frozen and checked once, here; nothing behind this line knows Stripe. Amounts are whole minor
units, currencies ISO 4217 in capitals, moments aware datetimes. `raw` is the object as it came,
packed (`revenue.packed`); `read_at` when the provider was asked for it, None for a moment of no
meaning (a file).
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Protocol, TypeVar

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from msgspec import Struct


class Listing(TextChoices):
    """What of a provider is read as a list, in the order in which it had best be read."""

    CUSTOMERS = "customers", _("customers")
    MEMBERSHIPS = "memberships", _("memberships")
    INVOICES = "invoices", _("invoices")
    MOVEMENTS = "movements", _("the ledger")
    PAYMENTS = "payments", _("payments")
    REFUNDS = "refunds", _("refunds")
    DISPUTES = "disputes", _("disputes")
    NEWS = "news", _("what changed")
    UNSETTLED = "unsettled", _("what was not settled yet")
    ORDERS = "orders", _("who ordered")


class PaymentStatus(TextChoices):
    """What became of the payment itself, whatever was returned later."""

    SUCCEEDED = "succeeded", _("succeeded")
    REPORTED = "reported", _("reported, without what it cost")
    PENDING = "pending", _("pending")
    FAILED = "failed", _("failed")
    AUTHORISED = "authorised", _("authorised")
    CANCELLED = "cancelled", _("cancelled")


class PurchaseKind(TextChoices):
    SALE = "sale", _("sale")
    MEMBERSHIP = "membership", _("membership")


#: What Stripe writes on the payments of a membership, which says nothing of what is paid for.
RENEWALS = frozenset({"Subscription creation", "Subscription update", "Subscription cycle"})


class MovementKind(TextChoices):
    PAYMENT = "payment", _("payment")
    UNCAPTURED = "uncaptured", _("authorised, and not taken")
    REFUND = "refund", _("refund")
    REFUND_FAILURE = "refund_failure", _("refund that failed")
    DISPUTE = "dispute", _("dispute")
    DISPUTE_REVERSAL = "dispute_reversal", _("dispute won")
    PAYMENT_FAILURE = "payment_failure", _("payment that failed")
    FEE = "fee", _("fee")
    PAYOUT = "payout", _("payout")
    OTHER = "other", _("other")


#: Lines that are about a payment, or about what was returned of one.
OF_PAYMENTS = frozenset(MovementKind) - {MovementKind.FEE, MovementKind.PAYOUT, MovementKind.OTHER}


class ReturnKind(TextChoices):
    REFUND = "refund", _("refund")
    DISPUTE = "dispute", _("dispute")


class MembershipState(TextChoices):
    TRIAL = "trial", _("on trial")
    ACTIVE = "active", _("active")
    PAST_DUE = "past_due", _("payment failed")
    PAUSED = "paused", _("paused")
    INCOMPLETE = "incomplete", _("not begun")
    ENDED = "ended", _("ended")


class InvalidValue(ValueError):
    """A gateway made a value that cannot be; the message names the field."""


def _check(value: object, **conditions: bool) -> None:
    for name, holds in conditions.items():
        if not holds:
            raise InvalidValue(f"{type(value).__name__}.{name} is not valid")


#: Currencies that were seen and are well-formed; the same few come again and again.
_CURRENCIES: set[str] = set()


def _is_currency(code: str) -> bool:
    if code in _CURRENCIES:
        return True
    if len(code) == 3 and code.isascii() and code.isalpha() and code.isupper():
        _CURRENCIES.add(code)
        return True
    return False


def _is_amount(value: object, least: int = -(2**63) + 1) -> bool:
    """Whole minor units that the database can hold."""
    return type(value) is int and least <= value < 2**63


def _is_id(value: object) -> bool:
    return isinstance(value, str) and bool(value)


class Payment(Struct, frozen=True):
    """Money that a person gave or tried to give; `amount` is what was taken, or would have been.

    `shown_amount` in `shown_currency` is what the person saw, where the till translated it.
    `is_elsewhere`: it was paid past the provider, so no line of the ledger will ever reach it.
    """

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
    intent_id: str = ""
    shown_currency: str = ""
    shown_amount: int | None = None
    is_elsewhere: bool = False
    raw: bytes = b""
    read_at: datetime | None = None

    def __post_init__(self) -> None:
        _check(
            self,
            external_id=_is_id(self.external_id),
            occurred_at=self.occurred_at.tzinfo is not None,
            currency=_is_currency(self.currency),
            amount=_is_amount(self.amount, least=0),
            country=len(self.country) in (0, 2),
        )


class PostalAddress(Struct, frozen=True):
    """Where a letter or a parcel goes, as far as it is known; `country` is an ISO code of two
    letters."""

    name: str = ""
    line1: str = ""
    line2: str = ""
    postal_code: str = ""
    city: str = ""
    state: str = ""
    country: str = ""


class Movement(Struct, frozen=True):
    """A line of the provider's ledger; `net = amount - fee` in the settlement `currency`.

    `payment_id` is that of the refund or dispute (`object_id`) where only that is known. `digest`
    is the fingerprint of the line and of what it is about, None where that is not known.
    """

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
    raw: bytes = b""
    digest: int | None = None

    def __post_init__(self) -> None:
        _check(
            self,
            external_id=_is_id(self.external_id),
            occurred_at=self.occurred_at.tzinfo is not None,
            currency=_is_currency(self.currency),
            amount=_is_amount(self.amount) and _is_amount(self.fee),
            net=self.net == self.amount - self.fee,
        )


class Return(Struct, frozen=True):
    """A refund or dispute; `amount` in the currency the fan paid, `status` the provider's word."""

    external_id: str
    kind: ReturnKind
    payment_id: str
    occurred_at: datetime
    currency: str
    amount: int
    status: str = ""
    reason: str = ""
    raw: bytes = b""
    read_at: datetime | None = None

    def __post_init__(self) -> None:
        _check(
            self,
            external_id=_is_id(self.external_id),
            payment_id=_is_id(self.payment_id),
            occurred_at=self.occurred_at.tzinfo is not None,
            currency=_is_currency(self.currency),
            amount=_is_amount(self.amount, least=0),
        )


class Customer(Struct, frozen=True):
    """What a provider knows of a payer apart from any payment."""

    external_id: str
    email: str = ""
    name: str = ""
    country: str = ""
    is_deleted: bool = False
    read_at: datetime | None = None

    def __post_init__(self) -> None:
        _check(self, external_id=_is_id(self.external_id))


class Invoice(Struct, frozen=True):
    """A bill; `paid_elsewhere` of its `amount_paid` came past the provider (None: nobody says).

    `paid_at` is `issued_at` where nobody says when it was paid.
    """

    external_id: str
    currency: str
    amount_paid: int
    customer_id: str = ""
    membership_id: str = ""
    payment_ids: tuple[str, ...] = ()
    paid_elsewhere: int | None = None
    issued_at: datetime | None = None
    paid_at: datetime | None = None
    email: str = ""
    name: str = ""
    description: str = ""
    raw: bytes = b""
    read_at: datetime | None = None

    def __post_init__(self) -> None:
        _check(
            self,
            external_id=_is_id(self.external_id),
            currency=_is_currency(self.currency),
            amount_paid=_is_amount(self.amount_paid, least=0),
            paid_elsewhere=self.paid_elsewhere is None or _is_amount(self.paid_elsewhere, least=0),
        )


class Membership(Struct, frozen=True):
    """A subscription; `amount` is what one `interval` costs, in minor units of `currency`; 0 for
    nothing, and where nobody can say.

    `email` is the member's where no customer is known who has one.
    """

    external_id: str
    customer_id: str
    state: MembershipState
    currency: str
    amount: int
    since: datetime
    description: str = ""
    interval: str = ""
    paid_until: datetime | None = None
    cancelled_at: datetime | None = None
    ends_at: datetime | None = None
    reason: str = ""
    comment: str = ""
    email: str = ""
    raw: bytes = b""
    read_at: datetime | None = None

    def __post_init__(self) -> None:
        _check(
            self,
            external_id=_is_id(self.external_id),
            currency=_is_currency(self.currency),
            amount=_is_amount(self.amount),
            since=self.since.tzinfo is not None,
        )


class Order(Struct, frozen=True):
    """Who paid, where only the till knows and not the payment."""

    external_id: str
    intent_id: str
    email: str
    name: str = ""
    country: str = ""


class Nudge(Struct, frozen=True):
    """The provider's word that an object changed."""

    external_id: str
    kind: str
    object_id: str


class SetAside(Struct, frozen=True):
    """What could not be understood, as it came; `problem` says why."""

    external_id: str
    kind: str
    problem: str
    raw: bytes


class Page(Struct, frozen=True):
    """What one answer of a provider held. `cursor` continues after it; None: it was the last.

    `rows` is how many objects came, those that are known as they are included; `reached_at` is the
    moment of the last of them.
    """

    cursor: str | None = None
    rows: int = 0
    reached_at: datetime | None = None
    customers: Sequence[Customer] = ()
    payments: Sequence[Payment] = ()
    movements: Sequence[Movement] = ()
    returns: Sequence[Return] = ()
    invoices: Sequence[Invoice] = ()
    memberships: Sequence[Membership] = ()
    orders: Sequence[Order] = ()
    nudges: Sequence[Nudge] = ()
    set_aside: Sequence[SetAside] = ()

    @classmethod
    def of(cls, pages: Iterable["Page"]) -> "Page":
        """All of `pages` as one, in which everything stands once, as it was asked for last."""
        pages = list(pages)
        return cls(
            rows=sum(page.rows for page in pages),
            customers=_latest(page.customers for page in pages),
            payments=_latest(page.payments for page in pages),
            movements=_latest(page.movements for page in pages),
            returns=_latest(page.returns for page in pages),
            invoices=_latest(page.invoices for page in pages),
            memberships=_latest(page.memberships for page in pages),
            orders=_latest(page.orders for page in pages),
            nudges=_latest(page.nudges for page in pages),
            set_aside=_latest(page.set_aside for page in pages),
        )


class _Value(Protocol):
    @property
    def external_id(self) -> str: ...


V = TypeVar("V", bound=_Value)


def _latest(groups: Iterable[Iterable[V]]) -> list[V]:
    """Every value once, by its outside id."""
    found: dict[str, V] = {}
    for value in chain.from_iterable(groups):
        known = found.get(value.external_id)
        if known is None or _read_at(value) >= _read_at(known):
            found[value.external_id] = value
    return list(found.values())


def _read_at(value: object) -> datetime:
    return getattr(value, "read_at", None) or datetime.min.replace(tzinfo=UTC)
