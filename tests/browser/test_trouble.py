"""What goes wrong where no page comes to say it is said all the same, and what was typed stays."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.browser.conftest import COMPLAINTS, fits, is_accessible_by_day_and_night
from tests.factories import CreatorFactory, FanFactory, SourceFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def studio(watched, context, client, live_server) -> Page:
    """The sources of a creator who is signed in."""
    creator = CreatorFactory(handle="band")
    creator.create_default_tiers()
    SourceFactory(creator=creator)
    FanFactory.create_batch(2, creator=creator)
    client.force_login(creator.owner)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    watched.goto(f"{live_server.url}/studio/band/sources")
    return watched


def press(page: Page) -> None:
    """Test a key that is typed wrong."""
    page.get_by_label("Restricted key").fill("rk_typed")
    page.get_by_role("button", name="Test and connect").click()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_form_from_before_a_sign_in_says_so_and_keeps_what_was_typed(
    studio, context, live_server, width
):
    studio.set_viewport_size({"width": width, "height": 800})
    other = {"name": settings.CSRF_COOKIE_NAME, "value": "o" * 32, "url": live_server.url}
    context.add_cookies([other])

    press(studio)

    told = studio.get_by_role("alert")
    expect(told).to_contain_text("You signed in again meanwhile; nothing was saved.")
    expect(studio.get_by_label("Restricted key")).to_have_value("rk_typed")
    fits(studio)
    is_accessible_by_day_and_night(studio)
    told.get_by_role("button", name="Close").click()
    expect(told).to_be_empty()
    COMPLAINTS[studio].clear()  # the browser says itself that the answer was a 403


def test_an_answer_that_never_comes_is_told_and_forgotten_when_one_comes(studio):
    studio.route("**/sources/stripe", lambda route: route.abort())
    press(studio)
    told = studio.get_by_role("alert")
    expect(told).to_contain_text("TrueFans cannot be reached.")
    expect(studio.get_by_label("Restricted key")).to_have_value("rk_typed")

    studio.unroute("**/sources/stripe")
    studio.get_by_role("button", name="Test and connect").click()

    wrong = studio.locator("#connect [aria-invalid=true]")
    expect(wrong).to_be_focused()
    COMPLAINTS[studio].clear()


def test_who_was_signed_out_finds_the_sign_in_page_and_not_a_part_of_it(studio, context):
    [csrf] = [c for c in context.cookies() if c["name"] == settings.CSRF_COOKIE_NAME]
    context.clear_cookies()
    context.add_cookies([csrf])

    press(studio)

    expect(studio.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(studio.get_by_text("You were signed out; nothing was noted.")).to_be_visible()
    expect(studio.locator("main")).to_have_count(1)


def test_a_note_that_is_empty_has_the_focus_at_once(studio, live_server):
    studio.goto(f"{live_server.url}/studio/band/people")
    studio.get_by_role("main").get_by_role("link", name="Fan").first.click()
    studio.get_by_role("button", name="Keep as a note").click()

    expect(studio.locator("main [aria-invalid=true]").first).to_be_focused()


def test_whoever_chooses_another_order_may_go_on_choosing(studio, live_server):
    studio.goto(f"{live_server.url}/studio/band/people")
    studio.get_by_label("Sort by").focus()
    studio.keyboard.press("ArrowDown")

    expect(studio).to_have_url(re.compile("sort="))
    studio.wait_for_load_state("networkidle")
    expect(studio.get_by_label("Sort by")).to_be_focused()


def test_a_passkey_that_cannot_be_says_why(context, live_server):
    page = context.new_page()
    page.goto(live_server.url.replace("localhost", "127.0.0.1") + "/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()

    told = page.get_by_role("alert")
    expect(told).to_contain_text("A passkey belongs to a name, and this address is a number.")
    is_accessible_by_day_and_night(page)


def test_a_passkey_that_is_not_there_is_no_dead_end(watched, live_server):
    watched.goto(f"{live_server.url}/accounts/login/")
    # As when somebody closes the browser's question.
    closed = "() => Promise.reject(new DOMException('', 'NotAllowedError'))"
    watched.evaluate(f"() => {{ navigator.credentials.get = {closed} }}")
    watched.get_by_role("button", name="Use a passkey").click()

    expect(watched.get_by_role("alert")).to_contain_text("No passkey was used")
