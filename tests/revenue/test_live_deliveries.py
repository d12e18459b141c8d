"""What the addresses of other platforms take, what they refuse, and what they answer."""

import logging
from datetime import timedelta

import orjson
import pytest
from django.core.cache import cache
from django.test import Client
from structlog.stdlib import ProcessorFormatter

from fans.models import Creator
from revenue.live import reading
from revenue.live.inboxes import inbox_at, open_inbox, renew_address
from revenue.live.platforms import BY_SLUG
from revenue.models import Inbox, Message, Source
from revenue.removing import disconnect
from revenue.tasks.deliveries import forget_messages, read_messages_of, read_what_is_left
from revenue.tasks.figures import recompute_creator
from tests.factories import CreatorFactory
from tests.revenue.telling import SECRET, SELLER, address, inbox_of, sample, tell, wire, work_off

pytestmark = pytest.mark.django_db

SAMPLES = {
    "kofi": "kofi/tip",
    "gumroad": "gumroad/sale",
    "buymeacoffee": "buymeacoffee/donation",
    "patreon": "patreon/member",
    "shopify": "shopify/order",
}
SIGNED = ["buymeacoffee", "patreon", "shopify"]


@pytest.fixture(autouse=True)
def _today(time_machine, now):
    time_machine.move_to(now, tick=False)


@pytest.fixture
def creator():
    return CreatorFactory(currency="EUR")


@pytest.fixture(autouse=True)
def queued(monkeypatch):
    """The sources for which a worker was asked."""
    cache.clear()
    asked = []
    monkeypatch.setattr(read_messages_of, "delay", asked.append)
    return asked


@pytest.mark.parametrize("slug", SAMPLES)
def test_a_delivery_is_kept_as_it_came_and_read_later(
    creator, slug, queued, django_capture_on_commit_callbacks
):
    inbox, payload = inbox_of(creator, slug), sample(SAMPLES[slug])

    with django_capture_on_commit_callbacks(execute=True):
        answer = tell(inbox, payload)

    assert (answer.status_code, answer.text) == (200, "Received.")
    message = inbox.source.messages.get()
    assert (message.done_at, message.attempts) == (None, 0)
    assert message.as_sent().keys() >= payload.keys()
    assert "verification_token" not in message.as_sent()
    assert queued == [inbox.source_id]
    assert not creator.purchases.exists()

    work_off(creator)

    assert creator.purchases.get().payer_email in ("ada@example.org", "ada@work.example")
    inbox.refresh_from_db()
    assert (inbox.heard_at, inbox.refused_at) == (message.arrived_at, None)


def test_a_delivery_costs_few_queries(creator, django_assert_max_num_queries):
    inbox = inbox_of(creator, "shopify")

    with django_assert_max_num_queries(5):
        tell(inbox, sample("shopify/order"))


@pytest.mark.parametrize("slug", SAMPLES)
def test_word_for_word_the_same_is_one(creator, slug, queued):
    inbox = inbox_of(creator, slug)

    for _ in range(3):
        assert tell(inbox, sample(SAMPLES[slug])).status_code == 200

    assert inbox.source.messages.count() == 1


@pytest.mark.parametrize("slug", ["kofi", *SIGNED])
def test_what_is_proved_by_another_secret_is_refused_and_noted(creator, slug, queued, caplog):
    inbox = inbox_of(creator, slug)

    with caplog.at_level(logging.INFO):
        answer = tell(inbox, sample(SAMPLES[slug]), secret="not-the-secret")

    assert answer.status_code == 403
    assert answer.text.endswith("stored here.")
    assert not Message.objects.exists()
    inbox.refresh_from_db()
    assert (inbox.is_refused, inbox.refusal) == (True, answer.text)
    assert "not-the-secret" not in caplog.text
    tell(inbox, sample(SAMPLES[slug]))
    inbox.refresh_from_db()
    assert not inbox.refused_at > inbox.heard_at


@pytest.mark.parametrize("slug", SIGNED)
def test_a_signature_that_is_none_is_refused(creator, slug):
    inbox = inbox_of(creator, slug)
    sent = wire(slug, sample(SAMPLES[slug]))
    name = next(name for name in sent["headers"] if "Topic" not in name and "Event" not in name)
    good = sent["headers"].pop(name)

    for said in (None, "", "0" * len(good), "é", "sha256=", good[:-1], good + "="):
        more = {} if said is None else {f"HTTP_{name.upper().replace('-', '_')}": said}
        assert Client().post(address(inbox), **sent, **more).status_code == 403
    assert not Message.objects.exists()


@pytest.mark.parametrize("slug", SIGNED)
def test_one_changed_letter_is_refused(creator, slug):
    inbox = inbox_of(creator, slug)
    sent = wire(slug, sample(SAMPLES[slug]))
    sent["data"] = sent["data"].replace(b"ada@", b"eve@")

    assert Client().post(address(inbox), **sent).status_code == 403


