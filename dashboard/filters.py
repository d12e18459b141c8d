"""The kinds of filters of the list of people: how one is typed, whom it leaves, how it reads.

Amounts are typed in major units of the creator's currency; days are by the creator's clock. Both
ends of a range belong to it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.days import day_field
from dashboard.everybody import Everybody
from dashboard.forms import AmountField, in_minor
from fans.models import Creator
from fans.models.fans import FanQuerySet
from fans.search import typed_in
from fans.templatetags.amounts import whole_money
from fans.templatetags.dates import day
from fans.window import midnight

#: What was typed, by the name of the field, as the field has read it; without what was left empty.
Values = Mapping[str, Any]
Words = str | Promise
Narrow = Callable[[FanQuerySet, Any, Everybody], FanQuerySet]

ANY = ("", gettext_lazy("Any"))
GREATEST = 2**31 - 1


class MoneyField(AmountField):
    """An amount of `currency` in major units; minor units come out."""

    def __init__(self, *, currency: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.currency = currency

    def clean(self, value: Any) -> Any:
        amount = super().clean(value)
        return None if amount is None else in_minor(amount, self.currency)


class TypedField(forms.CharField):
    """A few words, as they are looked for."""

    def to_python(self, value: Any) -> str:
        return typed_in(value)


@dataclass(frozen=True, slots=True)
class Kind:
    """What is typed into a field: `field` makes one, `words` say a value of it."""

    field: Callable[[Creator], forms.Field]
    words: Callable[[Any, Creator], str]


AMOUNT = Kind(
    field=lambda creator: MoneyField(currency=creator.currency, required=False),
    words=lambda minor, creator: whole_money(minor, creator.currency),
)
NUMBER = Kind(
    field=lambda creator: forms.IntegerField(min_value=0, max_value=GREATEST, required=False),
    words=lambda number, creator: intcomma(number),
)
DAY = Kind(
    field=lambda creator: day_field(required=False),
    words=lambda date, creator: day(date, "short"),
)
DAYS_AGO = Kind(
    field=lambda creator: forms.IntegerField(
        min_value=1,
        max_value=36_500,
        widget=forms.NumberInput(attrs={"placeholder": gettext_lazy("days")}),
        required=False,
    ),
    words=lambda days, creator: ngettext("%(days)s day", "%(days)s days", days) % {"days": days},
)
TEXT = Kind(field=lambda creator: TypedField(required=False), words=lambda text, creator: text)


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One way to narrow the list. `name` is how it stands in an address, `label` how it reads;
    `definition` is the anchor of what its number means."""

    name: str
    label: Words
    definition: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Of its fields, as they stand in an address."""
        return (self.name,)

    def fields(self, everybody: Everybody) -> dict[str, forms.Field]:
        """What is typed, by its name."""
        raise NotImplementedError

    def narrow(self, people: FanQuerySet, values: Values, everybody: Everybody) -> FanQuerySet:
        """Those of `people` whom it leaves; `values` is not empty."""
        raise NotImplementedError

    def words(self, values: Values, everybody: Everybody) -> str:
        """What is asked for, to be read behind the label."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class One(Filter):
    """A single value to type."""

    kind: Kind
    narrowing: Narrow
    #: What may be offered while one types.
    offers: Callable[[Everybody], list[str]] | None = None

    def fields(self, everybody: Everybody) -> dict[str, forms.Field]:
        field = self.kind.field(everybody.creator)
        field.label = str(self.label)
        if self.offers:
            field.widget.attrs["list"] = f"offers_{self.name}"
        return {self.name: field}

    def narrow(self, people: FanQuerySet, values: Values, everybody: Everybody) -> FanQuerySet:
        return self.narrowing(people, values[self.name], everybody)

    def words(self, values: Values, everybody: Everybody) -> str:
        return self.kind.words(values[self.name], everybody.creator)


