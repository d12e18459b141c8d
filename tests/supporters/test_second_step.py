"""Setting up a second step of signing in: an app that shows codes."""

import base64
import hmac
import time

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.urls import reverse

from tests.factories import NOW, UserFactory

# What is set up is told of once it is stored.
pytestmark = pytest.mark.django_db(transaction=True)

SET_UP = reverse("mfa_activate_totp")
CODES = reverse("mfa_view_recovery_codes")
REAUTHENTICATE = reverse("mfa_reauthenticate")


@pytest.fixture(autouse=True)
def _no_rate_is_used_up():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def user(client):
    user = UserFactory(password=make_password(None))
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client.force_login(user)
    return user


def code_of(secret):
    """What an app shows now (RFC 6238)."""
    moment = (int(time.time()) // 30).to_bytes(8, "big")
    digest = hmac.digest(base64.b32decode(secret), moment, "sha1")
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**6:06}"


def set_up(client):
    secret = client.get(SET_UP).context["form"].secret
    return client.post(SET_UP, {"code": code_of(secret)})


def test_whoever_has_set_up_an_app_sees_the_codes_for_a_bad_day_at_once(client, user):
    answer = set_up(client)
    page = client.get(answer.url)

    assert answer.url == CODES
    assert page.status_code == 200
    assert len(page.context["unused_codes"]) == 10
    assert {a.type for a in Authenticator.objects.filter(user=user)} == {"totp", "recovery_codes"}


def test_later_and_elsewhere_a_code_of_it_is_asked_for(client, user):
    with time_machine.travel(NOW, tick=False) as clock:
        set_up(client)
        clock.shift(299)
        assert client.get(CODES).status_code == 200
        clock.shift(2)
        assert client.get(CODES).url.startswith(REAUTHENTICATE)

    elsewhere = type(client)()
    elsewhere.force_login(user)
    assert elsewhere.get(CODES).url.startswith(REAUTHENTICATE)


def test_a_wrong_code_sets_nothing_up_and_the_secret_stays_the_same(client, user):
    secret = client.get(SET_UP).context["form"].secret

    answer = client.post(SET_UP, {"code": "12345x"})

    assert "Incorrect code" in answer.text
    assert answer.context["form"].secret == secret
    assert not Authenticator.objects.exists()


def test_its_secret_rests_encrypted(client, user):
    secret = client.get(SET_UP).context["form"].secret
    client.post(SET_UP, {"code": code_of(secret)})

    stored = Authenticator.objects.get(type="totp").data["secret"]

    assert secret not in stored
    assert stored


def test_an_administrator_is_asked_for_the_password_and_not_led_to_a_page_that_is_not_there(client):
    client.force_login(UserFactory(is_staff=True))

    page = client.get(SET_UP, follow=True)

    assert "password" in page.context["form"].fields
    assert "/password/" not in page.text
