"""A file of a platform in a real browser, with a real worker: asked about, imported, taken back."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import fits, is_accessible
from tests.factories import CreatorFactory
from tests.revenue.workers import worker

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = (
    "Kunde;E-Mail;Tag;Bezahlt\n"
    "Zoë Müller;zoe@example.org;13.02.2026;12,50\n"
    "José;jose@example.com;01.03.2026;7,00\n"
    "Ada;ada@example.com;02.03.2026;8,00\n"
    "Ben;ben@example.com;03.03.2026;9,00\n"
    "Niemand;;gestern;3,00\n"
)


@pytest.fixture
def band(context, client, live_server):
    creator = CreatorFactory(handle="band", currency="EUR")
    creator.create_default_tiers()
    client.force_login(creator.owner)
    cookie = client.cookies[next(name for name in client.cookies if "csrf" not in name)]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    return creator


def test_a_table_of_nobody_we_know_becomes_people_and_is_taken_back(band, watched, live_server):
    page = watched
    page.set_viewport_size({"width": 360, "height": 740})
    with worker():
        page.goto(f"{live_server.url}/studio/band/sources")
        page.get_by_label("Choose a CSV or ZIP file").set_input_files(
            {"name": "kunden.csv", "mimeType": "text/csv", "buffer": TABLE.encode("cp1252")}
        )
        page.get_by_role("button", name="Look through it").click()
        expect(page.get_by_role("heading", name="What do its columns mean?")).to_be_visible(
            timeout=30_000
        )
        fits(page)
        is_accessible(page)
        page.get_by_label("Where is it from?").fill("My own list")
        page.get_by_role("button", name="Look at what would come of it").click()
        expect(page.get_by_role("heading", name="How is it meant?")).to_be_visible(timeout=30_000)
        is_accessible(page)
        page.get_by_role("button", name="Look at what would come of it").click()
        expect(page.get_by_role("heading", name="What would come of it")).to_be_visible(
            timeout=30_000
        )
        expect(page.locator("main")).to_contain_text(re.compile(r"€36\.50"))
        fits(page)
        is_accessible(page)
        assert not band.purchases.exists()

        page.get_by_role("button", name="Import it").click()
        expect(page.get_by_role("heading", name="What came of it")).to_be_visible(timeout=30_000)
        fits(page)
        is_accessible(page)
        page.goto(f"{live_server.url}/studio/band/people")
        expect(page.get_by_role("link", name="Zoë Müller")).to_be_visible()

        page.goto(f"{live_server.url}/studio/band/sources")
        page.get_by_text("What was brought").click()
        page.get_by_role("link", name="kunden.csv").click()
        page.get_by_role("button", name="Take it back").click()
        expect(page.get_by_text("taken back", exact=True).first).to_be_visible(timeout=30_000)
    assert not band.purchases.exists()


def test_what_is_no_table_is_refused_in_words(band, watched, live_server):
    page = watched
    with worker():
        page.goto(f"{live_server.url}/studio/band/sources")
        page.get_by_label("Choose a CSV or ZIP file").set_input_files(
            {"name": "photo.csv", "mimeType": "text/csv", "buffer": bytes(range(256)) * 40}
        )
        page.get_by_role("button", name="Look through it").click()
        expect(page.get_by_text("Nothing of it was kept.")).to_be_visible(timeout=30_000)
    is_accessible(page)
