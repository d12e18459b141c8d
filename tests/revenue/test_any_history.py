"""Whatever happens at Stripe, in whatever order it is heard of: the same, and the true, books."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from revenue.books import check_books
from revenue.gateways.stripe.pages import to_page
from revenue.ingest import ingest
from sandbox.workshop import Workshop
from tests.factories import CreatorFactory, SourceFactory
from tests.revenue.books_of import books_of, differences, leave_out_who_only_sits
from tests.revenue.histories import Story, acts, examples, finish, found, objects_of
from tests.revenue.importing import connected, sync

pytestmark = pytest.mark.django_db

ANY = examples(8)


def assert_true(source, shop):
    """The books say of every payment and every person what the acts say."""
    truth = shop.truth()
    purchases, people = found(source.creator)
    expected = {**truth.purchases, **truth.offline}
    differing = {
        name: (purchases.get(name), expected[name])
        for name in expected.keys() | purchases.keys()
        if purchases.get(name) != expected.get(name)
    }
    assert differing == {}
    assert {key: kept for key, kept in people.items() if kept} == {
        key: kept for key, kept in truth.people.items() if kept
    }


@ANY
@given(acts=acts)
@example(acts=[("appeal abroad", which, 4000) for which in range(12)])
def test_an_import_of_any_history_finds_what_really_happened(stripe, acts):
    shop = Workshop(currency="usd")
    Story(shop).play(acts)
    stripe(shop.account)
    source = connected(shop)

    assert sync(source).state == "done"

    assert_true(source, shop)
    assert list(check_books(creator=source.creator, now=datetime.now(UTC))) == []


@ANY
@given(first=acts, then=acts, last=acts)
def test_a_history_that_is_followed_gives_the_books_of_one_clean_import(stripe, first, then, last):
    shop = Workshop(currency="usd", start=datetime.now(UTC) - timedelta(days=400))
    story = Story(shop)
    stripe(shop.account)
    source = connected(shop)
    for part in (first, then, last):
        story.play(part)
        sync(source, full=part is last)
    clean = connected(shop)

    sync(clean)

    books, expected = books_of(source.creator), books_of(clean.creator)
    leave_out_who_only_sits(books, expected)
    differing = differences(books, expected)
    # A seat that was given is kept for ever, whatever is refunded or disputed later.
    assert {path: both for path, both in differing.items() if not path.endswith("/seat")} == {}
    assert list(check_books(creator=source.creator, now=datetime.now(UTC))) == []


@ANY
@given(acts=acts, seed=st.integers(0, 2**32), size=st.integers(1, 40), again=st.integers(0, 30))
def test_any_order_any_repetition_any_page_size_gives_the_same_books(acts, seed, size, again):
    shop = Workshop(currency="usd")
    Story(shop).play(acts)
    rows = objects_of(shop)
    now = datetime.now(UTC)
    clean = SourceFactory(creator=CreatorFactory(currency="USD", time_zone="UTC"), synced_at=None)
    ingest(source=clean, page=to_page(rows, read_at=now), now=now)
    finish(clean, now)
    chance = random.Random(seed)
    shuffled = rows + chance.sample(rows, min(again, len(rows)))
    chance.shuffle(shuffled)
    source = SourceFactory(creator=CreatorFactory(currency="USD", time_zone="UTC"), synced_at=None)

    for start in range(0, len(shuffled), size):
        page = to_page(shuffled[start : start + size], read_at=now)
        ingest(source=source, page=page, now=now)
    finish(source, now)

    assert differences(books_of(source.creator), books_of(clean.creator)) == {}


@pytest.mark.parametrize("order", [1, -1])
def test_what_was_declined_and_then_paid_belongs_to_one_invoice_in_any_order(order):
    shop = Workshop(currency="usd")
    plan = shop.membership(shop.customer("ann@example.com"), 500)
    shop.pass_time(days=31)
    declined, paid = shop.renewal_fails(plan), shop.renew(plan)
    source = SourceFactory(creator=CreatorFactory(currency="USD", time_zone="UTC"), synced_at=None)
    now = datetime.now(UTC)

    for row in objects_of(shop)[::order]:
        ingest(source=source, page=to_page([row], read_at=now), now=now)
    finish(source, now)

    assert declined.intent == paid.intent
    bill = plan.bills[-1].id
    attempts = source.purchases.filter(intent_id=paid.intent)
    assert set(attempts.values_list("external_id", "kind", "invoice_id", "state")) == {
        (declined.id, "membership", bill, "failed"),
        (paid.id, "membership", bill, "paid"),
    }
