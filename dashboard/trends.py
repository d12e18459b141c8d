"""How it has gone so far: the charts of a creator's home, month by month, and how much is new."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from math import ceil
from typing import Any, NamedTuple

from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fans.charts import Bars, Column
from fans.models import Creator
from fans.templatetags.amounts import money
from fans.templatetags.dates import month as month_name
from fans.window import months_before
from revenue.models import Source
from revenue.summary import Figures
from revenue.takings import MONTHS, Taking

#: With fewer months there is no course of things to see.
FEWEST = 2
#: So many sources have a colour of their own; the smallest share the last one.
SERIES = 6
#: Labels that have room below a chart on a phone.
LABELS = 4

#: Seconds: after the next midnight there are other figures.
DAY = 86_400
#: Days back to which the number of true fans is held against.
BACK = (30, 90)


class Change(NamedTuple):
    """How many more true fans there are than `days` ago, as it is `shown`: “+12”, “−3” or “0”."""

    days: int
    shown: str


class Trends:
    """The charts, each made when it is asked for, because a page keeps what it has drawn.

    What is drawn under the same `key` looks the same; it may be kept for `keep` seconds, 0 where
    the figures are of nobody else's use.
    """

    def __init__(
        self, figures: Figures, creator: Creator, sources: Sequence[Source], *, is_stored: bool
    ) -> None:
        self._figures, self._creator, self._sources = figures, creator, sources
        self.keep = DAY if is_stored else 0

    @property
    def key(self) -> str:
        names = [self._creator.fans_word, *map(str, self._sources)]
        return f"{self._creator.pk} {self._figures.made_at} {get_language()} {names}"

    @cached_property
    def income(self) -> Bars | None:
        return income_by_source(self._figures, self._creator, self._sources)

    @cached_property
    def people(self) -> Bars | None:
        return new_and_returning(self._figures, self._creator)

    @cached_property
    def growth(self) -> Bars | None:
        return true_fans(self._figures, self._creator)


def changes_of(figures: Figures) -> list[Change]:
    found = ((days, figures.change(days)) for days in BACK)
    return [
        Change(days, f"{more:+,}".replace("-", "\N{MINUS SIGN}") if more else "0")
        for days, more in found
    ]


def income_by_source(figures: Figures, creator: Creator, sources: Sequence[Source]) -> Bars | None:
    """What came in, as the target counts it, by month and by source, the largest source first."""
    counted = _counted(creator)
    sizes: Counter[int] = Counter()
    for taking in figures.takings:
        sizes[taking.source] += counted(taking)
    ranked = [source for source, _size in sizes.most_common()]
    names = {source.pk: str(source) for source in sources}
    series = {source: names.get(source, _("a former source")) for source in ranked}
    if len(ranked) > SERIES:
        series |= dict.fromkeys(ranked[SERIES - 1 :], _("all others"))
    return _money_chart(figures, creator, _("Income by month"), series, lambda t: t.source)


def new_and_returning(figures: Figures, creator: Creator) -> Bars | None:
    """The same by whose money it was: of those whose first month it was, and of all others."""
    names = {"new": _("new"), "returning": _("returning"), "nobody": _("nobody known")}
    used = {taking.whose for taking in figures.takings}
    series = {whose: name for whose, name in names.items() if whose in used}
    title = _("New and returning, by month")
    return _money_chart(figures, creator, title, series, lambda t: t.whose)


def true_fans(figures: Figures, creator: Creator) -> Bars | None:
    """How many true fans there were at the end of each month, of this one until now."""
    turnover = figures.turnover
    begins = max(_month_of(turnover.since), months_before(_month_of(figures.today), MONTHS - 1))
    months = _months(begins, figures.today)
    counts = [turnover.true_on(months_before(month, -1)) for month in months]
    if len(months) < FEWEST or not any(counts):
        return None
    title = _("True %(fans)s at the end of each month") % {"fans": creator.fans_word}
    return Bars(
        title=title,
        about=title,
        series=[_("true %(fans)s") % {"fans": creator.fans_word}],
        columns=_columns(months, [[count] for count in counts], "{:,}".format),
    )


def _money_chart(
    figures: Figures,
    creator: Creator,
    title: str,
    series: Mapping[Any, str],
    key: Callable[[Taking], Any],
) -> Bars | None:
    """A column a month from the first one with money; None if these are too few.

    `series` names the parts by what `key` says of a taking, from the bottom up.
    """
    counted = _counted(creator)
    sums: Counter[tuple[date, str]] = Counter()
    for taking in figures.takings:
        sums[taking.month, series[key(taking)]] += counted(taking)
    months = _months(min((month for month, _name in sums), default=None), figures.today)
    names = list(dict.fromkeys(series.values()))
    rows = [[sums[month, name] for name in names] for month in months]
    is_gross = creator.counts == Creator.Counts.GROSS
    chart = Bars(
        title=title,
        about=_("Gross: what they paid.") if is_gross else _("Net: what reached you."),
        series=names,
        columns=_columns(months, rows, lambda amount: money(amount, creator.currency)),
    )
    return None if chart.is_empty or len(months) < FEWEST else chart


def _counted(creator: Creator) -> Callable[[Taking], int]:
    """The one of gross and net that the target counts."""
    is_gross = creator.counts == Creator.Counts.GROSS
    return lambda taking: taking.gross if is_gross else taking.net


def _columns(
    months: Sequence[date], rows: Sequence[Sequence[int]], shown: Callable[[int], str]
) -> list[Column]:
    """What is less than nothing, because fees were more than money, has no height."""
    every = ceil(len(months) / LABELS)
    return [
        Column(
            label=month_name(month, "short"),
            amounts=[max(amount, 0) for amount in amounts],
            shown=[shown(amount) for amount in amounts],
            is_marked=place % every == every // 2,  # in the middle, or the edge would cut it
        )
        for place, (month, amounts) in enumerate(zip(months, rows, strict=True))
    ]


def _months(first: date | None, today: date) -> list[date]:
    """The first days of all months from `first` until today's."""
    months = [_month_of(today)] if first else []
    while first and months[-1] > first:
        months.append(months_before(months[-1], 1))
    return months[::-1]


def _month_of(day: date) -> date:
    return day.replace(day=1)
