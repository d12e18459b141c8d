"""Payments of two sources that look like one: found by a worker, decided by the creator alone.

Nothing is joined by a likeness. Two payments are asked about when they are of different sources,
of one amount and currency (or of one after the fee that is known of the other), not far from each
other in time, and of the same person, address or name. Where an exact id links either of them to
the other's source there is no question.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from fans.models import Creator, User
from revenue.ingest import lock
from revenue.models import Double, Purchase, Source
from revenue.purchases import count_purchases

#: So many new pairs at once make another table of it.
MANY = 10_000
#: So far apart one payment may stand in two places: a transfer, a weekend, another time zone.
APART = timedelta(days=3)

# Only what is not of the largest source is looked for, among everything: who has one large source
# and a few small ones pays for the small ones. The joins by person find each purchase by its index.
FIND = """
WITH paid AS NOT MATERIALIZED (
    SELECT source_id, external_id, intent_id, fan_id, occurred_at, currency, amount,
           payer_email, lower(payer_name) AS name,
           CASE WHEN settlement_currency = currency AND fee <> 0 AND returned = 0 THEN net END
               AS after_fee
    FROM revenue_purchase
    WHERE creator_id = %(creator)s AND state <> ALL(%(nothing)s) AND amount > 0
), largest AS MATERIALIZED (
    SELECT source_id FROM paid GROUP BY source_id ORDER BY count(*) DESC, source_id LIMIT 1
), few AS MATERIALIZED (
    SELECT * FROM paid WHERE source_id NOT IN (SELECT source_id FROM largest)
), alike AS (
    SELECT few.source_id AS a_source, few.external_id AS a, few.intent_id AS a_intent,
           other.source_id AS b_source, other.external_id AS b, other.intent_id AS b_intent,
           1 AS place
    FROM few JOIN paid AS other ON other.fan_id = few.fan_id AND {SAME}
    UNION ALL
    SELECT few.source_id, few.external_id, few.intent_id,
           other.source_id, other.external_id, other.intent_id, 2
    FROM few JOIN paid AS other
      ON other.payer_email = few.payer_email AND few.payer_email <> '' AND {SAME}
    UNION ALL
    SELECT few.source_id, few.external_id, few.intent_id,
           other.source_id, other.external_id, other.intent_id, 3
    FROM few JOIN paid AS other ON other.name = few.name AND few.name <> '' AND {SAME}
), pairs AS MATERIALIZED (
    SELECT DISTINCT ON (least(a_source, b_source), greatest(a_source, b_source),
                        CASE WHEN a_source < b_source THEN a ELSE b END,
                        CASE WHEN a_source < b_source THEN b ELSE a END) *
    FROM alike
    ORDER BY least(a_source, b_source), greatest(a_source, b_source),
             CASE WHEN a_source < b_source THEN a ELSE b END,
             CASE WHEN a_source < b_source THEN b ELSE a END, place
), found AS MATERIALIZED (
    SELECT least(a_source, b_source) AS source_id,
           CASE WHEN a_source < b_source THEN a ELSE b END AS external_id,
           greatest(a_source, b_source) AS twin_source_id,
           CASE WHEN a_source < b_source THEN b ELSE a END AS twin_id,
           place
    FROM pairs WHERE NOT {LINKED_A} AND NOT {LINKED_B}
), gone AS (
    DELETE FROM revenue_double AS double
    WHERE creator_id = %(creator)s AND verdict = 'open' AND NOT EXISTS (
        SELECT FROM found
        WHERE found.source_id = double.source_id AND found.external_id = double.external_id
          AND found.twin_source_id = double.twin_source_id AND found.twin_id = double.twin_id)
)
INSERT INTO revenue_double
    (creator_id, source_id, external_id, twin_source_id, twin_id, reason, verdict)
SELECT %(creator)s, source_id, external_id, twin_source_id, twin_id,
       (ARRAY['person', 'address', 'name'])[place], 'open'
