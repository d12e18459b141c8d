"""What a year of things for sale brings, and what is left of it. Amounts in minor units."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dashboard.plan.keeping import NO_FEES, Fees, half_up


@dataclass(frozen=True, slots=True)
class Offer:
    """`people` who pay `price` so many `times` a year, which is 0.5 for every two years."""

    name: str
    people: int
    price: int
    times: Decimal = Decimal(1)
    fees: Fees = NO_FEES

    @property
    def gross(self) -> int:
        """What all of them pay in a year."""
        return self._of_all(self.price)

    @property
    def net(self) -> int:
        """What of it reaches the creator; less than nothing where fees are more than the price."""
        return self._of_all(self.fees.net(self.price))

    @property
    def kept(self) -> int:
        """What others keep."""
        return self.gross - self.net

    def _of_all(self, amount: int) -> int:
        return int(half_up(self.people * self.times * amount))


@dataclass(frozen=True, slots=True)
class Mix:
    """Everything that is for sale."""

    offers: Sequence[Offer]

    @property
    def gross(self) -> int:
        return sum(offer.gross for offer in self.offers)

    @property
    def net(self) -> int:
        return sum(offer.net for offer in self.offers)

    @property
    def kept(self) -> int:
        return self.gross - self.net
