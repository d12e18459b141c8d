"""Whatever Stripe does: the books of a clean import, or a clear sentence and a whole next run."""

import re
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import urllib3

from revenue.gateways.stripe.client import ATTEMPTS, StripeGateway
from revenue.gateways.stripe.translate import moment
from revenue.models import Source
from revenue.nudging import LEASE, work_off
from sandbox import Account, App, Fault, Key
from sandbox.directory import load
from sandbox.workshop import Workshop
from tests.factories import CreatorFactory, NudgeFactory
from tests.revenue.books_of import books_of, differences
from tests.revenue.importing import connected, sync
from tests.revenue.recording import SMALL

pytestmark = pytest.mark.django_db

LEDGER = "/v1/balance_transactions"
#: Lists that an import goes on without, by the permission that each takes.
WISHED = {
    "/v1/subscriptions": "Subscriptions",
    "/v1/invoices": "Invoices",
    "/v1/charges": "Charges",
    "/v1/refunds": "Charges",
    "/v1/disputes": "Disputes",
}
OTHERS = ["/v1/customers", *WISHED]
#: What the recording holds; the ledger is asked once how old it is, and then has two pages.
MOVEMENTS = 109
SECOND_PAGE = 3

#: Seconds, for a server that takes twice as long.
IMPATIENT = urllib3.Timeout(0.3)
TROUBLE = {
    "too many requests": Fault("", status=429),
    "too many requests, wait so long": Fault("", status=429, retry_after=2),
    "broken": Fault("", status=500),
    "unavailable": Fault("", status=503),
    "slow": Fault("", delay=0.6),
    "cut off in the middle": Fault("", cut=True),
    "hung up": Fault("", hangs_up=True),
    "nothing": Fault("", body=b""),
    "half a page": Fault("", body=b'{"object": "list", "data": [{"id": '),
    "the page of a proxy": Fault("", body=b"<!doctype html><title>Just a moment</title>"),
    "null": Fault("", body=b"null"),
    "an empty object": Fault("", body=b"{}"),
    "a page without rows": Fault("", body=b'{"object": "list", "has_more": false}'),
    "rows of nothing": Fault("", body=b'{"object": "list", "data": [null], "has_more": false}'),
    "more after nothing": Fault("", body=b'{"object": "list", "data": [], "has_more": true}'),
    "more after nobody": Fault("", body=b'{"object": "list", "data": [{}], "has_more": true}'),
    "the first page again": Fault("", repeats=True),
}
SENTENCE = re.compile(
    r"Stripe answers, but does not give all that it was asked for \("
    r"(no connection|broken answers|HTTP \d+"
    r"|a page that says that more follows, but not after what|the same page again and again)\)\."
    r" Everything read so far is kept; TrueFans tries again by itself\."
)
troubles = pytest.mark.parametrize("fault", TROUBLE.values(), ids=TROUBLE)


@pytest.fixture
def account() -> Account:
    return load(SMALL)


@pytest.fixture
def clean(stripe, account) -> dict:
    """The books of an import without any trouble."""
    stripe(account)
    source = new_source(account)
    assert sync(source).state == "done"
    assert source.movements.count() == MOVEMENTS
    return books_of(source.creator)


@pytest.fixture
def impatient(monkeypatch) -> None:
    monkeypatch.setattr("tests.revenue.importing.StripeGateway", _impatient)


def _impatient(key: str, **options) -> StripeGateway:
    return StripeGateway(key, timeout=IMPATIENT, **options)


def new_source(account: Account) -> Source:
    creator = CreatorFactory(currency="USD", time_zone="UTC")
    creator.create_default_tiers()
    return creator.sources.create(
        kind=Source.Kind.STRIPE,
        account_id=account.id,
        account_created_at=moment(account.profile["created"]),
        key="rk_test_any",
        livemode=False,
    )


def assert_has_failed(source: Source, run) -> None:
    """In words, and nothing is left behind."""
    assert run.state == "failed"
    assert run.finished_at
    assert SENTENCE.fullmatch(run.problem)
    assert (source.state, source.problem) == ("unreachable", run.problem)
    assert source.synced_at is None
    assert [t.name for t in threading.enumerate() if t.name.startswith("ahead")] == []


@troubles
def test_trouble_that_passes_leaves_the_books_of_a_clean_import(
    stripe, account, clean, impatient, fault
):
    short = replace(fault, times=3)
    faults = [replace(short, path=path) for path in OTHERS]
    app = App([account], faults=[replace(short, path=LEDGER, nth=SECOND_PAGE), *faults])
    stripe(app)
    source = new_source(account)

    run = sync(source)

    assert (run.state, run.problem, source.state, source.lacks) == ("done", "", "ok", [])
    assert app.hits[LEDGER] >= SECOND_PAGE + 3  # a clean import never asks so often
    assert run.movements_read == run.movements_new == MOVEMENTS
    assert differences(books_of(source.creator), clean) == {}


@troubles
def test_trouble_that_lasts_is_told_and_the_next_run_reads_the_rest(
    stripe, account, clean, impatient, fault
):
    app = App([account], faults=[replace(fault, path=LEDGER, nth=SECOND_PAGE, times=10_000)])
    stripe(app)
    source = new_source(account)

    run = sync(source, in_flight=1)

    assert_has_failed(source, run)
    assert app.hits[LEDGER] == SECOND_PAGE - 1 + ATTEMPTS
    assert source.movements.count() == 100

    healthy = App([account])
    stripe(healthy)
    assert sync(source) == run  # it goes on, and does not begin again

    run.refresh_from_db()
    assert (run.state, run.problem, source.state, source.problem) == ("done", "", "ok", "")
    assert healthy.hits[LEDGER] == 1
    assert run.movements_read == run.movements_new == MOVEMENTS
    assert differences(books_of(source.creator), clean) == {}


