"""Setting up a webhook on Sources, on a phone and a desktop, with scripts and without."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import fits, is_accessible
from tests.browser.test_ways import sign_in
from tests.factories import CreatorFactory, NudgeFactory, SourceFactory
from tests.revenue.deliveries import SECRET

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _mail_stays_here(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def silent_source(creator):
    heard_at = datetime.now(UTC) - timedelta(hours=31)
    source = SourceFactory(
        creator=creator, name="Silent", webhook_secrets=SECRET, delivered_at=heard_at
    )
    NudgeFactory(source=source, way="poll", arrived_at=datetime.now(UTC))


def refused_source(creator):
    secrets = f"{SECRET}\nwhsec_that_takes_its_place"
    now = datetime.now(UTC)
    SourceFactory(creator=creator, name="Refused", webhook_secrets=secrets, refused_at=now)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_secret_is_pasted_refused_stored_and_removed(watched, live_server, width, settings):
    settings.PUBLIC_URL = "https://fans.example.org"
    page = watched
    page.set_viewport_size({"width": width, "height": 900})
    creator = CreatorFactory(handle="makers")
    source = SourceFactory(creator=creator, name="Makers' shop")
    silent_source(creator)
    refused_source(creator)
    sign_in(page, live_server.url, creator.owner.email)
    page.goto(f"{live_server.url}/studio/makers/sources")

    page.get_by_text("Set up a webhook").click()
    expect(page.get_by_label("Address for Stripe").first).to_have_value(
        f"https://fans.example.org/webhooks/stripe/{source.pk}"
    )
    is_accessible(page)
    fits(page)

    page.get_by_label("Signing secret").first.fill("whsec_x")
    page.get_by_role("button", name="Store the secret").click()
    expect(page.get_by_text("This is not a signing secret")).to_be_visible()
    is_accessible(page)
    fits(page)

    page.get_by_label("Signing secret").first.fill(SECRET)
    page.get_by_role("button", name="Store the secret").click()
    expect(page.get_by_text("Nothing has been delivered yet").first).to_be_visible()
    page.get_by_text("The webhook", exact=True).first.click()
    is_accessible(page)
    fits(page)

    page.get_by_role("button", name="Remove: Secret").first.click()
    expect(page.get_by_text("Set up a webhook")).to_be_visible()
