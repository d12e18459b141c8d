"""The settings: words, language and place, locks."""

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from fans.models import Fan
from tests.dashboard.settings_pages import PLACE, SECURITY, SETTINGS, WORDS, fresh
from tests.factories import (
    CreatorFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("it_is_now")]

# Words


@pytest.fixture
def words(creator):
    """`words(handle="ebb")`: the form of words as it stands, with some of it typed over."""

    def fill(**changes):
        return {
            "fan_word": "friend",
            "fans_word": "friends",
            "community": "",
            "name": "Low Tide",
            "handle": "low-tide",
            "about": "",
        } | changes

    return fill


def test_words_are_saved_and_set_nothing_going(
    client, creator, buyer, words, django_capture_on_commit_callbacks
):
    buyer(10_00)

    with django_capture_on_commit_callbacks() as queued:
        changes = words(fan_word="reader", fans_word="readers", community="the Tide Pool")
        answer = client.post(WORDS, changes)

    assert answer.url == WORDS
    assert (fresh(creator).fan_word, fresh(creator).fans_word) == ("reader", "readers")
    assert queued == []
    assert Fan.objects.filter(recompute_at=None).exists()
    page = client.get(WORDS).text
    assert "Saved." in page
    assert "worked out anew" not in page
    assert "Ada is a true reader. 3 readers are one purchase away" in page
    assert "Together they are the Tide Pool." in page


def test_a_handle_that_is_taken_at_the_same_moment_is_told(client, creator, words, taken_meanwhile):
    answer = client.post(WORDS, words(handle="taken", about="We are three."))

    assert (answer.status_code, "This handle is taken" in answer.text) == (422, True)
    assert "We are three." in answer.text
    assert fresh(creator).handle == "low-tide"


def test_the_sentence_is_made_of_what_is_being_typed(client, creator):
    typing = {"fan_word": "<b>ear</b>", "fans_word": "", "community": "the Choir"}
    headers = {"HX-Request": "true", "HX-Target": "sentence"}

    part = client.get(WORDS, typing, headers=headers).text

    assert "Ada is a true &lt;b&gt;ear&lt;/b&gt;. 3 … are" in part
    assert "Together they are the Choir." in part
    assert "<form" not in part
    assert fresh(creator).fan_word == "friend"


def test_another_handle_moves_the_studio_and_the_public_page(client, creator, words):
    assert "/@low-tide" in client.get(WORDS).text

    answer = client.post(WORDS, words(handle="ebb"))

    assert answer.url == "/studio/ebb/settings/words"
    assert "Your public page is /@ebb from now on." in client.get(answer.url).text
    assert client.get("/@ebb").status_code == 200
    assert client.get("/@low-tide").status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("fan_word", "", "fill this in"),
        ("fans_word", "a\0b", "cannot be kept"),
        ("name", " ", "fill this in"),
        ("handle", "taken", "This handle is taken"),
        ("handle", "Low Tide", "small letters"),
        ("community", "x" * 81, "at most 80"),
    ],
)
def test_words_that_cannot_be_are_told_beside_them_and_the_others_are_kept(
    client, creator, words, field, value, told
):
    CreatorFactory(handle="taken")

    answer = client.post(WORDS, words(**{"about": "Four people, two vans."} | {field: value}))

    assert answer.status_code == 422
    assert told in " ".join(answer.context["form"].errors[field])
    assert "Four people, two vans." in answer.text
    assert f'href="{SETTINGS}"' in answer.text
    assert fresh(creator).about == ""


# Language and place


def test_another_language_is_told_in_its_own_way_and_recomputes_nobody(
    client, creator, buyer, django_capture_on_commit_callbacks
):
    buyer(10_00)
    assert "£1,234.50 from 12,345 people, on 22 November 2026, 12:00." in client.get(PLACE).text

    with django_capture_on_commit_callbacks() as queued:
        answer = client.post(PLACE, {"language": "de", "time_zone": "Europe/London"})

    assert answer.url == PLACE
    assert (fresh(creator).language, queued) == ("de", [])
    page = client.get(PLACE).text
    assert "1.234,50\xa0£ from 12.345 people, on 22. November 2026, 12:00." in page
    assert "The words stay English" in page


def test_a_language_is_looked_at_before_it_is_saved(client, creator):
    headers = {"HX-Request": "true", "HX-Target": "sample"}

    part = client.get(PLACE, {"language": "ja"}, headers=headers).text

    assert "2026年11月22日 12:00" in part
    assert "<form" not in part
    assert fresh(creator).language == "en-gb"


def test_another_clock_has_everybody_recomputed(
    client, creator, buyer, now, django_capture_on_commit_callbacks
):
    buyer(10_00)

    with django_capture_on_commit_callbacks() as queued:
        client.post(PLACE, {"language": "en-gb", "time_zone": "Asia/Tokyo"})

    assert fresh(creator).time_zone == "Asia/Tokyo"
    assert Fan.objects.get().recompute_at == now
    assert len(queued) == 1
    assert "is being worked out anew" in client.get(PLACE).text


@pytest.mark.parametrize(
    ("field", "value"), [("language", "tlh"), ("time_zone", "Mars/Olympus"), ("language", "")]
)
def test_a_place_that_is_none_is_told_and_nothing_is_saved(client, creator, field, value):
    chosen = {"language": "de", "time_zone": "Asia/Tokyo"} | {field: value}

    answer = client.post(PLACE, chosen)

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert (fresh(creator).language, fresh(creator).time_zone) == ("en-gb", "Europe/London")


# Security


def test_security_says_which_locks_there_are_and_leads_to_them(client, creator):
    page = client.get(SECURITY).text
    assert "none yet" in page
    assert ">off<" in page
    Authenticator.objects.create(user=creator.owner, type="totp", data={})
    for number in range(2):
        Authenticator.objects.create(user=creator.owner, type="webauthn", data={"n": number})
    Authenticator.objects.create(user=UserFactory(), type="recovery_codes", data={})

    page = client.get(SECURITY).text

    assert "2 keys" in page
    assert "Recovery codes" not in page
    for name in ("mfa_list_webauthn", "mfa_index", "usersessions_list", "account_email"):
        assert f'href="{reverse(name)}"' in page


def test_the_words_and_the_menu_lead_to_ones_own_public_page(client, creator):
    link = f'<a href="{reverse("supporters:page", args=["low-tide"])}">'
    page = client.get(WORDS).text

    assert f"Your public page is {link}/@low-tide</a>" in page
    assert page.count(link) == 2, "in the menu, too"