@pytest.mark.parametrize("trouble", ["broken", "an empty object"])
def test_without_the_customers_nothing_is_said_to_be_read(stripe, account, clean, trouble):
    stripe(account, faults=[replace(TROUBLE[trouble], path="/v1/customers", times=10_000)])
    source = new_source(account)

    assert_has_failed(source, sync(source))
    assert source.lacks == []

    stripe(account)
    assert sync(source).state == "done"
    assert differences(books_of(source.creator), clean) == {}


@pytest.mark.parametrize("path", WISHED)
@pytest.mark.parametrize("trouble", ["broken", "an empty object", "more after nothing"])
def test_a_list_that_is_never_given_keeps_nothing_else_back_and_is_read_whole_at_last(
    stripe, account, clean, path, trouble
):
    fault = replace(TROUBLE[trouble], path=path, times=10_000)
    stripe(account, faults=[fault])
    source = new_source(account)
    for _ in range(2):  # whole, and what is new
        assert sync(source).state == "done"
        assert source.lacks == [WISHED[path]]
        assert source.movements.count() == MOVEMENTS

    stripe(account)
    assert sync(source).state == "done"
    assert source.lacks == []
    assert differences(books_of(source.creator), clean) == {}


@pytest.mark.parametrize("times", [ATTEMPTS, 2 * ATTEMPTS, 3 * ATTEMPTS])
def test_bills_that_are_not_given_for_a_while_are_never_read_without_what_paid_them(
    stripe, account, clean, times
):
    """One without its payments would count beside them, as if it were paid past Stripe."""
    stripe(account, faults=[Fault("/v1/invoices", status=500, times=times)])
    source = new_source(account)

    assert sync(source).state == "done"
    assert (source.lacks, source.invoices.count()) == (["Invoices"], 0)

    stripe(account)
    assert sync(source).state == "done"
    assert differences(books_of(source.creator), clean) == {}


def test_while_nothing_answers_no_list_is_blamed(stripe, account, clean):
    paths = (LEDGER, *OTHERS, "/v1/balance")
    stripe(account, faults=[Fault(path, status=503, times=10_000) for path in paths])
    source = new_source(account)

    run = sync(source)

    assert run.state == "failed"
    assert run.problem.startswith("Stripe cannot be reached right now (HTTP 503).")
    assert source.lacks == []


def test_a_key_that_is_refused_once_while_it_opens_all_else_is_asked_again(stripe, account, clean):
    stripe(account, faults=[Fault(LEDGER, status=401, nth=SECOND_PAGE)])
    source = new_source(account)

    assert sync(source).state == "done"
    assert source.state == "ok"
    assert differences(books_of(source.creator), clean) == {}


def test_a_list_that_may_be_read_at_last_is_read_whole(stripe):
    """What the key could not read lies before everything that the next run would ask for."""
    shop = Workshop()
    ann = shop.customer("ann@example.com")
    shop.membership(ann, 500)
    shop.invoice(ann, 4000, paid="out_of_band")
    shop.pass_time(days=70)
    shop.charge(2500, email="bob@example.com")
    narrow = Key(shop.key, missing=frozenset({"rak_invoice_read", "rak_subscription_read"}))
    stripe(Account(shop.account.profile, shop.account.read, keys=(narrow,)))
    source = connected(shop)
    for _ in range(2):
        assert sync(source).state == "done"
        assert source.lacks == ["Invoices", "Subscriptions"]
        assert not source.memberships.exists()

    stripe(shop.account)
    run = sync(source)

    assert (run.state, run.is_full, source.lacks) == ("done", False, [])
    clean = connected(shop)
    sync(clean)
    assert clean.purchases.filter(is_elsewhere=True).exists()
    assert source.memberships.count() == clean.memberships.count() == 1
    assert differences(books_of(source.creator), books_of(clean.creator)) == {}


def test_what_a_run_does_not_ask_for_stays_missing(stripe, account):
    """Only a reading of what is new asks what changed."""
    stripe(account, faults=[Fault("/v1/events", status=500, times=10_000)])
    source = new_source(account)
    for full in (True, False, True):
        assert sync(source, full=full).state == "done"

    assert source.lacks == ["Events"]
    stripe(account)
    sync(source)
    assert source.lacks == []


@pytest.mark.parametrize("trouble", ["broken", "cut off in the middle", "null", "an empty object"])
def test_what_was_delivered_is_not_done_before_its_object_could_be_read(stripe, trouble):
    shop = Workshop()
    sale = shop.charge(2500, email="ann@example.com")
    stripe(shop.account)
    source = connected(shop)
    nudge = NudgeFactory(source=source, object_id=sale.id)
    path = f"/v1/charges/{sale.id}"
    stripe(shop.account, faults=[replace(TROUBLE[trouble], path=path, times=10_000)])
    gateway = StripeGateway(source.key, sleep=lambda seconds: None)
    now = datetime.now(UTC)

    assert work_off(source=source, gateway=gateway, now=now) == 0

    source.refresh_from_db()
    nudge.refresh_from_db()
    assert (source.state, nudge.done_at, nudge.attempts) == ("ok", None, 1)
    assert nudge.problem.startswith("Stripe answers, but does not give all that it was asked for")
    stripe(shop.account)
    gateway = StripeGateway(source.key)
    assert work_off(source=source, gateway=gateway, now=now + LEASE) == 1
    assert source.purchases.get().external_id == sale.id
