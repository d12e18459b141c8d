"""Stale order: whatever comes when, how often and how late, the books are right."""

from datetime import UTC, datetime
from random import Random

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

import sandbox
from revenue.gateways.stripe.connecting import connect
from revenue.nudging import work_off
from revenue.spend import recompute_due_fans
from revenue.syncing import gateway_of, run_sync, start_sync
from sandbox.webhooks import thin
from sandbox.workshop import Workshop
from tests.factories import CreatorFactory
from tests.revenue.books_of import books_of
from tests.revenue.deliveries import SECRET, deliver
from tests.revenue.histories import Story
from tests.revenue.histories import acts as any_acts
from tests.revenue.test_any_history import ANY, assert_true

pytestmark = pytest.mark.django_db


def acts(shop):
    """A history with every kind of change that an event tells, an act at a time."""
    ann = shop.customer("ann@example.com", name="Ann")
    bob = shop.customer(" Bob@Example.com")
    yield
    album = shop.charge(12_500, customer=ann, country="GB")
    yield
    abroad = shop.charge(2500, customer=bob, settlement=("eur", 2300))
    shop.charge(900, checkout_email="till@example.com")
    yield
    back = shop.refund(album, 1000)
    late = shop.charge(1200, customer=ann, settles=False)
    yield
    hold, debit = shop.authorise(5000, customer=ann), shop.debit(1000, customer=bob)
    yield
    shop.fail_refund(back)
    case = shop.dispute(abroad, 1500)
    yield
    shop.capture(hold, 3000)
    shop.settle(late)
    shop.fail(debit)
    yield
    shop.win(case)
    plan = shop.membership(ann, 500)
    waiting = shop.refund(album, 700, status="pending")
    yield
    shop.renew(plan)
    shop.invoice(bob, 4000, paid="out_of_band", record=True)
    shop.cancel_refund(waiting)
    yield
    shop.lose(shop.dispute(late, 600))
    shop.change_customer(ann, name="Ann Other")
    shop.decline(700, customer=bob)


def connected(shop):
    creator = CreatorFactory(currency="USD", time_zone="UTC")
    creator.create_default_tiers()
    source = connect(creator=creator, key=shop.key)
    source.keep_secrets([SECRET], now=datetime.now(UTC))
    return source


def imported(shop):
    source = connected(shop)
    sync = start_sync(source=source, full=True, now=datetime.now(UTC))
    run_sync(sync=sync, gateway=gateway_of(source))
    return source


def send(source, events, chance):
    """Deliver `events` in any order, whole or thin, and work them off now and then."""
    chance.shuffle(events)
    for event in events:
        answer = deliver(Client(), source, chance.choice([event, thin(event)]))
        assert answer.status_code == 200
        if chance.random() < 0.1:
            work(source, at_most=chance.randint(1, 9))


def work(source, *, at_most=100):
    now = datetime.now(UTC)
    return work_off(source=source, gateway=gateway_of(source), now=now, at_most=at_most)


def settled(source):
    recompute_due_fans(creator=source.creator, now=datetime.now(UTC))
    return books_of(source.creator)


@given(before=any_acts, after=any_acts, chance=st.randoms(use_true_random=False))
@ANY
def test_deliveries_in_any_order_repeated_and_late_give_the_true_books(before, after, chance):
    """Pitfalls 17 and 23: no order is relied on. Pitfalls 8 and 32: what was returned follows
    from what is, also when a dispute or refund goes back to where it was."""
    shop = Workshop()
    story = Story(shop)
    with sandbox.serve([shop.account]) as url, pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.STRIPE_API_BASE", url)
        story.play(before)
        source = imported(shop)
        send(source, [event for event in shop.events if chance.random() < 0.2], chance)
        story.play(after)
        late = [event for event in shop.events if chance.random() < 0.3]
        send(source, shop.events + late, chance)
        while work(source):
            pass

    assert not source.nudges.filter(done_at=None).exists()
    settled(source)
    assert_true(source, shop)


def test_a_poll_and_the_deliveries_of_the_same_events_give_the_same_books(stripe):
    """Pitfall 24: what no delivery told, because it was lost, is found by the poll."""
    shop = Workshop()
    stripe(shop.account)
    history = acts(shop)
    for _ in range(4):
        next(history)
    polled, told = imported(shop), imported(shop)
    for _ in history:
        shop.pass_time(minutes=10)
    send(told, shop.events, Random(1))
    for source in (polled, told):
        sync = start_sync(source=source, full=False, now=datetime.now(UTC))
        run_sync(sync=sync, gateway=gateway_of(source))
        while work(source):
            pass

    assert settled(polled) == settled(told)
    assert set(polled.nudges.values_list("way", flat=True)) == {"poll"}
    assert set(told.nudges.values_list("way", flat=True)) == {"delivery"}
