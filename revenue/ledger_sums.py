"""What lines of a provider's ledger come to, in the columns of an account.

Every line is in one column with its amount and in one with its fee, and nothing is left out: net
and other less what was paid out is the change of the balance, to the cent.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields

from django.db.models import Count, Q, QuerySet, Sum

from revenue.models import Movement
from revenue.values import MovementKind

TAKEN = frozenset({MovementKind.PAYMENT, MovementKind.UNCAPTURED})
WENT_BACK = frozenset(
    {
        MovementKind.REFUND,
        MovementKind.REFUND_FAILURE,
        MovementKind.DISPUTE,
        MovementKind.DISPUTE_REVERSAL,
        MovementKind.PAYMENT_FAILURE,
    }
)


@dataclass(frozen=True, slots=True)
class Booked:
    """The columns, in minor units of one currency.

    `takings` is what was paid before anything was `returned`; `payment_fees` were kept of payments,
    refunds and disputes, `account_fees` belong to none of them; `other` is neither income nor cost
    as far as anybody can tell; `paid_out` went to the creator's bank.
    """

    takings: int = 0
    returned: int = 0
    payment_fees: int = 0
    account_fees: int = 0
    other: int = 0
    paid_out: int = 0
    lines: int = 0

    def __add__(self, more: "Booked") -> "Booked":
        return Booked(*(getattr(self, f.name) + getattr(more, f.name) for f in fields(self)))

    @property
    def fees(self) -> int:
        return self.payment_fees + self.account_fees

    @property
    def net(self) -> int:
        return self.takings - self.returned - self.fees

    @property
    def change(self) -> int:
        """By how much the balance at the provider grew: the net of all these lines."""
        return self.net + self.other - self.paid_out


def booked(kind: str, *, reaches_payment: bool, amount: int, fee: int, lines: int = 1) -> Booked:
    """Where lines of one kind stand; `reaches_payment`: they are about one."""
    if kind in TAKEN:
        return Booked(takings=amount, payment_fees=fee, lines=lines)
    if kind in WENT_BACK:
        return Booked(returned=-amount, payment_fees=fee, lines=lines)
    if kind == MovementKind.FEE and reaches_payment:
        return Booked(payment_fees=fee - amount, lines=lines)
    if kind == MovementKind.FEE:
        return Booked(account_fees=fee - amount, lines=lines)
    if kind == MovementKind.PAYOUT:
        return Booked(paid_out=-amount, account_fees=fee, lines=lines)
    return Booked(other=amount, account_fees=fee, lines=lines)


def total(parts: Iterable[Booked]) -> Booked:
    return sum(parts, Booked())


def by_source(lines: QuerySet[Movement]) -> dict[tuple[int, str], Booked]:
    """`lines` by the id of their source and by the currency they are settled in; one query."""
    sums = (
        lines.order_by()
        .annotate(reaches=~Q(payment_id=""))
        .values_list("source", "currency", "kind", "reaches")
        .annotate(Sum("amount"), Sum("fee"), Count("pk"))
    )
    found: dict[tuple[int, str], Booked] = {}
    for source, currency, kind, reaches, amount, fee, count in sums.order_by("source", "currency"):
        part = booked(kind, reaches_payment=reaches, amount=int(amount), fee=int(fee), lines=count)
        found[source, currency] = found.get((source, currency), Booked()) + part
    return found