FROM found
ORDER BY source_id, external_id, twin_source_id, twin_id
ON CONFLICT (source_id, external_id, twin_source_id, twin_id) DO NOTHING
"""
SAME = """other.source_id <> few.source_id AND other.currency = few.currency
     AND other.occurred_at BETWEEN few.occurred_at - %(apart)s AND few.occurred_at + %(apart)s
     AND (other.amount = few.amount OR other.after_fee = few.amount OR other.amount = few.after_fee)
"""


def _linked(one: str, other: str) -> str:
    """Whether `one` is known to be a payment of the source of `other`, by an exact id or because
    the creator said so."""
    return f"""(EXISTS (
    SELECT FROM revenue_paymentlink AS link JOIN revenue_purchase AS named
      ON named.source_id = {other}_source AND named.external_id = link.value
    WHERE link.source_id = {one}_source AND link.external_id = {one}
) OR EXISTS (
    SELECT FROM revenue_paymentlink AS link
    WHERE link.source_id = {other}_source
      AND link.value = ANY(ARRAY[{one}, nullif({one}_intent, '')])
) OR EXISTS (
    SELECT FROM revenue_double AS said
    WHERE said.verdict = 'one' AND (
        (said.source_id, said.external_id, said.twin_source_id)
            = ({one}_source, {one}, {other}_source)
        OR (said.twin_source_id, said.twin_id, said.source_id)
            = ({one}_source, {one}, {other}_source))
))"""  # noqa: S608  (names of columns)


FIND = FIND.format(SAME=SAME, LINKED_A=_linked("a", "b"), LINKED_B=_linked("b", "a"))


def find_doubles(*, creator: Creator) -> None:
    """Look for payments of `creator` that look like one, and forget what does not any more; one
    statement. What was said of any stays."""
    parameters: dict[str, Any] = {
        "creator": creator.pk,
        "apart": APART,
        "nothing": [state.value for state in Purchase.NOTHING_PAID],
    }
    with connection.cursor() as cursor:
        cursor.execute(FIND, parameters)
        if cursor.rowcount > MANY:
            # What the planner knows of the table is what it was before.
            cursor.execute("ANALYZE revenue_double")


class NotInQuestion(Exception):
    """The two are not asked about any more: something was said of them, or one is gone."""


def say(*, double: Double, verdict: Double.Verdict, by: User, now: datetime) -> None:
    """Have the two be one payment, of which one counts, or two. Raises NotInQuestion."""
    with transaction.atomic():
        sources = _locked(double)
        asked = Double.objects.in_question().filter(pk=double.pk).first()
        if asked is None:
            raise NotInQuestion
        asked.verdict, asked.by, asked.said_at = verdict, by, now
        asked.save(update_fields=["verdict", "by", "said_at"])
        _count_anew(asked, sources, now=now)


def unsay(*, double: Double, now: datetime) -> bool:
    """Have the question be open again, and both count meanwhile; whether it was not already."""
    with transaction.atomic():
        sources = _locked(double)
        said = Double.objects.said().filter(pk=double.pk).first()
        if said:
            said.verdict, said.by, said.said_at = Double.Verdict.OPEN, None, None
            said.save(update_fields=["verdict", "by", "said_at"])
            _count_anew(said, sources, now=now)
    return said is not None


def _locked(double: Double) -> list[Source]:
    """Both sources, in the order in which everybody locks, with their creator."""
    both = Source.objects.filter(pk__in=[double.source_id, double.twin_source_id])
    kept = both.exclude(state=Source.State.REMOVING).order_by("pk")
    return [lock(source) for source in list(kept.select_for_update(no_key=True))]


def _count_anew(double: Double, sources: list[Source], *, now: datetime) -> None:
    names = {double.source_id: double.external_id, double.twin_source_id: double.twin_id}
    for source in sources:
        count_purchases(source=source, touched=[names[source.pk]], now=now)
