"""The tables of a year's summary, in words and in the order in which they are read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.templatetags.income import country
from fans.templatetags.dates import month as month_name
from revenue.ledger_sums import Booked
from revenue.models import Source
from revenue.year import Year

Named = tuple[str | Promise, Booked]


@dataclass(frozen=True, slots=True)
class Row:
    """`part` in minor units of `currency`; `is_sum`: it is all of the rows above it."""

    name: str | Promise
    part: Booked
    currency: str
    is_sum: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """`key` tells the tables of a page apart, `head` names what its rows are."""

    key: str
    title: str | Promise
    head: str | Promise
    rows: list[Row]

    @property
    def has_other(self) -> bool:
        return any(row.part.other for row in self.rows)


def tables_of(year: Year, sources: Mapping[int, Source]) -> list[Table]:
    """By month, as settled where that is another currency, by source and by country."""
    months = [(_month(year.year, month), part) for month, part in year.months.items() if part.lines]
    found = [Table("months", _("Month by month"), _("Month"), _rows(months, year))]
    if year.is_converted:
        settled = [Row(code, part, code) for code, part in year.currencies.items()]
        found.append(Table("settled", _("As it was settled"), _("Currency"), settled))
        found += [
            Table(
                f"months-{code}",
                _("Month by month, settled in %(currency)s") % {"currency": code},
                _("Month"),
                [
                    *(
                        Row(_month(year.year, month), part, code)
                        for (currency, month), part in year.settled_months().items()
                        if currency == code
                    ),
                    Row(_("All of it"), whole, code, is_sum=True),
                ],
            )
            for code, whole in year.currencies.items()
        ]
    by_source: list[Named] = [(str(sources.get(pk, pk)), part) for pk, part in year.sources.items()]
    by_country: list[Named] = [
        (_("about no payment") if code is None else country(code), part)
        for code, part in year.countries.items()
    ]
    return [
        *found,
        Table("sources", _("By source"), _("Source"), _rows(by_source, year)),
        Table("countries", _("By country of the payer"), _("Country"), _rows(by_country, year)),
    ]


def _rows(parts: Iterable[Named], year: Year) -> list[Row]:
    rows = [Row(name, part, year.currency) for name, part in parts]
    return [*rows, Row(_("All of it"), year.whole, year.currency, is_sum=True)]


def _month(year: int, month: int) -> str:
    return month_name(date(year, month, 1), "yearless")
