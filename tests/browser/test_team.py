"""The settings in a real browser: a second person is invited, comes in and only looks; every page
of the settings on a phone and a desktop; leaving, and coming back."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import Page, expect

from fans.models import Creator, Member
from fans.tasks import send_invitation
from revenue.models import Departure
from tests.browser.conftest import fits, is_accessible
from tests.browser.test_ways import sign_in
from tests.factories import (
    CreatorFactory,
    FanFactory,
    InvitationFactory,
    MemberFactory,
    PurchaseFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ["", "/words", "/place", "/team", "/security", "/export", "/leaving"]


@pytest.fixture(autouse=True)
def _mail_stays_here(settings, live_server):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PUBLIC_URL = live_server.url
    cache.clear()


def works(page: Page) -> None:
    fits(page)
    is_accessible(page)


@pytest.fixture
def band(now) -> Creator:
    source = SourceFactory(creator=CreatorFactory(handle="band", name="The Band", community="Crew"))
    source.creator.create_default_tiers()
    for _ in range(3):
        PurchaseFactory(source=source, fan=FanFactory(creator=source.creator))
    return source.creator


def signed_in(page: Page, client, live_server, user) -> None:
    client.force_login(user)
    cookie = client.cookies[next(name for name in client.cookies if "csrf" not in name)]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])


def test_somebody_is_invited_comes_in_and_only_looks(watched, live_server, browser, band):
    owner = watched
    sign_in(owner, live_server.url, band.owner.email)
    owner.goto(f"{live_server.url}/studio/band/settings/team")
    works(owner)
    owner.get_by_label("E-mail address").fill("not an address")
    owner.get_by_role("button", name="Send the invitation").click()
    expect(owner.get_by_text("not an e-mail address")).to_be_visible()
    works(owner)
    owner.get_by_label("E-mail address").fill("ada@example.org")
    owner.get_by_label("Role", exact=True).select_option("viewer")
    owner.get_by_role("button", name="Send the invitation").click()
    expect(owner.get_by_text("ada@example.org is invited, by mail.")).to_be_visible()
    expect(owner.get_by_text("the mail is on its way")).to_be_visible()
    send_invitation(band.invitations.get().pk)
    link = re.search(r"^http\S+$", mail.outbox[-1].body, re.MULTILINE).group()

    context = browser.new_context()
    ada = context.new_page()
    ada.goto(link)
    expect(ada).to_have_url(f"{live_server.url}/studio/join")
    expect(ada.locator("main")).to_contain_text("ada@example.org")
    expect(ada.locator("main")).not_to_contain_text("The Band")
    works(ada)
    ada.get_by_role("button", name="Sign in with that address").click()
    ada.get_by_label("address").first.fill("ada@example.org")
    ada.get_by_role("button", name="Send me a code").click()
    expect(ada.get_by_role("heading", name="Type the code")).to_be_visible()
    code = re.search(r"^[A-Z0-9]{3,5}(?:-[A-Z0-9]{3,5})+$", mail.outbox[-1].body, re.MULTILINE)
    ada.get_by_label("Code").fill(code.group())
    ada.get_by_role("button", name="Sign in").click()
    expect(ada.get_by_role("heading", name="Into the studio of The Band")).to_be_visible()
    works(ada)
    ada.get_by_role("button", name="Join the team").click()
    expect(ada.get_by_text("You are in the team of The Band.")).to_be_visible()
    assert Member.objects.get().role == "viewer"

    for path in ("sources", *(f"settings{page}" for page in PAGES)):
        ada.goto(f"{live_server.url}/studio/band/{path}")
        own = 1 if path == "settings/team" else 0  # leaving the team is everybody's own
        expect(ada.locator("main form")).to_have_count(own)
        works(ada)
    context.close()

    owner.reload()
    expect(owner.get_by_text("since")).to_be_visible()
    owner.locator("summary", has_text="Change").click()
    owner.get_by_label("Role of ada@example.org").select_option("owner")
    owner.get_by_role("button", name="Give this role").click()
    expect(owner.get_by_text("ada@example.org is owner from now on.")).to_be_visible()
    owner.locator("summary", has_text="Change").click()
    works(owner)
    owner.get_by_role("button", name="Hand the studio over").click()
    expect(owner.get_by_text("The studio is ada@example.org’s now.")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_every_page_of_the_settings_fits_and_is_accessible(
    watched, live_server, client, band, width, scheme
):
    page = watched
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    MemberFactory(creator=band, role="owner", user__email="somebody.with.a.long@name.example.org")
    MemberFactory(creator=band, role="viewer")
    InvitationFactory(creator=band)
    Creator.objects.update(team_size=4, living=24_000_00)
    signed_in(page, client, live_server, band.owner)

    for path in PAGES:
        page.goto(f"{live_server.url}/studio/band/settings{path}")
        expect(page.locator("nav.is-pages a[aria-current]")).to_have_count(1)
        works(page)


def test_the_sentence_and_the_sample_follow_what_is_typed(watched, live_server, client, band):
    page = watched
    signed_in(page, client, live_server, band.owner)

    page.goto(f"{live_server.url}/studio/band/settings/words")
    page.get_by_label("What you call one of them").fill("listener")
    expect(page.locator("#sentence")).to_contain_text("Ada is a true listener.")
    expect(page.locator("#sentence")).to_contain_text("Together they are Crew.")
    page.goto(f"{live_server.url}/studio/band/settings/place")
    page.get_by_label("Language", exact=True).select_option("de")
    expect(page.locator("#sample")).to_contain_text("1.234,50")


def test_a_studio_is_closed_and_opened_again_with_scripts_off(browser, live_server, band, settings):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server.url, band.owner.email)

    page.goto(f"{live_server.url}/studio/band/settings/leaving")
    page.get_by_label("type your handle").fill("bend")
    page.get_by_role("button", name="Close the studio").click()
    expect(page.get_by_text("That is not your handle")).to_be_visible()
    page.get_by_label("type your handle").fill("band")
    page.get_by_role("button", name="Close the studio").click()
    expect(page.get_by_text("is closed, and its keys are forgotten")).to_be_visible()
    assert page.goto(f"{live_server.url}/@band").status == 404
    page.goto(f"{live_server.url}/studio/")
    page.get_by_role("link", name="The Band").click()
    page.get_by_role("button", name="Open the studio again").click()
    expect(page.get_by_text("is open again")).to_be_visible()
    assert page.goto(f"{live_server.url}/@band").status == 200
    assert not Departure.objects.exists()
    context.close()
