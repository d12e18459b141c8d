"""Where people come in, and how a creator begins."""

import re

import pytest
from django.urls import get_resolver, reverse

from dashboard import urls as dashboard
from fans.models import Creator
from fans.models.creators import RESERVED
from supporters import urls as supporters
from tests.factories import CreatorFactory, FanFactory, IdentityFactory, UserFactory

pytestmark = pytest.mark.django_db

ENTRANCE = "/studio/"
VALID = {
    "name": "Low Tide",
    "handle": "low-tide",
    "currency": "GBP",
    "time_zone": "Europe/London",
    "target_spend": "100",
    "target_count": "1000",
    "fan_word": "friend",
    "fans_word": "friends",
}


def test_a_creator_of_one_studio_is_home_at_once(client, creator):
    assert client.get(ENTRANCE).url == reverse("dashboard:home", args=["low-tide"])


def test_a_creator_of_several_studios_chooses(client, creator):
    CreatorFactory(owner=creator.owner, name="<b>Second</b>", handle="second")
    CreatorFactory(name="Somebody else's")

    page = client.get(ENTRANCE)

    assert "/studio/low-tide/" in page.text
    assert "&lt;b&gt;Second&lt;/b&gt;" in page.text
    assert "Somebody else" not in page.text


def test_a_fan_who_creates_nothing_is_led_to_their_own_page(client):
    user = UserFactory()
    user.emailaddress_set.create(email=user.email, verified=True)
    IdentityFactory(fan=FanFactory(), value=user.email)
    client.force_login(user)

    assert client.get(ENTRANCE).url == reverse("supporters:mine")


def test_somebody_new_begins(client):
    client.force_login(UserFactory())

    assert client.get(ENTRANCE).url == reverse("dashboard:new")


def test_somebody_new_may_be_a_fan_whose_payments_are_not_here(client, creator):
    asked = "I support somebody"
    assert asked not in client.get("/studio/new").text, "who has a studio knows what they are"
    client.force_login(UserFactory())

    page = client.get("/studio/new").text

    assert asked in page
    assert f'href="{reverse("supporters:mine")}"' in page


def test_the_form_begins_with_a_thousand_people_and_a_hundred_each(client):
    client.force_login(UserFactory())

    form = client.get("/studio/new").context["form"]

    assert (form["target_count"].value(), form["target_spend"].value()) == (1000, 100)
    assert (form["fan_word"].value(), form["fans_word"].value()) == ("fan", "fans")


def test_a_new_creator_has_their_target_in_minor_units_and_three_tiers(client):
    user = UserFactory()
    client.force_login(user)

    answer = client.post("/studio/new", VALID)

    creator = Creator.objects.get()
    assert answer.url == reverse("dashboard:home", args=["low-tide"])
    assert (creator.owner, creator.target_spend, creator.fans_word) == (user, 10_000, "friends")
    assert list(creator.tiers.values_list("threshold", flat=True)) == [2500, 10_000, 50_000]


@pytest.mark.parametrize(
    ("currency", "typed", "stored"), [("JPY", "15000", 15000), ("KWD", "30.5", 30_500)]
)
def test_the_target_knows_how_many_decimals_its_currency_has(client, currency, typed, stored):
    client.force_login(UserFactory())

    client.post("/studio/new", VALID | {"currency": currency, "target_spend": typed})

    assert Creator.objects.get().target_spend == stored


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("handle", "Low Tide", "small letters"),
        ("handle", "taken", "This handle is taken"),
        ("handle", "admin", "kept for TrueFans itself"),
        ("target_spend", "0", "more than nothing"),
        ("target_spend", "-5", "or more"),
        ("target_spend", "1.005", "more decimals"),
        ("target_count", "0", "or more"),
        ("currency", "XXX", "from the list"),
        ("time_zone", "Mars/Olympus", "from the list"),
        ("name", "a\0b", "cannot be kept"),
        ("name", "", "Please fill this in"),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_typed_is_lost(client, field, value, words):
    CreatorFactory(handle="taken")
    client.force_login(UserFactory())

    answer = client.post("/studio/new", VALID | {field: value})

    assert answer.status_code == 422
    assert words in " ".join(answer.context["form"].errors[field])
    assert 'value="friends"' in answer.text
    assert not Creator.objects.filter(name="Low Tide").exists()


def test_a_handle_that_is_taken_at_the_same_moment_is_told(client, taken_meanwhile):
    client.force_login(UserFactory())

    answer = client.post("/studio/new", VALID | {"handle": "taken"})

    assert (answer.status_code, "This handle is taken" in answer.text) == (422, True)
    assert not Creator.objects.exists()


def test_no_handle_sounds_like_an_address_of_our_own():
    own = {str(entry.pattern).split("/")[0] for entry in get_resolver().url_patterns}
    own |= {str(entry.pattern) for entry in (*supporters.urlpatterns, *dashboard.urlpatterns)}

    words = {re.split(r"[/.]", route)[0] for route in own}

    assert {word for word in words if word.isalpha()} <= RESERVED


def test_whoever_has_such_a_handle_keeps_it(client):
    creator = CreatorFactory(handle="admin")
    client.force_login(creator.owner)

    kept = client.post(
        "/studio/admin/settings/words",
        {"name": "New", "handle": "admin", "fan_word": "fan", "fans_word": "fans"},
    )

    assert kept.status_code == 302
    creator.refresh_from_db()
    assert (creator.name, creator.handle) == ("New", "admin")
