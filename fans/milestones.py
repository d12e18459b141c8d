"""Milestones: the seats whose taking is worth telling, and when they were taken.

Nobody is named by one: a seat has a number, and a number can be shared.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Subquery
from django.db.models.functions import Greatest

from fans.models import Creator


@dataclass(frozen=True, slots=True)
class Milestone:
    """A seat that was taken. `reached_at` is when its fan first crossed the target; None where
    that is not told any more: the target has changed since, or the person is gone."""

    seat: int
    reached_at: datetime | None


def steps(target: int) -> list[int]:
    """The round numbers up to `target`, and itself: 1, 10, 25, 50, 100, 250, 500, 1,000…"""
    found, power = {1, target}, 10
    while power <= target:
        found |= {power, power * 5 // 2, power * 5}
        power *= 10
    return sorted(step for step in found if step <= target)


def last_seat(creator: Creator) -> int:
    """The highest number that was ever given; 0 for none."""
    free = creator.merges.order_by().values("creator").values(last=Max("seat"))
    return creator.fans.aggregate(last=Greatest(Max("seat"), Subquery(free)))["last"] or 0


def reached(creator: Creator, *, last: int) -> list[Milestone]:
    """The round ones up to the seat `last`, the newest first; one query."""
    seats = [step for step in steps(creator.target_count) if step <= last]
    return sorted(_of(creator, seats), key=lambda milestone: -milestone.seat)


def milestone(creator: Creator, seat: int, *, last: int) -> Milestone | None:
    """The one of `seat`, round or not; None if it was not taken yet."""
    if not 1 <= seat <= last:
        return None
    [found] = _of(creator, [seat])
    return found


def upcoming(creator: Creator, *, last: int) -> int | None:
    """The next round number after the seat `last`; None when the circle is full."""
    return next((step for step in steps(creator.target_count) if step > last), None)


def _of(creator: Creator, seats: list[int]) -> list[Milestone]:
    taken = creator.fans.filter(seat__in=seats).values_list("seat", "crossed_at")
    when = dict(taken)
    return [Milestone(seat, when.get(seat)) for seat in seats]
