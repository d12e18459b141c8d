"""Who scans the code of a cash sale makes it theirs: once, and only by a confirmed address."""

import logging
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from fans.models import Fan
from revenue.assigning import take_back
from revenue.books import check_books
from revenue.models import Claim
from revenue.selling import Sale, change, renew_code, sell
from supporters import claiming
from tests.factories import CreatorFactory, FanFactory, IdentityFactory, UserFactory
from truefans.logs import WithoutAddresses

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _it_is_now(time_machine, now):
    cache.clear()
    time_machine.move_to(now, tick=False)


@pytest.fixture
def creator():
    return CreatorFactory(handle="low-tide", name="Low Tide")


@pytest.fixture
def sale(creator, now):
    """A T-shirt that was sold by hand, to nobody yet."""
    said = Sale("sale_1", now, creator.currency, 25_00, "T-shirt")
    sell(creator=creator, sale=said, to=None, by=creator.owner, now=now)
    return creator.purchases.get()


@pytest.fixture
def address(sale):
    return f"/claim/{Claim.objects.get().code}"


def signed_in(email="zoe@example.com", **fields) -> Client:
    client, user = Client(), UserFactory(email=email)
    EmailAddress.objects.create(user=user, email=email, primary=True, **{"verified": True} | fields)
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def test_a_stranger_sees_what_it_is_and_the_way_in(client, address):
    page = client.get(address)

    assert page.status_code == 200
    for words in ("£25.00", "Low Tide", "T-shirt", "22 November", "Is this yours?"):
        assert words in page.text
    assert f"/accounts/login/?next={address}" in page.text
    answer = client.post(address)
    assert answer["Location"] == f"/accounts/login/?next={address}"
    assert Claim.objects.get().claimed_at is None


def test_looking_alone_claims_nothing(address, sale):
    assert "zoe@example.com" in signed_in().get(address).text

    sale.refresh_from_db()
    assert sale.fan is None


def test_somebody_new_is_made_by_the_confirmed_address(address, sale, creator, now):
    zoe = signed_in()

    answer = zoe.post(address, follow=True)

    assert "It is yours" in answer.text
    assert "T-shirt" in answer.text
    fan = creator.fans.get()
    sale.refresh_from_db()
    assert (sale.fan, fan.email) == (fan, "zoe@example.com")
    assert fan.identities.get().evidence == "claimed by QR on 2026-11-22"
    assert sale.source.assignments.get().by.email == "zoe@example.com"
    later = now + timedelta(minutes=1)
    assert list(check_books(creator=creator, now=later, ask=False)) == []


def test_who_is_known_by_that_address_gets_it(address, sale, creator):
    known = IdentityFactory(fan__creator=creator, value="zoe@example.com").fan

    signed_in().post(address)

    sale.refresh_from_db()
    assert (sale.fan, creator.fans.count()) == (known, 1)


def test_the_creator_sees_by_what_and_when_it_was_claimed_and_can_undo_it(
    client, address, sale, creator, now
):
    signed_in().post(address)
    client.force_login(creator.owner)
    about = f"/studio/low-tide/income/{sale.pk}"

    assert "Claimed by QR, 22 November 2026 (<bdi>zoe@example.com</bdi>)" in client.get(about).text
    assert "Claimed." in client.get(f"/studio/low-tide/sell/{sale.pk}").text
    take_back(creator=creator, purchases=[sale.pk], now=now)

    sale.refresh_from_db()
    assert sale.fan is None
    assert not creator.fans.exists()  # who was made for it
    assert "opens nothing" in signed_in("tom@example.com").get(address).text
    renew_code(purchase=sale, now=now)
    signed_in("ann@example.com").post(f"/claim/{Claim.objects.get().code}")
    assert creator.fans.get().email == "ann@example.com"


def test_a_code_is_good_once(address, sale, creator):
    zoe, tom = signed_in(), signed_in("tom@example.com")
    zoe.post(address)

    for answer in (tom.get(address), tom.post(address)):
        assert answer.status_code == 410
        assert "claimed already" in answer.text
        assert "zoe@" not in answer.text
    assert "yours already" in zoe.post(address).text
    assert creator.fans.get().email == "zoe@example.com"


def test_what_the_creator_gave_somebody_meanwhile_is_not_taken_from_them(address, sale, creator):
    sale.fan = FanFactory(creator=creator)
    sale.save()

    answer = signed_in().post(address)

    assert "claimed already" in answer.text
    assert creator.fans.count() == 1


def test_an_old_code_says_so(address, sale, now, time_machine):
    time_machine.move_to(now + timedelta(days=90), tick=False)

    answer = signed_in().post(address)

    assert answer.status_code == 410
    assert "too old" in answer.text


def test_a_sale_that_was_taken_back_says_so(address, sale, creator, now):
    change(source=sale.source, external_id="sale_1", is_undone=True, by=creator.owner, now=now)

    assert "was taken back" in signed_in().post(address).text


@pytest.mark.parametrize("code", ["x", "A" * 22, "%00", "ä" * 22, "a" * 2000])
def test_no_code_of_ours_opens_nothing(client, code):
    answer = client.get(f"/claim/{code}")

    assert answer.status_code == 404
    assert "opens nothing" in answer.text


def test_a_closed_studio_hands_out_nothing(address, creator, now):
    creator.leaves_at = now + timedelta(days=14)
    creator.save()

    assert signed_in().post(address).status_code == 404


def test_an_account_without_a_confirmed_address_confirms_one_first(address, sale):
    answer = signed_in(verified=False).post(address)

    assert answer["Location"] == "/accounts/email/"
    assert not Fan.objects.exists()


def test_who_tries_very_often_has_to_wait(client, address, monkeypatch):
    monkeypatch.setattr(claiming, "MOST", 2)

    codes = [client.get(address).status_code for _ in range(4)]

    assert codes == [200, 200, 429, 429]
    assert client.get("/definitions").status_code == 200


def test_no_line_of_log_tells_a_code(address):
    line = logging.LogRecord("x", logging.INFO, "", 0, "GET %s", (address,), None)

    WithoutAddresses().filter(line)

    assert line.getMessage() == "GET /claim/…"
