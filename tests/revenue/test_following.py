"""Somebody changes their address at the provider, and stays who they are."""

from datetime import UTC, datetime, timedelta

import pytest

from fans.models import Acquaintance
from revenue.attribution import know
from revenue.books import check_books
from revenue.merging import merge, part
from sandbox.workshop import Workshop
from tests.revenue.books_of import books_of, differences
from tests.revenue.importing import bought, connected, sync

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return Workshop(currency="usd", start=datetime.now(UTC) - timedelta(days=60))


def imported(shop, stripe):
    stripe(shop.account)
    source = connected(shop)
    sync(source)
    return source


def seated(source, sale):
    """Who bought `sale`, whom the creator knows well by now."""
    fan = bought(source, sale).fan
    know(fan=fan, facts={"cares_about": "the sea"}, now=datetime.now(UTC))
    fan.refresh_from_db()
    assert fan.seat
    return fan


def known_by(fan):
    return set(fan.identities.values_list("value", flat=True))


def assert_as_if_read_at_once(source, shop):
    clean = connected(shop)
    sync(clean)
    assert differences(books_of(source.creator), books_of(clean.creator)) == {}
    assert list(check_books(creator=source.creator, now=datetime.now(UTC))) == []


def test_who_changes_their_address_keeps_their_seat_and_what_was_noted(shop, stripe):
    ann = shop.customer("ann@example.com", name="Ann")
    sale = shop.charge(120_00, customer=ann, email="ann@example.com")
    shop.membership(ann, 500)
    source = imported(shop, stripe)
    fan = seated(source, sale)

    shop.change_customer(ann, email="ann@new.example", name="Ann New")
    later = shop.charge(10_00, customer=ann)
    sync(source)

    moved = bought(source, later).fan
    assert (moved.pk, moved.seat, moved.email) == (fan.pk, fan.seat, "ann@new.example")
    assert bought(source, sale).fan == moved
    assert known_by(moved) == {"ann@new.example", ann.id}
    assert moved.name == "Ann New"
    assert Acquaintance.objects.get(fan=moved).cares_about == "the sea"
    assert source.creator.fans.count() == 1
    assert_as_if_read_at_once(source, shop)


def test_many_change_theirs_at_once(shop, stripe, django_assert_max_num_queries):
    clients = [shop.customer(f"fan{n}@old.example") for n in range(30)]
    sales = [shop.charge(120_00, customer=client) for client in clients]
    source = imported(shop, stripe)
    seats = {bought(source, sale).fan_id: bought(source, sale).fan.seat for sale in sales}

    for number, client in enumerate(clients):
        shop.change_customer(client, email=f"fan{number}@new.example")
    with django_assert_max_num_queries(150):
        sync(source, full=True)

    assert {bought(source, sale).fan_id: bought(source, sale).fan.seat for sale in sales} == seats
    assert_as_if_read_at_once(source, shop)


@pytest.mark.parametrize("till", [None, "till@example.com"])
def test_who_is_known_by_no_address_but_that_of_the_till_is_the_same_with_one(till, shop, stripe):
    ann = shop.customer(None, name="Ann")
    sale = shop.charge(120_00, customer=ann, email=till)
    source = imported(shop, stripe)
    fan = seated(source, sale)

    shop.change_customer(ann, email="ann@example.com")
    sync(source)

    assert bought(source, sale).fan == fan
    assert known_by(fan) == {"ann@example.com", ann.id}
    assert_as_if_read_at_once(source, shop)


def test_an_address_that_its_owner_has_claimed_stays_theirs_beside_the_new_one(shop, stripe):
    ann = shop.customer("ann@example.com")
    sale = shop.charge(120_00, customer=ann)
    source = imported(shop, stripe)
    fan = seated(source, sale)
    fan.identities.filter(kind="email").update(evidence="claimed by QR on 2026-11-22")

    shop.change_customer(ann, email="ann@new.example")
    sync(source)

    assert bought(source, sale).fan == fan
    assert known_by(fan) == {"ann@example.com", "ann@new.example", ann.id}
    fan.refresh_from_db()
    assert fan.email == "ann@example.com"


def test_who_stays_at_the_old_address_stays_who_they_are(shop, stripe):
    ann = shop.customer("home@example.com", name="Ann")
    hers = shop.charge(10_00, customer=ann)
    theirs = shop.charge(120_00, email="home@example.com", name="Bo")
    source = imported(shop, stripe)
    fan = seated(source, theirs)
    assert bought(source, hers).fan == fan

    shop.change_customer(ann, email="ann@example.com")
    sync(source)

    assert bought(source, theirs).fan == fan
    assert bought(source, hers).fan != fan
    assert known_by(fan) == {"home@example.com"}
    assert_as_if_read_at_once(source, shop)


def test_an_address_that_somebody_has_makes_nobody_else_of_them(shop, stripe):
    ann, bo = shop.customer("ann@example.com"), shop.customer("bo@example.com")
    hers, his = shop.charge(20_00, customer=ann), shop.charge(10_00, customer=bo)
    source = imported(shop, stripe)
    fan = bought(source, his).fan

    shop.change_customer(ann, email="bo@example.com")
    sync(source)

    assert bought(source, hers).fan == bought(source, his).fan == fan
    assert source.creator.fans.count() == 1
    assert_as_if_read_at_once(source, shop)


def test_of_two_who_come_to_one_address_the_earlier_seat_stays(shop, stripe):
    clients = [shop.customer(f"{name}@example.com") for name in ("ann", "bo")]
    sales = []
    for client in clients:
        sales.append(shop.charge(120_00, customer=client))
        shop.pass_time(days=1)
    source = imported(shop, stripe)
    first = bought(source, sales[0]).fan
    assert first.seat == 1

    for client in reversed(clients):
        shop.change_customer(client, email="both@example.com")
    sync(source, full=True)

    assert {bought(source, sale).fan for sale in sales} == {first}
    assert known_by(first) == {"both@example.com", *(client.id for client in clients)}


def test_who_was_joined_with_somebody_follows_with_them_and_can_be_parted(shop, stripe):
    ann, bo = shop.customer("ann@example.com"), shop.customer("bo@example.com")
    hers, his = shop.charge(120_00, customer=ann), shop.charge(10_00, customer=bo)
    source = imported(shop, stripe)
    now = datetime.now(UTC)
    people = (bought(source, hers).fan_id, bought(source, his).fan_id)
    merged = merge(creator=source.creator, people=people, by=None, now=now)

    shop.change_customer(bo, email="bo@new.example")
    sync(source)

    assert bought(source, his).fan == bought(source, hers).fan == merged.fan
    assert known_by(merged.fan) >= {"ann@example.com", "bo@new.example"}
    part(merged=merged, by=None, now=now)
    assert bought(source, his).fan != bought(source, hers).fan
    assert known_by(bought(source, his).fan) == {"bo@new.example", bo.id}


@pytest.mark.parametrize("full", [False, True])
def test_an_address_that_is_taken_away_stays_known(full, shop, stripe):
    ann = shop.customer("ann@example.com")
    sales = [shop.charge(10_00, customer=ann, email=f"till{n}@example.com") for n in range(3)]
    source = imported(shop, stripe)
    fan = bought(source, sales[0]).fan

    shop.change_customer(ann, email=None)
    sync(source, full=full)
    shop.refund(sales[0], 1_00)
    sync(source, full=full)

    assert {bought(source, sale).fan for sale in sales} == {fan}
    assert bought(source, sales[0]).returned == 1_00
    assert source.customers.get().email == "ann@example.com"
    assert list(check_books(creator=source.creator, now=datetime.now(UTC))) == []
