"""Each fan's spend, from their purchases; set-based, and the same whoever asks when.

`rebuilt()` is the one statement of what the numbers are. The recompute writes its rows to the fans
that are due, `check_books` compares it with what is stored, and an export as of some day runs it
for that day. Amounts are in minor units of the creator's currency.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from fans.models import Creator, Fan
from fans.seats import assign_seats
from revenue.models import Source, Sync

BATCH = 2000

#: The columns of a Fan that follow from purchases, in the order of `REBUILT`.
COLUMNS = (
    "purchases",
    "first_purchase_at",
    "last_purchase_at",
    "lifetime_gross",
    "lifetime_net",
    "window_gross",
    "window_net",
    "spend",
    "is_true_fan",
    "tier_id",
    "crossed_at",
)

# A purchase is in the window when start <= occurred_at < now. `leaves` is the first moment at
# which the oldest one no longer is: the window's start passes it a microsecond after the same
# local time `months` later or, if that month is too short to have the day, at the next midnight.
REBUILT = """
WITH counted AS (
    SELECT fan_id, occurred_at, counted_gross, counted_net,
           CASE WHEN %(counts)s = 'gross' THEN counted_gross ELSE counted_net END AS counted,
           state NOT IN ('failed', 'authorised', 'cancelled') AS is_purchase
    FROM revenue_purchase
    WHERE creator_id = %(creator)s AND fan_id {whose} AND occurred_at < %(now)s
), spent AS (
    SELECT fan_id,
           count(*) FILTER (WHERE is_purchase) AS purchases,
           min(occurred_at) FILTER (WHERE is_purchase) AS first_purchase_at,
           max(occurred_at) FILTER (WHERE is_purchase) AS last_purchase_at,
           coalesce(sum(counted_gross), 0) AS lifetime_gross,
           coalesce(sum(counted_net), 0) AS lifetime_net,
           coalesce(sum(counted_gross) FILTER (WHERE occurred_at >= %(start)s), 0) AS window_gross,
           coalesce(sum(counted_net) FILTER (WHERE occurred_at >= %(start)s), 0) AS window_net,
           coalesce(sum(counted) FILTER (WHERE occurred_at >= %(start)s), 0) AS spend,
           sum(greatest(counted, 0)) AS ever,
           min(occurred_at) FILTER (WHERE occurred_at >= %(start)s) AS oldest
    FROM counted GROUP BY fan_id
), crossed AS (
    SELECT fan_id, min(occurred_at) AS crossed_at
    FROM (
        SELECT fan_id, occurred_at, sum(counted) OVER (
            PARTITION BY fan_id ORDER BY occurred_at AT TIME ZONE %(zone)s
            RANGE BETWEEN make_interval(months => %(months)s) - interval '1 microsecond' PRECEDING
                      AND CURRENT ROW
        ) AS spend
        FROM counted JOIN spent USING (fan_id) WHERE spent.ever >= %(target)s
    ) AS trail
    WHERE spend >= %(target)s GROUP BY fan_id
), ahead AS (
    SELECT fan_id, min(occurred_at) + interval '1 microsecond' AS enters
    FROM revenue_purchase
    WHERE creator_id = %(creator)s AND fan_id {whose} AND occurred_at >= %(now)s
    GROUP BY fan_id
)
SELECT fan.id,
       coalesce(spent.purchases, 0) AS purchases,
       spent.first_purchase_at, spent.last_purchase_at,
       coalesce(spent.lifetime_gross, 0) AS lifetime_gross,
       coalesce(spent.lifetime_net, 0) AS lifetime_net,
       coalesce(spent.window_gross, 0) AS window_gross,
       coalesce(spent.window_net, 0) AS window_net,
       coalesce(spent.spend, 0) AS spend,
       coalesce(spent.spend, 0) >= %(target)s AS is_true_fan,
       (SELECT id FROM fans_tier
        WHERE creator_id = %(creator)s AND threshold <= coalesce(spent.spend, 0)
        ORDER BY threshold DESC LIMIT 1) AS tier_id,
       crossed.crossed_at,
       least(ahead.enters, CASE WHEN local.oldest IS NOT NULL THEN greatest(
           %(now)s + interval '1 minute',
           CASE WHEN local.leaves - make_interval(months => %(months)s) < local.oldest
                THEN (date_trunc('day', local.leaves) + interval '1 day') AT TIME ZONE %(zone)s
                ELSE local.leaves AT TIME ZONE %(zone)s + interval '1 microsecond' END
       ) END) AS recompute_at
