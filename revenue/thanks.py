"""What thanks are owed for, and how long thanks take."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import BigIntegerField, Case, F, OuterRef, Subquery, Sum, When
from django.db.models.functions import Coalesce

from fans.models import Creator
from fans.models.fans import FanQuerySet
from revenue.models import Purchase


def with_owed(fans: FanQuerySet, *, creator: Creator) -> FanQuerySet:
    """`fans`, each with `owed`: the gross of what they paid since the creator's last word to them,
    in minor units of the creator's currency. They have `word_at` (`fans.attention`).

    Only of those who paid since are purchases read.
    """
    since = Purchase.objects.filter(
        creator=creator, fan=OuterRef("pk"), occurred_at__gt=OuterRef("word_at")
    )
    # One group a fan, without the order of rows.
    paid = since.order_by().values("fan").values(sum=Sum("counted_gross"))
    return fans.annotate(
        owed=Case(
            When(word_at=None, then=F("lifetime_gross")),
            When(last_purchase_at__gt=F("word_at"), then=Coalesce(Subquery(paid), 0)),
            default=0,
            output_field=BigIntegerField(),
        )
    )


@dataclass(frozen=True, slots=True)
class Lag:
    """How long the payments of a window wait for a word: `median` is of those that have had one,
    which are `answered` of `payments`; None without any."""

    median: timedelta | None
    payments: int
    answered: int

    @property
    def days(self) -> float | None:
        return None if self.median is None else self.median / timedelta(days=1)

    @property
    def waiting(self) -> int:
        return self.payments - self.answered


# Each payment meets the one word that came next. They are looked up word by word, from an index
# (OFFSET keeps the planner from joining, for which it would read every payment there is); of people
# who never had a word none is read but to be counted.
LAG = """
WITH words AS (
    SELECT fan_id, occurred_at AS said_at,
           lag(occurred_at, 1, '-infinity') OVER (PARTITION BY fan_id ORDER BY occurred_at)
               AS said_before
    FROM fans_touch
    WHERE creator_id = %(creator)s AND kind <> 'they_wrote' AND occurred_at < %(now)s
), answered AS (
    SELECT said_at - paid_at AS waited
    FROM words CROSS JOIN LATERAL (
        SELECT occurred_at AS paid_at FROM revenue_purchase
        WHERE creator_id = %(creator)s AND fan_id = words.fan_id
          AND occurred_at >= %(start)s AND occurred_at > said_before AND occurred_at <= said_at
          AND state NOT IN ('failed', 'authorised', 'cancelled', 'elsewhere')
        OFFSET 0
    ) AS payment
    WHERE said_at >= %(start)s
)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY waited), count(*), (
    SELECT count(*) FROM revenue_purchase
    WHERE creator_id = %(creator)s AND fan_id IS NOT NULL
      AND occurred_at >= %(start)s AND occurred_at < %(now)s
      AND state NOT IN ('failed', 'authorised', 'cancelled', 'elsewhere')
)
FROM answered
"""


def gratitude_lag(*, creator: Creator, now: datetime) -> Lag:
    """From the payments of the window of `now` to the creator's next word to whoever paid."""
    with connection.cursor() as cursor:
        cursor.execute(LAG, {"creator": creator.pk, "now": now, "start": creator.window_start(now)})
        median, answered, payments = cursor.fetchone()
    return Lag(median=median, payments=payments, answered=answered)
