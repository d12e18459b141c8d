"""Reading a source page by page, with interruptions."""

from datetime import UTC, datetime, timedelta

import pytest

from revenue.books import check_balance, check_books
from revenue.gateways.stripe.client import StripeGateway
from revenue.gateways.stripe.connecting import connect
from revenue.models import Source
from revenue.run import Overtaken
from revenue.spend import recompute_due_fans
from revenue.syncing import OVERLAP, gateway_of, run_sync, start_sync
from sandbox import Account, App, Fault, Key
from sandbox.directory import load
from tests.factories import (
    CreatorFactory,
    MovementFactory,
    SourceFactory,
    StretchFactory,
    SyncFactory,
)
from tests.revenue.books_of import books_of
from tests.revenue.recording import FULL, SMALL

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def connected(currency="USD"):
    creator = CreatorFactory(currency=currency, time_zone="UTC")
    creator.create_default_tiers()
    return connect(creator=creator, key="rk_test_any")


def sync_now(source, *, full=False, **options):
    sync = start_sync(source=source, full=full, now=datetime.now(UTC))
    sync = run_sync(sync=sync, gateway=gateway_of(source), **options)
    recompute_due_fans(creator=source.creator, now=datetime.now(UTC))
    return sync


class Killed(BaseException):
    """Stands for kill -9: nothing catches it."""


def test_the_whole_recording_is_read_and_the_books_equal_the_balance(stripe):
    stripe(load(FULL))
    source = connected()

    sync = sync_now(source)

    assert (sync.state, sync.movements_read, sync.movements_new) == ("done", 2048, 2048)
    assert sync.customers_read == 304
    assert sync.fraction() == 1.0
    assert list(check_books(creator=source.creator, now=datetime.now(UTC))) == []


def test_a_second_sync_reads_only_its_overlap_and_changes_nothing(stripe):
    stripe(load(SMALL))
    source = connected()
    sync_now(source)
    books = books_of(source.creator)

    again = sync_now(source)

    assert 0 < again.movements_read < 20
    assert (again.movements_new, again.purchases_changed) == (0, 0)
    assert books_of(source.creator) == books


def test_a_line_that_a_delivery_told_hides_nothing_that_came_before_it():
    day = timedelta(days=1)
    source = SourceFactory(synced_at=NOW - day)
    MovementFactory(source=source, occurred_at=NOW - timedelta(minutes=5))

    run = start_sync(source=source, full=False, now=NOW)

    assert run.since == NOW - day - OVERLAP


def test_what_failed_while_reading_what_is_new_keeps_nothing_back_for_long():
    source = SourceFactory(synced_at=NOW - timedelta(hours=9))
    MovementFactory(source=source, occurred_at=NOW - timedelta(hours=9))
    ended = {"state": "failed", "finished_at": NOW - timedelta(hours=2)}
    old = SyncFactory(
        source=source,
        since=NOW - timedelta(days=3),
        started_at=NOW - timedelta(hours=2),
        **ended,
    )

    run = start_sync(source=source, full=False, now=NOW)

    assert run != old
    assert run.since == old.since


def test_a_full_sync_reads_everything_again_and_changes_nothing(stripe):
    stripe(load(SMALL))
    source = connected()
    sync_now(source)
    books = books_of(source.creator)

    again = sync_now(source, full=True)

    assert (again.movements_read, again.movements_new, again.purchases_changed) == (109, 0, 0)
    assert books_of(source.creator) == books


def test_an_import_killed_after_any_page_goes_on_where_it_was(stripe):
    stripe(load(FULL))
    source = connected()
    pages = 0

    def killed_now_and_then(sync):
        nonlocal pages
        pages += 1
        if pages % 4 == 0 and sync.is_running:
            raise Killed

    finished = False
    while not finished:
        try:
            finished = not sync_now(source, after_page=killed_now_and_then).is_running
        except Killed:
            continue

    assert source.syncs.count() == 1
    assert source.syncs.get().movements_read == 2048
    assert list(check_books(creator=source.creator, now=datetime.now(UTC))) == []


def test_two_workers_on_one_run_store_every_page_once(stripe):
    stripe(load(FULL))
    source = connected()
    first = start_sync(source=source, full=True, now=datetime.now(UTC))
    second = start_sync(source=source, full=True, now=datetime.now(UTC))
    assert first.pk == second.pk

    def be_overtaken(sync):
        if sync.is_running:
            run_sync(sync=second, gateway=gateway_of(source))

    with pytest.raises(Overtaken):
        run_sync(sync=first, gateway=gateway_of(source), after_page=be_overtaken)

    assert source.syncs.get().state == "done"
    assert source.syncs.get().movements_read == 2048
    assert not run_sync(sync=first, gateway=gateway_of(source)).is_running


