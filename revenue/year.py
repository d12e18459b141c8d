"""A calendar year of a creator's ledgers, month by month, for whoever does the taxes.

Lines stand in the month in which the provider wrote them, by the creator's own clock: a refund in
January of what was bought in December is January's. What was settled in the creator's currency is
added up as it is; of any other currency each day's sum is converted at the rate of the European
Central Bank for that day.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Count, F, Min, OuterRef, Subquery, Sum

from fans.models import Creator
from fans.window import midnight
from revenue.exchange import Rates
from revenue.ledger_sums import Booked, booked, total
from revenue.models import Movement, Purchase
from truefans.money import convert

K = TypeVar("K", bound=Hashable)

#: `day` is the day of the lines, or the first of their month where nothing has to be converted.
CELLS = """
SELECT date_trunc(CASE line.currency WHEN %(currency)s THEN 'month' ELSE 'day' END,
                  line.occurred_at AT TIME ZONE %(zone)s)::date AS day,
       line.source_id, line.currency,
       CASE WHEN line.payment_id <> '' THEN coalesce(purchase.payer_country, '') END AS country,
       line.kind, line.payment_id <> '' AS reaches,
       sum(line.amount)::bigint, sum(line.fee)::bigint, count(*)
FROM revenue_movement AS line
LEFT JOIN revenue_purchase AS purchase
  ON purchase.source_id = line.source_id AND purchase.external_id = line.payment_id
WHERE line.source_id IN (SELECT id FROM revenue_source WHERE creator_id = %(creator)s)
  AND line.occurred_at >= %(since)s AND line.occurred_at < %(until)s
GROUP BY 1, 2, 3, 4, 5, 6
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """Lines that have everything in common but their amounts.

    `settled` is in `currency`, `counted` in the creator's (None: there is no rate). `country` is
    the payer's, "" where the payment names none, None where the lines are about no payment.
    """

    month: int
    source_id: int
    currency: str
    country: str | None
    settled: Booked
    counted: Booked | None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What was paid past the provider, in no ledger: as paid, in `currency`."""

    currency: str
    purchases: int
    amount: int


@dataclass(frozen=True, slots=True)
class Year:
    """All of it; every table is a sum of the same cells, so that they agree."""

    year: int
    currency: str
    cells: list[Cell]
    elsewhere: list[Elsewhere]

    @property
    def months(self) -> dict[int, Booked]:
        """In the creator's currency, all twelve."""
        found = self._counted(lambda cell: cell.month)
        return {month: found.get(month, Booked()) for month in range(1, 13)}

    @property
    def sources(self) -> dict[int, Booked]:
        """In the creator's currency, by the id of the source."""
        return dict(sorted(self._counted(lambda cell: cell.source_id).items()))

    @property
    def countries(self) -> dict[str | None, Booked]:
        """In the creator's currency, by the payer's country, the highest takings first; what is
        about no payment comes last."""
        found = self._counted(lambda cell: cell.country)
        order = sorted(
            found.items(), key=lambda pair: (pair[0] is None, -pair[1].takings, pair[0] or "")
        )
        return dict(order)

    @property
    def currencies(self) -> dict[str, Booked]:
        """As settled, by currency."""
        return self._summed((cell.currency, cell.settled) for cell in self.cells)

    def settled_months(self) -> dict[tuple[str, int], Booked]:
        """As settled, by currency and month."""
        pairs = (((cell.currency, cell.month), cell.settled) for cell in self.cells)
        return self._summed(pairs)

    @property
    def whole(self) -> Booked:
        """Everything that there is a rate for, in the creator's currency."""
        return total(self.months.values())

    @property
    def unconverted(self) -> list[str]:
        """Currencies that are settled in, and that nobody publishes a rate for."""
        return sorted({cell.currency for cell in self.cells if cell.counted is None})

    @property
    def is_converted(self) -> bool:
        """Whether any of it was settled in another currency than the creator's."""
        return any(cell.currency != self.currency for cell in self.cells)

    def _counted(self, key: Callable[[Cell], K]) -> dict[K, Booked]:
        return self._summed((key(cell), cell.counted) for cell in self.cells if cell.counted)

    @staticmethod
    def _summed(pairs: Iterable[tuple[K, Booked]]) -> dict[K, Booked]:
        groups: dict[K, list[Booked]] = defaultdict(list)
        for key, part in pairs:
            groups[key].append(part)
        return {key: total(parts) for key, parts in groups.items()}


def summary_of(*, creator: Creator, year: int) -> Year:
    """`year` by the clock of `creator`; two queries, and a third for the newest rates."""
    since, until = (midnight(date(y, 1, 1), creator.zone) for y in (year, year + 1))
    return Year(
        year=year,
        currency=creator.currency,
        cells=sorted(_cells(creator, since, until), key=lambda cell: (cell.currency, cell.month)),
        elsewhere=_elsewhere(creator, since, until),
    )


def years_of(creator: Creator, *, now: datetime) -> range:
    """The years from the first in which any money moved until this one; none before any did."""
    oldest = Movement.objects.filter(source=OuterRef("pk")).order_by("occurred_at", "pk")
    sources = creator.sources.annotate(oldest=Subquery(oldest.values("occurred_at")[:1]))
    bought = creator.purchases.order_by("occurred_at", "pk").values_list("occurred_at", flat=True)
    known = [sources.aggregate(Min("oldest"))["oldest__min"], bought.first()]
    first = min((moment for moment in known if moment), default=None)
    if first is None:
        return range(0)
    return range(first.astimezone(creator.zone).year, now.astimezone(creator.zone).year + 1)


def _cells(creator: Creator, since: datetime, until: datetime) -> Iterator[Cell]:
    with connection.cursor() as cursor:
        cursor.execute(
            CELLS,
            {
                "creator": creator.pk,
                "currency": creator.currency,
                "zone": creator.time_zone,
                "since": since,
                "until": until,
            },
        )
        rows = cursor.fetchall()
    rates = Rates()
    for day, source_id, currency, country, kind, reaches, amount, fee, lines in rows:
        settled = booked(kind, reaches_payment=reaches, amount=amount, fee=fee, lines=lines)
        yield Cell(
            month=day.month,
            source_id=source_id,
            currency=currency,
            country=country,
            settled=settled,
            counted=_counted(settled, currency, creator.currency, day, rates),
        )


def _counted(settled: Booked, currency: str, target: str, day: date, rates: Rates) -> Booked | None:
    """The same in `target`; None where nobody publishes a rate."""
    if currency == target:
        return settled
    rate = rates.between(currency, target, day)
    if rate is None:
        return None
    columns: dict[str, Any] = {
        f.name: convert(getattr(settled, f.name), rate.value, currency, target)
        for f in fields(settled)
        if f.name != "lines"
    }
    return Booked(lines=settled.lines, **columns)


def _elsewhere(creator: Creator, since: datetime, until: datetime) -> list[Elsewhere]:
    paid = creator.purchases.filter(
        is_elsewhere=True, occurred_at__gte=since, occurred_at__lt=until
    ).exclude(state__in=Purchase.NOTHING_PAID)
    left = Sum(F("amount") - F("returned"))
    sums = paid.values_list("currency").annotate(purchases=Count("pk"), left=left)
    return [Elsewhere(code, count, int(sum_)) for code, count, sum_ in sums.order_by("currency")]
