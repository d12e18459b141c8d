"""Working off nudges: claimed, read anew, ingested, done; by several workers, and with trouble."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection, transaction

import revenue.nudging
from revenue.gateways.stripe.client import StripeGateway
from revenue.gateways.stripe.connecting import connect
from revenue.models import Nudge, Source
from revenue.nudging import BATCH, LEASE, work_off
from revenue.queueing import queue_once
from revenue.syncing import gateway_of
from revenue.tasks.deliveries import forget_nudges, work_off_nudges, work_off_what_is_left
from sandbox import Account, App, Fault, Key
from sandbox.workshop import Workshop
from tests.factories import CreatorFactory, NudgeFactory, SourceFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def shop():
    return Workshop()


def connected(shop):
    return connect(creator=CreatorFactory(currency="USD", time_zone="UTC"), key=shop.key)


def told(source, *things):
    """An open nudge about each of `things`, which are ids or records of a workshop."""
    return [NudgeFactory(source=source, object_id=getattr(t, "id", t)) for t in things]


def work(source, *, now=NOW, sleep=lambda seconds: None, **options):
    gateway = StripeGateway(source.key, sleep=sleep)
    done = work_off(source=source, gateway=gateway, now=now, **options)
    source.refresh_from_db()
    return done


def read_anew(*nudges):
    for nudge in nudges:
        nudge.refresh_from_db()
    return nudges


def charges_asked(app, *things):
    return [app.hits[f"/v1/charges/{thing.id}"] for thing in things]


def test_what_was_named_is_read_ingested_and_done(stripe, shop):
    stripe(shop.account)
    source = connected(shop)
    ann = shop.customer("ann@example.com", name="Ann")
    sale = shop.charge(2500, customer=ann)
    nudges = told(source, ann, sale)

    assert work(source) == 2

    assert source.creator.purchases.get().external_id == sale.id
    assert source.creator.fans.get().recompute_at is not None
    assert source.movements.get().external_id == sale.line
    for nudge in read_anew(*nudges):
        assert (nudge.done_at, nudge.rests_until, nudge.problem) == (NOW, None, "")
    assert work(source) == 0


def test_an_object_that_is_named_often_is_asked_for_once(stripe, shop):
    app = App([shop.account])
    stripe(app)
    source = connected(shop)
    one, other = shop.charge(2500, email="a@example.com"), shop.charge(900, email="b@example.com")
    told(source, one, other, one, one, other)

    assert work(source) == 5

    assert charges_asked(app, one, other) == [1, 1]


def test_at_most_a_batch_is_taken_the_oldest_first(stripe, shop):
    stripe(shop.account)
    source = connected(shop)
    nudges = told(source, *["xx_nothing"] * (BATCH + 3))

    assert work(source) == BATCH

    left = source.nudges.filter(done_at=None).order_by("pk")
    assert list(left) == nudges[BATCH:]
    assert work(source, at_most=2) == 2
    assert work(source) == 1


def test_what_is_gone_or_nothing_of_ours_is_done_and_said(stripe, shop, caplog):
    """Pitfall 20: unknown types are logged. Pitfall 4: what is gone is no error."""
    app = App([shop.account])
    stripe(app)
    source = connected(shop)
    nudges = told(source, "ch_gone", "trr_1", "quantum", "_", "file_1")
    asked = app.hits.total()

    with caplog.at_level("INFO", logger="revenue"):
        assert work(source) == 5

    assert all(nudge.done_at for nudge in read_anew(*nudges))
    assert app.hits.total() == asked + 1
    assert caplog.text.count("nudge_about_nothing") == 5


def test_a_deleted_customer_keeps_the_payments(stripe, shop):
    """Pitfall 4: `deleted: true` is accepted."""
    stripe(shop.account)
    source = connected(shop)
    ann = shop.customer("ann@example.com")
    told(source, ann, shop.charge(2500, customer=ann))
    work(source)
    shop.delete_customer(ann)
    told(source, ann)

    assert work(source) == 1

    assert source.customers.get().is_deleted
    assert source.creator.fans.get().email == "ann@example.com"


def test_nothing_of_another_source_is_touched(stripe, shop):
    """Pitfall 10: every source is asked with its own key."""
    stripe(shop.account)
    source = connected(shop)
    [theirs] = told(SourceFactory(), "ch_1")

    assert work(source) == 0

    assert read_anew(theirs)[0].rests_until is None


def test_a_claimed_nudge_is_nobody_elses_until_the_lease_ends(stripe, shop):
    stripe(shop.account)
    source = connected(shop)
    told(source, "xx_1")
    revenue.nudging._claim(source, BATCH, NOW)  # and then the worker is killed

    assert work(source, now=NOW + LEASE - timedelta(seconds=1)) == 0
    assert work(source, now=NOW + LEASE) == 1


def test_no_lock_is_held_and_nothing_open_while_stripe_is_asked(stripe, shop, monkeypatch):
    stripe(shop.account)
    source = connected(shop)
    told(source, shop.charge(2500, email="a@example.com"))
    outer = len(connection.savepoint_ids)
    seen = []

    def read(gateway, object_ids):
        seen.append(len(connection.savepoint_ids))
        return real(gateway, object_ids)

    real = revenue.nudging._read
    monkeypatch.setattr(revenue.nudging, "_read", read)

    assert work(source) == 1
    assert seen == [outer]


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_work_and_do_none_of_it_twice(stripe, shop):
    app = App([shop.account], latency=0.02)
    stripe(app)
    source = connected(shop)
    sales = [shop.charge(100 + n, email=f"p{n}@example.com") for n in range(20)]
    told(source, *sales)
    done = []
    barrier = threading.Barrier(2)

    def one_of_two():
        barrier.wait()
        done.append(work_off(source=source, gateway=gateway_of(source), now=NOW, at_most=10))
        connection.close()

    workers = [threading.Thread(target=one_of_two) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)

    assert done == [10, 10]
    assert charges_asked(app, *sales) == [1] * 20
    assert source.creator.purchases.count() == 20


@pytest.mark.django_db(transaction=True)
def test_what_another_worker_is_just_claiming_is_passed_over(stripe, shop):
    """Pitfall 2: workers in parallel never wait for each other's rows."""
    stripe(shop.account)
    source = connected(shop)
    theirs, mine = told(source, "xx_1"), told(source, "xx_2")
    is_locked, is_through = threading.Event(), threading.Event()

    def claim_slowly():
        with transaction.atomic():
            list(Nudge.objects.filter(pk=theirs[0].pk).select_for_update())
            is_locked.set()
            is_through.wait(5)
        connection.close()

    other = threading.Thread(target=claim_slowly)
    other.start()
    is_locked.wait(5)

    assert work(source) == 1

    is_through.set()
    other.join(5)
    assert read_anew(*mine)[0].done_at
    assert not read_anew(*theirs)[0].done_at