def test_a_worker_that_slept_cuts_nothing_off_what_another_has_read_since(stripe, monkeypatch):
    monkeypatch.setattr("revenue.run.PAGES_AT_ONCE", 2)
    stripe(load(FULL))
    source = connected()
    gateway = gateway_of(source)
    sync = start_sync(source=source, full=True, now=datetime.now(UTC))
    never = datetime.now(UTC) + timedelta(days=1)

    def read(*, pages, in_flight):
        """Read so many batches of pages and stop."""
        stored = 0

        def count(sync):
            nonlocal stored
            stored += 1

        run_sync(
            sync=sync,
            gateway=gateway,
            clock=lambda: never if stored >= pages else datetime.now(UTC),
            until=never,
            after_page=count,
            in_flight=in_flight,
        )

    read(pages=6, in_flight=1)  # the ledger has been begun
    looks = 0

    def sleep_once_the_stretches_are_known():
        nonlocal looks
        looks += 1
        if looks == 2:
            read(pages=6, in_flight=1)  # one question at a time: nothing is cut
        return datetime.now(UTC)

    with pytest.raises(Overtaken):
        run_sync(sync=sync, gateway=gateway, clock=sleep_once_the_stretches_are_known, until=never)
    sync = run_sync(sync=sync, gateway=gateway)

    assert (sync.state, sync.movements_read) == ("done", 2048)


def test_a_run_makes_room_after_its_turn_and_goes_on_later(stripe, now):
    stripe(load(FULL))
    source = connected()
    ticks = iter(now + timedelta(seconds=step) for step in range(10_000))

    sync = run_sync(
        sync=start_sync(source=source, full=True, now=now),
        gateway=gateway_of(source),
        clock=lambda: next(ticks),
        until=now + timedelta(seconds=10),
    )
    assert sync.is_running
    assert 0 < sync.movements_read < 2048
    assert 0 < sync.fraction() < 1
    assert sync.seconds_left(now + timedelta(seconds=10)) > 0

    sync = run_sync(sync=sync, gateway=gateway_of(source), clock=lambda: next(ticks))
    assert (sync.state, sync.movements_read) == ("done", 2048)


def test_a_key_revoked_in_the_middle_stops_the_run_and_keeps_what_was_read(stripe, monkeypatch):
    monkeypatch.setattr("revenue.run.PAGES_AT_ONCE", 2)  # or all is read before the middle
    account = load(FULL)
    app = App([Account(account.profile, account.read, keys=(Key("rk_test_any"),))])
    stripe(app)
    source = connected()

    def revoke(sync):
        if sync.movements_read >= 500:
            app._doors["rk_test_any"] = (
                app.accounts[0],
                Key("rk_test_any", state="revoked"),
            )

    sync = sync_now(source, after_page=revoke)

    source.refresh_from_db()
    assert (sync.state, source.state) == ("failed", "key_refused")
    assert "mistyped, expired or revoked" in source.problem
    assert 500 <= sync.movements_read < 2048
    assert source.movements.count() >= sync.movements_read

    app._doors["rk_test_any"] = (app.accounts[0], Key("rk_test_any"))
    connect(creator=source.creator, key="rk_test_any")
    resumed = sync_now(source)

    source.refresh_from_db()
    assert (resumed.pk, resumed.state, resumed.movements_read) == (sync.pk, "done", 2048)
    assert (source.state, source.problem) == ("ok", "")


def test_an_outage_is_told_on_the_source_and_passes(stripe):
    path = "/v1/balance_transactions"
    stripe(load(SMALL), faults=[Fault(path, nth=3, times=20, status=503)])
    source = connected()
    gateway = StripeGateway(source.key, sleep=lambda seconds: None)

    sync = start_sync(source=source, full=False, now=datetime.now(UTC))
    sync = run_sync(sync=sync, gateway=gateway)
    source.refresh_from_db()
    assert (sync.state, source.state) == ("failed", "unreachable")
    assert "HTTP 503" in source.problem
    assert Source.objects.to_sync().get() == source

    stripe(load(SMALL))
    sync_now(source)
    source.refresh_from_db()
    assert (source.state, source.problem) == ("ok", "")
    assert list(check_balance(source=source)) == []


