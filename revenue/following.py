"""Who changes their address at the provider stays who they are.

A payment is whose address its customer has (`revenue.attribution`). When that changes to one which
nobody has, and nobody is left at the old one, it is the person who has changed it: with their seat,
and all that was said with them and noted of them. In a clean import they are the same person.
"""

from collections.abc import Mapping

from django.db import connection

from revenue.attribution import ASSIGNED, BY
from revenue.models import Source


def follow(*, source: Source, before: Mapping[int, str]) -> None:
    """Have people be known by the addresses that their customers have now, where those are others
    than `before` (by the customers' row ids, "" for none).

    The caller holds the lock on the creator, and has not attributed anything by the new ones yet.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            FOLLOW,
            {
                "source": source.pk,
                "creator": source.creator_id,
                "customers": [*before.keys()],
                "emails": [*before.values()],
            },
        )


# `known`: by what somebody was known until now, a customer's own id where there was no address;
# `free`: by what nothing else is theirs. Where several come to one address, the earliest seat does.
# An address that is known by more than payments, as its owner has claimed it, stays beside the new.
FOLLOW = f"""
WITH changed AS MATERIALIZED (
    SELECT customer.external_id, before.email AS was, customer.email AS now
    FROM unnest(%(customers)s::bigint[], %(emails)s::text[]) AS before (id, email)
    JOIN revenue_customer AS customer ON customer.id = before.id
    WHERE customer.email NOT IN ('', before.email) AND NOT EXISTS (
        SELECT FROM fans_identity AS taken WHERE taken.creator_id = %(creator)s
        AND taken.kind = 'email' AND taken.value = customer.email
    ) AND NOT EXISTS (
        SELECT FROM fans_identity AS said WHERE said.creator_id = %(creator)s
        AND said.stands AND said.value = customer.external_id)
), known AS (
    SELECT purchase.fan_id, changed.now, changed.external_id,
           coalesce(nullif(changed.was, ''), purchase.payer_email) AS email
    FROM changed JOIN revenue_purchase AS purchase
      ON purchase.source_id = %(source)s AND purchase.customer_id = changed.external_id
     AND purchase.customer_id <> '' AND purchase.fan_id IS NOT NULL
    WHERE {ASSIGNED} IS NOT TRUE
    UNION
    SELECT membership.fan_id, changed.now, changed.external_id, changed.was
    FROM changed JOIN revenue_membership AS membership
      ON membership.source_id = %(source)s AND membership.customer_id = changed.external_id
     AND membership.fan_id IS NOT NULL
), free AS (
    SELECT fan.id AS fan_id, fan.seat, known.email AS was, known.now, identity.id,
           identity.kind = 'email' AND identity.evidence = 'payment' AS goes
    FROM known JOIN fans_fan AS fan ON fan.id = known.fan_id
    JOIN fans_identity AS identity ON identity.fan_id = known.fan_id
     AND identity.kind = CASE known.email WHEN '' THEN 'stripe_customer' ELSE 'email' END
     AND identity.value = coalesce(nullif(known.email, ''), known.external_id)
    WHERE NOT EXISTS (
        SELECT FROM revenue_purchase AS purchase {BY}
        WHERE purchase.creator_id = %(creator)s AND purchase.fan_id = known.fan_id
          AND coalesce(nullif(customer.email, ''), purchase.payer_email) = known.email
          AND known.email <> ''
    ) AND NOT EXISTS (
        SELECT FROM revenue_membership AS membership LEFT JOIN revenue_customer AS customer
          ON customer.source_id = membership.source_id
         AND customer.external_id = membership.customer_id
        WHERE membership.fan_id = known.fan_id
          AND coalesce(nullif(customer.email, ''), known.email) = known.email
    )
), first AS (
    SELECT DISTINCT ON (now) * FROM free ORDER BY now, seat, fan_id, id
), follower AS (
    SELECT DISTINCT ON (fan_id) * FROM first ORDER BY fan_id, now
), moved AS (
    UPDATE fans_identity AS identity SET value = follower.now
    FROM follower WHERE identity.id = follower.id AND follower.goes
), joined AS (
    INSERT INTO fans_identity (creator_id, fan_id, kind, value, evidence, created_at)
    SELECT %(creator)s, fan_id, 'email', now, 'payment', now() FROM follower
    WHERE NOT goes
)
UPDATE fans_fan AS fan SET email = follower.now
FROM follower WHERE fan.id = follower.fan_id AND fan.email = follower.was AND (goes OR was = '')
"""  # noqa: S608  (words of our own)
