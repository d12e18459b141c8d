"""All books of a creator, checked every night: kept, told, and telling nobody's name."""

import logging
from datetime import timedelta

import pytest
from django.core import mail

from fans.models import Fan
from revenue import auditing
from revenue.auditing import KEPT, TOLD, audit
from revenue.books import check_books
from revenue.gateways.stripe.connecting import connect
from revenue.models import BooksCheck, Purchase
from revenue.spend import recompute_due_fans
from revenue.syncing import gateway_of, run_sync, start_sync
from sandbox import App
from sandbox.workshop import Workshop
from tests.factories import (
    NOW,
    BooksCheckFactory,
    CreatorFactory,
    FanFactory,
    ReconciliationFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _admins(settings):
    settings.ADMINS = [("", "boss@example.org")]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def app() -> App:
    shop = Workshop(currency="gbp")
    shop.charge(2500, email="zoe.secret@example.com", name="Zoë Secret", description="For Ada")
    return App([shop.account])


@pytest.fixture
def creator(app, stripe):
    stripe(app)
    creator = CreatorFactory(currency="GBP")
    source = connect(creator=creator, key=next(iter(app._doors)))
    sync = start_sync(source=source, full=True, now=NOW)
    run_sync(sync=sync, gateway=gateway_of(source), clock=lambda: NOW)
    recompute_due_fans(creator=creator, now=NOW)
    return creator


def test_right_books_are_kept_as_right_and_nobody_is_written_to(creator):
    check = audit(creator=creator, now=NOW)

    assert (check.found, check.findings, check.is_right) == (0, [], True)
    assert creator.books_checks.get() == check
    assert mail.outbox == []


def test_the_provider_is_not_asked_again_for_what_was_just_compared(creator, app):
    asked = app.hits.total()
    source = creator.sources.get()
    ReconciliationFactory(
        source=source,
        checked_at=NOW - timedelta(hours=1),
        outcome="drift",
        figures=[["GBP", 24_00, 23_97], ["EUR", 1, 1]],
        lines=[
            {"id": "txn_1", "what": "different", "currency": "GBP", "ours": 10, "theirs": 7},
            {"id": "txn_2", "what": "missing here", "currency": "GBP", "ours": None, "theirs": 7},
            {"id": "txn_3", "what": "set aside", "currency": "", "ours": None, "theirs": None},
        ],
    )
    # Nothing came of the last attempt: what was found before still stands.
    ReconciliationFactory(source=source, checked_at=NOW, outcome="moving", figures=[])

    check = audit(creator=creator, now=NOW)

    assert check.findings == [
        f"{source}: the books come to £24.00, the balance is £23.97",
        f"{source}: line txn_1 is different: £0.10 here, £0.07 there",
        f"{source}: line txn_2 is missing here: £0.07 there",
        f"{source}: line txn_3 is not understood, and set aside",
    ]
    assert app.hits.total() == asked
    [letter] = mail.outbox
    for where in (f"source {source.pk}: net in GBP", "movement txn_1: net in GBP"):
        assert where in letter.body
    for told in (str(source), "24.00", "0.10"):
        assert told not in letter.subject + letter.body


def test_a_later_comparison_that_is_equal_lets_go_of_an_earlier_difference(creator):
    source = creator.sources.get()
    ReconciliationFactory(
        source=source, checked_at=NOW - timedelta(days=1), outcome="drift", figures=[["GBP", 1, 2]]
    )
    ReconciliationFactory(source=source, checked_at=NOW)

    assert audit(creator=creator, now=NOW).is_right


def test_what_differs_is_kept_and_mailed_without_saying_who_it_is(creator, settings):
    settings.PUBLIC_URL = "https://fans.example"
    fan, purchase = creator.fans.get(), creator.purchases.get()
    Fan.objects.update(lifetime_net=-1)
    Purchase.objects.update(kind="membership")

    check = audit(creator=creator, now=NOW)

    name = f"purchase {purchase.external_id}"
    assert check.found == 3
    assert set(check.findings) == {
        f"{name}: kind is membership, should be sale",
        f"fan {fan.pk}: lifetime_net is -1, should be {fan.lifetime_net}",
        f"all fans and unattributed money: lifetime_net is -1, should be {fan.lifetime_net}",
    }
    [letter] = mail.outbox
    assert letter.to == ["boss@example.org"]
    assert letter.subject == f"[TrueFans] 3 differences in the books of creator {creator.pk}"
    assert f"fan {fan.pk}: lifetime_net\n" in letter.body
    assert f"{name}: kind\n" in letter.body
    assert f"https://fans.example/admin/revenue/bookscheck/{check.pk}/change/" in letter.body
    told = letter.subject + letter.body.replace(purchase.external_id, "")
    for secret in ("secret", "Zoë", "Ada", "-1", str(fan.lifetime_net), creator.name):
        assert secret not in told


def test_the_first_hundred_are_told_and_all_are_counted():
    creator = SourceFactory().creator
    for number in range(TOLD + 2):
        FanFactory(creator=creator, lifetime_gross=number + 1, recompute_at=None)

    check = audit(creator=creator, now=NOW)

    assert check.found == TOLD + 3  # and the sum over everybody
    assert len(check.findings) == TOLD
    assert mail.outbox[0].body.count("fan ") == TOLD


def test_what_was_only_just_being_written_is_no_difference(creator, monkeypatch):
    right = creator.fans.get().lifetime_net
    Fan.objects.update(lifetime_net=-1)

    def and_then_it_is_recomputed(**options):
        yield from check_books(**options)
        Fan.objects.update(lifetime_net=right)

    monkeypatch.setattr(auditing, "check_books", and_then_it_is_recomputed)

    assert audit(creator=creator, now=NOW).is_right
    assert mail.outbox == []


def test_nobody_is_written_to_where_nobody_is_named(creator, settings):
    settings.ADMINS = []
    Fan.objects.update(lifetime_net=-1)

    assert audit(creator=creator, now=NOW).found == 2
    assert mail.outbox == []


def test_the_last_sixty_checks_of_a_creator_are_kept(creator):
    other = BooksCheckFactory()
    for days in range(KEPT + 3):
        BooksCheckFactory(creator=creator, checked_at=NOW - timedelta(days=days + 1))

    newest = audit(creator=creator, now=NOW)

    kept = creator.books_checks.order_by("-checked_at")
    assert (kept.count(), kept.first()) == (KEPT, newest)
    assert kept.last().checked_at == NOW - timedelta(days=KEPT - 1)
    assert BooksCheck.objects.filter(pk=other.pk).exists()


def test_admins_are_not_mailed_what_an_error_of_a_page_held(settings):
    settings.DEBUG = False

    logging.getLogger("django.request").error("A page broke: %s", "zoe.secret@example.com")

    assert mail.outbox == []