@pytest.mark.parametrize("slug", ["kofi", *SIGNED])
def test_without_a_secret_nothing_is_taken(creator, slug):
    inbox = inbox_of(creator, slug, secret="")

    answer = tell(inbox, sample(SAMPLES[slug]), secret="")

    assert (answer.status_code, "No secret" in answer.text) == (403, True)


def test_gumroad_is_believed_by_its_address_and_the_seller_who_was_first(creator):
    inbox = inbox_of(creator, "gumroad")
    tell(inbox, sample("gumroad/sale"))

    answer = tell(inbox, sample("gumroad/sale") | {"seller_id": "somebody-else"})

    assert (answer.status_code, "another seller" in answer.text) == (403, True)
    inbox.refresh_from_db()
    assert (inbox.account, inbox.source.messages.count()) == (SELLER, 1)
    assert tell(inbox, sample("gumroad/sale") | {"seller_id": ""}).status_code == 400


def test_an_address_is_the_creators_and_the_platforms_own(creator):
    ours, theirs = inbox_of(creator, "kofi"), inbox_of(CreatorFactory(), "kofi")
    sent = wire("kofi", sample("kofi/tip"))

    assert ours.address != theirs.address
    for path in (
        f"/webhooks/gumroad/{ours.address}",
        f"/webhooks/stripe/{ours.address}",
        f"/webhooks/nobody/{ours.address}",
        f"/webhooks/kofi/{ours.address}x",
        f"/webhooks/kofi/{ours.digest}",
    ):
        assert Client().post(path, **sent).status_code == 404, path
    tell(ours, sample("kofi/tip"))
    assert (ours.source.messages.count(), theirs.source.messages.count()) == (1, 0)
    assert Client().get(address(ours)).status_code == 405


def test_a_new_address_takes_the_place_of_the_old_one(creator):
    inbox = inbox_of(creator, "kofi")
    old = inbox.address
    renew_address(inbox=inbox)

    assert inbox_at(BY_SLUG["kofi"], old) is None
    assert inbox_at(BY_SLUG["kofi"], inbox.address) == inbox
    assert open_inbox(creator=creator, platform=BY_SLUG["kofi"], now=inbox.since) == inbox


def test_who_has_left_or_was_disconnected_hears_nothing(creator, now):
    inbox, other = inbox_of(creator, "kofi"), inbox_of(CreatorFactory(), "kofi")
    Creator.objects.filter(pk=other.source.creator_id).update(leaves_at=now)

    disconnect(source=inbox.source, now=now)

    for one in (inbox, other):
        assert tell(one, sample("kofi/tip")).status_code == 404
    assert not Inbox.objects.filter(pk=inbox.pk).exists()
    again = open_inbox(creator=creator, platform=BY_SLUG["kofi"], now=now)
    assert (again.source, again.source.state) == (inbox.source, Source.State.OK)


#: Not UTF-8, no JSON, a list, not a number, and nested without end.
HOSTILE = [b"\xff\xfe", b"{", b"[1]", b'{"id": 1, "total_price": NaN}', b'{"a":' * 50_000]


@pytest.mark.parametrize("slug", SAMPLES)
def test_a_body_that_cannot_be_read_is_refused_with_a_sentence(creator, slug):
    inbox = inbox_of(creator, slug)
    for body in HOSTILE:
        answer = tell(inbox, body)
        assert answer.status_code in (400, 403)
        assert answer.text.endswith(".")
    assert not Message.objects.exists()


@pytest.mark.parametrize("size", [2_500_000, 10_000_000])
def test_megabytes_are_too_much(creator, size):
    answer = tell(inbox_of(creator, "shopify"), b"x" * size)

    assert (answer.status_code, "too large" in answer.text.lower()) == (413, True)
    assert not Message.objects.exists()


AMOUNTS = {
    "kofi": "amount",
    "gumroad": "price",
    "buymeacoffee": "data.amount",
    "patreon": "data.attributes.campaign_lifetime_support_cents",
    "shopify": "total_price",
}


@pytest.mark.parametrize("slug", SAMPLES)
@pytest.mark.parametrize("amount", ["-5", "NaN", "1e999", "9" * 25])
def test_an_amount_that_cannot_be_is_answered_so_and_kept_and_counts_nowhere(creator, slug, amount):
    inbox, payload = inbox_of(creator, slug), sample(SAMPLES[slug])
    *tables, key = AMOUNTS[slug].split(".")
    table = payload
    for part in tables:
        table = table[part]
    table[key] = amount

    answer = tell(inbox, payload)
    work_off(creator)

    assert (answer.status_code, "counts nowhere" in answer.text) == (422, True)
    assert not creator.purchases.exists()
    assert "cannot be read" in inbox.source.set_aside.get().problem


def test_what_came_last_says_whether_all_is_well(creator, time_machine, now):
    inbox = inbox_of(creator, "kofi")
    for seconds, secret, is_refused in [(0, SECRET, False), (1, "x", True), (2, SECRET, False)]:
        time_machine.move_to(now + timedelta(seconds=seconds), tick=False)
        tell(inbox, sample("kofi/tip"), secret=secret)
        inbox.refresh_from_db()
        assert inbox.is_refused is is_refused


