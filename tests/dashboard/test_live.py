"""“Get told at once”: an address for each platform, its secret, what was heard, and its end."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from revenue.live.platforms import PLATFORMS
from revenue.models import Inbox, Message
from revenue.removing import begin_removal
from tests.factories import CreatorFactory, MemberFactory, MessageFactory, SetAsideFactory
from tests.revenue.telling import SECRET, address, inbox_of, sample, tell, work_off

pytestmark = pytest.mark.django_db

SOURCES = "/studio/low-tide/sources"
SLUGS = [platform.slug for platform in PLATFORMS]


def page_of(slug: str) -> str:
    return f"{SOURCES}/live/{slug}"


@pytest.fixture(autouse=True)
def _reachable(settings, monkeypatch):
    settings.PUBLIC_URL = "https://fans.example.org"
    monkeypatch.setattr("revenue.webhooks.queue_once", lambda task, source_id: None)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_platform_is_set_up_on_a_page_of_its_own(client, creator, slug):
    name = next(platform.name for platform in PLATFORMS if platform.slug == slug)
    assert f'href="{page_of(slug)}"' in client.get(SOURCES).text
    assert "Make an address" in client.get(page_of(slug)).text

    answer = client.post(f"{page_of(slug)}/begin")

    assert answer.url == page_of(slug)
    inbox = Inbox.objects.get()
    text = client.get(page_of(slug)).text
    assert f'value="https://fans.example.org{address(inbox)}"' in text
    assert f"Address for {name}" in text
    assert len(inbox.address) >= 32
    assert inbox.source.creator == creator
    client.post(f"{page_of(slug)}/begin")
    assert Inbox.objects.get() == inbox


@pytest.mark.parametrize("slug", sorted({*SLUGS} - {"gumroad"}))
def test_a_secret_is_stored_encrypted_never_shown_and_replaced(client, creator, slug):
    client.post(f"{page_of(slug)}/begin")
    assert "its secret is missing" in client.get(SOURCES).text

    for secret in (SECRET, "another-secret-of-theirs"):
        answer = client.post(page_of(slug), {"secret": f" {secret} ", "currency": "SEK"})
        assert answer.status_code == 302
        assert Inbox.objects.get().secret == secret
    with connection.cursor() as cursor:
        cursor.execute("SELECT address || secret FROM revenue_inbox")
        [[stored]] = cursor.fetchall()
    assert "another" not in stored
    assert Inbox.objects.get().address not in stored
    text = client.get(page_of(slug)).text
    assert "another-secret" not in text
    assert "never shown again" in text
    assert "waits for a first delivery" in client.get(SOURCES).text


@pytest.mark.parametrize("secret", ["", "x", "with a blank in it", "ä" * 20, "x" * 400, "\0" * 9])
def test_what_is_no_secret_is_said_to_be_none_and_the_old_one_stays(client, creator, secret):
    client.post(f"{page_of('kofi')}/begin")

    answer = client.post(page_of("kofi"), {"secret": secret})

    assert answer.status_code == 422
    assert 'class="form-error"' in answer.text
    assert Inbox.objects.get().secret == ""


def test_the_currency_alone_may_be_changed(client, creator):
    inbox = inbox_of(creator, "patreon")

    client.post(page_of("patreon"), {"secret": "", "currency": "CHF"})

    inbox.refresh_from_db()
    assert (inbox.secret, inbox.currency) == (SECRET, "CHF")
    assert client.post(page_of("patreon"), {"currency": "XXX"}).status_code == 422


def test_a_seller_is_learned_and_may_be_said(client, creator):
    inbox = inbox_of(creator, "gumroad")
    tell(inbox, sample("gumroad/sale"))
    assert "seller-1==" in client.get(page_of("gumroad")).text

    client.post(page_of("gumroad"), {"account": " seller-2== "})

    inbox.refresh_from_db()
    assert inbox.account == "seller-2=="
    tell(inbox, sample("gumroad/sale"))
    assert "another seller" in client.get(page_of("gumroad")).text


def test_what_was_heard_refused_and_not_understood_is_said_with_what_to_do(client, creator):
    inbox = inbox_of(creator, "kofi")
    tell(inbox, sample("kofi/tip"), secret="wrong-secret")
    assert "last delivery refused" in client.get(SOURCES).text
    text = client.get(page_of("kofi")).text
    assert "The verification token is not the one that is stored here." in text
    assert "correct below what deliveries are checked by" in text

    tell(inbox, sample("kofi/tip"))
    tell(inbox, sample("kofi/member") | {"currency": "XXY"})
    work_off(creator)

    text = client.get(page_of("kofi")).text
    assert "No currency is named that TrueFans knows. XXY" in text
    assert "A file from Ko-fi brings what is missing" in text
    text = client.get(SOURCES).text
    assert "last heard " in text
    assert "1 not understood" in text
    client.post(f"{page_of('kofi')}/settled")
    assert "1 not understood" not in client.get(SOURCES).text


def test_a_test_and_what_waits_are_said(client, creator):
    inbox = inbox_of(creator, "gumroad")
    tell(inbox, sample("gumroad/sale") | {"test": "true"})
    MessageFactory(source=inbox.source, attempts=2, problem="ZeroDivisionError")

    text = client.get(page_of("gumroad")).text

    assert "tests stay out of the books" in text
    assert "1 delivery could not be stored yet" in text
    assert "ZeroDivisionError" not in text


def test_an_installation_that_nobody_reaches_says_so(client, creator, settings):
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    inbox_of(creator, "kofi")

    assert "reaches only addresses that begin with https://" in client.get(page_of("kofi")).text


def test_another_address_and_an_end_to_it(client, creator):
    inbox = inbox_of(creator, "kofi")
    tell(inbox, sample("kofi/tip"))
    work_off(creator)

    client.post(f"{page_of('kofi')}/address")

    old, new = inbox, Inbox.objects.get()
    assert (tell(old, sample("kofi/member")).status_code, new.secret) == (404, SECRET)
    assert tell(new, sample("kofi/member")).status_code == 200
    answer = client.post(f"{page_of('kofi')}/forget", follow=True)
    assert "What Ko-fi has told stays" in answer.text
    assert not Inbox.objects.exists()
    assert tell(new, sample("kofi/order")).status_code == 404
    work_off(creator)
    assert creator.purchases.count() == 2


@pytest.mark.parametrize("role", ["editor", "viewer"])
def test_nobody_but_an_owner_sees_the_address_or_changes_it(client, creator, role):
    inbox = inbox_of(creator, "gumroad")
    client.force_login(MemberFactory(creator=creator, role=role).user)

    answer = client.get(page_of("gumroad"))

    assert (answer.status_code, inbox.address in answer.text) == (200, False)
    assert "Owners see the address" in answer.text
    for act in ("", "/begin", "/address", "/forget"):
        assert client.post(f"{page_of('gumroad')}{act}").status_code == 403
    assert Inbox.objects.get().address == inbox.address


def test_an_editor_settles_what_was_not_understood(client, creator):
    inbox = inbox_of(creator, "gumroad")
    SetAsideFactory(source=inbox.source)
    client.force_login(MemberFactory(creator=creator, role="editor").user)

    assert client.post(f"{page_of('gumroad')}/settled").status_code == 302
    assert not inbox.source.set_aside.exists()


def test_another_creators_address_is_nobody_elses(client, creator):
    inbox = inbox_of(CreatorFactory(), "kofi")
    SetAsideFactory(source=inbox.source, problem="theirs alone")

    assert "Make an address" in client.get(page_of("kofi")).text
    assert client.post(f"{page_of('kofi')}/address").status_code == 404
    client.post(f"{page_of('kofi')}/forget")
    assert Inbox.objects.get().address == inbox.address
    assert "theirs alone" not in client.get(SOURCES).text
    assert client.get(page_of("payhip")).status_code == 404


def test_none_is_made_while_its_money_is_removed(client, creator):
    inbox = inbox_of(creator, "kofi")
    begin_removal(source=inbox.source, now=datetime.now(UTC) - timedelta(seconds=1))

    answer = client.post(f"{page_of('kofi')}/begin", follow=True)

    assert "being removed right now" in answer.text
    assert not Inbox.objects.exists()
    assert not Message.objects.exists()