def test_what_nobody_foresaw_ends_the_run_in_words_and_goes_to_the_log(stripe):
    stripe(load(SMALL))
    source = connected()

    def break_down(sync):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        sync_now(source, after_page=break_down)

    source.refresh_from_db()
    assert source.syncs.get().state == "failed"
    assert "did not expect" in source.problem
    assert sync_now(source).state == "done"


def test_a_source_is_read_by_one_run_at_a_time(now):
    source = SourceFactory()
    first = start_sync(source=source, full=False, now=now)

    assert start_sync(source=source, full=True, now=now) == first
    assert not Source.objects.to_sync().exists()


@pytest.mark.parametrize(
    ("state", "is_asked"),
    [
        ("ok", True),
        ("unreachable", True),
        ("permission_missing", True),
        ("key_refused", False),
        ("disconnected", False),
        ("removing", False),
    ],
)
def test_what_may_work_again_is_asked_on_schedule_and_a_revoked_key_is_not(state, is_asked):
    SourceFactory(state=state)

    assert Source.objects.to_sync().exists() is is_asked


def test_a_permission_that_is_given_later_is_noticed_by_itself(stripe):
    account = load(SMALL)
    narrow = Key("rk_test_any", missing=frozenset({"rak_balance_transaction_source_read"}))
    stripe(account)
    source = connected()
    stripe(Account(account.profile, account.read, keys=(narrow,)))
    failed = sync_now(source)
    source.refresh_from_db()
    assert source.state == "permission_missing"
    assert "Balance transaction sources" in source.problem
    stripe(account)

    again = sync_now(Source.objects.to_sync().get())

    source.refresh_from_db()
    assert (again.pk, again.state, source.state) == (failed.pk, "done", "ok")


def test_a_run_that_goes_on_asks_again_for_the_lists_that_it_was_refused(now):
    failed = SyncFactory(state="failed", finished_at=now)
    read = StretchFactory(sync=failed, listing="customers", is_done=True, cursor="cus_1")
    refused = StretchFactory(sync=failed, listing="payments", is_done=True, lacks="Charges")

    assert start_sync(source=failed.source, full=False, now=now) == failed

    for stretch, is_done, cursor in ((read, True, "cus_1"), (refused, False, "")):
        stretch.refresh_from_db()
        assert (stretch.is_done, stretch.cursor, stretch.lacks) == (is_done, cursor, "")


def test_customers_that_are_new_since_the_last_list_are_asked_for_one_by_one(stripe):
    account = load(SMALL)
    stripe(account)
    source = connected()
    sync_now(source)
    newest = source.purchases.newest().exclude(customer_id="").first()
    source.customers.filter(external_id=newest.customer_id).delete()

    sync_now(source)

    assert source.customers.filter(external_id=newest.customer_id).exists()


@pytest.mark.parametrize(
    ("state", "oldest", "days_read", "fraction"),
    [
        ("running", None, 0, None),
        ("running", 100, 25, 0.25),
        ("running", 100, 200, 1.0),
        ("done", None, 0, 1.0),
    ],
)
def test_progress_is_the_part_of_the_time_span_that_is_read(
    now, state, oldest, days_read, fraction
):
    sync = SyncFactory.build(
        started_at=now,
        state=state,
        oldest_at=oldest and now - timedelta(days=oldest),
        span_read=timedelta(days=days_read),
        source=None,
    )

    assert sync.fraction() == fraction


def test_rate_and_time_left_follow_from_what_was_read(now):
    sync = SyncFactory.build(
        source=None,
        oldest_at=now - timedelta(days=100),
        span_read=timedelta(days=20),
        movements_read=900,
        customers_read=100,
    )
    later = now + timedelta(seconds=10)

    assert sync.rate(later) == 100
    assert sync.seconds_left(later) == pytest.approx(40)


def test_the_oldest_month_is_found_though_the_account_says_it_is_younger(stripe):
    from revenue.gateways.stripe.reading import oldest_movement_at
    from tests.revenue.recording import objects

    stripe(load(FULL))
    gateway = StripeGateway("rk_test_any")
    oldest = min(t["created"] for t in objects("balance_transactions_expanded"))
    first = datetime.fromtimestamp(oldest, UTC)

    for hint in (None, datetime(2026, 11, 1, tzinfo=UTC), first):
        found = oldest_movement_at(gateway, hint=hint, now=datetime.now(UTC))
        assert timedelta(0) <= first - found <= timedelta(days=32)
