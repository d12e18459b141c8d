"""What is left of a payment after everybody who keeps a part of it, and what that costs in people.

Amounts are in minor units of one currency. Each part that is kept is rounded for itself, half up,
as those who keep it do.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from dashboard.plan.goal import people_for
from revenue.keeping import Keep

NOTHING = Decimal(0)


def half_up(amount: Decimal, step: Decimal = Decimal(1)) -> Decimal:
    """`amount` in whole steps."""
    return amount.quantize(step, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Fees:
    """What is kept of one payment: in percent of it, and a `fixed` amount.

    `percent` and `fixed` are for the payment itself, `platform` is for where it is sold, and
    `middleman` for a label, a shop or a publisher between the creator and whoever pays.
    """

    percent: Decimal = NOTHING
    fixed: int = 0
    platform: Decimal = NOTHING
    middleman: Decimal = NOTHING

    def of(self, price: int) -> int:
        """Everything that is kept of one payment of `price`; it may be more than that."""
        shares = (self.percent, self.platform, self.middleman)
        return self.fixed + sum(int(half_up(price * share / 100)) for share in shares)

    def net(self, price: int) -> int:
        """What reaches the creator of one payment of `price`."""
        return price - self.of(price)


NO_FEES = Fees()


@dataclass(frozen=True, slots=True)
class Pattern:
    """How one person pays in a year: `payments` of `price` each."""

    payments: int
    price: int
    fees: Fees

    @property
    def gross(self) -> int:
        return self.payments * self.price

    @property
    def net(self) -> int:
        return self.payments * self.fees.net(self.price)

    @property
    def kept(self) -> int:
        """What others keep."""
        return self.gross - self.net

    @property
    def rate(self) -> Decimal | None:
        """The part that reaches the creator, in percent."""
        return Keep(gross=self.gross, net=self.net).percent

    def people_for(self, goal: int) -> int | None:
        """How many such people leave `goal` to the creator; None if no number of them does."""
        return people_for(goal, self.net) if self.net > 0 else None

    def people_without_fees(self, goal: int) -> int:
        return people_for(goal, self.gross)

    def people_more(self, goal: int) -> int | None:
        """How many people the fees cost: those who would not be needed without them."""
        people = self.people_for(goal)
        return None if people is None else people - self.people_without_fees(goal)

    def split_into(self, payments: int) -> "Pattern":
        """About the same money a year in another number of payments, never more of it."""
        return Pattern(payments, self.gross // payments, self.fees)
