"""The demo: its cast, its doors, its mail, and that none of it exists elsewhere."""

import os
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage, send_mail
from django.core.management import call_command
from django.urls import reverse

import sandbox
from demo import books, cast
from demo.mail import KEPT, mails
from demo.tasks import live_along
from fans.models import Creator, User
from revenue.models import Source, Sync
from sandbox import story
from sandbox.generate import history
from tests.factories import CreatorFactory
from truefans.celery import app as celery

BAND, LETTERS = "lantern-quarter", "marguerite"


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def payments(settings):
    """A small account for each of the demo's keys, served where the demo looks for them."""
    accounts = [
        replace(history(30, people=6, seed=seed), keys=(sandbox.Key(key),))
        for seed, key in enumerate(books.KEYS.values(), start=1)
    ]
    with sandbox.serve(accounts) as url:
        settings.SANDBOX_URL = url
        yield


@pytest.fixture
def _no_patience(settings, monkeypatch):
    """Nothing listens where the sandbox should be, and nobody waits for it."""
    settings.SANDBOX_URL = "http://127.0.0.1:9"
    monkeypatch.setattr("revenue.gateways.stripe.client.ATTEMPTS", 1)


@pytest.fixture
def _work_is_done_at_once():
    celery.conf.task_always_eager, before = True, celery.conf.task_always_eager
    yield
    celery.conf.task_always_eager = before


def enter(client, who: str, **options):
    return client.post(reverse("demo:enter", args=[who]), **options)


@pytest.mark.django_db
def test_preparing_twice_makes_everybody_once(capsys):
    call_command("prepare_demo")
    call_command("prepare_demo")
    assert set(User.objects.values_list("email", flat=True)) == set(cast.ACCOUNTS.values())
    assert all(
        user.emailaddress_set.get().verified and not user.has_usable_password()
        for user in User.objects.all()
    )
    band, letters = Creator.objects.get(handle=BAND), Creator.objects.get(handle=LETTERS)
    assert (band.owner.email, band.currency, band.goal) == (cast.BAND, "GBP", 100_000_00)
    assert (letters.owner.email, letters.fan_word, letters.currency) == (
        cast.LETTERS,
        "friend",
        "EUR",
    )
    assert band.tiers.count() == letters.tiers.count() == 3
    band.full_clean()
    letters.full_clean()
    assert cast.ADMIN in capsys.readouterr().out


@pytest.mark.django_db
def test_only_the_admin_may_administer():
    cast.prepare()
    assert list(User.objects.filter(is_superuser=True)) == [User.objects.get(email=cast.ADMIN)]


def test_the_cast_is_that_of_the_story():
    assert cast.FAN == story.DEMO_FAN_EMAIL
    assert books.KEYS == {BAND: story.BAND_KEY, LETTERS: story.LETTERS_KEY}


@pytest.mark.django_db
@pytest.mark.usefixtures("payments", "_work_is_done_at_once")
def test_the_first_to_come_in_starts_both_imports(
    client, monkeypatch, django_capture_on_commit_callbacks
):
    then = []
    monkeypatch.setattr(live_along, "delay", then.append)
    with django_capture_on_commit_callbacks(execute=True):
        answer = enter(client, "band")
    assert answer.url == reverse("dashboard:sources", args=[BAND])
    assert client.session["_auth_user_id"] == str(User.objects.get(email=cast.BAND).pk)
    for handle in books.KEYS:
        creator = Creator.objects.get(handle=handle)
        assert creator.sources.get().synced_at
        assert creator.purchases.count() == 30
        assert creator.fans.count() == 6
        assert creator.pk in then
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        answer = enter(client, "band")
    assert answer.url == reverse("dashboard:home", args=[BAND])
    assert not callbacks
    assert Sync.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.usefixtures("payments")
