"""Into the admin, and only with a second step of signing in."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.management import call_command
from django.urls import reverse

from tests.factories import UserFactory
from tests.supporters.test_second_step import SET_UP, set_up
from tests.supporters.test_sign_in import sign_in

pytestmark = pytest.mark.django_db
ADMIN = reverse("admin:index")
PASSWORD = "a long sentence"
SECOND_STEP = reverse("mfa_index")


@pytest.fixture(autouse=True)
def _as_on_a_server(settings):
    settings.DEMO = False
    cache.clear()
    yield
    cache.clear()


def test_a_new_installations_first_admin_is_led_to_set_it_up_by_the_password_and_comes_in(
    client, mailoutbox, monkeypatch
):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", email="boss@example.org", interactive=False)
    sign_in(client, mailoutbox, "boss@example.org")

    shown = client.get(ADMIN, follow=True)
    assert shown.redirect_chain[-1] == (SECOND_STEP, 302)
    assert "Set up a key or an app here, then open the admin again." in shown.text

    asked = client.get(SET_UP).url
    assert asked.startswith(reverse("account_reauthenticate"))
    assert client.post(asked, {"password": PASSWORD}).url == SET_UP
    set_up(client)
    assert client.get(ADMIN).status_code == 200


def test_no_page_of_it_opens_without(client):
    boss = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(boss)
    address = reverse("admin:fans_user_changelist")
    assert client.get(address, follow=True).redirect_chain[-1] == (SECOND_STEP, 302)

    Authenticator.objects.create(user=boss, type="totp", data={})
    assert client.get(address).status_code == 200


def test_a_second_step_alone_makes_nobody_an_admin(client):
    user = UserFactory()
    Authenticator.objects.create(user=user, type="totp", data={})
    client.force_login(user)
    assert client.get(ADMIN, follow=True).status_code == 403


def test_who_has_not_signed_in_is_asked_to(client):
    assert client.get(ADMIN, follow=True).redirect_chain[-1][0].startswith(reverse("account_login"))


@pytest.mark.parametrize("where", ["DEMO", "DEBUG"])
def test_a_demo_and_a_developers_machine_open_without(client, settings, where):
    setattr(settings, where, True)
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    assert client.get(ADMIN).status_code == 200
