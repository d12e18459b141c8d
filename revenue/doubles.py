"""Payments of which two sources tell: exactly one of the two counts.

Only an exact id makes one payment of two (a shop's file that names the charge, the provider's
number in its own export), or the creator's own word (`revenue.likeness`). What merely looks alike
is never decided here. Of two, the connected account's counts before any file's, because it is told
of every return; of two files the shop's before the payment provider's, because it knows what was
bought; what was typed by hand counts last; and where nothing else tells them apart always the same
one.
"""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef

from fans.models import Creator
from revenue.models import Double, PaymentLink, Purchase, Source
from revenue.values import Payment
from truefans.lookups import array_of_texts

#: Files that stand behind all others, the one that knows more of a payment first: they come from
#: whom the money went through, not from whom it was spent with, or hold a part of another one.
BEHIND = (
    *("stripe_payments", "paypal", "stripe_balance"),
    *("etsy_payments", "etsy_items", "eventbrite_orders"),
)

RANK = """CASE WHEN {source}.kind = 'hand' THEN 1000 WHEN {source}.kind <> 'file' THEN 0
               ELSE coalesce(array_position(%(behind)s, {source}.account_id), 0) + 1 END"""

# Every pair of payments that are one: (`mine`, of this source; `theirs`, of another; the rank of
# each source). A link may stand on either side, and so may each of the two in what was said.
PAIRS = f"""
SELECT mine, theirs, source_id, (rank_of_theirs, account_id, source_id) < (
    SELECT {RANK.format(source="own")}, account_id, id
    FROM revenue_source AS own WHERE id = %(source)s
) AS is_theirs_to_count
FROM (
    SELECT link.external_id AS mine, other.external_id AS theirs, other.source_id, other.state,
           {RANK.format(source="source")} AS rank_of_theirs, source.account_id
    FROM revenue_paymentlink AS link
    JOIN revenue_purchase AS other
      ON other.external_id = link.value AND other.source_id = ANY(%(others)s)
    JOIN revenue_source AS source ON source.id = other.source_id
    WHERE link.source_id = %(source)s AND link.external_id = ANY(%(ids)s::text[])
    UNION
    SELECT link.external_id, other.external_id, other.source_id, other.state,
           {RANK.format(source="source")}, source.account_id
    FROM revenue_paymentlink AS link
    JOIN revenue_purchase AS other
      ON other.intent_id = link.value AND other.intent_id <> ''
     AND other.source_id = ANY(%(others)s)
    JOIN revenue_source AS source ON source.id = other.source_id
    WHERE link.source_id = %(source)s AND link.external_id = ANY(%(ids)s::text[])
    UNION
    SELECT link.value, other.external_id, other.source_id, other.state,
           {RANK.format(source="source")}, source.account_id
    FROM revenue_paymentlink AS link
    JOIN revenue_source AS source ON source.id = link.source_id
    JOIN revenue_purchase AS other
      ON other.source_id = link.source_id AND other.external_id = link.external_id
    WHERE link.value = ANY(%(names)s::text[]) AND link.source_id = ANY(%(others)s)
    UNION
    SELECT link.external_id, other.external_id, other.source_id, other.state,
           {RANK.format(source="source")}, source.account_id
    FROM revenue_paymentlink AS link
    JOIN revenue_paymentlink AS twin
      ON twin.value = link.value AND twin.kind = link.kind AND twin.source_id = ANY(%(others)s)
    JOIN revenue_source AS source ON source.id = twin.source_id
    JOIN revenue_purchase AS other
      ON other.source_id = twin.source_id AND other.external_id = twin.external_id
    WHERE link.source_id = %(source)s AND link.external_id = ANY(%(ids)s::text[])
    UNION
    SELECT said.external_id, other.external_id, other.source_id, other.state,
           {RANK.format(source="source")}, source.account_id
    FROM revenue_double AS said
    JOIN revenue_source AS source ON source.id = said.twin_source_id
    JOIN revenue_purchase AS other
      ON other.source_id = said.twin_source_id AND other.external_id = said.twin_id
    WHERE said.verdict = 'one' AND said.source_id = %(source)s
      AND said.external_id = ANY(%(ids)s::text[])
    UNION
    SELECT said.twin_id, other.external_id, other.source_id, other.state,
           {RANK.format(source="source")}, source.account_id
    FROM revenue_double AS said
    JOIN revenue_source AS source ON source.id = said.source_id
    JOIN revenue_purchase AS other
      ON other.source_id = said.source_id AND other.external_id = said.external_id
    WHERE said.verdict = 'one' AND said.twin_source_id = %(source)s
      AND said.twin_id = ANY(%(ids)s::text[])
) AS pairs
WHERE state <> ALL(%(nothing)s)
"""  # noqa: S608  (nothing in it is typed by anybody)
NOTHING = [state.value for state in Purchase.NOTHING_PAID if state != Purchase.State.ELSEWHERE]


def told_twice(creator_id: int) -> bool:
    """Whether any file of this creator names payments of others at all, or the creator does."""
    links = PaymentLink.objects.filter(source__creator=OuterRef("pk"))
    said = Double.objects.filter(creator=OuterRef("pk"), verdict=Double.Verdict.ONE)
    return Creator.objects.filter(Exists(links) | Exists(said), pk=creator_id).exists()


class Pair(NamedTuple):
    """Two payments that are one: `mine` of the source that was asked about, `theirs` of another."""

    mine: str
    theirs: str
    source_id: int
    is_theirs_to_count: bool


def pairs_of(source: Source, payments: Mapping[str, Payment]) -> list[Pair]:
    """Which of `payments` (by outside id) other sources tell of, too."""
    others = Source.objects.filter(creator=source.creator_id).exclude(pk=source.pk)
    if not payments or not told_twice(source.creator_id):
        return []
    if not (of_others := list(others.values_list("pk", flat=True))):
        return []
    names = {payment.intent_id: name for name, payment in payments.items() if payment.intent_id}
    names |= {name: name for name in payments}
    with connection.cursor() as cursor:
        cursor.execute(
            PAIRS,
            {
                "source": source.pk,
                "others": of_others,
                "ids": array_of_texts(payments),
                "names": array_of_texts(names),
                "behind": list(BEHIND),
                "nothing": NOTHING,
            },
        )
        found = map(Pair._make, cursor.fetchall())
    return [pair._replace(mine=names.get(pair.mine, pair.mine)) for pair in found]
