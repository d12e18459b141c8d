"""How fast the admin is at a million purchases and a million movements of 100,000 fans.

Needs an empty, migrated database of its own in DATABASE_URL; fills it if it is empty (about five
minutes, 4 GB) and asks for every list, search, filter and page of the admin::

    DATABASE_URL=… python -m bench.admin_at_a_million

Printed for each: the number of queries, the database's time when asked first and the median of
five times, and the whole answer's median time; all in milliseconds. The exit status is 1 if any
median of the database is above 300 ms.

One of 20 creators has 60 % of everything. Rows are stored as a first import brings them: a creator
after the other, the newest payment first.
"""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truefans.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import Model, QuerySet  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import override_settings  # noqa: E402
from django.urls import reverse  # noqa: E402

from fans.models import Creator, Fan, Identity, Tier, User  # noqa: E402
from revenue.models import Customer, Movement, Purchase, Return, Source, Sync  # noqa: E402

LIMIT = 0.3
ROUNDS = 5
FANS, PURCHASES, CREATORS, SYNCS = 100_000, 1_000_000, 20, 200_000

# `creator_of(fan)`: the first creator has the first 60 % of all fans.
FUNCTION = f"""
CREATE FUNCTION pg_temp.creator_of(fan bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN fan <= {FANS} * 0.6 THEN 1
           ELSE 2 + (fan - 1 - {FANS} * 6 / 10) * {CREATORS - 1} / ({FANS} * 4 / 10) END
$$"""

# As large as what Stripe sends for a payment: 1.5 kB that do not compress.
RAW = """(
    SELECT jsonb_object_agg('field_' || k, md5((n * 40 + k)::text)) FROM generate_series(1, 30) k
)"""

# Who paid purchase n.
FAN = f"(1 + (n - 1) / {PURCHASES // FANS})"

FILL = {
    "creators": f"""
        WITH owners AS (
            INSERT INTO fans_user (email, password, first_name, last_name, is_superuser, is_staff,
                                   is_active, date_joined)
            SELECT 'owner' || n || '@example.org', '!', '', '', false, false, true, now()
            FROM generate_series(1, {CREATORS}) n RETURNING id, email
        )
        INSERT INTO fans_creator (id, owner_id, handle, name, about, fan_word, fans_word, currency,
                                  time_zone, target_count, target_spend, window_months, counts,
                                  created_at)
        SELECT n, owners.id, 'creator-' || n, 'Creator ' || n, '', 'fan', 'fans', 'GBP', 'UTC',
               1000, 10000, 12, 'gross', now()
        FROM generate_series(1, {CREATORS}) n JOIN owners ON email = 'owner' || n || '@example.org'
        """,
    "users": f"""
        INSERT INTO fans_user (email, password, first_name, last_name, is_superuser, is_staff,
                               is_active, date_joined)
        SELECT 'fan' || n || '@example.com', '!', '', '', false, false, true, now()
        FROM generate_series(1, {FANS}) n
        """,
    "tiers": """
        INSERT INTO fans_tier (creator_id, name, threshold)
        SELECT id, 'True', 10000 FROM fans_creator
        """,
    "sources": """
        INSERT INTO revenue_source (id, creator_id, kind, account_id, livemode, name, key, state,
                                    problem, synced_at, connected_at)
        SELECT id, id, 'stripe', 'acct_' || id, true, 'Shop ' || id, '', 'ok', '', now(), now()
        FROM fans_creator
        """,
    "syncs": f"""
        INSERT INTO revenue_sync (source_id, state, phase, cursor, customers_read, movements_read,
                                  movements_new, purchases_changed, problem, started_at, heard_at,
                                  finished_at)
        SELECT 1 + n % {CREATORS}, CASE WHEN n % 5000 = 0 THEN 'failed' ELSE 'done' END, 'finished',
               '', 0, n % 7, 0, 0, '', now() - n * interval '1 minute',
               now() - n * interval '1 minute', now() - n * interval '1 minute'
        FROM generate_series({SYNCS}, 1, -1) n
        """,
    "fans": f"""
        INSERT INTO fans_fan (id, creator_id, name, email, country, purchases, lifetime_gross,
                              lifetime_net, window_gross, window_net, spend, is_true_fan, tier_id,
                              last_purchase_at, created_at)
        SELECT n, creator, initcap(substr(md5(n::text), 1, 5)) || ' Writer ' || n,
               'fan' || n || '@example.com', 'GB', 10, 20000, 19000, n % 10100, n % 10000,
               n % 10100, n % 10100 >= 10000,
               CASE WHEN n % 10100 >= 10000
                    THEN (SELECT id FROM fans_tier WHERE creator_id = creator) END,
               now(), now()
        FROM (SELECT n, pg_temp.creator_of(n) AS creator FROM generate_series(1, {FANS}) n) AS rows
        """,
    "identities": """
        INSERT INTO fans_identity (creator_id, fan_id, kind, value, evidence, created_at)
        SELECT creator_id, id, 'email', email, 'payment', now() FROM fans_fan
        UNION ALL
        SELECT creator_id, id, 'stripe_customer', 'cus_' || md5(id::text), 'payment', now()
        FROM fans_fan
        """,
    "customers": """
        INSERT INTO revenue_customer (source_id, external_id, email, name, country, is_deleted)
        SELECT creator_id, 'cus_' || md5(id::text), email, name, country, false FROM fans_fan
        """,
    "purchases": f"""
        INSERT INTO revenue_purchase (
            creator_id, source_id, fan_id, external_id, customer_id, occurred_at, kind,
            description, currency, amount, status, payer_email, payer_name, payer_country, raw,
            state, returned, settlement_currency, fee, net, counted_currency, counted_gross,
            counted_net, rate_origin)
        SELECT creator, creator, CASE WHEN n % 500 > 0 THEN fan END,
               'ch_' || md5(n::text), '', now() - n * interval '2 minutes',
               CASE WHEN n % 4 = 0 THEN 'membership' ELSE 'sale' END, 'Album', 'GBP', 2000,
               'succeeded', '', '', '', {RAW},
               CASE WHEN n % 20 = 0 THEN 'failed' WHEN n % 50 = 1 THEN 'refunded'
                    WHEN n % 2000 = 3 THEN 'lost' ELSE 'paid' END,
               CASE WHEN n % 50 = 1 THEN 2000 ELSE 0 END, 'GBP', 60, 1940, 'GBP', 2000, 1940,
               CASE WHEN n % 100 = 7 THEN 'ecb' ELSE 'same' END
        FROM (SELECT n, {FAN} AS fan, pg_temp.creator_of({FAN}) AS creator
              FROM generate_series(1, {PURCHASES}) n) AS rows
        """,
    "movements": f"""
        INSERT INTO revenue_movement (source_id, external_id, kind, category, occurred_at, currency,
                                      amount, fee, net, object_id, payment_id, description, raw)
        SELECT pg_temp.creator_of({FAN}), 'txn_' || md5(n::text),
               CASE WHEN n % 50 = 1 THEN 'refund' WHEN n % 500 = 2 THEN 'payout'
                    WHEN n % 20000 = 3 THEN 'dispute' ELSE 'payment' END,
               'charge', now() - n * interval '2 minutes', 'GBP', 2000, 60, 1940,
               'ch_' || md5(n::text), 'ch_' || md5(n::text), '', {RAW}
        FROM generate_series(1, {PURCHASES}) n
        """,
    "returns": """
        INSERT INTO revenue_return (source_id, external_id, kind, payment_id, occurred_at, currency,
                                    amount, status, reason, raw)
        SELECT source_id, 're_' || id, CASE WHEN id % 100 = 1 THEN 'dispute' ELSE 'refund' END,
               payment_id, occurred_at, 'GBP', 2000, 'succeeded', '', raw
        FROM revenue_movement WHERE kind = 'refund'
        """,
}


