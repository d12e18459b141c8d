"""Whose a membership is where its customer has no address: whoever pays for it."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from revenue.assigning import assign
from revenue.attribution import know
from revenue.gateways.stripe.pages import to_page
from revenue.ingest import ingest
from revenue.merging import merge, part
from sandbox.workshop import Workshop
from tests.factories import NOW, SourceFactory, UserFactory
from tests.revenue.histories import objects_of
from tests.revenue.nudges import connected, told, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return Workshop(currency="usd", start=NOW - timedelta(days=90))


def brought(rows, source=None):
    source = source or SourceFactory()
    for row in rows:
        now = datetime.now(UTC)
        ingest(source=source, page=to_page([row], read_at=now), now=now)
    return source


def member(source):
    return source.memberships.get().fan


def one_of(source, email):
    return source.creator.fans.get(identities__value=email)


def test_who_typed_an_address_at_the_till_has_the_membership_whatever_comes_first(shop):
    client = shop.customer(None, name="Ann")
    shop.membership(client, 500, trial_days=7)
    shop.charge(500, customer=client, email="ann@example.com")
    rows = [row for row in objects_of(shop) if row["object"] != "invoice"]

    for order in permutations(rows):
        source = brought(order)

        assert source.creator.fans.get() == member(source)
        assert (member(source).email, member(source).name) == ("ann@example.com", "Ann")
        assert source.purchases.get().fan == member(source)


def test_who_is_told_of_by_deliveries_has_the_membership_too(shop, stripe):
    stripe(shop.account)
    source = connected(shop)
    client = shop.customer(None)
    plan = shop.membership(client, 500, trial_days=7)
    told(source, plan)
    work(source)
    assert known_by(member(source)) == {client.id}

    told(source, shop.charge(500, customer=client, email="ann@example.com"))
    work(source)

    assert source.creator.fans.get() == member(source) == source.purchases.get().fan
    assert known_by(member(source)) == {"ann@example.com"}


def known_by(fan):
    return set(fan.identities.values_list("value", flat=True))


def test_of_several_who_paid_it_is_the_latest(shop):
    client = shop.customer(None)
    shop.membership(client, 500, trial_days=7)
    shop.charge(500, customer=client, email="ann@example.com")
    shop.pass_time(days=30)
    shop.charge(500, customer=client, email="bob@example.com")
    rows = [
        row for row in objects_of(shop) if row["object"] in ("balance_transaction", "subscription")
    ]

    for order in permutations(rows):
        source = brought(order)

        assert member(source).email == "bob@example.com"
        assert source.creator.fans.count() == 2


def test_an_address_of_the_customers_own_goes_before_what_was_typed(shop):
    client = shop.customer("ann@example.com")
    shop.membership(client, 500, trial_days=7)
    shop.charge(500, customer=client, email="office@example.com")

    for order in permutations(row for row in objects_of(shop) if row["object"] != "invoice"):
        source = brought(order)

        assert member(source).email == "ann@example.com"
        assert source.creator.fans.count() == 1


def test_who_turns_out_to_have_an_address_keeps_it_all_together(shop):
    client = shop.customer(None)
    shop.membership(client, 500, trial_days=7)
    shop.charge(500, customer=client, email="ann@example.com")
    source = brought(objects_of(shop))
    ann = member(source)
    know(fan=ann, facts={"cares_about": "the sea"}, now=NOW)

    shop.change_customer(client, email="ann@new.example")
    brought(objects_of(shop), source)

    assert source.creator.fans.get() == member(source) == ann
    assert known_by(ann) >= {"ann@new.example"}


def test_what_the_creator_said_of_a_customer_goes_before_who_pays(shop):
    client = shop.customer(None)
    shop.membership(client, 500, trial_days=7)
    shop.charge(900, email="zoe@example.com")
    source = brought(objects_of(shop))
    merged = merge(
        creator=source.creator,
        people=(member(source).pk, one_of(source, "zoe@example.com").pk),
        by=None,
        now=NOW,
    )

    shop.charge(500, customer=client, email="ann@example.com")
    brought(objects_of(shop), source)
    assert known_by(member(source)) == {"zoe@example.com", client.id}

    part(merged=merged, by=None, now=NOW)
    assert known_by(member(source)) == {"ann@example.com"}
    brought(objects_of(shop), source)
    assert known_by(member(source)) == {"ann@example.com"}


def test_who_pays_and_became_one_with_somebody_has_it(shop):
    client = shop.customer(None)
    shop.membership(client, 500, trial_days=7)
    shop.charge(500, customer=client, email="ann@example.com")
    shop.charge(900, email="zoe@example.com")
    source = brought(objects_of(shop))
    people = one_of(source, "ann@example.com").pk, one_of(source, "zoe@example.com").pk
    merged = merge(creator=source.creator, people=people, by=None, now=NOW)

    brought(objects_of(shop), source)
    assert known_by(member(source)) == {"ann@example.com", "zoe@example.com"}

    part(merged=merged, by=None, now=NOW)
    assert known_by(member(source)) == {"ann@example.com"}


def test_a_payment_that_was_assigned_by_hand_takes_no_membership_along(shop):
    sale = shop.charge(500)
    source = brought(objects_of(shop))
    nobodys = source.purchases.get()
    zoe, _ = assign(
        creator=source.creator, purchases=[nobodys.pk], to="Zoe", by=UserFactory(), now=NOW
    )
    client = shop.customer(None)
    shop.membership(client, 500, trial_days=7)
    shop.malformed(sale, customer=client.id)

    brought(objects_of(shop), source)

    assert source.purchases.get().fan == zoe
    assert known_by(member(source)) == {client.id}
