"""A sale at a concert in a real browser: on a phone, with scripts and without, by day and by night,
and the one who bought it on the other side of the counter."""

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import expect

from revenue.models import Claim
from tests.browser.conftest import fits, is_accessible_by_day_and_night
from tests.factories import CreatorFactory, FanFactory, SourceFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def creator(live_server, settings):
    settings.PUBLIC_URL = live_server.url
    cache.clear()
    creator = CreatorFactory(handle="band", name="Low Tide", fan_word="friend")
    SourceFactory(creator=creator, name="Low Tide shop")
    FanFactory(creator=creator, name="Zoë Whitlock")
    return creator


@pytest.fixture
def enter(live_server):
    """Puts `user` into a browser's context."""

    def enter(context, user):
        client = Client()
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        cookie = client.cookies[next(name for name in client.cookies if "csrf" not in name)]
        cookies = [{"name": cookie.key, "value": cookie.value, "url": live_server.url}]
        context.add_cookies(cookies)

    return enter


def test_two_taps_and_a_code_that_the_buyer_scans(
    watched, live_server, context, browser, creator, enter
):
    enter(context, creator.owner)
    watched.set_viewport_size(PHONE)
    watched.goto(f"{live_server.url}/studio/band/")
    watched.get_by_role("link", name="Sell by hand").click()
    watched.get_by_label("Amount").fill("25")
    watched.get_by_label("What was it?").fill("T-shirt")
    fits(watched)
    is_accessible_by_day_and_night(watched)
    watched.get_by_role("button", name="Sold").click()
    watched.get_by_role("link", name="Next sale").click()

    watched.get_by_role("radio", name="T-shirt").check(force=True)
    assert watched.get_by_role("button", name="Sold").bounding_box()["y"] < PHONE["height"] - 56
    watched.get_by_role("button", name="Sold").click()

    expect(watched.get_by_role("img", name="Code to scan")).to_be_visible()
    fits(watched)
    is_accessible_by_day_and_night(watched)
    assert creator.purchases.count() == 2
    address = watched.url
    pk = int(address.rsplit("/", 1)[1])
    code = Claim.objects.get(external_id=creator.purchases.get(pk=pk).external_id).code

    with browser.new_context(viewport=PHONE) as other:
        user = UserFactory(email="ann@example.com")
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        enter(other, user)
        buyer = other.new_page()
        buyer.goto(f"{live_server.url}/claim/{code}")
        fits(buyer)
        is_accessible_by_day_and_night(buyer)
        buyer.get_by_role("button", name="Yes, it is mine").click()
        expect(buyer.get_by_text("It is yours, and Low Tide knows it.")).to_be_visible()

    # The seller's page sees it by itself.
    expect(watched.get_by_text("Claimed.")).to_be_visible(timeout=10_000)
    watched.get_by_role("link", name="All about it").click()
    expect(watched.get_by_text("Claimed by QR")).to_be_visible()
    fits(watched)
    is_accessible_by_day_and_night(watched)
    watched.get_by_role("link", name="Change it, or give money back").click()
    fits(watched)
    is_accessible_by_day_and_night(watched)


def test_without_scripts_everything_goes_too(live_server, browser, creator, enter):
    with browser.new_context(viewport=PHONE, java_script_enabled=False) as context:
        enter(context, creator.owner)
        page = context.new_page()
        page.goto(f"{live_server.url}/studio/band/sell")
        page.get_by_label("Amount").fill("5")
        page.get_by_text("Who, or another day").click()
        page.get_by_label("Name or address").fill("zoe")
        page.get_by_role("button", name="Search").click()
        page.get_by_label("Zoë Whitlock").check()
        page.get_by_role("button", name="Sold").click()
        assert "Zoë Whitlock" in page.content()
        page.get_by_role("button", name="Undo").click()
        assert "is taken back" in page.content()
        page.get_by_role("button", name="Put it back").click()

        assert "The sale counts again" in page.content()
        assert "from 1 sale" in page.content()
        assert creator.purchases.get().fan.name == "Zoë Whitlock"
