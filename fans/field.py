"""The field: one dot a person, drawn as SVG. Pure: people in, geometry and markup out.

Dots stand in rows of ten units each way, seats first to last. A true fan's dot is full; the dot of
one on their way is filled so that its *area* is the part of the target that they have reached;
the rest are empty seats. Above `DOTS` seats a dot stands for several people.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from math import ceil, sqrt
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe

#: More dots than this are too many to look at, and to point at.
DOTS = 2000
#: The width of one dot with the space around it, in the units of the picture.
CELL = 10
#: Few people stand in rows of this many, in a picture of this width, or they would be giants.
FEWEST_COLUMNS = 10
NARROWEST = 13 * CELL
#: Above this many columns the field is drawn 8 : 5, so that it can stand upright on a phone.
WIDE = 24

FULL = 8.0
#: One who is nearly there still shows a rim of the seat around the filled part.
ALMOST_FULL = 6.8
SMALLEST = 1.2


class Person(NamedTuple):
    """One who has a dot. `fraction`: spend ÷ target spend, at least 1 for a true fan.

    `step` counts the tiers reached above the true fan's own. `label` is what pointing at the dot
    says, `href` where it leads, escaped for an attribute; both may be empty.
    """

    fraction: float
    step: int = 0
    is_slipping: bool = False
    label: str = ""
    href: str = ""


EMPTY = Person(fraction=0.0)


class Dot(NamedTuple):
    """A place in the field, its centre in units of the picture. `fraction` 1: full, 0: empty."""

    x: int
    y: int
    fraction: float
    step: int
    is_slipping: bool


@dataclass(frozen=True, slots=True)
class Field:
    """The whole picture: `width` × `height` units, dots in seat order, one for `per_dot` people.

    `people` are those whose dots can be pointed at; `own` is the dot of who is looking.
    """

    seats: int
    per_dot: int
    columns: int
    rows: int
    width: int
    height: int
    dots: Sequence[Dot]
    people: Sequence[Person]
    own: Dot | None

    @property
    def may_stand(self) -> bool:
        """Whether it is wide enough to be turned upright on a narrow screen."""
        return self.columns > WIDE


def lay_out(
    *,
    target_count: int,
    true_fans: Sequence[Person],
    on_their_way: Sequence[Person],
    own: int | None = None,
) -> Field:
    """Give everybody a dot: `true_fans` in seat order, then `on_their_way`, nearest first.

    There are `target_count` seats, or one for each true fan if they are more. Who is on their way
    and finds no seat has no dot. `own` is the place of who is looking among all of these.
    """
    seats = max(target_count, len(true_fans))
    people = [*true_fans, *on_their_way[: seats - len(true_fans)]]
    per_dot = people_a_dot(seats)
    columns, rows = shape(ceil(seats / per_dot))
    shown = people if per_dot == 1 else list(_groups(people, seats, per_dot))
    shown = [*shown, *[EMPTY] * (ceil(seats / per_dot) - len(shown))]
    dots = [
        Dot(
            CELL * (place % columns) + CELL // 2,
            CELL * (place // columns) + CELL // 2,
            min(fraction, 1.0),
            step,
            is_slipping,
        )
        for place, (fraction, step, is_slipping, _label, _href) in enumerate(shown)
    ]
    width, height = max(CELL * columns, NARROWEST), CELL * rows
    if columns > WIDE:
        width, height = max(width, ceil(height * 8 / 5)), max(height, ceil(width * 5 / 8))
    return Field(
        seats=seats,
        per_dot=per_dot,
        columns=columns,
        rows=rows,
        width=width,
        height=height,
        dots=dots,
        people=people if per_dot == 1 else [],
        own=None if own is None else dots[own // per_dot],
    )


def people_a_dot(seats: int) -> int:
    """1, or the smallest of 2, 5, 10, 20, 50… that leaves at most `DOTS` dots."""
    power = 1
    while True:
        for step in (1, 2, 5):
            if seats <= DOTS * step * power:
                return step * power
        power *= 10


def shape(dots: int) -> tuple[int, int]:
    """(columns, rows) near 8 : 5 that leave the last row as full as can be; 40 × 25 for 1,000."""
    if dots <= FEWEST_COLUMNS:
        return dots, 1
    ideal = max(sqrt(dots * 8 / 5), FEWEST_COLUMNS)
    near = range(ceil(ideal * 0.93), int(ideal * 1.1) + 1)
    columns = min(near, key=lambda columns: (-dots % columns, abs(columns - ideal)))
    return columns, ceil(dots / columns)


def _groups(people: Sequence[Person], seats: int, per_dot: int) -> Iterator[Person]:
    """One for every `per_dot` neighbours: full only if all are true, marked only as all deserve."""
    for start in range(0, len(people), per_dot):
        group = people[start : start + per_dot]
        places = min(per_dot, seats - start)
        yield Person(
            fraction=sum(min(person.fraction, 1.0) for person in group) / places,
            step=min(person.step for person in group),
            is_slipping=2 * sum(person.is_slipping for person in group) > len(group),
        )


def picture(field: Field) -> SafeString:
    """The dots, as the inside of an <svg>: a path for every look, a subpath for every dot.

    A subpath without length and with round ends is a disc as wide as the stroke, which makes a
    thousand of them some few kilobytes.
    """
    true_fans = [dot for dot in field.dots if dot.fraction >= 1]
    others = [dot for dot in field.dots if dot.fraction < 1]
    layers = [
        _path("seat", others),
        *(
            _path("way", list(dots), width)
            for width, dots in groupby(
                (dot for dot in others if dot.fraction > 0), key=lambda dot: filled(dot.fraction)
            )
        ),
        _path("rim", [dot for dot in true_fans if dot.is_slipping]),
        _path("core", [dot for dot in true_fans if dot.is_slipping]),
        _path("true", [dot for dot in true_fans if not dot.is_slipping and not dot.step]),
        _path("high", [dot for dot in true_fans if not dot.is_slipping and dot.step]),
        _path("eye", [dot for dot in true_fans if dot.step == 1]),
        _path("ring", [dot for dot in true_fans if dot.step > 1]),
        _path("ring-eye", [dot for dot in true_fans if dot.step > 1]),
    ]
    if field.own:
        layers.append(f'<circle class="own" cx="{field.own.x}" cy="{field.own.y}" r="4.6"/>')
    return mark_safe("".join(layers))  # noqa: S308  (numbers and names of our own)


def filled(fraction: float) -> float:
    """The width of the filled part of a dot, in steps of a quarter; its area is the fraction."""
    return max(round(4 * ALMOST_FULL * sqrt(fraction)) / 4, SMALLEST) if fraction < 1 else FULL


def links(field: Field) -> SafeString:
    """Everybody's label where their dot is, as the inside of an <svg>; "" if nobody has a link."""
    return mark_safe(  # noqa: S308  (whatever people wrote is escaped)
        "".join(
            f'<a href="{person.href}"><circle cx="{dot.x}" cy="{dot.y}"/>'
            f"<text>{escape(person.label)}</text></a>"
            for dot, person in zip(field.dots, field.people, strict=False)
            if person.href
        )
    )


def _path(look: str, dots: Sequence[Dot], width: float | None = None) -> str:
    if not dots:
        return ""
    line, next_place = [], None
    for dot in dots:
        line.append(f"m{CELL} 0h0" if (dot.x, dot.y) == next_place else f"M{dot.x} {dot.y}h0")
        next_place = (dot.x + CELL, dot.y)
    stroke = f' stroke-width="{width:g}"' if width else ""
    return f'<path class="{look}"{stroke} d="{"".join(line)}"/>'
