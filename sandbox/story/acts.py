"""What happens in a story: payments, what comes back of them, memberships, customers.

An act is planned whole, with moments that may still lie ahead; `sandbox.story.scribe` writes down
how it looks at one of them. Moments are Unix seconds, amounts minor units of `currency`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sandbox.books import Json
from sandbox.story.people import Person


@dataclass(slots=True, eq=False)
class Client:
    """A Stripe customer: what a person is known by. `moved` is a later (moment, e-mail)."""

    id: str
    person: Person
    created: int
    email: str
    moved: tuple[int, str] | None = None
    deleted_at: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """Something sold, with its price in the shop's currency. `metadata` goes onto the charge."""

    words: str
    price: int
    metadata: Mapping[str, str]


@dataclass(slots=True)
class Refund:
    """`pending_until`: no money moves before; `failed_at`: the bank sent it back."""

    id: str
    movement: str
    at: int
    amount: int
    reason: str | None = None
    pending_until: int | None = None
    failed_at: int | None = None
    failure_movement: str | None = None

    @property
    def moved_at(self) -> int:
        return self.pending_until or self.at


@dataclass(slots=True)
class Dispute:
    """`won` is how it ends at `closes_at`; an inquiry moves no money."""

    id: str
    movement: str
    reversal: str
    at: int
    closes_at: int
    won: bool
    reason: str
    inquiry: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    charge: str
    at: int


@dataclass(slots=True, eq=False)
class Payment:
    """One payment intent: attempts that were declined, then perhaps one that was paid."""

    intent: str
    person: Person
    client: Client | None
    email: str | None
    words: str
    metadata: Mapping[str, str]
    amount: int
    currency: str
    declined: tuple[Attempt, ...]
    paid: Attempt | None
    movement: str
    recurring: bool = False
    refunds: list[Refund] = field(default_factory=list)
    dispute: Dispute | None = None

    @property
    def created(self) -> int:
        first = self.declined[0] if self.declined else self.paid
        return first.at if first else 0


@dataclass(slots=True, eq=False)
class Invoice:
    """One period (start, end) of a membership."""

    id: str
    line: str
    link: str
    number: str
    created: int
    finalized_at: int
    period: tuple[int, int]
    payment: Payment
    uncollectible_at: int | None = None


Ending = Literal["choice", "card"]


@dataclass(slots=True, eq=False)
class Membership:
    """`asked_at` is when its end was asked for, `ended_at` when it came."""

    id: str
    item: str
    client: Client
    price: Json
    words: str
    start: int
    invoices: list[Invoice] = field(default_factory=list)
    asked_at: int | None = None
    ended_at: int | None = None
    ending: Ending | None = None


@dataclass
class Plan:
    """All acts of a story up to a day, in the order in which they were thought of."""

    products: list[Json] = field(default_factory=list)
    prices: list[Json] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
