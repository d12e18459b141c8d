"""The ways people go, in a real browser: a new creator, the first import, a fan."""

import re

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from fans.models import Creator
from revenue.models import Source
from revenue.removing import begin_removal, disconnect
from sandbox.directory import load
from tests.browser.conftest import fits, is_accessible, is_accessible_by_day_and_night
from tests.factories import (
    CreatorFactory,
    FanFactory,
    IdentityFactory,
    PurchaseFactory,
    ReconciliationFactory,
    RecountFactory,
    SetAsideFactory,
    SourceFactory,
)
from tests.revenue.recording import FULL
from tests.revenue.workers import worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _mail_stays_here(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def sign_in(page: Page, url: str, address: str) -> None:
    """By the code from the mail, as everybody does."""
    page.goto(url + "/accounts/login/")
    page.get_by_label("address").first.fill(address)
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("heading", name="Type the code")).to_be_visible()
    [letter] = [m for m in mail.outbox if m.to == [address]][-1:]
    code = re.search(r"^[A-Z0-9]{3,5}(?:-[A-Z0-9]{3,5})+$", letter.body, re.MULTILINE)
    page.get_by_label("Code").fill(code.group())
    page.get_by_role("button", name="Sign in").click()


def test_from_an_address_to_true_fans(watched, live_server, stripe):
    stripe(load(FULL), latency=0.3)
    page = watched
    sign_in(page, live_server.url, "maker@example.org")
    is_accessible(page)

    page.get_by_label("Name", exact=False).first.fill("The Makers")
    page.get_by_label("Handle", exact=False).fill("makers")
    page.get_by_label("Currency", exact=False).first.select_option("USD")
    page.get_by_role("button", name="Open my studio").click()
    creator = Creator.objects.get(handle="makers")
    assert creator.currency == "USD"
    is_accessible(page)

    page.goto(f"{live_server.url}/studio/makers/sources")
    is_accessible(page)
    page.get_by_label("Restricted key").fill("pk_test_wrong")
    page.get_by_role("button", name="Test and connect").click()
    expect(page.get_by_text("publishable key")).to_be_visible()
    page.get_by_label("Restricted key").fill("rk_test_right")
    with worker():
        page.get_by_role("button", name="Test and connect").click()
        expect(page.get_by_text("Reading Recorded account")).to_be_visible(timeout=30_000)
        expect(page.get_by_text(re.compile("a second"))).to_be_visible(timeout=20_000)
        is_accessible(page)
        page.reload()
        expect(page.get_by_role("progressbar")).to_be_visible()
        expect(page.get_by_role("progressbar")).to_have_count(0, timeout=60_000)
    assert creator.sources.get().synced_at

    page.goto(f"{live_server.url}/studio/makers/")
    true = creator.fans.true().count()
    assert true > 0
    expect(page.locator("h1")).to_contain_text(str(true))
    is_accessible(page)
    page.get_by_role("link", name="People").click()
    best = creator.fans.order_by("-spend", "id").first()
    page.get_by_role("link", name=best.name).first.click()
    expect(page.get_by_role("heading", name=best.name)).to_be_visible()
    is_accessible(page)


def test_a_fan_sees_what_they_gave_and_nobody_else(watched, live_server, now):
    source = SourceFactory(creator=CreatorFactory(handle="band", fans_word="friends"))
    source.creator.create_default_tiers()
    me = FanFactory(
        creator=source.creator, name="Zoë", email="zoe@example.com", seat=7, crossed_at=now,
        spend=120_00, window_gross=120_00, lifetime_gross=340_00, purchases=2, is_true_fan=True,
    )  # fmt: skip
    IdentityFactory(fan=me)
    other = FanFactory(creator=source.creator, name="Someone Else", email="else@example.com")
    IdentityFactory(fan=other)
    PurchaseFactory(source=source, fan=me, amount=120_00, description="Vinyl box")
    PurchaseFactory(source=source, fan=other, amount=55_55, description="Secret thing")
    page = watched

    page.goto(f"{live_server.url}/@band")
    expect(page.get_by_text("friends").first).to_be_visible()
    is_accessible(page)
    sign_in(page, live_server.url, "zoe@example.com")
    page.goto(f"{live_server.url}/me")

    body = page.inner_text("body")
    assert "£120" in body
    assert "£340" in body
    assert "No. 7" in body
    assert "Secret" not in body
    assert "55.55" not in body
    is_accessible(page)
    page.goto(f"{live_server.url}/@band")
    assert "No. 7" in page.inner_text("main")