def test_while_the_import_runs_nobody_starts_another(client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as first:
        enter(client, "letters")
    with django_capture_on_commit_callbacks() as second:
        assert enter(client, "fan").url == reverse("supporters:mine")
    assert (len(first), len(second)) == (4, 0)  # to read, and to live along with it
    assert Sync.objects.filter(state="running").count() == 2
    assert "are being read right now" in client.get(reverse("supporters:mine")).text


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_patience")
def test_without_the_sandbox_one_comes_in_all_the_same_and_is_told(client):
    page = enter(client, "fan", follow=True)
    assert page.status_code == 200
    assert "payments are not there yet" in page.text
    assert not Source.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("payments", "_work_is_done_at_once")
def test_a_sandbox_that_comes_up_later_is_found(
    client, monkeypatch, settings, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(live_along, "delay", lambda creator_id: None)
    up = settings.SANDBOX_URL
    settings.SANDBOX_URL = "http://127.0.0.1:9"
    monkeypatch.setattr("revenue.gateways.stripe.client.ATTEMPTS", 1)
    enter(client, "band")
    assert not Source.objects.exists()
    settings.SANDBOX_URL = up
    with django_capture_on_commit_callbacks(execute=True):
        enter(client, "band")
    assert Source.objects.filter(synced_at__isnull=False).count() == 2


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_patience")
def test_each_door_leads_to_its_own_room(client):
    rooms = {who: enter(client, who).url for who in cast.ACCOUNTS}
    assert rooms == {
        "band": reverse("dashboard:home", args=[BAND]),
        "letters": reverse("dashboard:home", args=[LETTERS]),
        "fan": reverse("supporters:mine"),
        "admin": reverse("admin:index"),
    }
    assert client.get(rooms["admin"]).status_code == 200
    enter(client, "fan")
    assert client.get(rooms["admin"]).status_code == 302


@pytest.mark.django_db
def test_doors_open_by_a_click_only_and_for_the_cast_only(client):
    assert client.get(reverse("demo:enter", args=["band"])).status_code == 405
    assert enter(client, "somebody-else").status_code == 404
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_door_does_not_open_from_another_site():
    from django.test import Client

    assert enter(Client(enforce_csrf_checks=True), "admin").status_code == 403


@pytest.mark.django_db
def test_every_door_and_every_page_is_linked_from_the_front(client):
    page = client.get(reverse("supporters:welcome")).text
    for who in cast.ACCOUNTS:
        assert f'action="{reverse("demo:enter", args=[who])}"' in page
    cast.prepare()
    for handle in books.KEYS:
        address = reverse("supporters:page", args=[handle])
        assert f'href="{address}"' in page
        assert client.get(address).status_code == 200


@pytest.fixture
def _demo_mail(settings):
    settings.EMAIL_BACKEND = "demo.mail.DemoMailBackend"


@pytest.mark.django_db
@pytest.mark.usefixtures("_demo_mail")
def test_the_code_is_read_on_the_mail_page_and_lets_one_in(client):
    client.post(reverse("account_login"), {"login": "zoe@example.com"})
    assert reverse("demo:mail") in client.get(reverse("account_confirm_login_code")).text
    page = client.get(reverse("demo:mail")).text
    code = re.search(r'class="mail-code">([A-Z]{4}-[A-Z]{4})<', page)[1]
    assert "zoe@example.com" in page
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert "_auth_user_id" in client.session


@pytest.mark.usefixtures("_demo_mail")
def test_the_newest_mail_comes_first_and_only_the_last_are_kept(client, db):
    for number in range(KEPT + 5):
        send_mail(f"Mail {number}", "Hello", None, ["ada@example.com"])
    kept = mails()
    assert len(kept) == KEPT
    assert (kept[0].subject, kept[-1].subject) == (f"Mail {KEPT + 4}", "Mail 5")
    assert client.get(reverse("demo:mail")).text.index(f"Mail {KEPT + 4}") > 0


@pytest.mark.usefixtures("_demo_mail")
def test_a_hostile_mail_is_only_text(client, db):
    EmailMessage("<script>1</script>", "<script>2</script>", to=["<a>@example.com"]).send()
    page = client.get(reverse("demo:mail")).text
    assert "<script>1" not in page
    assert "<script>2" not in page


def test_an_empty_mailbox_says_what_will_come(client, db):
    assert "No mail yet" in client.get(reverse("demo:mail")).text


def test_without_demo_none_of_it_exists():
    program = """
import django
django.setup()
from django.conf import settings
from django.core.management import get_commands
from django.test import Client
from django.urls import reverse
client = Client(headers={"host": "127.0.0.1"})
welcome = client.get("/")
print([
    "demo" in settings.INSTALLED_APPS,
    "prepare_demo" in get_commands(),
    "/demo/" in welcome.text,
    welcome.status_code,
    client.get("/demo/mail").status_code,
    client.post("/demo/enter/admin").status_code,
    settings.EMAIL_BACKEND.startswith("demo"),
])
"""
    of_the_project = {"DJANGO_SETTINGS_MODULE": "truefans.settings"}
    environment = os.environ | of_the_project | {"DEMO": "0", "DEBUG": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == str([False, False, False, 200, 404, 404, False])


@pytest.mark.django_db
def test_who_looks_around_in_the_demo_finds_the_way_back_to_themselves(client, payments):
    me = CreatorFactory(handle="low-tide").owner
    client.force_login(me)
    assert "You are the band there" in client.get("/studio/low-tide/").text

    for who in ("band", "fan"):
        client.post(reverse("demo:enter", args=[who]))
    assert "Back to my own account" in client.get("/me").text
    client.post(reverse("demo:back"))

    assert client.session["_auth_user_id"] == str(me.pk)
    assert "Back to my own account" not in client.get("/me").text


@pytest.mark.django_db
def test_who_came_as_nobody_has_no_account_to_go_back_to(client, payments):
    client.post(reverse("demo:enter", args=["fan"]))

    assert "Back to my own account" not in client.get("/me").text
    assert client.post(reverse("demo:back")).url == reverse("account_login")
