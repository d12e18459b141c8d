"""What was bought between two moments: by month, by source, by country, by whom.

One statement, because the purchases of a year lie all over their table, and reading them is what
takes the time. Amounts are in minor units of the creator's currency.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from fans.models import Creator
from revenue.spend import PLAN

BOUGHT = """
WITH bought AS MATERIALIZED (
    SELECT fan_id, source_id,
           extract(month FROM occurred_at AT TIME ZONE %(zone)s)::integer AS month,
           coalesce(counted_gross, 0) AS gross, coalesce(counted_net, 0) AS net
    FROM revenue_purchase
    WHERE creator_id = %(creator)s AND occurred_at >= %(start)s AND occurred_at < %(end)s
      AND state NOT IN ('failed', 'authorised', 'cancelled', 'elsewhere')
), buyers AS (
    -- A bit for each month is quicker to count than months that must differ.
    SELECT fan_id, bit_count(bit_or(1 << month)::bit(13)) AS months, sum(gross) AS gross
    FROM bought WHERE fan_id IS NOT NULL GROUP BY fan_id
), people AS MATERIALIZED (
    SELECT fan.id, fan.country, fan.first_purchase_at, buyers.months, buyers.gross
    FROM buyers JOIN fans_fan AS fan ON fan.id = buyers.fan_id
)
SELECT 'month' AS part, month::text AS name, count(*) AS number, sum(gross), sum(net)
FROM bought GROUP BY month
UNION ALL
SELECT 'source', source_id::text, count(*), sum(gross), sum(net) FROM bought GROUP BY source_id
UNION ALL
SELECT 'country', country, count(*), sum(gross), 0 FROM people GROUP BY country
UNION ALL (
    SELECT 'faithful', id::text, months, gross, 0 FROM people
    WHERE months > 1 ORDER BY people.months DESC, people.gross DESC, people.id LIMIT %(few)s
) UNION ALL (
    SELECT 'longest', id::text, months, gross, 0 FROM people
    ORDER BY people.first_purchase_at, people.id LIMIT %(few)s
)
"""


@dataclass(frozen=True, slots=True)
class Part:
    """Some of what was bought: `number` purchases, people or months, as the list says."""

    number: int
    gross: int
    net: int


@dataclass(frozen=True, slots=True)
class Bought:
    """`months` and `sources` (by their ids) count purchases, `countries` people, who are in one
    each; `faithful` are the fans who bought in most months, with how many those are, and `longest`
    the fans whose first purchase ever was the longest ago."""

    months: Mapping[int, Part]
    sources: Mapping[int, Part]
    countries: Mapping[str, Part]
    faithful: Mapping[int, int]
    longest: Sequence[int]


def bought(creator: Creator, *, start: datetime, end: datetime, few: int) -> Bought:
    """What was bought from `start` up to, but not including, `end`, less than a year later; the
    lists of people have `few` at most.

    Of no use while purchases are being recounted: it would add two currencies.
    """
    parameters: dict[str, Any] = {
        "creator": creator.pk,
        "zone": creator.time_zone,
        "start": start,
        "end": end,
        "few": few,
    }
    parts: dict[str, dict[str, Part]] = defaultdict(dict)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PLAN)
        cursor.execute(BOUGHT, parameters)
        for part, name, number, gross, net in cursor.fetchall():
            parts[part][name] = Part(number, int(gross), int(net))
    return Bought(
        months={int(month): part for month, part in parts["month"].items()},
        sources={int(pk): part for pk, part in parts["source"].items()},
        countries=parts["country"],
        faithful={int(pk): part.number for pk, part in parts["faithful"].items()},
        longest=[int(pk) for pk in parts["longest"]],
    )