ROOMS = ["", "today", "people", "income", "sources"]


@pytest.fixture
def studio(now, live_server, context, client):
    """A creator with some people and money, signed in."""
    source = SourceFactory(creator=CreatorFactory(handle="band"))
    source.creator.create_default_tiers()
    for number in range(60):
        spend = 3_00 * number
        fan = FanFactory(
            creator=source.creator, spend=spend, window_gross=spend, lifetime_gross=spend,
            purchases=1, is_true_fan=spend >= 100_00, seat=number if spend >= 100_00 else None,
            last_purchase_at=now, first_purchase_at=now,
            name="A very long name that goes on and on " * 3 if number == 59 else f"Fan {number}",
        )  # fmt: skip
        PurchaseFactory(source=source, fan=fan, amount=spend or 1)
    line = {"id": "txn_" + "3" * 24, "what": "different", "currency": "GBP", "ours": 1, "theirs": 2}
    ReconciliationFactory(
        source=source, outcome="drift", figures=[["GBP", 123456789, 123456790]],
        month=now.date(), differing=1, lines=[line],
    )  # fmt: skip
    SetAsideFactory.create_batch(2, source=source, problem="KeyError: 'amount'")
    Source.objects.filter(pk=source.pk).update(lacks=["Invoices", "Events"])
    client.force_login(source.creator.owner)
    cookie = client.cookies[next(name for name in client.cookies if "csrf" not in name)]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    return source.creator


@pytest.mark.parametrize("room", [*ROOMS, "person", "settings", "disconnect"])
def test_every_room_fits_a_phone_and_is_accessible(studio, watched, live_server, room):
    page = watched
    page.set_viewport_size({"width": 360, "height": 740})
    path = {
        "person": f"people/{studio.fans.last().pk}",
        "disconnect": f"sources/{studio.sources.get().pk}/disconnect",
    }.get(room, room)

    page.goto(f"{live_server.url}/studio/band/{path}")

    fits(page)
    is_accessible_by_day_and_night(page)


def test_what_is_being_changed_fits_a_phone_and_is_accessible(studio, watched, live_server, now):
    page = watched
    page.set_viewport_size({"width": 360, "height": 740})
    RecountFactory(creator=studio, done=40, heard_at=now)
    going, left = SourceFactory.create_batch(2, creator=studio, name="Another shop")
    PurchaseFactory(source=going)
    begin_removal(source=going, now=now)
    disconnect(source=left, now=now)

    for room in [*ROOMS, "settings", f"people/{studio.fans.first().pk}"]:
        page.goto(f"{live_server.url}/studio/band/{room}")
        expect(page.locator("main")).to_contain_text("40%")
        fits(page)
        is_accessible_by_day_and_night(page)
    page.goto(f"{live_server.url}/@band")
    expect(page.locator("main")).to_contain_text("counted in another currency right now")
    is_accessible_by_day_and_night(page)


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_teaches_a_new_creator(watched, live_server, context, client, room):
    creator = CreatorFactory(handle="new")
    client.force_login(creator.owner)
    cookie = client.cookies[next(name for name in client.cookies if "csrf" not in name)]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])

    watched.goto(f"{live_server.url}/studio/new/{room}")

    expect(watched.locator("main")).to_contain_text(re.compile("Stripe|[Ss]ource"))
    expect(watched.locator("main svg[role=img]")).to_have_count(1 if room == "" else 0)
    is_accessible(watched)


def test_everything_works_with_scripts_off(studio, browser, live_server, client):
    context = browser.new_context(java_script_enabled=False)
    cookie = client.cookies[next(name for name in client.cookies if "csrf" not in name)]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()

    page.goto(f"{live_server.url}/studio/band/people")
    page.get_by_role("searchbox").fill("Fan 41")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Fan 41", exact=True).click()
    expect(page.get_by_role("heading", name="Fan 41")).to_be_visible()
    page.goto(f"{live_server.url}/studio/band/sources")
    page.get_by_label("Restricted key").fill("nonsense")
    page.get_by_role("button", name="Test and connect").click()
    expect(page.get_by_text("not a Stripe key")).to_be_visible()
    context.close()
