"""The list of people in a real browser: narrowing it down, keeping that, acting on many."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import fits, is_accessible
from tests.factories import CreatorFactory, FanFactory, SourceFactory, TagFactory, TaggingFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def band(now):
    """Twelve people, a third of them true, half of them from Germany."""
    creator = SourceFactory(creator=CreatorFactory(handle="band")).creator
    creator.create_default_tiers()
    for number in range(1, 13):
        spend = 12_00 * number
        FanFactory(
            creator=creator, name=f"Åsa Number {number}", email=f"{number}@example.org",
            country="DE" if number % 2 else "FR", spend=spend, window_gross=spend,
            lifetime_gross=spend, purchases=number, is_true_fan=spend >= 100_00,
            last_purchase_at=now, first_purchase_at=now,
        )  # fmt: skip
    TaggingFactory(fan=creator.fans.first(), tag=TagFactory(creator=creator, name="met"))
    return creator


@pytest.fixture
def people(band, context, client, live_server) -> str:
    """The address of the list, for who is signed in."""
    client.force_login(band.owner)
    cookie = client.cookies[next(name for name in client.cookies if "csrf" not in name)]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    return f"{live_server.url}/studio/band/people"


def names(page: Page) -> list[str]:
    return page.locator("#people th[scope=row] a .name").all_inner_texts()


def test_the_list_follows_what_is_typed_and_chosen(people, watched):
    page = watched
    page.goto(people)
    page.get_by_role("searchbox").press_sequentially("asa num")
    expect(page).to_have_url(re.compile("q=asa"))
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Country").select_option("DE")
    expect(page.get_by_role("status")).to_have_text("6 of 12")
    page.get_by_label("Sort by").select_option("-spend")
    expect(page).to_have_url(re.compile("sort=-spend"))
    assert names(page) == [f"Åsa Number {number}" for number in (1, 3, 5, 7, 9, 11)]
    is_accessible(page)

    page.get_by_role("link", name=re.compile("Let go of Country")).click()
    expect(page.get_by_role("status")).to_have_text("12 of 12")
    page.go_back()
    expect(page.get_by_role("status")).to_have_text("6 of 12")


def test_a_person_is_read_after_the_other_and_the_list_is_there_again(people, watched):
    page = watched
    page.goto(f"{people}?country=DE&sort=-spend")
    page.get_by_role("link", name="Åsa Number 3", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Åsa Number 3")
    page.get_by_role("link", name="Next in the list: Åsa Number 5").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Åsa Number 5")
    page.get_by_role("main").get_by_role("link", name="People", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("6 of 12")
    assert names(page)[0] == "Åsa Number 1"


def test_what_is_asked_for_is_kept_under_a_name(people, watched):
    page = watched
    page.goto(f"{people}?country=FR")
    page.get_by_text("Save these filters").click()
    page.get_by_label("Name", exact=True).fill("The French")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto(people)
    page.get_by_role("link", name="The French").click()
    expect(page.get_by_role("status")).to_have_text("6 of 12")
    expect(page.get_by_role("link", name="The French")).to_have_attribute("aria-current", "true")
    is_accessible(page)


def test_several_are_tagged_by_the_keyboard_alone_and_that_is_undone(people, watched, band):
    page = watched
    page.goto(f"{people}?country=FR")
    page.get_by_text("Several at once").focus()
    page.keyboard.press("Enter")
    page.get_by_label(re.compile("All 6 that match")).focus()
    page.keyboard.press("Space")
    page.get_by_label("Tag", exact=True).focus()
    page.keyboard.type("Paris")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Put “Paris” on 6 people?")).to_be_visible()
    is_accessible(page)
    page.keyboard.press("Enter")
    expect(page.locator(".badge", has_text="Paris")).to_have_count(6)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".badge", has_text="Paris")).to_have_count(0)
    assert not band.tags.filter(name="Paris").exists()


def test_the_list_works_with_scripts_off(people, band, browser: Browser, context):
    still = browser.new_context(java_script_enabled=False)
    still.add_cookies(context.cookies())
    page = still.new_page()
    page.goto(people)
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Country").select_option("FR")
    page.get_by_role("button", name="Show them").click()
    expect(page.get_by_role("status")).to_have_text("6 of 12")
    page.get_by_text("Several at once").click()
    page.get_by_label("Åsa Number 12").check()
    page.get_by_label("Tag", exact=True).fill("Lyon")
    page.get_by_role("button", name="Put it on").click()
    page.get_by_role("button", name="Yes, do it").click()
    expect(page.locator(".badge", has_text="Lyon")).to_have_count(1)
    still.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_all_of_it_fits_and_is_accessible(people, watched, width):
    page = watched
    page.set_viewport_size({"width": width, "height": 800})
    for query in ("?country=FR&spend_from=20&q=asa&tag=999", "?q=nobody", "?country=Atlantis"):
        page.goto(people + query)
        page.evaluate("document.querySelector('.filter-panel').open = true")
        fits(page)
        is_accessible(page)
    page.goto(people)
    page.get_by_text("Several at once").click()
    fits(page)
    is_accessible(page)
