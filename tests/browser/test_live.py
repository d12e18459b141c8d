"""Having a platform tell at once: an address is made, a secret is stored, a tip arrives."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import fits, is_accessible, is_accessible_by_day_and_night
from tests.browser.test_ways import sign_in
from tests.factories import CreatorFactory, SetAsideFactory
from tests.revenue.telling import SECRET, inbox_of, sample, tell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _mail_stays_here(settings, monkeypatch):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PUBLIC_URL = "https://fans.example.org"
    monkeypatch.setattr("revenue.webhooks.queue_once", lambda task, source_id: None)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_platform_is_set_up(watched, live_server, width):
    page = watched
    page.set_viewport_size({"width": width, "height": 900})
    creator = CreatorFactory(handle="makers")
    troubled = inbox_of(creator, "shopify")
    tell(troubled, sample("shopify/order"), secret="not-theirs")
    SetAsideFactory(source=troubled.source, kind="orders/updated", problem="There is no amount.")
    sign_in(page, live_server.url, creator.owner.email)
    page.goto(f"{live_server.url}/studio/makers/sources")
    fits(page)

    page.get_by_role("link", name="Ko-fi").click()
    page.get_by_role("button", name="Make an address").click()
    expect(page.get_by_label("Address for Ko-fi")).to_have_value(
        f"https://fans.example.org/webhooks/kofi/{creator.sources.get(account_id='kofi').inbox.address}"
    )
    is_accessible(page)
    fits(page)

    page.get_by_label("Verification token").fill("x")
    page.get_by_role("button", name="Store").click()
    expect(page.get_by_text("This is no secret of theirs")).to_be_visible()
    is_accessible(page)

    page.get_by_label("Verification token").fill(SECRET)
    page.get_by_role("button", name="Store").click()
    expect(page.get_by_text("Nothing has been delivered yet")).to_be_visible()
    tell(creator.sources.get(account_id="kofi").inbox, sample("kofi/tip"))
    page.reload()
    expect(page.get_by_text("tells at once")).to_be_visible()
    page.get_by_text("Another address, or an end to it").click()
    is_accessible_by_day_and_night(page)
    fits(page)

    page.goto(f"{live_server.url}/studio/makers/sources/live/shopify")
    expect(page.get_by_text("Nothing of it was kept")).to_be_visible()
    is_accessible(page)
    fits(page)
