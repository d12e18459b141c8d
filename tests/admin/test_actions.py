"""What the actions of the admin set going; the queue is the real one."""

from datetime import UTC, datetime

import pytest
from django.contrib.messages import get_messages

from fans.models import Creator, Fan
from revenue import admin as revenue_admin
from revenue.gateways.stripe.connecting import connect
from revenue.models import Movement, Purchase, Source, Sync
from revenue.spend import recompute_due_fans
from revenue.syncing import gateway_of, run_sync, start_sync
from revenue.tasks.books import check_books_of
from revenue.tasks.figures import recompute_creator
from revenue.tasks.sources import read_source
from sandbox.directory import load
from tests.admin.addresses import listed
from tests.admin.conftest import staff
from tests.factories import (
    CreatorFactory,
    FanFactory,
    PurchaseFactory,
    SourceFactory,
    SyncFactory,
)
from tests.revenue.recording import SMALL

# Real transactions: what is queued on commit is queued.
pytestmark = pytest.mark.django_db(transaction=True)


def run(client, action: str, *rows) -> list[str]:
    """Do `action` with `rows`; what the page says then."""
    ids = [row.pk for row in rows]
    answer = client.post(listed(type(rows[0])), {"action": action, "_selected_action": ids})
    assert answer.status_code == 302, answer.content.decode()
    return [str(message) for message in get_messages(answer.wsgi_request)]


def connected() -> Source:
    creator = CreatorFactory(currency="USD", time_zone="UTC", handle="band")
    return connect(creator=creator, key="rk_test_any")


def test_sync_now_reads_the_sources_of_the_chosen_creators(admin, queued, stripe):
    stripe(load(SMALL))
    source = connected()
    SourceFactory()

    told = run(admin, "sync_now", source.creator)

    assert told == [f"New rows are read: {source} (@band)."]
    sync = Sync.objects.get()
    assert (sync.source, sync.state) == (source, "running")
    [(task, arguments)] = queued()
    assert (task, arguments) == ("revenue.tasks.sources.read_source", [sync.pk])
    read_source(*arguments)
    assert Sync.objects.get().state == "done"
    assert Purchase.objects.filter(creator=source.creator).exists()


def test_a_source_that_is_being_read_is_not_read_twice(admin, queued):
    source = SourceFactory()
    sync = SyncFactory(source=source)

    told = run(admin, "sync_now", source)

    assert told == [f"Was being read already: {source} (@{source.creator.handle})."]
    assert list(Sync.objects.all()) == [sync]
    nudge = ("revenue.tasks.sources.read_source", [sync.pk])  # which does no harm
    assert queued() == [nudge]


def test_a_creator_without_sources_is_told_of(admin, queued):
    assert run(admin, "sync_now", CreatorFactory()) == ["There is no source to read."]
    assert queued() == []


def test_only_new_rows_are_read_unless_everything_is_asked_for(admin, queued):
    new, everything = SourceFactory(), SourceFactory()
    for source in (new, everything):
        Movement.objects.create(
            source=source,
            external_id="txn_1",
            kind="payment",
            category="charge",
            occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
            currency="GBP",
            amount=1,
            fee=0,
            net=1,
        )

    run(admin, "sync_now", new)
    told = run(admin, "read_all_again", everything)

    assert told[-1].startswith("All of the history is read again: ")
    assert not new.syncs.get().is_full
    assert everything.syncs.get().is_full
    assert [task for task, _ in queued()] == ["revenue.tasks.sources.read_source"] * 2


def test_recompute_marks_everybody_and_brings_them_up_to_now(admin, queued):
    fan = FanFactory(spend=1, lifetime_gross=1)
    other = FanFactory()

    told = run(admin, "recompute", fan.creator)

    assert told == [f"1 fan of {fan.creator} is being recomputed."]
    assert list(Fan.objects.exclude(recompute_at=None)) == [fan]
    [(task, arguments)] = queued()
    assert (task, arguments) == ("revenue.tasks.figures.recompute_creator", [fan.creator_id])
    recompute_creator(*arguments)
    fan.refresh_from_db()
    assert (fan.spend, fan.lifetime_gross) == (0, 0)
    other.refresh_from_db()
    assert other.recompute_at is None


def books_of_sandbox(stripe) -> Source:
    stripe(load(SMALL))
    source = connected()
    sync = start_sync(source=source, full=True, now=datetime.now(UTC))
    run_sync(sync=sync, gateway=gateway_of(source))
    recompute_due_fans(creator=source.creator, now=datetime.now(UTC))
    return source


def test_right_books_are_said_to_be_right(admin, stripe):
    creator = books_of_sandbox(stripe).creator
    assert run(admin, "check_books", creator) == [f"{creator}: the books are right."]


def test_differences_in_the_books_are_told_with_the_rest_counted(admin, stripe):
    creator = books_of_sandbox(stripe).creator
    Fan.objects.filter(creator=creator).update(lifetime_net=-1)

    told = run(admin, "check_books", creator)

    assert len(told) == revenue_admin.FINDINGS_SHOWN + 1
    assert "lifetime_net is -1, should be" in told[0]
    assert told[-1].endswith("more differences.")


def test_large_books_are_checked_by_a_worker_and_not_while_the_page_waits(
    admin, queued, monkeypatch
):
    monkeypatch.setattr(revenue_admin, "CHECKED_AT_ONCE", 2)
    source = SourceFactory(creator=CreatorFactory(handle="band", name="Band"))
    for _ in range(3):
        PurchaseFactory(source=source)

    told = run(admin, "check_books", source.creator)

    assert told == ["Band: too much for a page; it will be among the checks of the books."]
    [(task, arguments)] = queued()
    assert (task, arguments) == ("revenue.tasks.books.check_books_of", [source.creator_id])
    check_books_of(*arguments)
    assert source.creator.books_checks.exists()


@pytest.mark.parametrize(
    ("model", "action"),
    [
        (Creator, "sync_now"),
        (Creator, "recompute"),
        (Creator, "check_books"),
        (Source, "sync_now"),
        (Source, "read_all_again"),
    ],
)
def test_who_may_only_look_starts_nothing(queued, model, action):
    source = SourceFactory()
    row = source if model is Source else source.creator
    name = model._meta.model_name
    looker = staff(f"{model._meta.app_label}.view_{name}")
    assert looker.get(listed(model)).status_code == 200

    looker.post(listed(model), {"action": action, "_selected_action": [row.pk]})

    assert queued() == []
    assert not Sync.objects.exists()
    assert not Fan.objects.exclude(recompute_at=None).exists()
    helper = staff(f"{model._meta.app_label}.view_{name}", f"{model._meta.app_label}.change_{name}")
    assert f'value="{action}"' in helper.get(listed(model)).content.decode()