Page = tuple[str, str, dict[str, Any]]  # what is asked, its address, its parameters

MODELS: tuple[type[Model], ...] = (
    User,
    Creator,
    Tier,
    Fan,
    Identity,
    Source,
    Sync,
    Customer,
    Movement,
    Return,
    Purchase,
)


def _md5(number: int) -> str:
    return hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()


SEARCHES = {
    "fans_user": ["fan7", "fan70000@example.com", "nobody@"],
    "fans_creator": ["creator-7", "Creator 1"],
    "fans_fan": ["fan70000@example.com", "A1b", "Nobody", f"cus_{_md5(70_000)}"],
    "fans_identity": ["fan70000@example.com", "nobody@example.com"],
    "revenue_source": ["acct_7"],
    "revenue_customer": [f"cus_{_md5(70_000)}", "cus_none"],
    "revenue_movement": [f"txn_{_md5(500_000)}", "txn_none"],
    "revenue_return": ["re_500001", "re_none"],
    "revenue_purchase": [f"ch_{_md5(500_000)}", "fan70000@example.com", "ch_none"],
}
OF_BIG, OF_SMALL = {"creator__id__exact": 1}, {"creator__id__exact": CREATORS}
AT_BIG, AT_SMALL = {"source__id__exact": 1}, {"source__id__exact": CREATORS}
OF_FAN = {"fan__id__exact": FANS // 2}
FILTERS: dict[str, list[dict[str, Any]]] = {
    "fans_user": [{"is_staff__exact": 1}, {"is_active__exact": 0}],
    "fans_creator": [{"counts__exact": "net"}],
    "fans_tier": [OF_SMALL],
    "fans_fan": [
        {"is_true_fan__exact": 1},
        OF_BIG,
        OF_SMALL,
        OF_SMALL | {"is_true_fan__exact": 1},
    ],
    "fans_identity": [{"kind__exact": "email"}, OF_SMALL, OF_FAN],
    "revenue_source": [{"state__exact": "key_refused"}],
    "revenue_sync": [{"state__exact": "failed"}, {"state__exact": "running"}, AT_BIG],
    "revenue_customer": [AT_BIG, AT_SMALL],
    "revenue_movement": [
        {"kind__exact": "payment"},
        {"kind__exact": "dispute"},
        {"kind__exact": "fee"},
        AT_BIG,
        AT_SMALL,
        AT_BIG | {"kind__exact": "dispute"},
        AT_SMALL | {"kind__exact": "dispute"},
        AT_BIG | {"payment_id__exact": f"ch_{_md5(500_000)}"},
    ],
    "revenue_return": [{"kind__exact": "dispute"}, AT_BIG, AT_SMALL],
    "revenue_purchase": [
        {"state__exact": "paid"},
        {"state__exact": "lost"},
        {"state__exact": "disputed"},
        {"kind__exact": "membership"},
        {"rate_origin__exact": "ecb"},
        {"rate_origin__exact": "missing"},
        OF_BIG,
        OF_SMALL,
        OF_BIG | {"state__exact": "lost"},
        OF_BIG | {"state__exact": "disputed"},
        OF_BIG | {"rate_origin__exact": "missing"},
        OF_SMALL | {"state__exact": "lost"},
        OF_FAN,
        {"fan__isempty": 1},
        AT_SMALL,
    ],
}


@dataclass
class Clock:
    """Counts the queries of an answer and the seconds that the database took for them."""

    queries: int = 0
    seconds: float = 0.0
    slowest: tuple[float, str] = field(default=(0.0, ""))

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        start = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            took = perf_counter() - start
            self.queries += 1
            self.seconds += took
            self.slowest = max(self.slowest, (took, sql))


def fill() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FUNCTION)
        for what, statement in FILL.items():
            start = perf_counter()
            cursor.execute(statement)
            print(f"{what:<12}{cursor.rowcount:>10,} rows {perf_counter() - start:>8.1f} s")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def pages() -> Iterator[Page]:
    """The worst of every kind."""
    for model in MODELS:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        address = reverse(f"admin:{name}_changelist")
        middle = _middle(model._default_manager.all())
        yield f"{name} list", address, {}
        yield f"{name} page behind the middle", address, {"p": middle}
        for term in SEARCHES.get(name, []):
            yield f"{name} search {term[:20]}", address, {"q": term}
        for chosen in FILTERS.get(name, []):
            yield f"{name} filter {_short(chosen)}", address, chosen
        yield f"{name} one row", reverse(f"admin:{name}_change", args=[middle]), {}
    deep = Purchase.objects.get(external_id=f"ch_{_md5(PURCHASES // 2)}").pk
    address = reverse("admin:revenue_purchase_changelist")
    yield "revenue_purchase deep within a creator", address, OF_BIG | {"p": deep}


