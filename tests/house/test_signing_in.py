"""Who was signed out while a page stood open goes to sign in, is told so, and comes back."""

import pytest
from django.test import Client

from tests.factories import CreatorFactory

pytestmark = pytest.mark.django_db

PERSON = "http://testserver/studio/band/people/7"


@pytest.fixture
def stranger():
    CreatorFactory(handle="band")
    return Client()


def test_a_part_of_a_page_never_becomes_the_sign_in_page(stranger):
    answer = stranger.post(
        "/studio/band/today/7/word",
        headers={"hx-request": "true", "hx-current-url": "http://testserver/studio/band/today?a=b"},
    )

    assert (answer.status_code, answer.content) == (200, b"")
    page = stranger.get(answer["HX-Redirect"])
    assert page.request["PATH_INFO"] == "/accounts/login/"
    assert "You were signed out; nothing was noted." in page.text
    assert 'name="next" value="/studio/band/today?a=b"' in page.text


def test_what_was_only_asked_for_does_not_say_that_nothing_was_noted(stranger):
    answer = stranger.get(
        "/studio/band/people?q=zoe", headers={"hx-request": "true", "hx-current-url": PERSON}
    )

    page = stranger.get(answer["HX-Redirect"]).text
    assert "You were signed out. Sign in" in page
    assert "nothing was noted" not in page
    assert 'value="/studio/band/people/7"' in page


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/x", "//evil.example", "http://testserver//evil.example", "javascript:1"],
)
def test_the_way_back_leads_nowhere_else(stranger, elsewhere):
    sent = {"hx-request": "true", "hx-current-url": elsewhere}

    answer = stranger.post("/studio/band/people/7/touches", headers=sent)

    assert answer["HX-Redirect"].startswith("/accounts/login/?next=/studio/band/people/7/touches&")


def test_who_sent_a_form_is_told_that_nothing_was_noted_and_comes_back_to_the_form(stranger):
    answer = stranger.post(
        "/studio/band/people/7/touches", headers={"referer": PERSON}, follow=True
    )

    assert "You were signed out; nothing was noted." in answer.text
    assert 'name="next" value="/studio/band/people/7"' in answer.text


def test_who_only_opens_a_page_is_told_nothing(stranger):
    assert stranger.get("/studio/band/").url == "/accounts/login/?next=/studio/band/"
