"""The part of Sources about webhooks: how to set one up, its secrets, what is heard of it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from dashboard.webhook import mark
from revenue.gateways.stripe.lists import TOLD
from tests.factories import CreatorFactory, MemberFactory, NudgeFactory, SourceFactory
from tests.revenue.deliveries import SECRET, deliver, event

pytestmark = pytest.mark.django_db

SOURCES = "/studio/low-tide/sources"
OTHER = "whsec_fedcba9876543210fedcba9876543210"
THIRD = "whsec_of_a_third_0123456789"


def ago(**time) -> datetime:
    return datetime.now(UTC) - timedelta(**time)


def add(client, source, secret):
    return client.post(f"{SOURCES}/{source.pk}/webhook", {"secret": secret})


def remove(client, source, secret):
    return client.post(f"{SOURCES}/{source.pk}/webhook/forget", {"mark": mark(secret)})


@pytest.fixture
def shown(client, source):
    """The page as it is once `source` was changed."""

    def get(**fields):
        for field, value in fields.items():
            setattr(source, field, value)
        source.save()
        return client.get(SOURCES).text

    return get


def test_the_how_to_names_the_address_and_every_type_of_event(shown, source, settings):
    settings.PUBLIC_URL = "https://fans.example.org"

    text = shown()

    assert f'value="https://fans.example.org/webhooks/stripe/{source.pk}"' in text
    for kind in TOLD:
        assert f"<code>{kind}</code>" in text
    assert "reaches only addresses" not in text


def test_the_address_that_is_named_is_the_one_that_listens(client, shown, source, settings):
    settings.PUBLIC_URL = ""
    shown(webhook_secrets=SECRET)

    answer = deliver(client, source, event())

    assert answer.status_code == 200
    assert f'value="{answer.request["PATH_INFO"]}"' in shown()


def test_an_installation_that_stripe_cannot_reach_is_told_so(shown, settings):
    settings.PUBLIC_URL = "http://127.0.0.1:8000"

    assert "reaches only addresses that begin with https://" in shown()


def test_without_a_secret_it_asks_every_15_minutes(shown):
    text = shown()

    assert "asks every 15 minutes instead" in text
    assert "Set up a webhook" in text
    assert "Store the secret" in text
    assert "Remove" not in text


def test_a_pasted_secret_is_stored_encrypted_and_never_shown(client, source):
    answer = add(client, source, f"  {SECRET} ")

    assert answer.url == f"{SOURCES}#webhook-{source.pk}"
    source.refresh_from_db()
    assert source.secrets == [SECRET]
    assert source.webhook_since is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT webhook_secrets FROM revenue_source")
        [[stored]] = cursor.fetchall()
    assert "whsec" not in stored
    text = client.get(SOURCES).text
    assert "The secret is stored" in text
    assert "Nothing has been delivered yet" in text
    assert SECRET not in text
    assert SECRET.removeprefix("whsec_") not in text


def test_deliveries_are_taken_from_then_on(client, source):
    assert deliver(client, source, event()).status_code == 400
    add(client, source, SECRET)
    assert deliver(client, source, event()).status_code == 200

    text = client.get(SOURCES).text
    assert "Last heard now" in text
    assert "was refused" not in text


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("", "fill this in"),
        ("whsec_", "not a signing secret"),
        ("rk_test_0123456789abcdef", "not a signing secret"),
        ("whsec_0123456789 abcdef0", "not a signing secret"),
        ("whsec_0123456789abcdeä", "not a signing secret"),
        ("<script>alert(1)</script>", "not a signing secret"),
        ("whsec_" + "x" * 300, "at most 200"),
    ],
)
def test_what_is_no_secret_is_refused_in_words_and_stays_in_the_field(
    client, source, secret, words
):
    answer = add(client, source, secret)

    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "<details open>" in answer.text
    assert "<script>alert" not in answer.text
    source.refresh_from_db()
    assert source.webhook_secrets == ""


def test_the_error_stands_on_the_card_of_its_source(client, creator, source):
    SourceFactory(creator=creator)

    text = add(client, source, "nonsense").text

    assert text.count("not a signing secret") == 1
    wrong, _, rest = text.partition("not a signing secret")
    assert f'id="id_secret_{source.pk}"' in wrong
    assert f'id="id_secret_{source.pk}"' not in rest


def test_secrets_are_rotated_by_adding_the_new_and_removing_the_old(client, source):
    add(client, source, SECRET)
    text = client.get(SOURCES).text
    assert "Store a second secret" in text
    add(client, source, OTHER)

    text = client.get(SOURCES).text
    assert text.index("Older secret") < text.index("Newer secret")
    assert "Store a second" not in text
    for secret in (SECRET, OTHER):
        assert deliver(client, source, event(), secret=secret).status_code == 200
    assert remove(client, source, SECRET).url == f"{SOURCES}#webhook-{source.pk}"
    assert deliver(client, source, event(), secret=SECRET).status_code == 400
    assert deliver(client, source, event(), secret=OTHER).status_code == 200


def test_the_same_secret_twice_is_one_and_a_third_is_refused(client, source):
    for secret in (SECRET, SECRET, OTHER, OTHER):
        assert add(client, source, secret).status_code == 302

    answer = add(client, source, THIRD)

    assert answer.status_code == 422
    source.refresh_from_db()
    assert source.secrets == [SECRET, OTHER]


def test_a_removal_that_comes_twice_removes_one(client, source, now):
    source.keep_secrets([SECRET, OTHER], now=now)

    for _ in range(2):
        remove(client, source, SECRET)

    source.refresh_from_db()
    assert source.secrets == [OTHER]


def test_with_the_last_secret_all_that_was_heard_is_forgotten(client, source, shown, now):
    source.keep_secrets([SECRET], now=now)
    shown(delivered_at=now, refused_at=now)

    remove(client, source, SECRET)

    assert "asks every 15 minutes instead" in client.get(SOURCES).text
    source.refresh_from_db()
    assert (source.webhook_since, source.delivered_at, source.refused_at) == (None, None, None)


def test_the_last_delivery_is_told(shown):
    text = shown(webhook_secrets=SECRET, delivered_at=ago(minutes=3))

    assert "Last heard 3\xa0minutes ago" in text
    assert "is-error" not in text


def test_deliveries_that_are_refused_are_told_until_a_good_one_comes(shown):
    text = shown(webhook_secrets=SECRET, refused_at=ago(minutes=5), delivered_at=ago(hours=5))
    assert "fits no secret that is stored here" in text
    assert "Nothing is lost" in text
    assert "<details open>" in text

    text = shown(delivered_at=ago(minutes=1))
    assert "fits no secret" not in text


def test_deliveries_without_any_secret_to_check_them_with_are_told(shown):
    assert "no secret is stored to check it with" in shown(refused_at=ago(minutes=5))


def test_new_secrets_are_not_blamed_for_what_was_refused_before(client, source, shown):
    shown(webhook_secrets=SECRET, refused_at=ago(minutes=5))

    add(client, source, OTHER)

    assert "fits no secret" not in client.get(SOURCES).text


SILENT = "although there was news"


@pytest.mark.parametrize(
    ("heard", "polled", "is_silent"),
    [
        ({"delivered_at": ago(hours=25)}, ago(hours=2), True),
        ({"delivered_at": ago(hours=23)}, ago(hours=2), False),  # not for long enough
        ({"delivered_at": ago(hours=25)}, ago(hours=26), False),  # that was told in time
        ({"delivered_at": ago(hours=25)}, None, False),  # there was nothing to tell
        ({"webhook_since": ago(hours=25)}, ago(hours=2), True),
        ({"webhook_since": ago(hours=2)}, ago(hours=1), False),  # just set up
        ({"webhook_since": ago(days=9), "delivered_at": ago(hours=1)}, ago(minutes=5), False),
        ({}, ago(hours=2), False),
    ],
)
def test_a_silence_is_told_only_where_polls_found_what_should_have_been_delivered(
    shown, source, heard, polled, is_silent
):
    """Pitfall 24: what no delivery told is found by asking."""
    if polled:
        NudgeFactory(source=source, way="poll", arrived_at=polled)
    NudgeFactory(source=source, way="delivery", arrived_at=ago(minutes=1))
    NudgeFactory(source=SourceFactory(creator=source.creator), way="poll", arrived_at=ago(hours=1))

    assert (SILENT in shown(webhook_secrets=SECRET, **heard)) is is_silent


def test_webhooks_cost_no_query_more_however_many_sources_there_are(
    client, creator, source, django_assert_num_queries
):
    for _ in range(3):
        SourceFactory(creator=creator, webhook_secrets=SECRET, delivered_at=ago(days=2))
    with django_assert_num_queries(14):
        client.get(SOURCES)


@pytest.mark.parametrize("action", ["webhook", "webhook/forget"])
def test_secrets_are_changed_by_posting_and_by_their_creator_alone(client, creator, source, action):
    assert client.get(f"{SOURCES}/{source.pk}/{action}").status_code == 405
    theirs = SourceFactory(creator=CreatorFactory(), webhook_secrets=OTHER)

    answer = client.post(f"{SOURCES}/{theirs.pk}/{action}", {"secret": SECRET, "mark": mark(OTHER)})

    assert answer.status_code == 404
    theirs.refresh_from_db()
    assert theirs.secrets == [OTHER]


@pytest.mark.parametrize("role", ["editor", "viewer"])
def test_nobody_but_an_owner_sees_or_changes_a_secret(client, creator, source, role):
    add(client, source, SECRET)
    client.force_login(MemberFactory(creator=creator, role=role).user)

    assert add(client, source, OTHER).status_code == 403
    assert remove(client, source, SECRET).status_code == 403
    page = client.get(SOURCES)
    assert (page.status_code, "News from Stripe" in page.text) == (200, False)
    source.refresh_from_db()
    assert source.secrets == [SECRET]
