"""What was done in a workshop: the acts themselves, told apart from the objects that show them.

Each act hands one of these back, for later acts to go on with. Amounts are in minor units of the
record's `currency`, moments are Unix seconds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypedDict

from sandbox.books import Json

RefundStatus = Literal["succeeded", "pending", "requires_action", "failed", "canceled"]
Interval = Literal["month", "year"]


class Impossible(ValueError):
    """An act that Stripe would refuse."""


def insist(holds: object, why: str) -> None:
    """Raises Impossible, saying why, unless it holds."""
    if not holds:
        raise Impossible(why)


class Terms(TypedDict, total=False):
    """What can be said of a payment beside its amount. Everything may be left out.

    `email` stands in the billing details: a customer's own unless given, none if "".
    `checkout_email` stands on the Checkout session of a guest and nowhere else. `settlement` is
    (currency, amount) on the ledger, where that is not what was paid; `fee` and `application_fee`
    are in that currency. `presentment` is (currency, amount) that the fan was shown. A payment
    `from_platform` was passed on by a platform and names nobody. `settles=False` leaves it without
    a line on the ledger for now, `intent=False` without a payment intent; one that was declined is
    tried `again` on the same intent.
    """

    customer: "Client | None"
    email: str | None
    receipt_email: str | None
    checkout_email: str | None
    name: str | None
    country: str | None
    currency: str
    description: str | None
    metadata: Mapping[str, str]
    settlement: tuple[str, int]
    fee: int
    application_fee: int
    presentment: tuple[str, int]
    from_platform: bool
    settles: bool
    intent: bool
    again: "Sale | None"


@dataclass(eq=False, slots=True)
class Client:
    """A customer, with the address and name of the moment (the last ones, once deleted)."""

    id: str
    email: str | None
    name: str | None
    deleted: bool = False
    plans: list["Plan"] = field(default_factory=list, repr=False)


@dataclass(eq=False, slots=True)
class Refund:
    """`settled` is what it takes from the ledger, in the settlement currency."""

    id: str
    sale: "Sale" = field(repr=False)
    amount: int
    settled: int
    fee: int
    status: RefundStatus
    lines: list[str] = field(default_factory=list)

    @property
    def stands(self) -> bool:
        """Neither failed nor cancelled."""
        return self.status not in ("failed", "canceled")


@dataclass(eq=False, slots=True)
class Case:
    """A dispute. `withdrawn` says whether its money is with the bank at the moment."""

    id: str
    sale: "Sale" = field(repr=False)
    amount: int
    settled: int
    reason: str
    status: str
    opened_at: int
    withdrawn: bool = False
    counter_fee: int = 0
    lines: list[str] = field(default_factory=list)

    @property
    def inquiry(self) -> bool:
        return self.status.startswith("warning_")

    @property
    def open(self) -> bool:
        return self.status not in ("won", "lost", "warning_closed")


@dataclass(eq=False, slots=True)
class Sale:
    """A payment, or the attempt at one.

    `addresses` are those that it carries itself, in the order in which one looks for them.
    `captured` is None while the money is only held. `settled` is what the whole `amount` is worth
    in `settlement_currency`. `reversed` was held on the ledger beyond what was captured.
    """

    id: str
    at: int
    amount: int
    currency: str
    customer: Client | None
    addresses: tuple[str, ...]
    intent: str | None
    settlement_currency: str
    settled: int
    fee: int | None
    application_fee: int
    description: str | None
    captured: int | None = None
    line: str | None = None
    pending: bool = False
    failed: bool = False
    released: bool = False
    reversed: int = 0
    lines: list[str] = field(default_factory=list, repr=False)
    refunds: list[Refund] = field(default_factory=list, repr=False)
    cases: list[Case] = field(default_factory=list, repr=False)

    @property
    def held(self) -> bool:
        """Authorised, and neither captured nor released."""
        return self.captured is None and not self.failed and not self.released

    @property
    def paid(self) -> bool:
        """Captured, certain, and so refundable."""
        return bool(self.captured) and not self.pending and not self.failed

    @property
    def delayed(self) -> bool:
        """A kind of payment that the ledger calls `payment`, not `charge`."""
        return self.id.startswith("py_")

    def worth(self, amount: int) -> int:
        """The amount in the settlement currency, in proportion."""
        return (2 * amount * self.settled + self.amount) // (2 * self.amount)

    def ids(self) -> Iterator[str]:
        """The objects on which it depends what is known of this payment."""
        yield self.id
        yield from self.lines
        if self.customer:
            yield self.customer.id
        returned: list[Refund | Case] = [*self.refunds, *self.cases]
        for back in returned:
            yield back.id
            yield from back.lines


@dataclass(eq=False, slots=True)
class Bill:
    """An invoice. `off_stripe` is what was paid of it in another way, such as in cash."""

    id: str
    customer: Client
    amount: int
    currency: str
    status: Literal["open", "paid", "void"] = "open"
    sale: Sale | None = None
    off_stripe: int = 0
    payment: str | None = None


@dataclass(eq=False, slots=True)
class Plan:
    """A membership. `period` is the current one (start, end), `closing` the day it was asked to
    end at, `bills` and `sales` what it brought so far, oldest first."""

    id: str
    item: str
    customer: Client
    price: Json = field(repr=False)
    start: int
    period: tuple[int, int]
    trial_end: int | None = None
    status: str = "active"
    reason: str | None = None
    asked_at: int | None = None
    closing: int | None = None
    ended_at: int | None = None
    bills: list[Bill] = field(default_factory=list, repr=False)
    sales: list[Sale] = field(default_factory=list, repr=False)


@dataclass(eq=False, slots=True)
class Payout:
    id: str
    amount: int
    currency: str
    status: Literal["in_transit", "paid", "failed"] = "in_transit"
    line: str = ""


Thing = Client | Sale | Refund | Case | Bill | Plan | Payout
