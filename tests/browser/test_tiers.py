"""Tiers, perks, milestones and the year in a real browser: on a phone and a desktop, by day and by
night, with scripts and without, on paper."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from fans.models import Creator
from tests.browser.conftest import fits, is_accessible
from tests.factories import (
    CreatorFactory,
    DeliveryFactory,
    FanFactory,
    PerkFactory,
    PurchaseFactory,
    SourceFactory,
    TouchFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ["Zoë Whitlock", "Łukasz Ó Briain", "Ada", "مريم", "A name that goes on and on " * 4]


@pytest.fixture
def signed_in(live_server, context, client):
    """Puts whoever owns a creator into the browser."""

    def enter(creator: Creator) -> str:
        client.force_login(creator.owner)
        cookie = client.cookies[next(name for name in client.cookies if "csrf" not in name)]
        cookies = [{"name": cookie.key, "value": cookie.value, "url": live_server.url}]
        context.add_cookies(cookies)
        return f"{live_server.url}/studio/{creator.handle}"

    return enter


@pytest.fixture
def band():
    """“Low Tide” with three tiers, 70 true friends, and what a year brings."""
    creator = CreatorFactory(
        handle="band", name="Low Tide", fan_word="friend", fans_word="friends", target_count=100
    )
    creator.create_default_tiers()
    source, now = SourceFactory(creator=creator, name="Low Tide shop"), timezone.now()
    for number in range(75):
        spend = 99_00 - 1_00 * number if number < 5 else 100_00 + 7_00 * number
        is_true = spend >= 100_00
        crossed = now - timedelta(days=4 * number)
        fan = FanFactory(
            creator=creator, name=f"{NAMES[number % 5]} {number}", spend=spend,
            country=["GB", "FR", "DE"][number % 3], is_true_fan=is_true,
            seat=75 - number if is_true else None, crossed_at=crossed if is_true else None,
            first_purchase_at=crossed - timedelta(days=30 * (number % 40)), purchases=2,
        )  # fmt: skip
        PurchaseFactory(source=source, fan=fan, amount=spend, fee=1_20, occurred_at=crossed)
        if number % 4 == 0:
            TouchFactory(fan=fan, kind=["wrote", "they_wrote"][number % 2], occurred_at=crossed)
    true = creator.tiers.get(name="True")
    creator.tiers.filter(pk=true.pk).update(
        about="A song a month, before everybody else hears it.\n\nAnd the newsletter."
    )
    card = PerkFactory(tier=true, name="Postcard", every="month", about="The blue ones.")
    PerkFactory(tier=creator.tiers.get(name="Patron"), name="Dinner with the band", every="year")
    low = PerkFactory(tier=creator.tiers.get(name="Regular"), name="Name in the booklet")
    for fan in creator.fans.all():
        DeliveryFactory(perk=low, fan=fan)
    for fan in creator.fans.filter(spend__gt=300_00)[:9]:
        DeliveryFactory(perk=card, fan=fan, period=card.period(now))
    return creator


ROOMS = {
    "tiers": "/tiers",
    "new": "/tiers/new",
    "remove": "/tiers/{true}/remove",
    "perk": "/perks/{card}",
    "given": "/perks/{card}?show=given",
    "perk-edit": "/perks/{card}/edit",
    "perk-remove": "/perks/{card}/remove",
    "milestones": "/milestones?seat=7",
    "review": "/review",
}


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_every_room_fits_and_is_accessible(watched, signed_in, band, room, width, scheme):
    page = watched
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    true = band.tiers.get(name="True")

    card = true.perks.get()
    page.goto(signed_in(band) + ROOMS[room].format(true=true.pk, card=card.pk))

    expect(page.locator("h1")).to_be_visible()
    for picture in page.locator("img").all():
        picture.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    fits(page)
    is_accessible(page)


@pytest.mark.parametrize("room", ["tiers", "milestones", "review"])
def test_every_room_teaches_a_new_creator(watched, signed_in, room):
    page = watched
    page.set_viewport_size({"width": 360, "height": 740})

    page.goto(f"{signed_in(CreatorFactory(handle='new'))}/{room}")

    expect(page.locator(".empty")).to_be_visible()
    expect(page.locator("main svg[role=img]")).to_have_count(0)
    fits(page)
    is_accessible(page)


def test_a_threshold_is_moved_after_a_look_at_what_it_does(watched, signed_in, band):
    page = watched
    page.goto(f"{signed_in(band)}/tiers")
    page.get_by_role("link", name=re.compile("Change.*True")).click()

    page.get_by_label("Begins at").fill("96")
    expect(page.get_by_text("Nothing is saved yet.")).to_be_visible()
    expect(page.get_by_text("4 friends move up")).to_be_visible()
    expect(page.locator("#preview")).to_contain_text("from Regular to True:")
    is_accessible(page)
    page.get_by_label("Begins at").fill("149")
    expect(page.get_by_text("2 friends move down")).to_be_visible()
    page.get_by_label("Begins at").fill("25")
    expect(page.get_by_text("“Regular” begins there already.")).to_be_visible()
    page.get_by_label("Begins at").fill("96")
    expect(page.get_by_text("4 friends move up")).to_be_visible()
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Saved. Where everybody stands")).to_be_visible()
    assert band.tiers.get(name="True").threshold == 96_00


def test_a_perk_is_ticked_off_and_that_is_undone(watched, signed_in, band):
    page = watched
    page.set_viewport_size({"width": 360, "height": 740})
    card = band.tiers.get(name="True").perks.get()
    page.goto(f"{signed_in(band)}/perks/{card.pk}")
    due = card.deliveries.count()

    page.locator("tbody tr").first.get_by_role("button", name="Tick off").click()
    expect(page.get_by_text("is ticked off")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    assert card.deliveries.count() == due + 1
    is_accessible(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 is due again.")).to_be_visible()
    assert card.deliveries.count() == due

    page.get_by_role("button", name="Tick off all 50 who are shown").click()
    expect(page.get_by_text("50 are ticked off.")).to_be_visible()
    assert card.deliveries.count() == due + 50
    fits(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Labels for all").click()
    assert download.value.suggested_filename.startswith("postcard-")


def test_it_all_works_without_scripts(browser, live_server, client, band):
    client.force_login(band.owner)
    cookie = client.cookies[next(name for name in client.cookies if "csrf" not in name)]
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()
    true = band.tiers.get(name="True")
    card = true.perks.get()
    due = card.deliveries.count()

    page.goto(f"{live_server.url}/studio/band/tiers/{true.pk}")
    page.get_by_label("Begins at").fill("96")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("4 friends move up")).to_be_visible()
    assert band.tiers.get(name="True").threshold == 100_00
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert band.tiers.get(name="True").threshold == 96_00

    page.goto(f"{live_server.url}/studio/band/perks/{card.pk}")
    page.get_by_role("button", name="Tick off all 50 who are shown").click()
    assert card.deliveries.count() == due + 50
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("50 are due again.")).to_be_visible()
    assert card.deliveries.count() == due

    page.goto(f"{live_server.url}/studio/band/milestones")
    page.get_by_label("Number of a seat").fill("33")
    page.get_by_role("button", name="Make a card").click()
    expect(page.get_by_role("heading", name="No. 33")).to_be_visible()
    width = page.locator(".milestone-picked img").bounding_box()["width"]
    assert width > 200
    context.close()


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_year_prints_on_few_pages_without_what_paper_cannot_do(watched, signed_in, band, paper):
    page = watched
    page.goto(f"{signed_in(band)}/review")
    page.emulate_media(media="print")

    expect(page.locator(".frame-head")).to_be_hidden()
    expect(page.locator(".review nav").first).to_be_hidden()
    expect(page.locator(".chart-numbers summary").first).to_be_hidden()
    expect(page.locator(".review-words")).to_be_visible()
    printed = page.pdf(format=paper)
    assert 1 <= printed.count(b"/Type /Page\n") <= 3
