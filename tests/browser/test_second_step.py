"""A second step of signing in, in a real browser: an app that shows codes, and a passkey."""

import re

import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.conftest import fits, is_accessible_by_day_and_night
from tests.browser.test_ways import sign_in
from tests.factories import CreatorFactory
from tests.supporters.test_second_step import code_of

pytestmark = pytest.mark.django_db(transaction=True)

#: A telephone that knows its owner's finger.
TELEPHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}


@pytest.fixture(autouse=True)
def _mail_stays_here(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    cache.clear()


@pytest.fixture
def page(watched, live_server):
    """Of a creator who has just signed in, on a telephone."""
    creator = CreatorFactory(handle="band", owner__password=make_password(None))
    watched.set_viewport_size({"width": 360, "height": 740})
    sign_in(watched, live_server.url, creator.owner.email)
    expect(watched).to_have_url(re.compile("/studio/band"))
    return watched


def test_an_app_is_set_up_and_the_codes_for_a_bad_day_are_shown(page, live_server):
    page.goto(f"{live_server.url}/studio/band/settings/security")
    page.get_by_role("link", name="Authenticator app").click()
    page.get_by_role("link", name="Set up an app").click()
    fits(page)
    is_accessible_by_day_and_night(page)

    secret = page.get_by_label("The secret").input_value()
    page.get_by_label("The code that it shows now").fill(code_of(secret))
    page.get_by_role("button", name="Turn it on").click()

    expect(page.get_by_role("heading", name="Recovery")).to_be_visible()
    expect(page.get_by_label("codes")).to_have_value(re.compile(r"^(\w{8}\s*){10}$"))
    fits(page)
    is_accessible_by_day_and_night(page)


def test_a_passkey_is_enough_to_come_in(page, live_server):
    browser = page.context.new_cdp_session(page)
    browser.send("WebAuthn.enable")
    browser.send("WebAuthn.addVirtualAuthenticator", {"options": TELEPHONE})
    page.goto(live_server.url + reverse("mfa_index"))
    page.get_by_role("link", name="Add a key").click()
    page.get_by_label("What is it called?").fill("My telephone")
    fits(page)
    is_accessible_by_day_and_night(page)
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery")).to_be_visible()

    page.goto(live_server.url + reverse("mfa_list_webauthn"))
    expect(page.get_by_role("listitem").filter(has_text="My telephone")).to_contain_text("passkey")
    page.goto(live_server.url + reverse("account_logout"))
    page.locator("main").get_by_role("button").click()
    page.goto(live_server.url + reverse("account_login"))
    page.get_by_role("button", name=re.compile("passkey", re.I)).click()

    expect(page).to_have_url(re.compile("/studio/band"))
