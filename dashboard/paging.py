"""Pages of a long list, each found by the last row of the one before: as quick at any depth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet, TextField
from django.utils.timezone import is_naive

SIZE = 50

#: A column, or an annotation, and one that tells equals apart; either falls if it begins with "-".
#: Who has no value in the first comes last, whichever way it goes.
Order = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page; `after` is the address of the next one, "" on the last, and `before`
    that of the one before, "" where that is the first."""

    rows: Sequence[Any]
    after: str
    before: str
    is_first: bool


class Place(NamedTuple):
    """Where a row stands in an order."""

    value: Any
    tie: Any


def turn_to(queryset: QuerySet, after: str, *, order: Order, size: int = SIZE) -> Page:
    """The page of `queryset` behind the row that `after` names, "" for the first page.

    An address that means nothing gives the first page. Text is in no address, as it may be a
    name: there the row itself is named, and looked up.
    """
    queryset = queryset.all()
    place = _read(queryset, after, order) if after else None
    rows = _rows(queryset, place, order, size + 1)
    return Page(
        rows=rows[:size],
        after=_address(queryset, _place_of(rows[size - 1], order), order) if rows[size:] else "",
        before=_page_before(queryset, place, order, size) if place else "",
        is_first=place is None,
    )


def _page_before(queryset: QuerySet, place: Place, order: Order, size: int) -> str:
    """The address of the page that ends with the row at `place`, "" where that is the first."""
    places = queryset.prefetch_related(None).values_list(*_names(order))
    earlier = _rows_before(places, place, order, size)
    return _address(queryset, Place(*earlier[-1]), order) if len(earlier) == size else ""


def beside(queryset: QuerySet, row: Model, *, order: Order) -> tuple[Any, Any]:
    """The rows of `queryset` before and behind `row`, None at an end; `row` need not be in it."""
    place = _place_of(row, order)
    before, behind = (find(queryset, place, order, 1) for find in (_rows_before, _rows))
    return next(iter(before), None), next(iter(behind), None)


def _rows_before(queryset: QuerySet, place: Place, order: Order, count: int) -> list[Any]:
    """The `count` rows before `place`, the nearest first: the order turned around, in which those
    without a value are first."""
    major, minor = turned = _turned(order[0]), _turned(order[1])
    missing = f"{major.lstrip('-')}__isnull"
    rows: list[Any] = []
    if place.value is None:
        nearer = queryset.filter(_beyond(minor, place.tie), **{missing: True})
        rows = list(nearer.order_by(minor)[:count])
    if len(rows) < count:
        valued = queryset.filter(**{missing: False})
        known = place if place.value is not None else None
        rows += _behind(valued, known, turned).order_by(*turned)[: count - len(rows)]
    return rows


def _names(order: Order) -> list[str]:
    return [name.lstrip("-") for name in order]


def _place_of(row: Model, order: Order) -> Place:
    return Place(*(getattr(row, name) for name in _names(order)))


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _rows(queryset: QuerySet, place: Place | None, order: Order, count: int) -> list[Any]:
    """The `count` rows behind `place`. Those without a value are asked for apart, so that an index
    over the others can be walked."""
    major = order[0].lstrip("-")
    if not _may_be_missing(queryset, major):
        return list(_behind(queryset, place, order).order_by(*order)[:count])
    rows: list[Any] = []
    if place is None or place.value is not None:
        valued = queryset.filter(**{f"{major}__isnull": False})
        rows = list(_behind(valued, place, order).order_by(*order)[:count])
        place = None
    if len(rows) < count:
        others = queryset.filter(**{f"{major}__isnull": True})
        if place:
            others = others.filter(_beyond(order[1], place.tie))
        rows += others.order_by(order[1])[: count - len(rows)]
    return rows


def _behind(queryset: QuerySet, place: Place | None, order: Order) -> QuerySet:
    if place is None:
        return queryset
    (major, minor), (value, tie) = order, place
    name = major.lstrip("-")
    reached = "lte" if major.startswith("-") else "gte"
    # The first condition lets the index find the place; the others are exact.
    return queryset.filter(
        Q(**{f"{name}__{reached}": value})
        & (_beyond(major, value) | Q(**{name: value}) & _beyond(minor, tie))
    )


def _beyond(name: str, value: Any) -> Q:
    return Q(**{f"{name.lstrip('-')}__{'lt' if name.startswith('-') else 'gt'}": value})


def _address(queryset: QuerySet, place: Place, order: Order) -> str:
    value, tie = place
    if isinstance(_field(queryset, _names(order)[0]), TextField):
        return str(tie)
    written = value.isoformat() if isinstance(value, datetime) else value
    return f"{'' if value is None else written}_{tie}"


def _read(queryset: QuerySet, after: str, order: Order) -> Place | None:
    major, minor = _names(order)
    field, tie_field = _field(queryset, major), _field(queryset, minor)
    try:
        if isinstance(field, TextField):
            named = queryset.filter(**{minor: tie_field.to_python(after)})
            return next((Place(*row) for row in named.values_list(major, minor)), None)
        text, tie = after.split("_")
        is_missing = not text and _may_be_missing(queryset, major)
        value = None if is_missing else field.to_python(text)
        if isinstance(value, datetime) and is_naive(value):
            return None
        return Place(value, tie_field.to_python(tie))
    except (ValueError, ValidationError):
        return None


def _field(queryset: QuerySet, name: str) -> Field:
    if annotation := queryset.query.annotations.get(name):
        return annotation.output_field
    field = queryset.model._meta.get_field(name)
    # A column that the database works out is read as what comes out of it.
    return getattr(field, "output_field", field)


def _may_be_missing(queryset: QuerySet, name: str) -> bool:
    return name in queryset.query.annotations or _field(queryset, name).null