def test_a_batch_is_ingested_whole_or_not_at_all(stripe, shop, monkeypatch):
    stripe(shop.account)
    source = connected(shop)
    nudges = told(source, shop.charge(2500, email="a@example.com"))

    class Killed(BaseException):
        """Stands for kill -9: nothing catches it."""

    def killed(*_args, **_options):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(revenue.nudging, "_end_well", killed)
        with pytest.raises(Killed):
            work(source)
    assert not source.creator.purchases.exists()
    assert read_anew(*nudges)[0].done_at is None

    assert work(source, now=NOW + LEASE) == 1
    assert source.creator.purchases.count() == 1


def test_a_bad_answer_counts_against_its_object_alone(stripe, shop):
    source_app = App([shop.account])
    good = shop.charge(2500, email="a@example.com")

    class Odd(App):
        def __call__(self, environ, start_response):
            if environ["PATH_INFO"] != "/v1/charges/ch_odd":
                return source_app(environ, start_response)
            start_response("418 I'm a teapot", [("Content-Length", "2")])
            return [b"{}"]

    stripe(Odd([shop.account]))
    source = connected(shop)
    odd, fine = told(source, "ch_odd", good)

    assert work(source) == 1

    read_anew(odd, fine)
    assert fine.done_at
    assert (odd.done_at, odd.attempts) == (None, 1)
    assert "HTTP 418 at /v1/charges/ch_odd" in odd.problem
    assert source.state == "ok"