FROM fans_fan AS fan
LEFT JOIN spent ON spent.fan_id = fan.id
LEFT JOIN crossed ON crossed.fan_id = fan.id
LEFT JOIN ahead ON ahead.fan_id = fan.id
CROSS JOIN LATERAL (
    SELECT spent.oldest AT TIME ZONE %(zone)s AS oldest,
           spent.oldest AT TIME ZONE %(zone)s + make_interval(months => %(months)s) AS leaves
) AS local
WHERE fan.creator_id = %(creator)s AND fan.id {whose}
"""

WRITTEN = (*COLUMNS, "recompute_at")
STORED_ROW = ", ".join(f"fans_fan.{column}" for column in WRITTEN)
REBUILT_ROW = ", ".join(f"rebuilt.{column}" for column in WRITTEN)
UPDATE = f"""
UPDATE fans_fan SET ({", ".join(WRITTEN)}) = ({REBUILT_ROW})
FROM ({REBUILT}) AS rebuilt
WHERE fans_fan.id = rebuilt.id AND ({STORED_ROW}) IS DISTINCT FROM ({REBUILT_ROW})
"""  # noqa: S608  (column names of our own)


# After a first big import the planner knows nothing of the tables yet, and joins what is computed
# above with nested loops: 367 s instead of 0.5 s for 48,000 purchases.
PLAN = "SET LOCAL enable_nestloop = off"


def _parameters(creator: Creator, now: datetime) -> dict[str, Any]:
    return {
        "creator": creator.pk,
        "counts": creator.counts,
        "target": creator.target_spend,
        "zone": creator.time_zone,
        "months": creator.window_months,
        "now": now,
        "start": creator.window_start(now),
    }


def rebuilt(*, creator: Creator, now: datetime) -> Iterator[tuple[Any, ...]]:
    """(fan id, *COLUMNS, recompute_at) of every fan at `now`, by the purchases; writes nothing."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        with connection.cursor() as planner:
            planner.execute(PLAN)
        cursor.execute(REBUILT.format(whose="IS NOT NULL"), _parameters(creator, now))
        while rows := cursor.fetchmany(BATCH):
            yield from rows


def recompute_due_fans(*, creator: Creator, now: datetime) -> int:
    """Bring every due fan of `creator` up to `now`; returns how many were due.

    Fans that another worker has locked are left to it.
    """
    total = 0
    while done := _recompute_batch(creator, now):
        total += done
    if may_seat(creator):
        assign_seats(creator=creator)
    return total


def recompute_all_fans(*, creator: Creator, now: datetime) -> int:
    """Recompute everybody in one statement (after a change of window, target or tiers); returns
    how many differed."""
    with transaction.atomic(), connection.cursor() as cursor:
        everybody = Fan.objects.filter(creator=creator).order_by("pk")
        list(everybody.select_for_update(no_key=True).values_list("pk", flat=True))
        cursor.execute(PLAN)
        cursor.execute(UPDATE.format(whose="IS NOT NULL"), _parameters(creator, now))
        return cursor.rowcount


def creators_with_due_fans(now: datetime) -> Iterable[Creator]:
    return Creator.objects.filter(pk__in=Fan.objects.due(now).values("creator").distinct())


def may_seat(creator: Creator) -> bool:
    """Seats go by the order of first crossing, so they wait until all history has been read."""
    sources = Source.objects.filter(creator=creator)
    if sources.filter(synced_at=None).exists():
        return False
    return not Sync.objects.filter(source__in=sources, state=Sync.State.RUNNING).exists()


def _recompute_batch(creator: Creator, now: datetime) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        due = creator.fans.due(now).order_by("pk").select_for_update(no_key=True, skip_locked=True)
        ids = list(due.values_list("pk", flat=True)[:BATCH])
        if ids:
            cursor.execute(PLAN)
            # A statement of its own: it must see what was committed before the locks were got.
            cursor.execute(
                UPDATE.format(whose="= ANY(%(ids)s)"), _parameters(creator, now) | {"ids": ids}
            )
    return len(ids)
