"""What a way of being paid costs, told in people: the share that is kept, and how many more it
takes for the same living. Pure; amounts in minor units of one currency.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True)
class Keep:
    """Of `gross`, which was paid and not given back, `net` arrived."""

    gross: int
    net: int

    @property
    def percent(self) -> Decimal | None:
        """What is kept of each hundred, to a tenth, half up; None where nothing was paid."""
        if self.gross <= 0:
            return None
        exact = Decimal(self.net) * 100 / self.gross
        return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)

    def people_for(self, goal: int, *, target_spend: int) -> int | None:
        """How many people who each pay `target_spend` this way make `goal` arrive, rounded up.

        None where nobody can say: nothing was paid, or nothing of it arrived.
        """
        if self.gross <= 0 or self.net <= 0:
            return None
        return -(-goal * self.gross // (target_spend * self.net))
