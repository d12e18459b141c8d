"""Pages of a long list, each found by the last row of the one before: as quick at any depth."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet

SIZE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page; `after` is the address of the next one, "" on the last."""

    rows: Sequence[Any]
    after: str
    is_first: bool


def turn_to(queryset: QuerySet, after: str, *, order: tuple[str, str], size: int = SIZE) -> Page:
    """The page of `queryset` behind the row that `after` names, "" for the first page.

    `order` is a field that falls, as "-spend", and one that tells equals apart, as "id" or "-id".
    An address that means nothing gives the first page.
    """
    behind = _behind(queryset.model, after, order) if after else None
    rows = list((queryset.filter(behind) if behind else queryset).order_by(*order)[: size + 1])
    last = rows[size - 1] if len(rows) > size else None
    return Page(
        rows=rows[:size],
        after=_address(last, order) if last else "",
        is_first=behind is None,
    )


def _address(row: Model, order: tuple[str, str]) -> str:
    value, tie = (getattr(row, name.lstrip("-")) for name in order)
    return f"{value.isoformat() if hasattr(value, 'isoformat') else value}_{tie}"


def _behind(model: type[Model], after: str, order: tuple[str, str]) -> Q | None:
    (major, minor), parts = (name.lstrip("-") for name in order), after.split("_")
    try:
        text, tie = parts
        value, last = _read(model, major, text), _read(model, minor, tie)
    except (ValueError, ValidationError):
        return None
    further = "lt" if order[1].startswith("-") else "gt"
    # The first condition lets the index find the place; the others are exact.
    return Q(**{f"{major}__lte": value}) & (
        Q(**{f"{major}__lt": value}) | Q(**{major: value, f"{minor}__{further}": last})
    )


def _read(model: type[Model], name: str, text: str) -> Any:
    return cast(Field, model._meta.get_field(name)).to_python(text)
