"""What a column of a table is made of: a name, what it says, and how the database writes it.

Moments are ISO 8601 in UTC, days ISO 8601. Text from outside that a spreadsheet would run as a
formula is neutralised by a leading apostrophe. Money is written twice: as a decimal in major units,
and in minor units as it is stored.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DecimalField,
    F,
    Func,
    Model,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fans.models import Creator
from revenue.exports import FORMULA_STARTS
from truefans.money import THREE_DECIMAL, ZERO_DECIMAL

Words = str | Promise

#: At the very beginning, before one of these: where the apostrophe goes.
FORMULA = "^(?=[" + "".join(f"\\x{ord(start):02x}" for start in FORMULA_STARTS) + "])"
ISO = 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `about` is what it says, for the page beside the tables."""

    name: str
    about: Words
    value: Combinable


@dataclass(frozen=True, slots=True)
class Table:
    """One file: the rows of `model` that are a creator's."""

    name: str
    title: Words
    about: Words
    model: type[Model]
    rows: Callable[[Creator], QuerySet[Any]]
    columns: Sequence[Column]


def plain(name: str, about: Words, value: str = "") -> list[Column]:
    """A number, an id or a word of our own."""
    return [Column(name, about, F(value or name))]


def text(name: str, about: Words, value: str = "") -> list[Column]:
    """Text from outside."""
    return [Column(name, about, _neutral(F(value or name)))]


def texts(name: str, about: Words) -> list[Column]:
    """Several, joined by semicolons."""
    joined = Func(F(name), Value(";"), function="array_to_string", output_field=TextField())
    return [Column(name, about, _neutral(joined))]


def moment(name: str, about: Words) -> list[Column]:
    template = "to_char(%(expressions)s AT TIME ZONE 'UTC', {})"
    return [Column(name, about, _formatted(F(name), template, ISO))]


def day(name: str, about: Words) -> list[Column]:
    return [Column(name, about, _formatted(F(name), "to_char(%(expressions)s, {})", "YYYY-MM-DD"))]


def days(name: str, about: Words, value: str) -> list[Column]:
    """A length of time, in days with one decimal."""
    template = "round(extract(epoch FROM %(expressions)s) / 86400, 1)"
    return [Column(name, about, Func(F(value), template=template, output_field=DecimalField()))]


def flag(name: str, about: Words) -> list[Column]:
    said = Case(When(**{name: True}, then=Value("true")), default=Value("false"))
    return [Column(name, about, said)]


def money(name: str, about: Words, *, currency: str = "currency") -> list[Column]:
    """An amount in the currency that stands in the field `currency`, in both units."""
    minor = Column(f"{name}_minor", _("the same in minor units (cents, pence, yen)"), F(name))
    return [Column(name, about, major(name, currency)), minor]


def major(minor: str, currency: str) -> Case:
    """The field `minor` as a decimal, with exactly the decimals of its currency."""

    def times(factor: str) -> Func:
        template = f"(%(expressions)s * {factor})"
        return Func(F(minor), template=template, output_field=DecimalField())

    return Case(
        When(Q(**{f"{currency}__in": sorted(ZERO_DECIMAL)}), then=times("1")),
        When(Q(**{f"{currency}__in": sorted(THREE_DECIMAL)}), then=times("0.001")),
        default=times("0.01"),
    )


def _neutral(value: Combinable) -> Func:
    parts = value, Value(FORMULA), Value("'")
    return Func(*parts, function="regexp_replace", output_field=TextField())


def _formatted(value: Combinable, template: str, form: str) -> Func:
    return Func(value, template=template.format(f"'{form}'"), output_field=CharField())
