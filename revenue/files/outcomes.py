"""What a row of a file turns out to be, without any platform's peculiarities.

Every row is part of exactly one outcome. Amounts are minor units of the ISO currency beside them
(capitals), moments are in UTC, an amount that nobody states is None and never guessed. They are
named tuples and not frozen dataclasses because a file has a million of them: one is made in a
third of the time.
"""

from datetime import datetime
from typing import NamedTuple

from revenue.files.skipping import Skip, Why
from revenue.values import MembershipState, PurchaseKind, ReturnKind

SALE, MEMBERSHIP = PurchaseKind.SALE, PurchaseKind.MEMBERSHIP
REFUND, DISPUTE = ReturnKind.REFUND, ReturnKind.DISPUTE


class OutsideId(NamedTuple):
    """An outside id of a person or a payment: ("stripe_customer", "cus_…"), ("paypal", "8AB…")."""

    kind: str
    value: str


class Payer(NamedTuple):
    """Who paid: `email` is normalised; `country` two letters, or "". Nothing at all is possible."""

    email: str = ""
    name: str = ""
    country: str = ""
    ids: tuple[OutsideId, ...] = ()

    @property
    def identity(self) -> str:
        """What the person is counted by: an address, else an outside id; "" for nobody."""
        return self.email or next((f"{kind}:{value}" for kind, value in self.ids), "")


class Line(NamedTuple):
    """A payment that was made.

    `amount` is what was paid, `returned` what of it came back later, at most all of it. `fee` and
    `net` are in `settled_currency` where that is another one, and then `settled_amount` is the
    payment in it and `settled_returned` what of that went back, where it is said. `links` are the
    exact ids of the same payment on other platforms; `external_id` is unique within what one
    platform exports, and the same in every export. `more_lines` are further rows of the file that
    belong to this payment. `is_won`: it was disputed, and the dispute ended well for the creator.
    """

    line: int
    external_id: str
    occurred_at: datetime
    currency: str
    amount: int
    payer: Payer
    kind: PurchaseKind = SALE
    product: str = ""
    note: str = ""
    quantity: int | None = None
    returned: int = 0
    return_kind: ReturnKind = REFUND
    returned_at: datetime | None = None
    fee: int | None = None
    net: int | None = None
    settled_currency: str = ""
    settled_amount: int | None = None
    shown_currency: str = ""
    shown_amount: int | None = None
    links: tuple[OutsideId, ...] = ()
    more_lines: tuple[int, ...] = ()
    is_won: bool = False
    settled_returned: int | None = None


class Return(NamedTuple):
    """A row of its own that gives a payment back.

    `of` is the payment's `external_id` or one of its `links`, wherever in this or another file it
    stands; "" where the platform does not say. A dispute that was won after all is negative. Where
    it went back in another currency than the fan's, `settled_amount` says how much in
    `settled_currency`, and `fee` is in it, too.
    """

    line: int
    external_id: str
    of: str
    occurred_at: datetime
    currency: str
    amount: int
    payer: Payer
    kind: ReturnKind = REFUND
    product: str = ""
    fee: int | None = None
    settled_currency: str = ""
    settled_amount: int | None = None


class Total(NamedTuple):
    """All that a person has paid until `as_of`: a later total replaces this one."""

    line: int
    external_id: str
    currency: str
    amount: int
    payer: Payer
    as_of: datetime | None = None
    product: str = ""
    since: datetime | None = None
    last_paid_at: datetime | None = None
    is_paying: bool | None = None


class Person(NamedTuple):
    """Somebody of whom the row says no amount, or an amount of nothing.

    `is_paying` says whether they pay now (on their own account), None where the row does not.
    Where more is known of what they pay, `state` says it, and `amount` is what one `interval` costs
    in minor units of `currency`. Of two the one with the greater `order` was said later.
    """

    line: int
    external_id: str
    payer: Payer
    product: str = ""
    since: datetime | None = None
    until: datetime | None = None
    is_paying: bool | None = None
    state: MembershipState | None = None
    currency: str = ""
    amount: int = 0
    interval: str = ""
    order: str = ""


def person(
    line: int, external_id: str, who: Payer, *, product: str = "", since: datetime | None = None
) -> Person:
    """Somebody who got something for nothing; raises Skip where nobody is named."""
    if not who.identity and not who.name:
        raise Skip(Why.NO_PERSON)
    return Person(line, external_id, who, product, since)


class Skipped(NamedTuple):
    """A row that is none of these; `detail` is the text that could not be read.

    `external_id` is that of the payment which the row says this of, where it names one: imported
    earlier, it no longer counts.
    """

    line: int
    why: Why
    cells: tuple[str, ...]
    detail: str = ""
    external_id: str = ""

    @property
    def reason(self) -> str:
        return str(self.why.label)


Outcome = Line | Return | Total | Person | Skipped
