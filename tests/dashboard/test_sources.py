"""Connecting Stripe, and how reading it goes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.gaps import REASONS_SHOWN
from revenue.models import Source, Sync
from revenue.removing import disconnect
from sandbox import Account, Fault, Key
from sandbox.directory import load
from tests.factories import SetAsideFactory, SourceFactory, SyncFactory
from tests.revenue.recording import SMALL

pytestmark = pytest.mark.django_db

SOURCES = "/studio/low-tide/sources"
CONNECT = "/studio/low-tide/sources/stripe"


def test_the_how_to_names_every_permission_that_is_tested(client, creator):
    page = client.get(SOURCES).text

    for permission in ("Account", "Balance", "Charges", "Customers", "Disputes"):
        assert f"<li>{permission}</li>" in page
    assert "<li>Balance transaction sources</li>" in page


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("pk_test_1", "publishable key"),
        ("sk_live_1", "secret key"),
        ("nonsense", "not a Stripe key"),
        ("", "fill this in"),
        ("rk_" + "x" * 600, "at most 500"),
        ("<script>alert(1)</script>", "not a Stripe key"),
    ],
)
def test_a_bad_key_is_refused_in_words_and_stays_in_the_field(client, creator, key, words):
    answer = client.post(CONNECT, {"key": key})

    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "<script>alert" not in answer.text
    assert not Source.objects.exists()


def test_with_htmx_only_the_form_comes_back(client, creator):
    answer = client.post(CONNECT, {"key": "nonsense"}, headers={"HX-Request": "true"})

    assert answer.status_code == 422
    assert "not a Stripe key" in answer.text
    assert "<html" not in answer.text
    assert answer.text.strip().startswith("<section")


def test_a_permission_that_is_missing_is_named_beside_the_key(client, creator, stripe):
    account = load(SMALL)
    poor = Key("rk_test_poor", missing=frozenset({"rak_dispute_read"}))
    stripe(Account(account.profile, account.read, keys=(poor,)))

    answer = client.post(CONNECT, {"key": "rk_test_poor"})

    assert answer.status_code == 422
    assert "may not read “Disputes”" in answer.text


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"status": 503}, "Stripe cannot be reached right now (HTTP 503)"),
        ({"body": b'{"id": 5}'}, "does not understand (KeyError at /v1/account)"),
    ],
)
def test_while_stripe_cannot_tell_the_form_promises_nothing(client, creator, stripe, fault, words):
    stripe(load(SMALL), faults=[Fault("/v1/account", times=99, **fault)])

    answer = client.post(CONNECT, {"key": "rk_test_good"})

    assert answer.status_code == 422
    assert f"{words}. Nothing was stored; try again in a few minutes." in answer.text
    assert "tries again by itself" not in answer.text
    assert not Source.objects.exists()


def test_a_good_key_connects_and_reading_begins_when_it_is_stored(
    client, creator, stripe, django_capture_on_commit_callbacks
):
    stripe(load(SMALL))

    with django_capture_on_commit_callbacks() as queued:
        answer = client.post(CONNECT, {"key": "rk_test_good"})

    source = creator.sources.get()
    assert answer.url == SOURCES
    assert source.syncs.get().is_full
    assert len(queued) == 1
    page = client.get(SOURCES).text
    assert f"Reading {source}" in page
    assert f"{source} is connected" in page
    assert "rk_test_good" not in page


def test_with_htmx_a_good_key_leads_on(client, creator, stripe):
    stripe(load(SMALL))

    answer = client.post(CONNECT, {"key": "rk_test_good"}, headers={"HX-Request": "true"})

    assert answer.headers["HX-Redirect"] == SOURCES


def test_a_key_alone_never_comes_back_from_the_database(client, source):
    assert source.key not in client.get(SOURCES).text


def test_reading_now_starts_one_run_and_no_second_beside_it(
    client, source, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as queued:
        first = client.post(f"{SOURCES}/{source.pk}/sync")
        client.post(f"{SOURCES}/{source.pk}/sync")

    assert first.url == SOURCES
    assert source.syncs.count() == 1
    assert len(queued) == 2  # a second nudge of the same run does no harm


def test_nothing_is_started_by_looking(client, source):
    assert client.get(f"{SOURCES}/{source.pk}/sync").status_code == 405
    assert client.get(CONNECT).status_code == 405
    assert not Sync.objects.exists()


def test_nobody_can_start_the_reading_of_anothers_source(client, creator):
    other = SourceFactory()

    assert client.post(f"{SOURCES}/{other.pk}/sync").status_code == 404
    assert not Sync.objects.exists()


def test_a_source_says_how_it_is_and_how_its_last_runs_went(client, source, now):
    source.state, source.problem = "permission_missing", "This key may not read “Disputes”."
    source.save()
    SyncFactory(
        source=source, state="failed", finished_at=now, problem="It broke.", movements_read=4321
    )

    page = client.get(SOURCES).text

    for words in ("permission missing", "may not read “Disputes”", "It broke.", "4,321",
                  "Data is complete as of 22 November 2026, 12:00"):  # fmt: skip
        assert words in page


def test_only_the_last_runs_of_each_source_are_shown(client, source, now):
    for days in range(8):
        at = now - timedelta(days=days)
        SyncFactory(source=source, state="done", started_at=at, finished_at=at)
    SyncFactory(source=SourceFactory(creator=source.creator), state="done", finished_at=now)

    shown = {card.source: card.runs for card in client.get(SOURCES).context["sources"]}

    assert [len(runs) for runs in shown.values()] == [5, 1]
    assert shown[source][0].sync.started_at == now


def test_progress_survives_a_reload_and_ends_by_itself(client, source, now):
    run = SyncFactory(source=source, movements_read=77)
    headers = {"HX-Request": "true", "HX-Target": "progress"}

    for _ in range(2):
        assert "<progress" in client.get(SOURCES).text
    part = client.get(SOURCES, headers=headers)
    assert "77 lines" in part.text
    assert "<html" not in part.text
    run.state, run.finished_at = "done", now
    run.save()

    assert client.get(SOURCES, headers=headers).headers["HX-Refresh"] == "true"
    assert "<progress" not in client.get(SOURCES).text


def test_sources_cost_the_same_queries_however_many_they_are(
    client, source, now, django_assert_num_queries
):
    with django_assert_num_queries(14):
        client.get(SOURCES)
    for _ in range(5):
        SyncFactory(source=SourceFactory(creator=source.creator), state="done", finished_at=now)
    with django_assert_num_queries(14):
        client.get(SOURCES)


def test_what_the_key_may_not_read_is_told_with_what_follows_and_what_to_do(client, source):
    Source.objects.update(lacks=["Subscriptions", "Moons"])

    page = client.get(SOURCES).text

    assert "<strong>Subscriptions</strong>: who is a member, until when" in page
    assert "<li><strong>Moons</strong></li>" in page
    assert "give the key these permissions (Read)" in page
    assert "could not be understood" not in page


def test_what_was_set_aside_is_counted_by_reason_the_most_frequent_first(client, source):
    SetAsideFactory.create_batch(2, source=source, kind="charge", problem="KeyError: 'amount'")
    SetAsideFactory(source=source, kind="", problem="ValueError: <moon>")
    SetAsideFactory(kind="refund")  # another's

    page = client.get(SOURCES).text

    assert "3 things that came from Stripe could not be understood" in page
    first = page.index("2 × <code>charge</code>: <bdi>KeyError: &#x27;amount&#x27;</bdi>")
    assert first < page.index("1 × <code>?</code>: <bdi>ValueError: &lt;moon&gt;</bdi>")
    assert "refund" not in page.split("could not be understood")[1].split("</ul>")[0]
    assert "Not everything could be read" not in page


def test_only_some_reasons_are_shown_and_all_are_counted(client, source):
    for number in range(8):
        SetAsideFactory(source=source, problem=f"reason {number}")

    page = client.get(SOURCES).text

    assert "8 things" in page
    assert page.count("× <code>") == REASONS_SHOWN


def test_nothing_is_told_where_nothing_is_missing(client, source):
    page = client.get(SOURCES).text

    assert "could not be understood" not in page
    assert "Not everything could be read" not in page


def test_a_disconnected_source_has_no_webhook_to_set_up(client, source):
    assert "News from Stripe" in client.get(SOURCES).text
    disconnect(source=source, now=timezone.now())

    assert "News from Stripe" not in client.get(SOURCES).text
    secret = {"secret": "whsec_0123456789abcdef"}
    assert client.post(f"{SOURCES}/{source.pk}/webhook", secret).status_code == 404


def test_of_nothing_imported_a_bad_key_promises_to_keep_nothing(client, creator, stripe):
    account = load(SMALL)
    stripe(Account(account.profile, account.read, keys=(Key("rk_test_other"),)))

    first = client.post(CONNECT, {"key": "rk_test_wrong"}).text
    SourceFactory(creator=creator)
    later = client.post(CONNECT, {"key": "rk_test_wrong"}).text

    assert "Stripe refuses this key" in first
    assert "is kept" not in first
    assert "Everything imported so far is kept." in later


def test_while_the_key_is_tested_it_says_whom_it_asks(client, creator):
    assert "Asking Stripe …" in client.get(SOURCES).text


@pytest.fixture
def read_whole(source, now, time_machine):
    """The whole history of the shop was read a minute ago."""
    time_machine.move_to(now, tick=False)
    at = now - timedelta(minutes=1)
    return SyncFactory(source=source, state="done", started_at=at, finished_at=at)


def test_an_import_that_ended_says_what_came_and_leads_home(client, creator, buyer, read_whole):
    buyer(120_00)
    buyer(20_00)

    page = " ".join(client.get(SOURCES).text.split())

    assert "It is all in.</strong> 2 payments, 2 people. You have 1 true friend now." in page
    assert 'class="button is-primary" href="/studio/low-tide/">See how far you are' in page


def test_while_it_is_worked_out_who_is_true_it_says_so(client, creator, buyer, now, read_whole):
    creator.fans.mark_due([buyer(120_00).pk], now=now)

    page = client.get(SOURCES).text

    assert "Who are your true friends is being worked out" in page


@pytest.mark.parametrize("is_old", [True, False])
def test_what_is_no_news_is_not_told(client, now, read_whole, is_old):
    if is_old:
        Sync.objects.update(finished_at=now - timedelta(hours=2))
    else:
        Sync.objects.update(since=now - timedelta(days=1))

    assert "It is all in." not in client.get(SOURCES).text
