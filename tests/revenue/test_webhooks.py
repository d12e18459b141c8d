"""What the webhook takes, what it refuses, and what it does before it answers."""

import logging
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory

from revenue import listening
from revenue.models import Nudge
from revenue.queueing import begins
from revenue.tasks.deliveries import work_off_nudges
from sandbox.webhooks import thin
from sandbox.workshop import Workshop
from tests.factories import SourceFactory
from tests.revenue.deliveries import SECRET, address, deliver, event

pytestmark = pytest.mark.django_db
OTHER = "whsec_fedcba9876543210fedcba9876543210"


@pytest.fixture
def source():
    return SourceFactory(webhook_secrets=SECRET)


@pytest.fixture
def client():
    """Heeds CSRF as a real server does."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def queued(monkeypatch):
    """The sources for which a worker was asked."""
    cache.clear()
    asked = []
    monkeypatch.setattr(work_off_nudges, "delay", asked.append)
    return asked


def test_a_delivery_is_stored_and_worked_off_later(
    client, source, queued, django_capture_on_commit_callbacks, django_assert_num_queries
):
    """Pitfall 3: store the event, answer 200, process it later."""
    with django_capture_on_commit_callbacks(execute=True):
        answer = deliver(client, source, event(7, about="ch_7", type="charge.refunded"))

    assert (answer.status_code, answer.text) == (200, "Received.")
    nudge = source.nudges.get()
    assert (nudge.external_id, nudge.kind, nudge.object_id) == ("evt_7", "charge.refunded", "ch_7")
    assert (nudge.way, nudge.done_at, nudge.attempts) == ("delivery", None, 0)
    assert queued == [source.pk]
    assert not source.creator.purchases.exists()  # what it says of an amount is not believed


def test_a_delivery_costs_one_query(client, source, queued, django_assert_num_queries):
    deliver(client, source, event(1))
    for number in (2, 2, 3):
        with django_assert_num_queries(1):
            deliver(client, source, event(number))


def test_a_duplicate_is_answered_alike_and_stored_once(client, source, queued):
    for _ in range(3):
        assert deliver(client, source, event()).status_code == 200

    assert source.nudges.count() == 1


def test_what_a_poll_found_before_is_stored_once(client, source, queued, now):
    Nudge.objects.create(
        source=source, external_id="evt_1", kind="x", object_id="ch_1", way="poll", arrived_at=now
    )

    assert deliver(client, source, event()).status_code == 200

    assert source.nudges.get().way == "poll"


def test_the_same_event_id_of_two_accounts_is_two_events(client, source, queued):
    """Pitfall 9: rows are keyed by their account."""
    other = SourceFactory(webhook_secrets=OTHER)

    deliver(client, source, event())
    deliver(client, other, event(), secret=OTHER)

    assert (source.nudges.count(), other.nudges.count()) == (1, 1)


def test_one_worker_is_asked_for_a_burst_of_deliveries(
    client, source, queued, django_capture_on_commit_callbacks, now
):
    """Pitfall 3: no task for each delivery."""
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(5):
            deliver(client, source, event(number))
    assert queued == [source.pk]

    begins(work_off_nudges, source.pk)
    source.nudges.update(done_at=now)
    with django_capture_on_commit_callbacks(execute=True):
        deliver(client, source, event(9))
    assert queued == [source.pk] * 2


def test_a_nudge_that_only_waits_to_be_tried_again_holds_nobody_up(
    client, source, queued, django_capture_on_commit_callbacks
):
    deliver(client, source, event(1))
    source.nudges.update(attempts=1)

    with django_capture_on_commit_callbacks(execute=True):
        deliver(client, source, event(2))

    assert queued == [source.pk]


def test_a_queue_that_is_away_does_not_keep_stripe_waiting(
    client, source, monkeypatch, django_capture_on_commit_callbacks
):
    def away(source_id):
        raise ConnectionError

    monkeypatch.setattr(work_off_nudges, "delay", away)
    with django_capture_on_commit_callbacks(execute=True):
        assert deliver(client, source, event()).status_code == 200
    assert source.nudges.count() == 1


@pytest.mark.parametrize("kind", ["quantum.entangled", "", "charge.dispute.created"])
def test_any_type_of_event_is_taken(client, source, queued, kind):
    """Pitfall 20: answer 200 to unknown event types. Pitfall 7: the name of an event is no guide
    to what it is about."""
    assert deliver(client, source, event(type=kind, about="dp_1")).status_code == 200
    assert source.nudges.values_list("kind", "object_id").get() == (kind, "dp_1")


@pytest.mark.parametrize(
    "fields",
    [{"data": {}}, {"data": None}, {"data": {"object": {"object": "balance"}}}, {"id": ""}],
)
def test_an_event_about_nothing_is_taken_and_forgotten(client, source, queued, fields):
    """Pitfall 21: every field is optional."""
    assert deliver(client, source, event(**fields)).status_code == 200
    assert not source.nudges.exists()


def test_a_thin_event_names_its_object(client, source, queued):
    shop = Workshop()
    sale = shop.charge(2500, email="ann@example.com")
    told = next(e for e in shop.events if e["type"] == "charge.succeeded")

    assert deliver(client, source, thin(told)).status_code == 200

    nudge = source.nudges.get()
    assert (nudge.kind, nudge.object_id) == ("v1.charge.succeeded", sale.id)


@pytest.mark.parametrize("live", [True, False])
def test_events_of_the_other_mode_are_ignored(client, queued, live, caplog):
    """Pitfall 9: test events never touch live books."""
    source = SourceFactory(webhook_secrets=SECRET, livemode=live)

    with caplog.at_level(logging.WARNING):
        assert deliver(client, source, event(livemode=not live)).status_code == 200

    assert not source.nudges.exists()
    assert "delivery_of_other_mode" in caplog.text
    for number, mode in enumerate((live, None)):
        assert deliver(client, source, event(number, livemode=mode)).status_code == 200
    assert source.nudges.count() == 2


def test_a_body_with_half_a_letter_in_it_is_read(client, source, queued):
    about = b'{"id": "ch_1", "name": "\\ud83d"}'
    body = b'{"id": "evt_1", "type": "x\\u0000", "data": {"object": %b}}' % about

    assert deliver(client, source, body).status_code == 200
    assert source.nudges.get().kind == "x"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"no JSON", b"[]", b'"evt_1"', b"null", b"12", b'{"id": 5}', b"\xff",
             b'{"id": "evt_1", "data": "x"}', b'{"id": "evt_1", "data": {"object": 7}}']
)  # fmt: skip
def test_a_signed_body_that_is_no_event_is_refused(client, source, body):
    answer = deliver(client, source, body)

    assert (answer.status_code, answer.text) == (400, "This is no event.")
    assert not Nudge.objects.exists()
    source.refresh_from_db()
    assert source.refused_at is None


def test_what_is_signed_wrongly_is_refused_and_noted(client, source, caplog):
    with caplog.at_level(logging.INFO):
        answer = deliver(client, source, event(), secret=OTHER)

    assert answer.status_code == 400
    assert "signature" in answer.text
    assert not Nudge.objects.exists()
    source.refresh_from_db()
    assert source.refused_at is not None
    assert source.delivered_at is None
    assert "delivery_refused" in caplog.text


def test_a_replayed_delivery_is_refused(client, source):
    answer = deliver(client, source, event(), ago=301)

    assert answer.status_code == 400
    assert "five minutes" in answer.text
    assert not Nudge.objects.exists()


def test_a_delivery_without_a_signature_is_refused_and_alarms_nobody(client, source):
    answer = client.post(address(source), b"{}", "application/json")

    assert answer.status_code == 400
    assert "Stripe-Signature" in answer.text
    source.refresh_from_db()
    assert source.refused_at is None


@pytest.mark.parametrize("pk", [0, 999_999_999, 10**30])
def test_a_source_that_is_not_there_is_refused(client, db, pk):
    answer = client.post(f"/webhooks/stripe/{pk}", b"{}", "application/json")

    assert (answer.status_code, answer.text) == (400, "Nothing is connected here.")


@pytest.mark.parametrize("state", ["disconnected", "removing"])
def test_a_source_that_was_let_go_hears_no_more_at_once(client, source, queued, state):
    deliver(client, source, event(1))
    source.state = state
    source.save()

    assert deliver(client, source, event(2)).status_code == 400
    assert source.nudges.count() == 1


@pytest.mark.parametrize("state", ["key_refused", "permission_missing", "unreachable"])
def test_a_source_that_cannot_be_read_right_now_goes_on_listening(client, source, queued, state):
    source.state = state
    source.save()

    assert deliver(client, source, event()).status_code == 200
    assert source.nudges.count() == 1


def test_a_change_of_secrets_holds_at_once_in_every_process(client, source, queued, now):
    deliver(client, source, event(1))
    assert listening.remembered(source.pk).secrets == (SECRET,)

    source.keep_secrets([SECRET, OTHER], now=now)
    assert deliver(client, source, event(2), secret=OTHER).status_code == 200
    assert deliver(client, source, event(3)).status_code == 200
    source.keep_secrets([OTHER], now=now)
    assert deliver(client, source, event(4)).status_code == 400
    assert deliver(client, source, event(5), secret=OTHER).status_code == 200
    source.keep_secrets([], now=now)
    assert deliver(client, source, event(6), secret=OTHER).status_code == 400
    assert source.nudges.count() == 4


@pytest.mark.parametrize("size", [1_000_001, 3_000_000])
def test_what_is_too_large_is_not_even_read(source, size):
    from revenue.webhooks import stripe

    request = RequestFactory().post(address(source), b"x" * size, "application/json")

    answer = stripe(request, source.pk)

    assert answer.status_code == 413
    assert not request._read_started


def test_a_large_event_is_taken(client, source, queued):
    large = event(data={"object": {"id": "ch_1", "metadata": "x" * 900_000}})

    assert deliver(client, source, large).status_code == 200


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_only_posting_is_allowed(client, source, method):
    assert getattr(client, method)(address(source)).status_code == 405


def test_the_moment_of_the_last_delivery_is_noted_once_a_minute(client, source, queued):
    now = datetime.now(UTC)
    for before, is_noted in ((None, True), (now - timedelta(minutes=2), True), (now, False)):
        source.delivered_at = before
        source.save()
        deliver(client, source, event())
        source.refresh_from_db()
        assert (source.delivered_at != before) is is_noted


def test_the_moment_of_the_last_refusal_is_noted_once_a_minute(client, source):
    now = datetime.now(UTC)
    for before, is_noted in ((None, True), (now - timedelta(minutes=2), True), (now, False)):
        source.refused_at = before
        source.save()
        deliver(client, source, event(), secret=OTHER)
        source.refresh_from_db()
        assert (source.refused_at != before) is is_noted


@pytest.mark.django_db(transaction=True)
def test_a_delivery_does_not_wait_for_who_stores_a_page(client, source, queued):
    """The row of the source is locked for as long as that takes; its deliveries go on."""
    from django.db import transaction

    from revenue.ingest import lock

    answers = []

    def deliver_meanwhile():
        answers.append(deliver(client, source, event()).status_code)
        answers.append(deliver(client, source, event(2), secret=OTHER).status_code)
        connection.close()

    with transaction.atomic():
        lock(source)
        thread = threading.Thread(target=deliver_meanwhile)
        thread.start()
        thread.join(10)
        assert answers == [200, 400]
    source.refresh_from_db()
    assert source.nudges.count() == 1
    assert (source.delivered_at, source.refused_at) == (None, None)


@pytest.mark.django_db(transaction=True)
def test_the_same_delivery_in_several_threads_at_once_is_stored_once(source, queued):
    answers = []
    barrier = threading.Barrier(6)

    def deliver_at_once():
        barrier.wait()
        answers.append(deliver(Client(), source, event()).status_code)
        connection.close()

    threads = [threading.Thread(target=deliver_at_once) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert answers == [200] * 6
    assert source.nudges.count() == 1


def test_neither_bodies_nor_addresses_nor_secrets_are_logged(client, source, queued, caplog):
    told = event(
        data={"object": {"id": "ch_1", "receipt_email": "ann@example.com", "note": "XyzzyX"}}
    )
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger="revenue"):
        deliver(client, source, told)
        deliver(client, source, told, secret=OTHER)
        deliver(client, source, told | {"livemode": True})
        deliver(client, source, told | {"data": {"object": {"note": "XyzzyX"}}})
        deliver(client, source, b'"ann@example.com XyzzyX')

    assert "delivery_refused" in caplog.text
    assert "delivery_about_nothing" in caplog.text
    for secret in ("ann@example.com", "XyzzyX", SECRET, OTHER):
        assert secret not in caplog.text
