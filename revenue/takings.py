"""What came in: of the window, by month and by source, from new people and from others.

Amounts are gross and net in minor units of the creator's currency; purchases without a rate are in
no sum, and money of nobody is in every one that does not speak of people. A month is one by the
creator's clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Sum

from fans.models import Creator
from fans.window import before, midnight, months_before
from revenue.models import Purchase

#: How many months are looked at, this one included.
MONTHS = 24
#: How far ahead is looked for money that leaves the window.
AHEAD = timedelta(days=30)

COUNTED = "CASE %(counts)s WHEN 'gross' THEN counted_gross ELSE counted_net END"

# Whether somebody is new is asked of the month, not of the purchase: all that they paid in the
# month of their first purchase is from somebody new.
BY_MONTH = """
SELECT place, source_id,
       CASE WHEN first_at IS NULL THEN 'nobody'
            WHEN first_at >= (%(months)s::timestamptz[])[place] THEN 'new'
            ELSE 'returning' END AS whose,
       sum(counted_gross)::bigint, sum(counted_net)::bigint
FROM (
    SELECT width_bucket(purchase.occurred_at, %(months)s::timestamptz[]) AS place, source_id,
           fan.first_purchase_at AS first_at, counted_gross, counted_net
    FROM revenue_purchase AS purchase LEFT JOIN fans_fan AS fan ON fan.id = purchase.fan_id
    WHERE purchase.creator_id = %(creator)s AND occurred_at >= %(since)s AND occurred_at < %(now)s
      AND counted_gross IS NOT NULL
      AND state NOT IN ('failed', 'authorised', 'cancelled', 'elsewhere')
) AS purchases
GROUP BY place, source_id, whose
"""

AGEING = f"""
SELECT coalesce(sum(leaving), 0)::bigint, count(*),
       count(*) FILTER (WHERE is_true_fan AND spend - leaving < %(target)s)
FROM (
    SELECT fan_id, sum({COUNTED}) AS leaving FROM revenue_purchase
    WHERE creator_id = (SELECT %(creator)s) AND fan_id IS NOT NULL
      AND occurred_at >= %(start)s AND occurred_at < %(start_then)s AND occurred_at < %(now)s
    GROUP BY fan_id HAVING sum({COUNTED}) > 0
) AS ageing JOIN fans_fan ON fans_fan.id = ageing.fan_id
"""  # noqa: S608  (words of our own)

MEDIAN_ORDER = """
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY counted_gross) FROM revenue_purchase
WHERE creator_id = (SELECT %(creator)s) AND fan_id IS NOT NULL AND counted_gross > 0
  AND occurred_at >= %(start)s AND occurred_at < %(now)s
"""


@dataclass(frozen=True, slots=True)
class Income:
    """The money of the window. `gross` and `net` are of everybody, known or not.

    `counted` is the one of them that the target counts, and `nobodys` the part of it that no person
    could be found for; `unattributed` is that part of `gross`, in `unattributed_count` purchases.
    `unconverted` counts purchases in a currency without a rate, which are in no sum.
    """

    gross: int
    net: int
    counted: int
    nobodys: int
    goal: int
    unattributed: int
    unattributed_count: int
    unconverted: int

    @property
    def percent(self) -> int:
        """How much of the goal is reached, in whole percent, rounded down."""
        return self.counted * 100 // self.goal


@dataclass(frozen=True, slots=True)
class Taking:
    """What came in in the month that begins on `month` from one source and from some people:
    `whose` is "new", "returning" or "nobody"."""

    month: date
    source: int
    whose: str
    gross: int
    net: int


@dataclass(frozen=True, slots=True)
class Ageing:
    """Counted money that leaves the window within `AHEAD`: the `amount`, of how many `people`, and
    how many of these are true fans and would be no longer if they bought nothing."""

    amount: int
    people: int
    at_stake: int


def income(creator: Creator, *, now: datetime) -> Income:
    """What came in during the window of `now`; three queries."""
    people = creator.fans.aggregate(gross=Sum("window_gross"), net=Sum("window_net"))
    window = creator.purchases.filter(
        occurred_at__gte=creator.window_start(now),
        occurred_at__lt=now,
        counted_currency=creator.currency,
    ).exclude(state__in=Purchase.NOTHING_PAID)
    nobody = window.unattributed().aggregate(
        gross=Sum("counted_gross"), net=Sum("counted_net"), count=Count("pk")
    )
    unconverted = window.filter(counted_gross=None, rate_origin=Purchase.RateOrigin.MISSING)
    gross = (people["gross"] or 0) + (nobody["gross"] or 0)
    net = (people["net"] or 0) + (nobody["net"] or 0)
    is_gross = creator.counts == Creator.Counts.GROSS
    return Income(
        gross=gross,
        net=net,
        counted=gross if is_gross else net,
        nobodys=nobody["gross" if is_gross else "net"] or 0,
        goal=creator.goal,
        unattributed=nobody["gross"] or 0,
        unattributed_count=nobody["count"],
        unconverted=unconverted.count(),
    )


def takings(*, creator: Creator, now: datetime) -> list[Taking]:
    """By month, source and whose money it was, of the last `MONTHS`; one statement."""
    this_month = now.astimezone(creator.zone).date().replace(day=1)
    months = [months_before(this_month, back) for back in reversed(range(MONTHS))]
    begins = [midnight(month, creator.zone) for month in months]
    parameters = {"creator": creator.pk, "months": begins, "since": begins[0], "now": now}
    rows = _rows(BY_MONTH, parameters)
    found = [
        Taking(months[place - 1], source, whose, gross, net or 0)
        for place, source, whose, gross, net in rows
    ]
    return sorted(found, key=lambda taking: (taking.month, taking.source, taking.whose))


def ageing(*, creator: Creator, now: datetime) -> Ageing:
    """What leaves the window until the same time of day `AHEAD` of `now`; one statement."""
    local = now.astimezone(creator.zone)
    parameters = {
        "creator": creator.pk,
        "counts": creator.counts,
        "target": creator.target_spend,
        "start": creator.window_start(now),
        "start_then": before(local + AHEAD, creator.window_months),
        "now": now,
    }
    [row] = _rows(AGEING, parameters)
    return Ageing(*row)


def median_order(*, creator: Creator, now: datetime) -> int | None:
    """The median of what one purchase of the window was, gross; None without any."""
    start = creator.window_start(now)
    [[median]] = _rows(MEDIAN_ORDER, {"creator": creator.pk, "start": start, "now": now})
    return None if median is None else int(median)


def _rows(statement: str, parameters: dict[str, Any]) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()
