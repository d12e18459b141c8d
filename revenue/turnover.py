"""Who became a true fan and who was lost, day by day, for as long as there are books.

A person stands as a true fan at a moment when `revenue.spend.rebuilt(now=that moment)` says so: the
spend of the window before it reaches the target. Here that is asked for the beginning of every day
at once. Each purchase counts at the moments from the first one after it to the last one whose
window still holds it; a running sum over these steps is the spend, and where it passes the target
somebody arrived, or was lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from fans.models import Creator
from fans.window import midnight

#: `moments` in ascending order, and in `starts` where the window of each begins. Looked at closely
#: are only those who may ever have been true fans, which are few: a window a day longer than any
#: was enough once or, where there were losses that leave the window again, all of life was.
TURNS = """
WITH counted AS NOT MATERIALIZED (
    SELECT fan_id, occurred_at,
           coalesce(CASE %(counts)s WHEN 'gross' THEN counted_gross ELSE counted_net END, 0)
               AS amount
    FROM revenue_purchase
    WHERE creator_id = (SELECT %(creator)s) AND fan_id IS NOT NULL AND occurred_at < %(now)s
), lives AS (
    SELECT fan_id, min(amount) AS least,
           CASE WHEN sum(greatest(amount, 0)) >= %(target)s THEN revenue_first_crossing(
               array_agg(occurred_at ORDER BY occurred_at), array_agg(amount ORDER BY occurred_at),
               %(target)s, make_interval(months => %(months)s, days => 1), %(zone)s
           ) END AS crossed_at,
           sum(greatest(amount, 0)) AS at_most
    FROM counted GROUP BY fan_id
), candidates AS MATERIALIZED (
    SELECT fan_id FROM lives
    WHERE crossed_at IS NOT NULL OR (least < 0 AND at_most >= %(target)s)
), steps AS (
    SELECT fan_id, place, sum(change) AS change
    FROM candidates CROSS JOIN LATERAL (
        SELECT occurred_at, amount FROM counted WHERE counted.fan_id = candidates.fan_id
    ) AS bought CROSS JOIN LATERAL (VALUES
        (width_bucket(occurred_at, %(moments)s::timestamptz[]), amount),
        (width_bucket(occurred_at, %(starts)s::timestamptz[]), -amount)
    ) AS step (place, change)
    GROUP BY fan_id, place
), standing AS (
    SELECT fan_id, place, sum(change) OVER spend >= %(target)s AS is_true
    FROM steps WINDOW spend AS (PARTITION BY fan_id ORDER BY place)
), turns AS (
    SELECT place, is_true,
           lag(is_true, 1, false) OVER (PARTITION BY fan_id ORDER BY place) AS was_true
    FROM standing
)
SELECT place, count(*) FILTER (WHERE is_true), count(*) FILTER (WHERE was_true)
FROM turns WHERE is_true <> was_true GROUP BY place
"""


@dataclass(frozen=True, slots=True)
class Turnover:
    """How many `arrived` and how many were `lost` on each day, by the creator's clock.

    The first day is `since`, the last one that of `now`, as far as it has come. A day's arrivals
    are those who stand at its end and did not at its beginning.
    """

    since: date
    arrived: Sequence[int]
    lost: Sequence[int]

    @property
    def true_now(self) -> int:
        return sum(self.arrived) - sum(self.lost)

    def true_on(self, day: date) -> int:
        """How many true fans there were when `day` began; of a day to come, how many there are."""
        days = max((day - self.since).days, 0)
        return sum(self.arrived[:days]) - sum(self.lost[:days])


def turnover(*, creator: Creator, now: datetime) -> Turnover:
    """From the day of the first purchase until `now`; one statement over all purchases."""
    first = creator.purchases.filter(occurred_at__lt=now).order_by("occurred_at", "id").first()
    zone = creator.zone
    today = now.astimezone(zone).date()
    since = first.occurred_at.astimezone(zone).date() if first else today
    ends = [midnight(since + timedelta(n), zone) for n in range(1, (today - since).days + 1)]
    ends = [end for end in ends if end < now] + [now]
    return Turnover(since, *_by_day(creator, ends))


def _by_day(creator: Creator, ends: Sequence[datetime]) -> tuple[list[int], list[int]]:
    arrived, lost = [0] * len(ends), [0] * len(ends)
    parameters: dict[str, Any] = {
        "creator": creator.pk,
        "counts": creator.counts,
        "target": creator.target_spend,
        "months": creator.window_months,
        "zone": creator.time_zone,
        "now": ends[-1],
        "moments": list(ends),
        "starts": [creator.window_start(end) for end in ends],
    }
    with connection.cursor() as cursor:
        cursor.execute(TURNS, parameters)
        for place, came, went in cursor:
            if place < len(ends):
                arrived[place], lost[place] = came, went
    return arrived, lost
