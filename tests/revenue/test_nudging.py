"""Working off nudges: claimed, read anew, ingested, done; by several workers at once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

import revenue.nudging
from revenue.models import Nudge
from revenue.nudging import BATCH, LEASE, work_off
from revenue.syncing import gateway_of
from sandbox import App
from sandbox.workshop import Workshop
from tests.factories import SourceFactory
from tests.revenue.nudges import NOW, charges_asked, connected, read_anew, told, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return Workshop()


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


def test_who_paid_is_known_at_once_though_only_the_payment_was_named(stripe, shop):
    app = App([shop.account])
    stripe(app)
    source = connected(shop)
    ann = shop.customer("ann@example.com", name="Ann")
    told(source, shop.charge(2500, customer=ann, email=""))
    work(source)
    told(source, shop.charge(900, customer=ann, email=""))
    work(source)

    assert source.creator.fans.get().name == "Ann"
    assert app.hits[f"/v1/customers/{ann.id}"] == 1


def test_a_name_is_no_address(stripe, shop):
    app = App([shop.account])
    stripe(app)
    source = connected(shop)
    told(source, "ch_1/../../balance?expand[]=x#y")

    assert work(source) == 1

    assert app.hits["/v1/charges/ch_1/../../balance?expand[]=x#y"] == 1


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
    assert set(seen) == {outer}


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