def test_a_failed_nudge_rests_longer_each_time_and_is_left_in_the_end(stripe, shop, monkeypatch):
    stripe(shop.account)
    source = connected(shop)
    [nudge] = told(source, "ch_1")
    monkeypatch.setattr(revenue.nudging, "ask_for", lambda *_: [{}["id"]])
    now, rests = NOW, []

    for _ in range(Nudge.ATTEMPTS):
        assert work(source, now=now) == 0
        read_anew(nudge)
        rests.append((nudge.rests_until - now) // timedelta(minutes=1))
        assert work(source, now=nudge.rests_until - timedelta(seconds=1)) == 0
        now = nudge.rests_until
    assert rests == [1, 2, 4, 8, 16, 32, 64, 128]
    monkeypatch.undo()

    assert work(source, now=now + timedelta(days=9)) == 0
    assert (nudge.attempts, nudge.done_at) == (8, None)
    assert "KeyError" in nudge.problem


def test_a_nudge_that_failed_is_done_once_the_answer_is_good(stripe, shop, monkeypatch):
    stripe(shop.account)
    source = connected(shop)
    [nudge] = told(source, shop.charge(2500, email="a@example.com"))
    with monkeypatch.context() as patch:
        patch.setattr(revenue.nudging, "ask_for", lambda *_: [{}["id"]])
        work(source)

    assert work(source, now=NOW + timedelta(minutes=1)) == 1

    read_anew(nudge)
    assert (nudge.done_at, nudge.problem) == (NOW + timedelta(minutes=1), "")


def test_what_cannot_be_understood_is_set_aside_and_done(stripe, shop):
    stripe(shop.account)
    source = connected(shop)
    odd = shop.malformed("charge", currency=5)
    fine = shop.charge(900, email="b@example.com")
    told(source, odd, fine)

    assert work(source) == 2

    assert source.set_aside.get().external_id == odd
    assert source.creator.purchases.get().external_id == fine.id


def test_one_that_cannot_be_stored_leaves_the_others_their_way(stripe, shop, monkeypatch, caplog):
    stripe(shop.account)
    source = connected(shop)
    sales = [shop.charge(100 + n, email=f"p{n}@example.com") for n in range(7)]
    nudges = told(source, *sales)

    def ingest(*, source, page, now):
        if any(payment.external_id == sales[4].id for payment in page.payments):
            raise ArithmeticError("too much")
        return real(source=source, page=page, now=now)

    real = revenue.nudging.ingest
    monkeypatch.setattr(revenue.nudging, "ingest", ingest)

    assert work(source) == 6

    read_anew(*nudges)
    assert [nudge.attempts for nudge in nudges] == [0, 0, 0, 0, 1, 0, 0]
    assert [bool(nudge.done_at) for nudge in nudges] == [n != 4 for n in range(7)]
    assert caplog.text.count("nudge_failed") == 1


def test_a_database_that_is_away_counts_against_nobody(stripe, shop, monkeypatch):
    stripe(shop.account)
    source = connected(shop)
    nudges = told(source, shop.charge(2500, email="a@example.com"))

    def away(**_options):
        raise OperationalError

    monkeypatch.setattr(revenue.nudging, "ingest", away)
    with pytest.raises(OperationalError):
        work(source)

    assert read_anew(*nudges)[0].attempts == 0


def served(stripe, shop, **key):
    """The shop with a key that lets its creator in no more."""
    stripe(Account(shop.account.profile, shop.account.read, keys=(Key(shop.key, **key),)))


@pytest.mark.parametrize(
    ("key", "state", "words"),
    [
        ({"state": "revoked"}, "key_refused", "refuses this key"),
        ({"missing": frozenset({"rak_charge_read"})}, "permission_missing", "“Charges”"),
    ],
)
def test_a_key_that_opens_no_more_ends_it_and_the_nudges_stay_open(stripe, shop, key, state, words):
    """Pitfall 34: the missing permission is named."""
    stripe(shop.account)
    source = connected(shop)
    sale = shop.charge(2500, email="a@example.com")
    nudges = told(source, *[sale.id] * 3)
    served(stripe, shop, **key)

    assert work(source) == 0

    assert source.state == state
    assert words in source.problem
    assert [(n.done_at, n.attempts) for n in read_anew(*nudges)] == [(None, 0)] * 3
    stripe(shop.account)
    assert work(source, now=NOW + LEASE) == 3


def test_a_stripe_that_lets_nobody_in_is_not_asked_for_everything(stripe, shop):
    stripe(shop.account)
    source = connected(shop)
    told(source, *[f"ch_{number}" for number in range(50)])
    app = App([Account(shop.account.profile, shop.account.read, keys=())])
    stripe(app)

    work(source)

    assert 0 < app.hits.total() < 25


def test_a_permission_that_one_can_do_without_ends_nothing(stripe, shop):
    """As a run does, which goes on without subscriptions, too."""
    served(stripe, shop, missing=frozenset({"rak_subscription_read"}))
    source = connected(shop)
    ann = shop.customer("ann@example.com")
    plan = shop.membership(ann, 500)
    of_plan, of_ann = told(source, plan, ann)

    assert work(source) == 2

    assert source.state == "ok"
    assert "“Subscriptions”" in read_anew(of_plan)[0].problem
    assert read_anew(of_ann)[0].problem == ""


def test_a_stripe_that_cannot_be_reached_ends_it_with_what_was_read_kept(stripe, shop):
    good = [shop.charge(100 + n, email=f"p{n}@example.com") for n in range(3)]
    bad = shop.charge(900, email="b@example.com")
    stripe(
        shop.account, faults=[Fault(f"/v1/charges/{bad.id}", times=99, status=500)], latency=0.001
    )
    source = connected(shop)
    nudges = told(source, *good, bad)

    # While it is asked again and again, the others are answered.
    assert work(source, sleep=lambda seconds: time.sleep(0.05)) == 3

    assert source.state == "unreachable"
    assert "HTTP 500" in source.problem
    *_, left = read_anew(*nudges)
    assert (left.done_at, left.attempts, left.rests_until) == (None, 0, NOW + LEASE)


def test_too_many_requests_are_waited_for(stripe, shop):
    """Pitfall 35: back off on 429."""
    sale = shop.charge(900, email="b@example.com")
    stripe(shop.account, faults=[Fault(f"/v1/charges/{sale.id}", times=2, status=429)])
    source = connected(shop)
    told(source, sale)

    assert work(source) == 1
    assert source.state == "ok"


def test_what_was_not_asked_for_in_time_is_free_again(stripe, shop, monkeypatch):
    stripe(shop.account)
    source = connected(shop)
    sales = [shop.charge(100 + n, email=f"p{n}@example.com") for n in range(8)]
    nudges = told(source, *sales)
    monkeypatch.setattr(revenue.nudging, "TURN", -1)

    assert work(source) == 0

    assert [nudge.rests_until for nudge in read_anew(*nudges)] == [None] * 8


def test_an_object_that_changes_while_it_is_read_is_read_again(stripe, shop):
    """Pitfall 17: not the second of an event decides, but what is read last."""
    stripe(shop.account)
    source = connected(shop)
    sale = shop.charge(2500, email="a@example.com")
    told(source, sale)
    revenue.nudging._claim(source, BATCH, NOW)  # somebody has read it, and is slow to store it
    shop.refund(sale, 1000)
    told(source, sale)

    assert work(source) == 1

    assert source.creator.purchases.get().returned == 1000


# What the workers do.


@pytest.fixture
def queued(monkeypatch):
    asked = []
    monkeypatch.setattr(work_off_nudges, "delay", asked.append)
    return asked


@pytest.fixture
def recomputed(monkeypatch):
    asked = []
    monkeypatch.setattr("revenue.tasks.figures.recompute_creator.delay", asked.append)
    return asked


@pytest.fixture(autouse=True)
def _an_empty_cache():
    from django.core.cache import cache

    cache.clear()


@pytest.mark.django_db(transaction=True)
def test_the_task_queues_the_recompute_and_itself_while_there_is_more(
    stripe, shop, queued, recomputed, monkeypatch
):
    stripe(shop.account)
    source = connected(shop)
    told(source, *["xx_1"] * (BATCH + 1))

    work_off_nudges(source.pk)
    assert (queued, recomputed) == ([source.pk], [source.creator_id])
    work_off_nudges(source.pk)
    assert queued == [source.pk]
    work_off_nudges(source.pk)
    assert recomputed == [source.creator_id] * 2


def test_one_task_waits_in_the_queue_at_a_time(queued, django_capture_on_commit_callbacks):
    source = SourceFactory()
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            queue_once(work_off_nudges, source.pk)
    assert queued == [source.pk]

    work_off_nudges(source.pk)  # begins, so that it does not see what comes from now on
    with django_capture_on_commit_callbacks(execute=True):
        queue_once(work_off_nudges, source.pk)

    assert queued == [source.pk] * 2


@pytest.mark.parametrize("state", ["key_refused", "disconnected", "removing"])
def test_the_task_leaves_a_source_alone_that_cannot_be_read(stripe, shop, queued, state):
    app = App([shop.account])
    stripe(app)
    source = connected(shop)
    told(source, "ch_1")
    Source.objects.update(state=state)
    asked = app.hits.total()

    work_off_nudges(source.pk)
    work_off_what_is_left()
    work_off_nudges(source.pk + 1)

    assert app.hits.total() == asked
    assert queued == []


def test_a_stripe_that_is_away_is_not_asked_again_at_once(
    stripe, shop, queued, recomputed, monkeypatch
):
    def impatient(source):
        return StripeGateway(source.key, sleep=lambda seconds: None)

    monkeypatch.setattr("revenue.tasks.deliveries.gateway_of", impatient)
    stripe(shop.account)
    source = connected(shop)
    stripe(shop.account, faults=[Fault("/v1/charges/ch_1", times=6, status=503)])
    told(source, "ch_1")

    work_off_nudges(source.pk)
    work_off_what_is_left()

    assert queued == []
    source.refresh_from_db()
    assert source.state == "unreachable"


@pytest.mark.django_db(transaction=True)
def test_the_beat_takes_up_what_is_left_once(queued):
    idle, waiting, claimed, resting, failed, lost = (SourceFactory() for _ in range(6))
    now = datetime.now(UTC)
    NudgeFactory(source=idle, done_at=now)
    NudgeFactory(source=waiting)
    NudgeFactory(source=claimed)
    NudgeFactory(source=claimed, rests_until=now + LEASE)
    NudgeFactory(source=resting, attempts=1, rests_until=now + LEASE)
    NudgeFactory(source=failed, attempts=8, rests_until=now - LEASE)
    NudgeFactory(source=lost, rests_until=now - LEASE)

    work_off_what_is_left()
    work_off_what_is_left()

    assert sorted(queued) == [waiting.pk, lost.pk]


def test_what_is_done_is_forgotten_after_a_month():
    now = datetime.now(UTC)
    month = timedelta(days=30, minutes=1)
    old = NudgeFactory(arrived_at=now - month, done_at=now - month)
    kept = [
        NudgeFactory(arrived_at=now - month),
        NudgeFactory(arrived_at=now - month + timedelta(minutes=2), done_at=now),
    ]

    forget_nudges()

    assert not Nudge.objects.filter(pk=old.pk).exists()
    assert Nudge.objects.filter(pk__in=[nudge.pk for nudge in kept]).count() == 2
