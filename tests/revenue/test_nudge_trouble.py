"""Working off nudges with trouble: bad answers, a database or a Stripe that is away, a lost key."""

import time
from datetime import timedelta

import pytest
from django.db import OperationalError

import revenue.nudging
from revenue import values
from revenue.listening import read, store
from revenue.models import Nudge, Source
from revenue.nudging import LEASE, PAUSE, REST
from sandbox import Account, App, Fault, Key
from sandbox.workshop import Workshop
from tests.revenue.importing import sync
from tests.revenue.nudges import NOW, connected, read_anew, told, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return Workshop()


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


def away(charge, *, times=99):
    """Faults of a Stripe that is away: it gives neither `charge` nor, since it was connected, its
    balance."""
    return [
        Fault(f"/v1/charges/{charge.id}", times=times, status=503),
        Fault("/v1/balance", nth=2, status=503),
    ]


def test_an_object_that_alone_is_not_given_is_at_fault_alone(stripe, shop):
    good, bad = (shop.charge(n, email=f"p{n}@example.com") for n in (900, 901))
    stripe(shop.account, faults=[Fault(f"/v1/charges/{bad.id}", times=99, status=500)])
    source = connected(shop)
    nudges = told(source, good, bad)

    assert work(source, sleep=lambda seconds: time.sleep(0.05)) == 1
    assert work(source) == 0

    assert source.state == "ok"
    *_, left = read_anew(*nudges)
    assert "HTTP 500" in left.problem
    assert (left.done_at, left.attempts, left.rests_until) == (None, 1, NOW + REST)


def test_a_stripe_that_cannot_be_reached_ends_it_with_what_was_read_kept(stripe, shop):
    good = [shop.charge(100 + n, email=f"p{n}@example.com") for n in range(3)]
    bad = shop.charge(900, email="b@example.com")
    stripe(shop.account, faults=away(bad), latency=0.001)
    source = connected(shop)
    nudges = told(source, *good, bad)

    # While it is asked again and again, the others are answered.
    assert work(source, sleep=lambda seconds: time.sleep(0.05)) == 3

    assert source.state == "unreachable"
    assert "HTTP 503" in source.problem
    *_, left = read_anew(*nudges)
    assert (left.done_at, left.attempts, left.rests_until) == (None, 0, NOW + PAUSE)


def test_after_a_short_outage_what_was_told_meanwhile_comes_in_within_seconds(stripe, shop):
    first, second = (shop.charge(n, email=f"p{n}@example.com") for n in (900, 901))
    stripe(shop.account, faults=away(first, times=6))
    source = connected(shop)
    told(source, first)
    assert work(source) == 0
    assert source.state == "unreachable"

    # A delivery that comes now does not wait for the one that pauses, and neither for long.
    secret = "whsec_" + 8 * "quiet"
    source.keep_secrets([secret], now=NOW)
    listener = read(source.pk)
    stored = store(listener, values.Nudge("evt_1", "charge.succeeded", second.id), now=NOW)
    assert stored.needs_worker
    assert work(source) == 1
    assert Source.objects.to_work_off(NOW + PAUSE).get() == source
    assert work(source, now=NOW + PAUSE) == 1
    assert source.creator.purchases.count() == 2


def test_a_run_that_reads_all_takes_what_pauses_with_it(stripe, shop):
    sale = shop.charge(900, email="p@example.com")
    stripe(shop.account, faults=away(sale, times=6))
    source = connected(shop)
    nudges = told(source, sale)
    work(source)

    sync(source)

    assert work(source) == 1
    assert (read_anew(*nudges)[0].problem, source.state) == ("", "ok")


def test_too_many_requests_are_waited_for(stripe, shop):
    """Pitfall 35: back off on 429."""
    sale = shop.charge(900, email="b@example.com")
    stripe(shop.account, faults=[Fault(f"/v1/charges/{sale.id}", times=2, status=429)])
    source = connected(shop)
    told(source, sale)

    assert work(source) == 1
    assert source.state == "ok"
