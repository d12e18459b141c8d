"""A creator's morning in a real browser: what Home says, and where each word of it leads."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from fans.models import Creator
from revenue.spend import recompute_due_fans
from revenue.summary import summarise
from tests.browser.conftest import fits, is_accessible, is_accessible_by_day_and_night
from tests.factories import (
    CreatorFactory,
    FanFactory,
    MembershipFactory,
    PurchaseFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def creator(live_server, context, client) -> Creator:
    """Two years of two shops, with people of every kind; signed in."""
    now = timezone.now()
    creator = CreatorFactory(handle="band", name="The Band", target_count=60)
    creator.create_default_tiers()
    shops = [SourceFactory(creator=creator, name=name) for name in ("Records", "Letters")]
    for number in range(40):
        fan = FanFactory(creator=creator, name=f"Person {number}", recompute_at=now)
        for turn in range(6):
            PurchaseFactory(
                source=shops[(number + turn) % 2],
                fan=fan,
                amount=(8 + number % 25) * 1_00,
                fee=50,
                occurred_at=now - timedelta(days=number * 11 % 60 + turn * (20 + number)),
            )
    PurchaseFactory(source=shops[0], amount=5_00, occurred_at=now - timedelta(days=2))
    MembershipFactory(source=shops[1], fan=creator.fans.first(), ends_at=now + timedelta(days=9))
    recompute_due_fans(creator=creator, now=now)
    summarise(creator=creator, now=now)
    client.force_login(creator.owner)
    cookie = client.cookies[next(name for name in client.cookies if "csrf" not in name)]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    return creator


def test_a_morning(creator, watched: Page, live_server):
    page = watched
    page.goto(f"{live_server.url}/studio/band/")

    expect(page.locator("h1")).to_contain_text(str(creator.fans.true().count()))
    for question in ("Who is it about now?", "Where does it come from?", "Would it hold?"):
        expect(page.get_by_role("heading", name=question)).to_be_visible()

    chart = page.get_by_role("region", name="Income by month")
    expect(chart.get_by_role("img", name="Income by month")).to_be_visible()
    numbers = chart.get_by_role("table")
    expect(numbers).not_to_be_visible()
    chart.get_by_text("Show the numbers").click()
    expect(numbers).to_be_visible()
    expect(numbers.get_by_role("columnheader", name="Records")).to_be_visible()
    is_accessible(page)

    page.get_by_role("link", name="Newly true", exact=True).click()
    expect(page).to_have_url(f"{live_server.url}/definitions#newly-true")
    expect(page.get_by_role("heading", name="Newly true")).to_be_in_viewport()
    page.go_back()
    line = page.get_by_role("region", name="Newly true").get_by_role("listitem").first
    name = line.get_by_role("link").inner_text()
    line.get_by_role("link").click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def test_a_full_home_fits_a_phone_and_is_accessible(creator, watched: Page, live_server):
    page = watched
    page.set_viewport_size({"width": 360, "height": 740})

    page.goto(f"{live_server.url}/studio/band/")
    for summary in page.get_by_text("Show the numbers").all():
        summary.click()

    fits(page)
    is_accessible_by_day_and_night(page)


@pytest.mark.parametrize("width", [1060, 1440])
def test_mark_rooms_and_account_stand_in_one_row(creator, watched: Page, live_server, width):
    page = watched
    page.set_viewport_size({"width": width, "height": 800})
    creator.name = "The Lantern Quarter and Everybody Who Ever Sang with Them"
    creator.save()

    page.goto(f"{live_server.url}/studio/band/")

    of = "all => all.map(one => one.getBoundingClientRect()).map(box => box.y + box.height / 2)"
    middles = page.locator(".frame-head > *").evaluate_all(of)
    assert len(middles) == 3
    assert max(middles) - min(middles) < 2
    fits(page)


def test_without_scripts_nothing_is_missing(creator, browser, live_server, client):
    context = browser.new_context(java_script_enabled=False)
    cookie = client.cookies[next(name for name in client.cookies if "csrf" not in name)]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()

    page.goto(f"{live_server.url}/studio/band/")

    expect(page.get_by_role("heading", name="One purchase away")).to_be_visible()
    page.get_by_text("Show the numbers").first.click()
    expect(page.get_by_role("table").first).to_be_visible()
    context.close()
