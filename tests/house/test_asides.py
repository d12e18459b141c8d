"""Forms that go astray, addresses that only take what a form sends, and pages for others."""

from urllib.robotparser import RobotFileParser

import pytest
from django.test import Client
from django.urls import reverse

from fans.models import Creator
from tests.factories import CreatorFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_who_opens_one_is_told_what_happened(client):
    answer = client.get(reverse("demo:enter", args=["band"]), headers={"accept": "text/html"})

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "only takes what a form sends" in answer.text


def test_a_machine_gets_no_page(client):
    answer = client.get(reverse("demo:enter", args=["band"]), headers={"accept": "text/plain"})

    assert (answer.status_code, answer.content) == (405, b"")


@pytest.fixture
def old_tab():
    """Of a creator who signed in again, in another tab, since the form in this one was opened."""
    tab = Client(enforce_csrf_checks=True)
    tab.force_login(CreatorFactory(handle="band").owner)
    tab.get("/studio/band/settings/words")
    return tab


WORDS = "http://testserver/studio/band/settings/words"


def test_a_form_from_before_a_sign_in_says_so_in_the_words_of_the_house(old_tab):
    answer = old_tab.post(
        WORDS, {"name": "x", "csrfmiddlewaretoken": "o" * 64}, headers={"referer": WORDS}
    )

    assert answer.status_code == 403
    assert "You signed in again meanwhile; nothing was saved." in answer.text
    assert 'href="/studio/band/settings/words"' in answer.text
    assert "skip-link" in answer.text
    assert "CSRF" not in answer.text
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert Creator.objects.get().name != "x"


def test_htmx_gets_the_same_in_one_plain_sentence(old_tab):
    answer = old_tab.post(WORDS, {"name": "x"}, headers={"hx-request": "true"})

    assert (answer.status_code, answer["Content-Type"]) == (403, "text/plain; charset=utf-8")
    assert answer.text.startswith("You signed in again meanwhile; nothing was saved.")


@pytest.mark.parametrize("headers", [{}, {"origin": "https://elsewhere.example"}])
def test_a_form_from_elsewhere_or_without_cookies_is_not_said_to_be_old(old_tab, headers):
    if not headers:
        old_tab.cookies.clear()

    answer = old_tab.post(WORDS, {"name": "x"}, headers=headers)

    assert answer.status_code == 403
    assert "did not show that the form is from here" in answer.text
    assert "elsewhere.example" not in answer.text


def test_who_may_not_see_a_page_is_told_so_in_the_words_of_the_house(client):
    client.force_login(UserFactory())

    answer = client.get("/admin/", follow=True)

    assert answer.status_code == 403
    assert "this page is for others" in answer.text


def test_the_icon_is_found_where_browsers_look_for_it(client):
    assert client.get("/favicon.ico").url.endswith(".svg")


def test_only_the_pages_of_creators_are_there_to_be_found(client):
    rules = RobotFileParser()
    rules.parse(client.get("/robots.txt").text.splitlines())

    assert rules.can_fetch("*", "/@band")
    for path in ("/studio/band/", "/me", "/claim/abc", "/accounts/login/", "/admin/", "/demo/mail"):
        assert not rules.can_fetch("*", path), path
