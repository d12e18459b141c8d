"""Who may be one person with two records: looked for among everybody, proposed, and never decided.

All of it is a few passes over what people are known by, made by a worker once in a while, as the
figures of everybody are (docs/decisions/0018). What many share is nobody's own: a name that half a
town has, or a mailbox that a shop gives a plus-tag to each buyer of, proposes nothing.
"""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from fans.models import Creator, Reason
from revenue.refusing import refuse_again
from revenue.spend import PLAN

#: A mailbox, a name in a country or a customer of more people than this is no reason.
MOST = 4

# Each part gives pairs (one, other, reason) of the creator's people, either way round.
MAILBOXES = """
mailbox AS MATERIALIZED (
    SELECT fan_id, plain, domain, CASE
        WHEN domain IN ('gmail.com', 'googlemail.com')
        THEN replace(plain, '.', '') || '@gmail.com' ELSE plain || '@' || domain END AS inbox
    FROM (
        SELECT fan_id, regexp_replace(substring(value FROM '^(.*)@'), '\\+.*$', '') AS plain,
               substring(value FROM '@([^@]*)$') AS domain
        FROM fans_identity WHERE creator_id = %(creator)s AND kind = 'email'
    ) AS address
    WHERE plain <> ''
), shared AS (
    SELECT inbox, array_agg(DISTINCT fan_id) AS people FROM mailbox
    GROUP BY inbox HAVING min(fan_id) < max(fan_id)
), same_mailbox AS (
    SELECT one.fan_id AS one, other.fan_id AS other,
           CASE WHEN (one.plain, one.domain) = (other.plain, other.domain)
                THEN %(tag)s ELSE %(dots)s END AS reason
    FROM shared JOIN mailbox AS one USING (inbox) JOIN mailbox AS other USING (inbox)
    WHERE cardinality(people) <= %(most)s
)
"""
# Two words at least, so that a mere “Anna” is nobody in particular; and no two birthdays.
NAMES = """
namesakes AS (
    SELECT array_agg(fan.id) AS people
    FROM fans_namepart AS part JOIN fans_fan AS fan ON fan.id = part.fan_id
    WHERE part.creator_id = %(creator)s AND part.place = 1 AND part.text LIKE '%% %%'
      AND fan.country <> ''
    GROUP BY part.text, fan.country HAVING count(*) BETWEEN 2 AND %(most)s
), same_name AS (
    SELECT one, other, %(name)s AS reason
    FROM namesakes CROSS JOIN unnest(people) AS one CROSS JOIN unnest(people) AS other
    LEFT JOIN fans_acquaintance AS mine ON mine.creator_id = %(creator)s AND mine.fan_id = one
    LEFT JOIN fans_acquaintance AS theirs
      ON theirs.creator_id = %(creator)s AND theirs.fan_id = other
    WHERE one < other AND ((mine.birth_day, mine.birth_month)
        <> (theirs.birth_day, theirs.birth_month)) IS NOT TRUE
)
"""
# One customer with payments of several people: with the addresses typed at the till. Whom the
# creator said a customer to be, with who has the address that they or their payments have now.
# Who paid with an account that is known by its address, with who has that address. And whom a file
# of members says a customer of Stripe to be, with who has that customer's payments.
CUSTOMERS = r"""
several AS (
    SELECT source_id, customer_id FROM revenue_purchase
    WHERE creator_id = (SELECT %(creator)s) AND fan_id IS NOT NULL AND customer_id <> ''
    GROUP BY source_id, customer_id HAVING min(fan_id) < max(fan_id)
), customers AS (
    SELECT array_agg(DISTINCT purchase.fan_id) AS people
    FROM several JOIN revenue_purchase AS purchase
      ON purchase.source_id = several.source_id AND purchase.customer_id = several.customer_id
     AND purchase.customer_id <> ''
    WHERE purchase.fan_id IS NOT NULL AND (
        SELECT true FROM revenue_assignment AS assignment
        WHERE assignment.source_id = purchase.source_id
          AND assignment.external_id = purchase.external_id
    ) IS NOT TRUE
    GROUP BY several.source_id, several.customer_id
), same_customer AS (
    SELECT one, other, %(customer)s AS reason
    FROM customers, unnest(people) AS one, unnest(people) AS other
    WHERE cardinality(people) <= %(most)s
    UNION ALL
    SELECT said.fan_id, address.fan_id, %(customer)s
    FROM fans_identity AS said
    JOIN revenue_customer AS customer ON customer.external_id = said.value
    JOIN revenue_source AS source ON source.id = customer.source_id
     AND source.creator_id = said.creator_id
    JOIN fans_identity AS address ON address.creator_id = said.creator_id
     AND address.kind = 'email' AND address.value = customer.email
    WHERE said.creator_id = %(creator)s AND said.stands AND customer.email <> ''
    UNION ALL
    SELECT DISTINCT said.fan_id, purchase.fan_id, %(customer)s
    FROM fans_identity AS said
    JOIN revenue_source AS source ON source.creator_id = said.creator_id
    JOIN revenue_purchase AS purchase ON purchase.source_id = source.id
     AND purchase.customer_id = said.value AND purchase.customer_id <> ''
    WHERE said.creator_id = %(creator)s AND said.stands AND purchase.fan_id IS NOT NULL
    UNION ALL
    SELECT DISTINCT purchase.fan_id, address.fan_id, %(customer)s
    FROM revenue_source AS source
    JOIN revenue_purchase AS purchase ON purchase.source_id = source.id
     AND purchase.customer_id LIKE 'gumroad:%%@%%' AND purchase.fan_id IS NOT NULL
    JOIN fans_identity AS address ON address.creator_id = source.creator_id
     AND address.kind = 'email' AND 'gumroad:' || address.value = purchase.customer_id
    WHERE source.creator_id = %(creator)s AND source.account_id = 'gumroad' AND (
        SELECT true FROM revenue_assignment AS assignment
        WHERE assignment.source_id = purchase.source_id
          AND assignment.external_id = purchase.external_id
    ) IS NOT TRUE
    UNION ALL
    SELECT DISTINCT membership.fan_id, purchase.fan_id, %(customer)s
    FROM revenue_membership AS membership
    JOIN revenue_source AS file ON file.id = membership.source_id AND file.kind = 'file'
    JOIN revenue_source AS source ON source.creator_id = membership.creator_id
    JOIN revenue_purchase AS purchase ON purchase.source_id = source.id
     AND purchase.customer_id = membership.customer_id AND purchase.customer_id <> ''
    WHERE membership.creator_id = %(creator)s AND membership.customer_id LIKE 'cus\_%%'
      AND membership.fan_id IS NOT NULL AND purchase.fan_id IS NOT NULL
)
"""
PROVED = """
same_account AS (
    SELECT one.fan_id AS one, other.fan_id AS other, %(proved)s AS reason, one.creator_id
    FROM account_emailaddress AS mine
    JOIN account_emailaddress AS also ON also.user_id = mine.user_id AND also.id > mine.id
    JOIN fans_identity AS one ON one.kind = 'email' AND one.value = lower(mine.email)
    JOIN fans_identity AS other ON other.kind = 'email' AND other.value = lower(also.email)
     AND other.creator_id = one.creator_id
    WHERE mine.verified AND also.verified AND {whose}
)
"""
FIND = f"""
CREATE TEMPORARY TABLE found ON COMMIT DROP AS
WITH {MAILBOXES}, {NAMES}, {CUSTOMERS},
{PROVED.format(whose="one.creator_id = %(creator)s")}
SELECT least(one, other) AS first_id, greatest(one, other) AS second_id,
       array_agg(DISTINCT reason::smallint ORDER BY reason::smallint) AS reasons
FROM (
    SELECT one, other, reason FROM same_mailbox UNION ALL SELECT * FROM same_name
    UNION ALL SELECT * FROM same_customer UNION ALL SELECT one, other, reason FROM same_account
) AS pair
WHERE one <> other GROUP BY 1, 2
"""  # noqa: S608  (words of our own)
FORGET = """
DELETE FROM fans_proposal AS proposal
WHERE creator_id = %(creator)s AND refused_at IS NULL AND NOT EXISTS (
    SELECT FROM found
    WHERE found.first_id = proposal.first_id AND found.second_id = proposal.second_id)
"""
# The people may be gone since they were found: whoever takes them away holds the creator's lock.
PROPOSE = """
INSERT INTO fans_proposal AS proposal (creator_id, first_id, second_id, reasons, found_at)
SELECT %(creator)s, first_id, second_id, reasons, %(now)s FROM found
WHERE EXISTS (SELECT FROM fans_fan WHERE id = first_id)
  AND EXISTS (SELECT FROM fans_fan WHERE id = second_id)
ON CONFLICT (first_id, second_id) DO UPDATE SET reasons = excluded.reasons
WHERE proposal.refused_at IS NULL AND proposal.reasons <> excluded.reasons
"""
PROPOSE_PROVED = f"""
WITH {PROVED.format(whose="mine.user_id = %(user)s")}
INSERT INTO fans_proposal AS proposal (creator_id, first_id, second_id, reasons, found_at)
SELECT DISTINCT creator_id, least(one, other), greatest(one, other), ARRAY[reason::smallint],
       %(now)s::timestamptz
FROM same_account WHERE creator_id = %(creator)s AND one <> other
ON CONFLICT (first_id, second_id) DO UPDATE SET reasons = excluded.reasons || proposal.reasons
WHERE proposal.refused_at IS NULL AND NOT proposal.reasons @> excluded.reasons
"""  # noqa: S608
WHERE_PROVED = f"""
WITH {PROVED.format(whose="mine.user_id = %(user)s")}
SELECT DISTINCT creator_id FROM same_account WHERE one <> other
"""  # noqa: S608
REASONS = {reason.name.lower(): reason.value for reason in Reason}


def propose(*, creator: Creator, now: datetime) -> None:
    """Find the pairs of `creator`'s people that may be one, and forget those that no longer may."""
    parameters: dict[str, Any] = {"creator": creator.pk, "now": now, "most": MOST, **REASONS}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PLAN)
        cursor.execute(FIND, parameters)
        Creator.objects.select_for_update(no_key=True).get(pk=creator.pk)
        cursor.execute(FORGET, parameters)
        cursor.execute(PROPOSE, parameters)
        refuse_again(creator=creator.pk)
        cursor.execute("DROP TABLE found")


def propose_proved(*, user: int, now: datetime) -> None:
    """Propose to each creator what follows from the addresses that a user (row id) has proved."""
    with connection.cursor() as cursor:
        cursor.execute(WHERE_PROVED, {"user": user, **REASONS})
        creators = sorted(pk for (pk,) in cursor.fetchall())
        for pk in creators:
            with transaction.atomic():
                Creator.objects.select_for_update(no_key=True).filter(pk=pk).first()
                cursor.execute(PROPOSE_PROVED, {"user": user, "creator": pk, "now": now, **REASONS})
                refuse_again(creator=pk)
