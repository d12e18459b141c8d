"""When somebody first reached each of a creator's tiers."""

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from fans.models import Fan


class Crossing(NamedTuple):
    """The first moment at which the spend of a window reached a tier, as it is today."""

    tier: str
    at: datetime


CROSSINGS = """
SELECT tier.name, crossing.at
FROM (
    SELECT array_agg(occurred_at ORDER BY occurred_at) AS moments,
           array_agg(coalesce(counted, 0) ORDER BY occurred_at) AS amounts
    FROM (
        SELECT occurred_at,
               CASE %(counts)s WHEN 'gross' THEN counted_gross ELSE counted_net END AS counted
        FROM revenue_purchase
        WHERE creator_id = %(creator)s AND fan_id = %(fan)s AND occurred_at < %(now)s
    ) AS purchase
) AS bought
CROSS JOIN fans_tier AS tier
CROSS JOIN LATERAL revenue_first_crossing(
    moments, amounts, tier.threshold, make_interval(months => %(months)s), %(zone)s
) AS crossing (at)
WHERE tier.creator_id = %(creator)s AND tier.threshold <> %(target)s AND crossing.at IS NOT NULL
ORDER BY tier.threshold
"""


def crossings(*, fan: Fan, now: datetime) -> list[Crossing]:
    """Of the tiers other than the true fan's own, which `Fan.crossed_at` tells of; one query."""
    creator = fan.creator
    with connection.cursor() as cursor:
        cursor.execute(
            CROSSINGS,
            {
                "creator": creator.pk,
                "fan": fan.pk,
                "now": now,
                "counts": creator.counts,
                "months": creator.window_months,
                "zone": creator.time_zone,
                "target": creator.target_spend,
            },
        )
        return [Crossing(*row) for row in cursor.fetchall()]
