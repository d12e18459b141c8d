"""Work that takes a while, and whether it came to its end."""

from datetime import UTC, datetime, timedelta

from django.db import connection

from fans.models import Creator
from revenue.books import check_books, check_fans
from revenue.gateways.stripe.connecting import connect
from revenue.models import Purchase, Source, Sync
from revenue.spend import may_seat
from revenue.syncing import start_sync
from tests.factories import CreatorFactory, PurchaseFactory, SourceFactory

#: What the recording holds.
MOVEMENTS = 2048
#: Enough for several batches of a recompute.
MANY = 10_000

PEOPLE = """
INSERT INTO fans_fan (creator_id, email, recompute_at, created_at)
SELECT %(creator)s, 'p' || n || '@example.com', now(), now() FROM generate_series(1, %(count)s) AS n
"""
#: Three for each of them, like the one that there is.
PURCHASES = """
INSERT INTO revenue_purchase (external_id, fan_id, occurred_at, {alike})
SELECT 'ch_' || fan.id || '_' || n, fan.id, now() - n * interval '70 days', {alike_of_one}
FROM revenue_purchase AS one, fans_fan AS fan, generate_series(1, 3) AS n
WHERE one.creator_id = %(creator)s AND fan.creator_id = one.creator_id
"""


def due_people(count: int) -> Creator:
    """A creator with so many people, all of whom have to be recomputed."""
    source = SourceFactory(creator=CreatorFactory(time_zone="UTC"), state=Source.State.DISCONNECTED)
    source.creator.create_default_tiers()
    one = PurchaseFactory(source=source, amount=34_00)
    own = {"id", "external_id", "fan_id", "occurred_at", "product"}
    alike = [f.column for f in Purchase._meta.concrete_fields if f.column not in own]
    purchases = PURCHASES.format(
        alike=", ".join(alike), alike_of_one=", ".join(f"one.{column}" for column in alike)
    )
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, {"creator": source.creator_id, "count": count})
        cursor.execute(purchases, {"creator": source.creator_id})
        cursor.execute("ANALYZE fans_fan, revenue_purchase")
    one.delete()
    return source.creator


def due(creator: Creator) -> int:
    return creator.fans.due(datetime.now(UTC)).count()


def begun(*, minutes_ago: float = 0) -> Sync:
    """A run that is to read the account that is served, with a key of its own."""
    creator = CreatorFactory(currency="USD", time_zone="UTC")
    creator.create_default_tiers()
    source = connect(creator=creator, key=f"rk_test_{creator.pk}")
    now = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    return start_sync(source=source, full=True, now=now)


def is_under_way(sync: Sync) -> bool:
    sync.refresh_from_db()
    return sync.is_running and 0 < sync.movements_read < MOVEMENTS


def is_settled(creator: Creator) -> bool:
    """Everything is read, everybody recomputed, every seat given."""
    unseated = creator.fans.exclude(crossed_at=None).filter(seat=None)
    return may_seat(creator) and not due(creator) and not unseated.exists()


def assert_whole(sync: Sync) -> None:
    """Read to the end in this one run, every line once, and right to the cent."""
    sync.refresh_from_db()
    source = sync.source
    assert (sync.state, sync.problem, source.syncs.filter(since=None).count()) == ("done", "", 1)
    assert sync.movements_new == source.movements.count() == MOVEMENTS
    assert list(check_books(creator=source.creator, now=datetime.now(UTC))) == []


def assert_recomputed(creator: Creator, count: int) -> None:
    assert creator.fans.filter(purchases=3).count() == count
    assert list(check_fans(creator=creator, now=datetime.now(UTC))) == []