def _middle(rows: QuerySet) -> int:
    return rows.order_by("pk").values_list("pk", flat=True)[rows.count() // 2]


def _short(chosen: dict[str, Any]) -> str:
    names = (key.removesuffix("__exact").removesuffix("__id") for key in chosen)
    return " ".join(
        f"{name}={str(value)[:12]}" for name, value in zip(names, chosen.values(), strict=True)
    )


@contextmanager
def admin() -> Iterator[Client]:
    """The test client, signed in as a superuser who is gone afterwards."""
    user = User.objects.create_superuser("bench@example.org")
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    try:
        yield client
    finally:
        client.logout()
        user.delete()


def measure(
    client: Client, address: str, parameters: dict[str, Any]
) -> tuple[Clock, list[float], list[float]]:
    """The clock of the first time, and the seconds of the database and of everything, each time."""
    first, database, whole = Clock(), [], []
    for turn in range(ROUNDS):
        clock = Clock() if turn else first
        start = perf_counter()
        with connection.execute_wrapper(clock):
            response = client.get(address, parameters)
        whole.append(perf_counter() - start)
        database.append(clock.seconds)
        if response.status_code != 200:
            raise SystemExit(f"{address} {parameters}: HTTP {response.status_code}")
    return first, database, whole


def main() -> int:
    if not Creator.objects.exists():
        fill()
    slow = 0
    print(f"{'':<58}{'queries':>8}{'first':>8}{'median':>8}{'answer':>8}")
    with admin() as client:
        for what, address, parameters in pages():
            first, database, whole = measure(client, address, parameters)
            numbers = (database[0], median(database), median(whole))
            print(f"{what:<58}{first.queries:>8}" + "".join(f"{n * 1000:>8.1f}" for n in numbers))
            if median(database) > LIMIT:
                slow += 1
                print(f"    … {first.slowest[1].partition(' FROM ')[2]}")
    print(f"{slow} above {LIMIT * 1000:.0f} ms")
    return 1 if slow else 0


if __name__ == "__main__":
    # As it stands in the repository: nothing has been collected, no proxy speaks HTTPS.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        SECURE_SSL_REDIRECT=False,
        STORAGES=settings.STORAGES | {"staticfiles": plain},
        MIDDLEWARE=[name for name in settings.MIDDLEWARE if "whitenoise" not in name],
    ):
        sys.exit(main())
