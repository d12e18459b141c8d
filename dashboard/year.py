"""A year of a creator in numbers and people, by the creator's own clock.

Amounts are in minor units of the creator's currency. It takes as many queries for a hundred people
as for a hundred thousand.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from django.db.models import Count, Max, Min, Model, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, ExtractMonth

from fans.milestones import Milestone, steps
from fans.models import Creator, Fan, Touch
from fans.window import midnight
from revenue.models import Purchase
from revenue.years import Part, bought

Row = TypeVar("Row", bound=Model)
#: How many people stand in each of the lists, and how many countries in theirs.
FEW = 5
COUNTRIES = 10
MONTHS = range(1, 13)


@dataclass(frozen=True, slots=True)
class Origin:
    """What came from one place in the year: a source, in `number` purchases, or a country, from
    `number` people; a country that nobody told is "".

    `percent` is its part of the gross of all places, in whole percent, half up.
    """

    name: str
    number: int
    gross: int
    percent: int


@dataclass(frozen=True, slots=True)
class Words:
    """The touches of the year: how many the creator made, how many came, with how many people."""

    said: int
    heard: int
    people: int

    @property
    def exchanged(self) -> int:
        return self.said + self.heard


@dataclass(frozen=True, slots=True)
class Year:
    """A year: its months in order, its people, where its money came from.

    `newcomers` are those who bought something for the first time ever. `faithful` says of each in
    how many months of the year they bought.
    """

    year: int
    months: Sequence[Part]
    new_true_fans: Sequence[int]
    newcomers: int
    longest: Sequence[Fan]
    newest: Sequence[Fan]
    faithful: Sequence[tuple[Fan, int]]
    sources: Sequence[Origin]
    countries: Sequence[Origin]
    words: Words
    milestones: Sequence[Milestone]

    @property
    def purchases(self) -> int:
        return sum(month.number for month in self.months)

    @property
    def people(self) -> int:
        """How many people bought something."""
        return sum(country.number for country in self.countries)

    @property
    def gross(self) -> int:
        return sum(month.gross for month in self.months)

    @property
    def net(self) -> int:
        return sum(month.net for month in self.months)

    @property
    def became_true(self) -> int:
        return sum(self.new_true_fans)

    @property
    def first_countries(self) -> Sequence[Origin]:
        return self.countries[:COUNTRIES]

    @property
    def other_countries(self) -> int:
        """How many countries have no room in the list."""
        return max(len(self.countries) - COUNTRIES, 0)

    @property
    def is_empty(self) -> bool:
        return not (self.purchases or self.became_true or self.words.exchanged)


def bounds(creator: Creator, year: int) -> tuple[datetime, datetime]:
    """The first moment of `year` and the first one after it, by the creator's clock."""
    first, after = date(year, 1, 1), date(year + 1, 1, 1)
    return midnight(first, creator.zone), midnight(after, creator.zone)


def years(creator: Creator, *, now: datetime) -> list[int]:
    """The years up to `now` in which something was bought or said, the newest first."""
    purchases = creator.purchases.exclude(state__in=Purchase.NOTHING_PAID)
    ends = [
        rows.aggregate(first=Min("occurred_at"), last=Max("occurred_at"))
        for rows in (creator.purchases.all(), creator.touch_set.all())
    ]
    found = [at.astimezone(creator.zone).year for end in ends for at in end.values() if at]
    if not found:
        return []
    candidates = range(min(found), min(max(found), now.astimezone(creator.zone).year) + 1)
    first = {
        f"y{year}": Coalesce(
            _first(_within(purchases, creator, year)),
            _first(_within(creator.touch_set.all(), creator, year)),
        )
        for year in candidates
    }
    row = Creator.objects.filter(pk=creator.pk).annotate(**first).values(*first).get()
    return [year for year in reversed(candidates) if row[f"y{year}"]]


def _first(rows: QuerySet[Row]) -> Subquery:
    """When the first of `rows` was: found by the index by time, as "is there any" would not be."""
    return Subquery(rows.order_by("occurred_at").values("occurred_at")[:1])


def year_of(creator: Creator, year: int) -> Year:
    """All of `year`, in a constant number of queries."""
    start, end = bounds(creator, year)
    found = bought(creator, start=start, end=end, few=FEW)
    newcomers = creator.fans.filter(first_purchase_at__gte=start, first_purchase_at__lt=end)
    people = creator.fans.in_bulk({*found.longest, *found.faithful})
    names = {source.pk: str(source) for source in creator.sources.without_secrets()}
    nothing = Part(0, 0, 0)
    return Year(
        year=year,
        months=[found.months.get(month, nothing) for month in MONTHS],
        new_true_fans=_new_true_fans(creator, start, end),
        newcomers=newcomers.count(),
        longest=[people[pk] for pk in found.longest],
        newest=list(newcomers.order_by("-first_purchase_at", "-pk")[:FEW]),
        faithful=[(people[pk], months) for pk, months in found.faithful.items()],
        sources=_origins([(names[pk], part) for pk, part in found.sources.items()]),
        countries=_origins(found.countries.items()),
        words=_words(_within(creator.touch_set.all(), creator, year)),
        milestones=_milestones(creator, start, end),
    )


def _within(rows: QuerySet[Row], creator: Creator, year: int) -> QuerySet[Row]:
    start, end = bounds(creator, year)
    return rows.filter(occurred_at__gte=start, occurred_at__lt=end)


def _new_true_fans(creator: Creator, start: datetime, end: datetime) -> list[int]:
    crossed = creator.fans.filter(crossed_at__gte=start, crossed_at__lt=end)
    month = ExtractMonth("crossed_at", tzinfo=creator.zone)
    found = dict(crossed.values_list(month).annotate(Count("pk")).order_by())
    return [found.get(month, 0) for month in MONTHS]


def _origins(parts: Collection[tuple[str, Part]]) -> list[Origin]:
    """Where it came from, most money first."""
    whole = sum(part.gross for _name, part in parts) or 1
    found = [
        Origin(name, part.number, part.gross, (200 * part.gross + whole) // (2 * whole))
        for name, part in parts
    ]
    return sorted(found, key=lambda origin: (-origin.gross, -origin.number, origin.name))


def _words(touches: QuerySet[Touch]) -> Words:
    heard = Q(kind=Touch.Kind.THEY_WROTE)
    counts = touches.aggregate(
        said=Count("pk", filter=~heard),
        heard=Count("pk", filter=heard),
        people=Count("fan", distinct=True),
    )
    return Words(**counts)


def _milestones(creator: Creator, start: datetime, end: datetime) -> list[Milestone]:
    taken = creator.fans.filter(
        seat__in=steps(creator.target_count), crossed_at__gte=start, crossed_at__lt=end
    )
    rows = taken.order_by("seat").values_list("seat", "crossed_at")
    return [Milestone(seat, at) for seat, at in rows if seat]
