"""Who sits where in a creator's field: from the stored columns of the fans to their dots."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import NamedTuple

from fans.field import Field, Person, lay_out, people_a_dot
from fans.models import Creator, Fan
from fans.models.fans import FanQuerySet

#: Names are cut to this in the field; the whole name stands on the person's page.
LONGEST_NAME = 48
#: Keeps a name that is written from right to left, or wants to be, from turning what follows it.
ISOLATE, END_ISOLATE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


class Row(NamedTuple):
    """The columns of a fan that the field is drawn from."""

    id: int
    spend: int
    seat: int | None
    is_true_fan: bool
    name: str
    email: str
    is_slipping: bool | None


@dataclass(frozen=True, slots=True)
class Seating:
    """A field and the counts that say what is in it; `own_seat` is the number of who looks."""

    creator: Creator
    field: Field
    true_fans: int
    slipping: int
    on_their_way: int
    steps: int
    own_seat: int | None = None

    @property
    def empty(self) -> int:
        return max(self.field.seats - self.true_fans - self.on_their_way, 0)

    @property
    def beyond(self) -> int:
        """How many true fans there are above the target."""
        return max(self.true_fans - self.creator.target_count, 0)


def seating(
    *,
    creator: Creator,
    now: datetime,
    people_url: str = "",
    spend: Callable[[int], str] = str,
    own: Fan | None = None,
    is_public: bool = False,
) -> Seating:
    """The field of `creator`, in two queries; more true fans than seats take a third.

    With `people_url` (which ends in "/") each dot names its person, says their spend (minor units
    through `spend`) and leads to the page below it; without, nobody is named. `own` is the fan who
    looks, whose dot is marked. Who is slipping away is not for the public to see.
    """
    true_rows, way_rows = _rows(creator, now)
    seats = max(creator.target_count, len(true_rows))
    # Where a dot is several people nobody can be pointed at.
    is_named = bool(people_url) and people_a_dot(seats) == 1
    people_url = escape(people_url)
    tiers = creator.tiers.filter(threshold__gt=creator.target_spend)
    steps = list(tiers.values_list("threshold", flat=True))

    def person(row: Row) -> Person:
        return Person(
            row.spend / creator.target_spend,
            bisect_right(steps, row.spend),
            bool(row.is_slipping) and not is_public,
            _label(row, spend) if is_named else "",
            f"{people_url}{row.id}" if is_named else "",
        )

    true_fans, on_their_way = [person(row) for row in true_rows], [person(row) for row in way_rows]
    places = [row.id for row in true_rows + way_rows]
    return Seating(
        creator=creator,
        field=lay_out(
            target_count=creator.target_count,
            true_fans=true_fans,
            on_their_way=on_their_way,
            own=places.index(own.pk) if own and own.pk in places else None,
        ),
        true_fans=len(true_fans),
        slipping=sum(person.is_slipping for person in true_fans),
        on_their_way=len(on_their_way),
        steps=len(steps),
        own_seat=own.seat if own else None,
    )


def _rows(creator: Creator, now: datetime) -> tuple[list[Row], list[Row]]:
    """The true fans in seat order, who has no number yet behind those who do, and as many people on
    their way as there are seats left.

    Those who spend most are all of them, unless there are more true fans than seats.
    """
    by_spend = creator.fans.filter(spend__gt=0).order_by("-spend", "id")
    fans = by_spend.with_slipping(now)
    rows = _read(fans[: creator.target_count])
    if len(rows) == creator.target_count and all(row.is_true_fan for row in rows):
        rows = _read(fans.filter(spend__gte=creator.target_spend).true())
    true_rows = [row for row in rows if row.is_true_fan]
    true_rows.sort(key=lambda row: (row.seat is None, row.seat or 0))
    return true_rows, [row for row in rows if not row.is_true_fan]


def _read(fans: FanQuerySet) -> list[Row]:
    return [Row._make(values) for values in fans.values_list(*Row._fields)]


def _label(row: Row, spend: Callable[[int], str]) -> str:
    name = (row.name or row.email or f"#{row.id}")[:LONGEST_NAME]
    seat = f" · No. {row.seat}" if row.seat else ""
    return f"{ISOLATE}{name}{END_ISOLATE} · {spend(row.spend)}{seat}"
