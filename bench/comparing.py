"""What a creator is asked about, found in a crowd: against the bare GROUP BY over the purchases."""

from django.db import connection
from django.utils import timezone

from bench.database import vacuum
from bench.ratio import Ratio, compare
from bench.recomputing import group_by
from bench.rooms import furnish
from fans.models import Creator
from revenue.likeness import find_doubles
from revenue.models import Source
from revenue.proposing import propose

# Everybody has an address and a country, and every hundredth the mailbox of their neighbour.
ADDRESSES = """
INSERT INTO fans_identity (creator_id, fan_id, kind, value, evidence, stands, created_at)
SELECT creator_id, id, 'email',
       CASE WHEN id %% 100 = 0 THEN 'p' || id - 1 || '+shop@example.com'
            ELSE 'p' || id || '@example.com' END, '', false, now()
FROM fans_fan WHERE creator_id = %(creator)s
"""
COUNTRIES = "UPDATE fans_fan SET country = 'GB' WHERE creator_id = %(creator)s"
PAYERS = """
UPDATE revenue_purchase SET customer_id = 'cus_' || fan_id, payer_email = 'p' || fan_id
       || '@example.com', payer_name = 'Writer ' || fan_id
WHERE creator_id = %(creator)s
"""
# Of everybody's ten purchases the last is of another source, and as the one before it.
TWINS = """
UPDATE revenue_purchase AS twin
SET source_id = %(other)s, amount = paid.amount, occurred_at = paid.occurred_at
FROM revenue_purchase AS paid
WHERE twin.creator_id = %(creator)s AND paid.creator_id = %(creator)s
  AND substr(twin.external_id, 4)::int %% 10 = 0
  AND paid.external_id = 'ch_' || substr(twin.external_id, 4)::int - 1
"""


def ratios(*, quick: bool) -> list[Ratio]:
    people, rounds = (20_000, 3) if quick else (100_000, 5)
    creator = _known(people)
    unit = f"the bare GROUP BY over {10 * people:,} purchases"
    return [
        compare(
            what=f"who of {people:,} people may be one person",
            work=lambda: propose(creator=creator, now=timezone.now()),
            unit=unit,
            yardstick=lambda: group_by(creator),
            limit=15,
            rounds=rounds,
        ),
        compare(
            what="which payments may be one, a tenth of another source",
            work=lambda: find_doubles(creator=creator),
            unit=unit,
            yardstick=lambda: group_by(creator),
            limit=40,
            rounds=rounds,
        ),
    ]


def _known(people: int) -> Creator:
    """A creator whose people and payments have something to be told apart by."""
    creator = furnish(people)
    other = Source.objects.create(
        creator=creator, account_id="acct_other", livemode=False, key="-", synced_at=timezone.now()
    )
    with connection.cursor() as cursor:
        for statement in (ADDRESSES, COUNTRIES, PAYERS, TWINS):
            cursor.execute(statement, {"creator": creator.pk, "other": other.pk})
    vacuum()
    return creator