@dataclass(frozen=True, kw_only=True)
class Range(Filter):
    """From one value to another, of which either may be missing."""

    kind: Kind
    column: str

    @property
    def names(self) -> tuple[str, ...]:
        return (f"{self.name}_from", f"{self.name}_to")

    def fields(self, everybody: Everybody) -> dict[str, forms.Field]:
        fields = {name: self.kind.field(everybody.creator) for name in self.names}
        for field, end in zip(fields.values(), (_("from"), _("to")), strict=True):
            field.label = end
        return fields

    def narrow(self, people: FanQuerySet, values: Values, everybody: Everybody) -> FanQuerySet:
        first, last = map(values.get, self.names)
        if first is not None:
            people = people.filter(self.at_least(first, everybody.creator))
        if last is not None:
            people = people.filter(self.at_most(last, everybody.creator))
        return people

    def at_least(self, value: Any, creator: Creator) -> Q:
        return Q(**{f"{self.column}__gte": value})

    def at_most(self, value: Any, creator: Creator) -> Q:
        return Q(**{f"{self.column}__lte": value})

    def words(self, values: Values, everybody: Everybody) -> str:
        first, last = (
            name in values and self.kind.words(values[name], everybody.creator)
            for name in self.names
        )
        if first and last:
            return first if first == last else f"{first} – {last}"
        if first:
            return _("from %(first)s") % {"first": first}
        return _("up to %(last)s") % {"last": last}


@dataclass(frozen=True, kw_only=True)
class Days(Range):
    """From one day to another, both of them whole, of a moment."""

    kind: Kind = DAY

    def at_least(self, value: date, creator: Creator) -> Q:
        return Q(**{f"{self.column}__gte": midnight(value, creator.zone)})

    def at_most(self, value: date, creator: Creator) -> Q:
        return Q(**{f"{self.column}__lt": midnight(value + timedelta(days=1), creator.zone)})


@dataclass(frozen=True, slots=True)
class Option:
    """One of a few ways to be."""

    label: Words
    narrow: Callable[[FanQuerySet, Everybody], FanQuerySet]


@dataclass(frozen=True, kw_only=True)
class Choice(Filter):
    """One of a few ways to be that are always the same."""

    options: Mapping[str, Option]

    def fields(self, everybody: Everybody) -> dict[str, forms.Field]:
        choices = [ANY, *((key, option.label) for key, option in self.options.items())]
        return {
            self.name: forms.ChoiceField(label=str(self.label), choices=choices, required=False)
        }

    def narrow(self, people: FanQuerySet, values: Values, everybody: Everybody) -> FanQuerySet:
        return self.options[values[self.name]].narrow(people, everybody)

    def words(self, values: Values, everybody: Everybody) -> str:
        return str(self.options[values[self.name]].label)


@dataclass(frozen=True, kw_only=True)
class Listed(Filter):
    """One of what the creator has: a source, a country."""

    listed: Callable[[Everybody], list[tuple[str, Words]]]
    narrowing: Narrow
    field_class: ClassVar[type[forms.ChoiceField]] = forms.ChoiceField

    def fields(self, everybody: Everybody) -> dict[str, forms.Field]:
        field = self.field_class(
            label=str(self.label), choices=lambda: [ANY, *self.listed(everybody)], required=False
        )
        return {self.name: field}

    def narrow(self, people: FanQuerySet, values: Values, everybody: Everybody) -> FanQuerySet:
        return self.narrowing(people, values[self.name], everybody)

    def words(self, values: Values, everybody: Everybody) -> str:
        return str(dict(self.listed(everybody)).get(values[self.name], values[self.name]))


@dataclass(frozen=True, kw_only=True)
class Several(Listed):
    """Any of what the creator has: tiers, tags."""

    def fields(self, everybody: Everybody) -> dict[str, forms.Field]:
        field = forms.MultipleChoiceField(
            label=str(self.label),
            choices=lambda: self.listed(everybody),
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )
        return {self.name: field}

    def words(self, values: Values, everybody: Everybody) -> str:
        listed = dict(self.listed(everybody))
        return _(" or ").join(str(listed[value]) for value in values[self.name])


def where(condition: Any) -> Callable[[FanQuerySet, Everybody], FanQuerySet]:
    """The narrowing of an option that is the same for every creator, at any time."""
    return lambda people, everybody: people.filter(condition)