def test_gumroad_may_send_json(creator):
    inbox = inbox_of(creator, "gumroad")
    body = orjson.dumps(sample("gumroad/sale") | {"seller_id": SELLER, "price": 1000})

    assert Client().post(address(inbox), body, "application/json").status_code == 200
    work_off(creator)
    assert creator.purchases.get().amount == 10_00


def test_what_nobody_knows_is_set_aside_until_it_is_understood(creator):
    inbox = inbox_of(creator, "shopify")

    assert tell(inbox, sample("shopify/order"), topic="carts/create").status_code == 200
    work_off(creator)

    aside = inbox.source.set_aside.get()
    assert (aside.kind, "does not know" in aside.problem) == ("carts/create", True)
    assert aside.as_sent()["name"] == "#1003"
    tell(inbox, sample("shopify/order"))
    work_off(creator)
    assert not inbox.source.set_aside.exists()


TESTS = [
    ("kofi/tip", {"kofi_transaction_id": "00000000-1111-2222-3333-444444444444"}),
    ("gumroad/sale", {"test": "true"}),
    ("buymeacoffee/donation", {"live_mode": False}),
    ("shopify/order", {"test": True}),
]


@pytest.mark.parametrize(("name", "changes"), TESTS)
def test_tests_arrive_and_stay_out_of_the_books(creator, name, changes, now):
    inbox = inbox_of(creator, name.partition("/")[0])

    answer = tell(inbox, sample(name) | changes)

    assert (answer.status_code, "stays out of the books" in answer.text) == (200, True)
    assert not Message.objects.exists()
    inbox.refresh_from_db()
    assert (inbox.heard_at, inbox.tested_at) == (now, now)


def test_a_queue_that_is_away_does_not_keep_a_platform_waiting(
    creator, monkeypatch, django_capture_on_commit_callbacks
):
    def away(source_id):
        raise ConnectionError

    monkeypatch.setattr(read_messages_of, "delay", away)
    inbox = inbox_of(creator, "kofi")
    with django_capture_on_commit_callbacks(execute=True):
        assert tell(inbox, sample("kofi/tip")).status_code == 200
    assert inbox.source.messages.count() == 1


def test_the_beat_finds_what_got_lost_and_the_worker_tells_the_rest(
    creator, queued, django_capture_on_commit_callbacks, monkeypatch
):
    inbox = inbox_of(creator, "kofi")
    tell(inbox, sample("kofi/tip"))
    recomputed = []
    monkeypatch.setattr(read_messages_of, "delay", read_messages_of)
    monkeypatch.setattr(recompute_creator, "delay", recomputed.append)

    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        read_what_is_left()

    assert callbacks
    assert creator.purchases.count() == 1
    assert recomputed == [creator.pk]
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        read_what_is_left()
    assert not callbacks


def test_one_that_cannot_be_stored_holds_nobody_up(creator, monkeypatch, now):
    inbox = inbox_of(creator, "kofi")
    for name in ("kofi/tip", "kofi/member", "kofi/order"):
        tell(inbox, sample(name))
    broken = inbox.source.messages.order_by("pk")[1]
    understand = reading._understand

    def stumble(source, message, found):
        if message.pk == broken.pk:
            raise ZeroDivisionError
        understand(source, message, found)

    monkeypatch.setattr(reading, "_understand", stumble)
    work_off(creator, now=now)

    assert creator.purchases.count() == 2
    broken.refresh_from_db()
    assert (broken.done_at, broken.attempts, broken.problem) == (None, 1, "ZeroDivisionError")
    assert broken.rests_until > now
    monkeypatch.undo()
    work_off(creator, now=broken.rests_until)
    assert creator.purchases.count() == 3


def test_what_is_done_is_forgotten_after_a_while_and_counts_on(creator, time_machine, now):
    inbox = inbox_of(creator, "kofi")
    tell(inbox, sample("kofi/tip"))
    work_off(creator, now=now)

    forget_messages()
    assert inbox.source.messages.exists()
    time_machine.move_to(now.replace(year=now.year + 1), tick=False)
    forget_messages()

    assert not inbox.source.messages.exists()
    tell(inbox, sample("kofi/tip"))
    work_off(creator)
    assert creator.purchases.count() == 1


def test_no_line_of_log_has_an_address(creator, caplog):
    inbox = inbox_of(creator, "gumroad")

    with caplog.at_level(logging.DEBUG):
        tell(inbox, sample("gumroad/sale"))
        tell(inbox, b"\xff")

    handlers = logging.getLogger().handlers
    ours = next(h for h in handlers if isinstance(h.formatter, ProcessorFormatter))
    lines = [ours.format(record) for record in caplog.records if ours.filter(record)]
    assert any("/webhooks/gumroad/…" in line for line in lines)
    assert inbox.address not in "\n".join(lines)
    assert "ada@work.example" not in "\n".join(lines)
