"""The recompute, against the bare GROUP BY over the same purchases."""

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from bench.database import vacuum
from bench.ratio import Ratio, compare
from fans.models import Creator, Fan, User
from revenue.models import Source
from revenue.spend import recompute_all_fans, recompute_due_fans

FILL = """
INSERT INTO revenue_purchase (creator_id, source_id, external_id, fan_id, customer_id, occurred_at,
    own_kind, description, currency, amount, status, payer_email, payer_name, payer_country,
    intent_id, shown_currency, is_elsewhere, raw, kind, invoice_id, state, returned,
    settlement_currency, fee, net, counted_currency, counted_gross, counted_net, rate, rate_date,
    rate_origin)
SELECT %(creator)s, %(source)s, 'ch_' || n, %(first)s + n %% %(fans)s, '',
       now() - n * interval '900 days' / %(purchases)s,
       'sale', 'Album', 'GBP', 1000 + n %% 2000, 'succeeded', '', '', '',
       '', '', false, '', 'sale', '', 'paid', 0,
       'GBP', 35, 965 + n %% 2000, 'GBP', 1000 + n %% 2000, 965 + n %% 2000, 1, now()::date,
       'same'
FROM generate_series(1, %(purchases)s) AS n
"""
GROUP_BY = """
SELECT fan_id, sum(counted_gross), sum(counted_net) FROM revenue_purchase
WHERE creator_id = %s GROUP BY fan_id
"""


def ratios(*, quick: bool) -> list[Ratio]:
    fans, purchases, rounds = (20_000, 200_000, 3) if quick else (100_000, 1_000_000, 5)
    large = _creator(fans, purchases)
    small = _creator(fans // 100, purchases // 100)
    recompute_all_fans(creator=large, now=timezone.now())
    recompute_all_fans(creator=small, now=timezone.now())
    vacuum()
    unit = f"the bare GROUP BY over {purchases:,} purchases"
    now = timezone.now()
    return [
        compare(
            what=f"recompute of all {fans:,} fans, nothing changed",
            work=lambda: recompute_all_fans(creator=large, now=now),
            unit=unit,
            yardstick=lambda: group_by(large),
            limit=3,
            rounds=rounds,
        ),
        compare(
            what="the same, everybody changed",
            work=lambda: recompute_all_fans(creator=large, now=now),
            unit=unit,
            yardstick=lambda: group_by(large),
            limit=12,
            rounds=rounds,
            before=lambda: _spoil(large),
        ),
        compare(
            what="the same, the window a month shorter, or longer again",
            work=lambda: recompute_all_fans(creator=large, now=now),
            unit=unit,
            yardstick=lambda: group_by(large),
            limit=12,
            rounds=rounds,
            before=lambda: _change_the_window(large),
        ),
        compare(
            what="recompute of 100 due fans of many",
            work=lambda: recompute_due_fans(creator=large, now=now),
            unit=f"the same of {fans // 100:,} fans with {purchases // 100:,} purchases",
            yardstick=lambda: recompute_due_fans(creator=small, now=now),
            limit=1.5,
            rounds=rounds,
            before=lambda: _due([large, small], now),
        ),
        compare(
            what="finding who is due, all creators",
            work=lambda: list(Fan.objects.due(now - timedelta(days=1))[:1000]),
            unit=unit,
            yardstick=lambda: group_by(large),
            limit=0.05,
            rounds=rounds,
        ),
    ]


def _creator(fans: int, purchases: int) -> Creator:
    owner, _ = User.objects.get_or_create(email="bench@example.org")
    creator = Creator.objects.create(
        owner=owner, handle=f"bench-{fans}", name="Bench", currency="GBP", target_spend=100_00
    )
    creator.create_default_tiers()
    source = Source.objects.create(
        creator=creator, account_id="acct_bench", livemode=False, key="-", synced_at=timezone.now()
    )
    people = (Fan(creator=creator, email=f"p{n}@example.com") for n in range(fans))
    made = Fan.objects.bulk_create(people, batch_size=10_000)
    with connection.cursor() as cursor:
        cursor.execute(
            FILL,
            {
                "creator": creator.pk,
                "source": source.pk,
                "first": made[0].pk,
                "fans": fans,
                "purchases": purchases,
            },
        )
    return creator


def group_by(creator: Creator) -> None:
    """The least that it takes to look at all purchases of `creator`."""
    with connection.cursor() as cursor:
        cursor.execute(GROUP_BY, [creator.pk])
        cursor.fetchall()


def _spoil(creator: Creator) -> None:
    Fan.objects.filter(creator=creator).update(lifetime_gross=-1)
    vacuum()


def _change_the_window(creator: Creator) -> None:
    """Changes nearly everybody's spend, and with it entries of the indexes."""
    creator.window_months = 23 - creator.window_months
    creator.save()
    vacuum()


def _due(creators: list[Creator], now: datetime) -> None:
    for creator in creators:
        ids = list(creator.fans.order_by("pk").values_list("pk", flat=True)[:100])
        Fan.objects.mark_due(ids, now=now)
