"""The two keys: one to search, one to ask what the keys are; and a way to be rid of both."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import is_accessible
from tests.browser.test_ways import sign_in
from tests.factories import CreatorFactory, FanFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _mail_stays_here(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def studio(watched, live_server):
    """A room of a studio, signed in; answers the page."""
    creator = CreatorFactory(handle="low-tide", fans_word="friends")
    FanFactory(creator=creator)
    sign_in(watched, live_server.url, creator.owner.email)
    watched.goto(f"{live_server.url}/studio/low-tide/settings")
    return watched


def test_a_slash_goes_to_the_search_from_anywhere(studio):
    studio.keyboard.press("/")

    field = studio.get_by_role("searchbox")
    expect(field).to_be_focused()
    studio.keyboard.type("a/b?")
    expect(field).to_have_value("a/b?")


def test_a_question_mark_says_what_the_keys_do(studio):
    studio.keyboard.press("?")

    expect(studio.get_by_role("dialog", name="Keyboard")).to_be_visible()
    expect(studio.get_by_text("search your friends")).to_be_visible()
    is_accessible(studio)
    studio.keyboard.press("Escape")
    expect(studio.get_by_role("dialog", name="Keyboard")).to_be_hidden()


def test_who_does_not_want_the_keys_turns_them_off(studio, live_server):
    studio.get_by_role("button", name="Keyboard").click()
    studio.get_by_label("The keys / and ? work").uncheck()
    studio.get_by_role("button", name="Close").click()
    studio.reload()

    studio.keyboard.press("?")
    expect(studio.get_by_role("dialog", name="Keyboard")).to_be_hidden()
    studio.keyboard.press("/")
    expect(studio).to_have_url(f"{live_server.url}/studio/low-tide/settings")
