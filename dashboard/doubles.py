"""Payments that may be counted twice, two and two, as the creator is asked about them."""

from collections.abc import Iterable
from dataclasses import dataclass

from fans.models import Creator
from revenue.models import Double, Purchase

#: As many are counted for the way to them; of more it is only said that there are more.
MOST = 99
SIZE = 20


@dataclass(frozen=True, slots=True)
class Pair:
    """Two payments side by side; None: that one is gone."""

    double: Double
    one: Purchase | None
    other: Purchase | None

    @property
    def both(self) -> tuple[Purchase | None, Purchase | None]:
        return self.one, self.other

    @property
    def is_after_fee(self) -> bool:
        """Whether they are alike only after the fee of one of them."""
        return bool(self.one and self.other and self.one.amount != self.other.amount)

    @property
    def counts(self) -> Purchase | None:
        """The one of the two that counts, where exactly one does."""
        counted = [one for one in self.both if one and one.state not in Purchase.NOTHING_PAID]
        return counted[0] if len(counted) == 1 else None


def in_question(creator: Creator) -> int:
    """How many there are, up to one more than `MOST`; one query."""
    return len(creator.doubles.in_question().values_list("pk")[: MOST + 1])


def pairs_of(creator: Creator, doubles: Iterable[Double]) -> list[Pair]:
    """`doubles` with their payments; one query."""
    doubles = list(doubles)
    names = {double.external_id for double in doubles} | {double.twin_id for double in doubles}
    sources = {double.source_id for double in doubles} | {
        double.twin_source_id for double in doubles
    }
    found = creator.purchases.filter(external_id__among=names, source__in=sources)
    paid = {
        (one.source_id, one.external_id): one
        for one in found.select_related("fan").with_source().defer("raw")
    }
    return [
        Pair(
            double,
            paid.get((double.source_id, double.external_id)),
            paid.get((double.twin_source_id, double.twin_id)),
        )
        for double in doubles
    ]
