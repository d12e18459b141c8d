"""How much of the money hangs on how few people. Pure: amounts in, counts and shares out."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Concentration:
    """Of the `people` who spent something: the share that the `tenth` who spent most brought, in
    whole percent, and of how many who spend alike it would hang just as much.

    `may_leave`: how many of the largest could leave before the rest is less than the living; None
    if it is less already.
    """

    people: int
    tenth: int
    percent: int
    as_if: int
    may_leave: int | None


def concentration(spends: Sequence[int], *, nobodys: int = 0, living: int) -> Concentration | None:
    """Of what each person spent, the most first, all more than nothing; None if nobody did.

    `nobodys` is money of nobody, which stays whoever leaves; `living` is what must come in. All in
    the same minor units.
    """
    if not spends:
        return None
    total, people = sum(spends), len(spends)
    tenth = (people + 9) // 10
    squares = sum(spend * spend for spend in spends)
    spare = total + nobodys - living
    return Concentration(
        people=people,
        tenth=tenth,
        percent=_rounded(100 * sum(spends[:tenth]), total),
        as_if=_rounded(total * total, squares),
        may_leave=sum(gone <= spare for gone in accumulate(spends)) if spare >= 0 else None,
    )


def _rounded(part: int, whole: int) -> int:
    """`part ÷ whole`, half up; without a float, which sums of squares would overflow."""
    return (2 * part + whole) // (2 * whole)
