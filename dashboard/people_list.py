"""The list of people: what its address says, read in one way for the list itself, its count, an
export, a saved segment and whatever is done to all that match."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django import forms
from django.db.models import BigIntegerField, Case, F, FilteredRelation, Q, When
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from dashboard.everybody import Everybody
from dashboard.filters import Filter, Listed, Range, Values, Words
from dashboard.paging import Order
from dashboard.people_filters import FILTERS, GROUPS, SEARCH, SEARCH_OF_MANY, STANDING
from fans.models import Creator, Fan
from fans.models.fans import FanQuerySet
from fans.search import typed_in

#: Beyond this many nobody counts unless they are asked to.
MOST_COUNTED = 10_000
#: Of more the first ones are found sooner by their order than by what they have in common.
MANY = 1_000
#: Digits of the longest id.
LONGEST_ID = 18


def as_they_are(people: FanQuerySet) -> FanQuerySet:
    return people


def with_gap(people: FanQuerySet) -> FanQuerySet:
    """`missing`: the gap, none of who is true."""
    missing = F("creator__target_spend") - F("spend")
    return people.annotate(
        missing=Case(When(is_true_fan=False, then=missing), output_field=BigIntegerField())
    )


def with_sorted_name(people: FanQuerySet) -> FanQuerySet:
    """`sorted_name`: the name from its first word on, as it is compared."""
    # The creator again, because the index begins with the part's own.
    is_whole = Q(name_parts__place=1, name_parts__creator=F("creator"))
    whole = FilteredRelation("name_parts", condition=is_whole)
    return people.alias(whole_name=whole).annotate(sorted_name=F("whole_name__text"))


def with_last_touch(people: FanQuerySet) -> FanQuerySet:
    return people.annotate(last_touch_at=F("acquaintance_set__last_touch_at"))


class Sort(NamedTuple):
    """An order of the list. Who has nothing to be sorted by comes last, whichever way it goes."""

    label: Words
    order: Order
    annotated: Callable[[FanQuerySet], FanQuerySet] = as_they_are


SORTS = {
    "spend": Sort(_("In the window, most first"), ("-spend", "id")),
    "-spend": Sort(_("In the window, least first"), ("spend", "id")),
    "ever": Sort(_("Ever, most first"), ("-lifetime_gross", "id")),
    "-ever": Sort(_("Ever, least first"), ("lifetime_gross", "id")),
    "gap": Sort(_("Gap, smallest first"), ("missing", "id"), with_gap),
    "-gap": Sort(_("Gap, largest first"), ("-missing", "id"), with_gap),
    "last": Sort(_("Last bought, newest first"), ("-last_purchase_at", "id")),
    "-last": Sort(_("Last bought, longest ago first"), ("last_purchase_at", "id")),
    "first": Sort(_("First bought, newest first"), ("-first_purchase_at", "id")),
    "-first": Sort(_("First bought, longest ago first"), ("first_purchase_at", "id")),
    "name": Sort(_("Name, A to Z"), ("sorted_name", "id"), with_sorted_name),
    "-name": Sort(_("Name, Z to A"), ("-sorted_name", "id"), with_sorted_name),
    "seat": Sort(_("Seat, lowest first"), ("seat", "id")),
    "-seat": Sort(_("Seat, highest first"), ("-seat", "id")),
    "touch": Sort(_("Last touch, newest first"), ("-last_touch_at", "id"), with_last_touch),
    "-touch": Sort(_("Last touch, longest ago first"), ("last_touch_at", "id"), with_last_touch),
}
BY_DEFAULT = "spend"


class Moment(NamedTuple):
    label: Words
    column: str


LAST_BOUGHT = Moment(_("Last bought"), "last_purchase_at")
#: What of everybody is shown instead, by what the list is sorted by.
MOMENTS = {
    "first": Moment(_("First bought"), "first_purchase_at"),
    "touch": Moment(_("Last touch"), "last_touch_at"),
}


class PeopleForm(forms.Form):
    """Filters and the order, as they are typed."""

    def __init__(self, everybody: Everybody, data: QueryDict, filters: Iterable[Filter]) -> None:
        super().__init__(data, auto_id="f_%s", use_required_attribute=False)
        self.filters = list(filters)
        for each in self.filters:
            self.fields |= each.fields(everybody)
        self.fields["sort"] = forms.ChoiceField(
            label=_("Sort by"),
            choices=[(key, sort.label) for key, sort in SORTS.items()],
            required=False,
        )
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxSelectMultiple):
                field.widget.attrs |= {"class": "input", "autocomplete": "off"}

    def clean(self) -> dict[str, Any]:
        """A range that ends before it begins holds nobody: its end is left out, and said to be."""
        cleaned = super().clean() or self.cleaned_data
        for first, last in (each.names for each in self.filters if isinstance(each, Range)):
            least, most = cleaned.get(first), cleaned.get(last)
            if least is not None and most is not None and most < least:
                self.add_error(last, _("The end is before the beginning."))
        return cleaned


class Chip(NamedTuple):
    """A filter that is on, in words, and the query string of the list without it."""

    label: Words
    words: str
    without: str


class Row(NamedTuple):
    """A filter on the page: its fields are one, or the two ends of a range."""

    filter: Filter
    fields: list[forms.BoundField]
    offers: list[str]


class PeopleCount(NamedTuple):
    """How many they are; `is_more`: that many and more, which nobody has counted."""

    number: int
    is_more: bool


@dataclass
class Look:
    """A way to look at the people of a creator: what a query string says, as far as it can be read.

    `asked` is the query string as it came.
    """

    everybody: Everybody
    asked: QueryDict

    @cached_property
    def form(self) -> PeopleForm:
        """The filters that the address names. Most name none, and to read all forty takes long."""
        named = [each for each in FILTERS if not self.asked.keys().isdisjoint(each.names)]
        form = PeopleForm(self.everybody, self.asked, named)
        form.is_valid()
        return form

    @cached_property
    def on(self) -> list[tuple[Filter, Values]]:
        """The filters that are on, with what was typed."""
        found: list[tuple[Filter, Values]] = []
        for each in FILTERS:
            cleaned = {name: self.form.cleaned_data.get(name) for name in each.names}
            values = {name: value for name, value in cleaned.items() if value not in (None, "", [])}
            if values:
                found.append((each, values))
        return found

    @property
    def unread(self) -> list[Words]:
        """The labels of what could not be read, and is left out."""
        wrong = self.form.errors.keys()
        labels = [each.label for each in FILTERS if wrong & {*each.names}]
        return [*labels, _("Sort by")] if "sort" in wrong else labels

    @cached_property
    def sort(self) -> str:
        return self.form.cleaned_data.get("sort") or BY_DEFAULT

    @cached_property
    def query(self) -> QueryDict:
        """What is asked for, in an order of its own, without what is empty or was not read."""
        query = QueryDict(mutable=True)
        for _filter, values in self.on:
            for name in values:
                query.setlist(name, self._typed(name))
        if self.sort != BY_DEFAULT:
            query["sort"] = self.sort
        return query

    def _typed(self, name: str) -> list[str]:
        value = self.form.cleaned_data[name]
        if isinstance(value, list):
            return list(dict.fromkeys(value))
        return [typed_in(self.asked.get(name))]

    @property
    def chips(self) -> list[Chip]:
        return [
            Chip(each.label, each.words(values, self.everybody), self.with_(each, ""))
            for each, values in self.on
        ]

    def with_(self, each: Filter, value: str) -> str:
        """The query string of the list with `each` set to `value`, or off."""
        query = self.here.copy()
        for name in each.names:
            query.pop(name, None)
        if value:
            query[each.name] = value
        return query.urlencode()

    @cached_property
    def here(self) -> QueryDict:
        """The query of the list itself: what is asked for, and the segment that is open."""
        here = self.query.copy()
        if self.segment:
            here["segment"] = str(self.segment)
        return here

    @cached_property
    def segment(self) -> int | None:
        """The id of the segment that is said to be open; it narrows nothing by itself."""
        pk = self.asked.get("segment", "")
        return int(pk) if pk.isdecimal() and len(pk) <= LONGEST_ID else None

    @property
    def panel(self) -> list[tuple[Words, list[Row]]]:
        """All filters but those that stand apart, to be shown."""
        form = PeopleForm(self.everybody, self.asked, FILTERS)
        offered = [
            (group, [each for each in group.filters if self._is_offered(each)]) for group in GROUPS
        ]
        return [(group.title, [self._row(form, each) for each in fs]) for group, fs in offered]

    @property
    def is_panel_empty(self) -> bool:
        """Whether nothing is typed or chosen in the panel, and nothing in it is wrong."""
        return not self.form.errors and all(each in (SEARCH, STANDING) for each, _values in self.on)

    def _is_offered(self, each: Filter) -> bool:
        """Whether there is anything to choose from."""
        return not isinstance(each, Listed) or bool(each.listed(self.everybody))

    def _row(self, form: PeopleForm, each: Filter) -> Row:
        offers = getattr(each, "offers", None)
        fields = [form[name] for name in each.names]
        return Row(each, fields, offers(self.everybody) if offers else [])

    @property
    def order(self) -> Order:
        return SORTS[self.sort].order

    @property
    def sort_label(self) -> Words:
        return SORTS[self.sort].label

    @property
    def moment(self) -> Moment:
        """The day that is shown of everybody."""
        return MOMENTS.get(self.sort.lstrip("-"), LAST_BOUGHT)

    @cached_property
    def matching(self) -> FanQuerySet:
        """Those who are asked for, in no order."""
        return self._narrowed(SEARCH)

    def _narrowed(self, search: Filter) -> FanQuerySet:
        people: Any = self.everybody.creator.fans.all()
        for each, values in self.on:
            people = (search if each is SEARCH else each).narrow(people, values, self.everybody)
        return people.order_by()

    @cached_property
    def count(self) -> PeopleCount:
        """How many they are; exactly, if the address wants to know."""
        return count_of(self.matching, exactly=self.asked.get("count") == "all")

    def people(self) -> FanQuerySet:
        """The same, with what their order needs."""
        # There is an index of the usual order, in which many are found soon.
        is_walked = self.sort == BY_DEFAULT and SEARCH.name in self.query
        if is_walked and self.count.number > MANY:
            return self._narrowed(SEARCH_OF_MANY)
        return SORTS[self.sort].annotated(self.matching)

    def placed(self, fan: Fan) -> Fan:
        """`fan` with what the order needs, whether they are asked for or not."""
        annotated = SORTS[self.sort].annotated
        if annotated is as_they_are:
            return fan
        return annotated(self.everybody.creator.fans.filter(pk=fan.pk)).get()

    def in_order(self, people: FanQuerySet) -> FanQuerySet:
        """`people` in the order of the list, all of them."""
        major, minor = self.order
        column = F(major.lstrip("-"))
        falls = major.startswith("-")
        ordered = column.desc(nulls_last=True) if falls else column.asc(nulls_last=True)
        return SORTS[self.sort].annotated(people).order_by(ordered, minor)


def look_at(creator: Creator, query: str | QueryDict, *, now: datetime) -> Look:
    """What `query`, the query string of the list, asks for of the people of `creator`."""
    asked = QueryDict(query) if isinstance(query, str) else query
    return Look(Everybody(creator, now), asked)


def count_of(people: FanQuerySet, *, exactly: bool = False) -> PeopleCount:
    """How many `people` are; beyond MOST_COUNTED only if it has to be exact."""
    if exactly:
        return PeopleCount(people.count(), is_more=False)
    number = people[: MOST_COUNTED + 1].count()
    return PeopleCount(min(number, MOST_COUNTED), is_more=number > MOST_COUNTED)
