"""A year of a creator in numbers and people, by the creator's own clock.

Amounts are in minor units of the creator's currency. It takes as many queries for a hundred people
as for a hundred thousand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from django.db.models import Count, Exists, Max, Min, Model, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import ExtractMonth

from fans.milestones import Milestone, steps
from fans.models import Creator, Fan, Touch
from fans.window import midnight
from revenue.models import Purchase

Row = TypeVar("Row", bound=Model)
#: How many people stand in each of the lists, and how many countries in theirs.
FEW = 5
COUNTRIES = 10
MONTHS = range(1, 13)


@dataclass(frozen=True, slots=True)
class Money:
    """What was paid less what was returned, and what of it reached the creator."""

    gross: int
    net: int


@dataclass(frozen=True, slots=True)
class Origin:
    """What came from one place in the year: a source, or a country, "" if nobody told which.

    `percent` is its part of the gross of all places, in whole percent, half up.
    """

    name: str
    people: int
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

    `people` are those who bought something, `newcomers` those who did so for the first time ever.
    `faithful` says of each in how many months of the year they bought.
    """

    year: int
    months: Sequence[Money]
    purchases: int
    new_true_fans: Sequence[int]
    people: int
    newcomers: int
    longest: Sequence[Fan]
    newest: Sequence[Fan]
    faithful: Sequence[tuple[Fan, int]]
    sources: Sequence[Origin]
    countries: Sequence[Origin]
    words: Words
    milestones: Sequence[Milestone]

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
    bought = creator.purchases.exclude(state__in=Purchase.NOTHING_PAID)
    ends = [
        rows.aggregate(first=Min("occurred_at"), last=Max("occurred_at"))
        for rows in (creator.purchases.all(), creator.touch_set.all())
    ]
    found = [at.astimezone(creator.zone).year for end in ends for at in end.values() if at]
    if not found:
        return []
    candidates = range(min(found), min(max(found), now.astimezone(creator.zone).year) + 1)
    has = {
        f"y{year}": Exists(_within(bought, creator, year))
        | Exists(_within(creator.touch_set.all(), creator, year))
        for year in candidates
    }
    row = Creator.objects.filter(pk=creator.pk).annotate(**has).values(*has).get()
    return [year for year in reversed(candidates) if row[f"y{year}"]]


def year_of(creator: Creator, year: int) -> Year:
    """All of `year`; a dozen queries."""
    bought = _within(creator.purchases.all(), creator, year).exclude(
        state__in=Purchase.NOTHING_PAID
    )
    counted = bought.filter(counted_currency=creator.currency)
    start, end = bounds(creator, year)
    newcomers = creator.fans.filter(first_purchase_at__gte=start, first_purchase_at__lt=end)
    there = creator.fans.filter(Exists(bought.filter(fan=OuterRef("pk"))))
    countries = _origins(counted.exclude(fan=None), "fan__country")
    return Year(
        year=year,
        months=_months(counted, creator),
        purchases=bought.count(),
        new_true_fans=_new_true_fans(creator, start, end),
        people=sum(country.people for country in countries),
        newcomers=newcomers.count(),
        longest=list(there.order_by("first_purchase_at", "pk")[:FEW]),
        newest=list(newcomers.order_by("-first_purchase_at", "-pk")[:FEW]),
        faithful=_faithful(counted, creator),
        sources=_named(_origins(counted, "source"), creator),
        countries=countries,
        words=_words(_within(creator.touch_set.all(), creator, year)),
        milestones=_milestones(creator, start, end),
    )


def _within(rows: QuerySet[Row], creator: Creator, year: int) -> QuerySet[Row]:
    start, end = bounds(creator, year)
    return rows.filter(occurred_at__gte=start, occurred_at__lt=end)


def _months(counted: QuerySet[Purchase], creator: Creator) -> list[Money]:
    sums = (
        counted.values(month=ExtractMonth("occurred_at", tzinfo=creator.zone))
        .annotate(gross=Sum("counted_gross"), net=Sum("counted_net"))
        .order_by()
    )
    found = {row["month"]: Money(row["gross"] or 0, row["net"] or 0) for row in sums}
    return [found.get(month, Money(0, 0)) for month in MONTHS]


def _new_true_fans(creator: Creator, start: datetime, end: datetime) -> list[int]:
    crossed = creator.fans.filter(crossed_at__gte=start, crossed_at__lt=end)
    month = ExtractMonth("crossed_at", tzinfo=creator.zone)
    found = dict(crossed.values_list(month).annotate(Count("pk")).order_by())
    return [found.get(month, 0) for month in MONTHS]


def _origins(counted: QuerySet[Purchase], place: str) -> list[Origin]:
    """What came from each `place`, a column of the purchases; most money first."""
    sums = counted.values_list(place).annotate(
        people=Count("fan", distinct=True), gross=Sum("counted_gross")
    )
    rows = sorted(((name, people, gross or 0) for name, people, gross in sums), key=_most_money)
    whole = sum(gross for _name, _people, gross in rows)
    return [
        Origin(str(name), people, gross, (200 * gross + whole) // (2 * whole) if whole else 0)
        for name, people, gross in rows
    ]


def _most_money(row: tuple[object, int, int]) -> tuple[int, int, str]:
    return -row[2], -row[1], str(row[0])


def _named(origins: Sequence[Origin], creator: Creator) -> list[Origin]:
    """`origins` by the names of the sources instead of their ids."""
    names = {str(source.pk): str(source) for source in creator.sources.without_secrets()}
    return [replace(origin, name=names[origin.name]) for origin in origins]


def _faithful(counted: QuerySet[Purchase], creator: Creator) -> list[tuple[Fan, int]]:
    """Who bought in most months, and in how many; of equals, who gave more."""
    month = ExtractMonth("occurred_at", tzinfo=creator.zone)
    most = (
        counted.exclude(fan=None)
        .values_list("fan")
        .annotate(months=Count(month, distinct=True), gross=Sum("counted_gross"))
        .order_by("-months", "-gross", "fan")[:FEW]
    )
    months = {pk: count for pk, count, _gross in most}
    fans = creator.fans.in_bulk(list(months))
    return [(fans[pk], count) for pk, count in months.items()]


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
