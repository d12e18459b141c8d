"""The rooms of a creator with few people and with many, against a page with one query.

Each page is asked for through the whole application in this process, in turns with what it is held
against, so that neither a client nor the rest of the machine blurs the difference. Both creators
have as many dots in their field, because a circle is as large as its target, not as its crowd.
"""

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from bench.database import vacuum
from bench.ratio import Medians, Ratio
from fans.models import Creator, Fan, User
from revenue.models import Source
from revenue.spend import recompute_due_fans
#from revenue.summary import summarise

#: Of however many people, so many spend enough to be true fans.
TRUE = 600

PEOPLE = """
INSERT INTO fans_fan (creator_id, name, email, recompute_at, created_at)
SELECT %(creator)s, initcap(substr(md5(n::text), 1, 5)) || ' Writer ' || n,
       'p' || n || '@example.com', now(), now()
FROM generate_series(1, %(people)s) AS n
"""
# The first people are those who spend most; everybody buys ten times in 900 days.
PURCHASES = """
INSERT INTO revenue_purchase (creator_id, source_id, external_id, fan_id, customer_id, occurred_at,
    own_kind, description, currency, amount, status, payer_email, payer_name, payer_country,
    intent_id, shown_currency, is_elsewhere, raw, kind, invoice_id, state, returned,
    settlement_currency, fee, net, counted_currency, counted_gross, counted_net, rate, rate_date,
    rate_origin)
SELECT %(creator)s, %(source)s, 'ch_' || number, fan_id, '', bought_at,
       'sale', 'Album', 'GBP', amount, 'succeeded', '', '', '',
       '', '', false, '', 'sale', '', 'paid', 0,
       'GBP', 35, amount - 35, 'GBP', amount, amount - 35, 1, bought_at::date, 'same'
FROM (
    SELECT fan.id AS fan_id, (place - 1) * 10 + turn AS number,
           now() - (turn - 1 + place * 7919 %% 1000 / 1000.0) * interval '90 days' AS bought_at,
           CASE WHEN place <= %(true)s THEN 2600 + place * 13 %% 2000
                ELSE 100 + (place * 31 + turn * 17) %% 1900 END AS amount
    FROM (
        SELECT id, row_number() OVER (ORDER BY id) AS place FROM fans_fan WHERE creator_id = %(creator)s
    ) AS fan, generate_series(1, 10) AS turn
) AS bought
"""


def furnish(people: int) -> Creator:
    """A creator with `people` who bought ten times each, everybody recomputed and summed up."""
    owner = User.objects.create(email=f"owner-of-{people}@example.org")
    creator = Creator.objects.create(
        owner=owner, handle=f"bench-{people}", name="Bench", currency="GBP", target_spend=100_00
    )
    creator.create_default_tiers()
    source = Source.objects.create(
        creator=creator, account_id="acct_bench", livemode=False, key="-", synced_at=timezone.now()
    )
    values = {"creator": creator.pk, "source": source.pk, "people": people, "true": TRUE}
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, values)
        cursor.execute(PURCHASES, values)
    recompute_due_fans(creator=creator, now=timezone.now())
    return creator
