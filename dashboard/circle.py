"""Who stands in the short lists of a creator's home: by the figures, as they are now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dashboard.spans import in_words
from fans.models import Creator, Fan
from fans.rhythm import FEWEST_PURCHASES, Warmth, warmth
from revenue.summary import Figures


@dataclass(frozen=True, slots=True)
class Late:
    """Somebody who is slipping: how late, when they bought last, and their `pause` if they have
    one; both in words."""

    fan: Fan
    warmth: Warmth
    last: str
    pause: str


@dataclass(frozen=True, slots=True)
class Circle:
    """People to look at, the first ones of each kind."""

    newly_true: Sequence[Fan] = field(default_factory=list)
    one_purchase_away: Sequence[Fan] = field(default_factory=list)
    slipping: Sequence[Late] = field(default_factory=list)


def circle_of(creator: Creator, figures: Figures, *, count: int, now: datetime) -> Circle:
    """`count` people of each kind; one query. Who bought something since the figures were made
    may have left a list; who belongs into one by now waits for the next figures."""
    kinds = (figures.newly_true, figures.one_purchase_away, figures.slipping)
    people = creator.fans.in_bulk([pk for kind in kinds for pk in kind.ids])

    def first(ids: Sequence[int], belongs: Callable[[Fan], bool]) -> list[Fan]:
        found = [people[pk] for pk in ids if pk in people and belongs(people[pk])]
        return found[:count]

    late = (_late(people[pk], now) for pk in figures.slipping.ids if pk in people)
    return Circle(
        newly_true=first(figures.newly_true.ids, lambda fan: fan.is_true_fan),
        one_purchase_away=first(figures.one_purchase_away.ids, _is_one_purchase_away),
        slipping=[found for found in late if found][:count],
    )


def _is_one_purchase_away(fan: Fan) -> bool:
    return not fan.is_true_fan and fan.gap <= (fan.usual_order or 0)


def _late(fan: Fan, now: datetime) -> Late | None:
    """None of who is not late, or not any more."""
    found = warmth(
        purchases=fan.purchases,
        usual_pause=fan.usual_pause,
        last_purchase_at=fan.last_purchase_at,
        now=now,
    )
    if not (found and found.is_slipping and fan.last_purchase_at):
        return None
    pause = fan.usual_pause if fan.purchases >= FEWEST_PURCHASES else None
    last = in_words(now - fan.last_purchase_at)
    return Late(fan, found, last, in_words(pause) if pause else "")
