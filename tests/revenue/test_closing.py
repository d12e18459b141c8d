"""A source is disconnected or goes while workers are at it: they stop, and nobody hears of it."""

from datetime import UTC, datetime, timedelta
from pkgutil import resolve_name

import pytest

from fans.models import Creator
from revenue.ingest import SourceClosed, ingest
from revenue.models import Movement, Nudge, Reconciliation, Source, Sync
from revenue.removing import begin_removal, disconnect, remove
from revenue.syncing import start_sync
from revenue.tasks.books import check_books_of
from revenue.tasks.currencies import recount_creator
from revenue.tasks.deliveries import work_off_nudges, work_off_what_is_left
from revenue.tasks.figures import recompute_creator
from revenue.tasks.sources import (
    begin_reading,
    look_back,
    read_source,
    reconcile_source,
    sync_sources,
)
from revenue.values import Page
from sandbox import App, Key
from sandbox.workshop import Workshop
from tests.factories import CreatorFactory, NudgeFactory
from tests.revenue.histories import Story
from tests.revenue.importing import connected, sync

pytestmark = pytest.mark.django_db


def take_away(source):
    now = datetime.now(UTC)
    begin_removal(source=source, now=now)
    assert remove(source=source, until=now + timedelta(days=1))


@pytest.fixture
def shop(stripe):
    shop = Workshop(currency="usd", start=datetime.now(UTC) - timedelta(days=30))
    Story(shop).play([("customer", 0, 0), ("charge", 0, 500), ("charge", 7, 900)])
    stripe(shop.account)
    return shop


@pytest.fixture(params=["disconnected", "being removed", "gone"])
def close(request):
    """What may become of a source while a worker is at it."""
    match request.param:
        case "disconnected":
            return lambda source: disconnect(source=source, now=datetime.now(UTC))
        case "being removed":
            return lambda source: begin_removal(source=source, now=datetime.now(UTC))
        case "gone":
            return take_away


@pytest.fixture
def then(monkeypatch):
    """`then(where, act)`: do something to the books as soon as the function there has returned."""

    def arrange(where, act):
        module, _, name = where.rpartition(".")
        function = getattr(resolve_name(module), name)

        def wrapped(*args, **kwargs):
            result = function(*args, **kwargs)
            act()
            return result

        monkeypatch.setattr(where, wrapped)

    return arrange


@pytest.fixture
def source(shop):
    """Read to the end, with a nudge that waits."""
    source = connected(shop)
    sync(source)
    NudgeFactory(source=source, object_id=source.purchases.first().external_id)
    source.movements.all()[0].delete()  # there is something to write
    return source


def closing(source, close, seen):
    """Close `source`, once, and note what is left then."""

    def act():
        if not seen:
            close(Source.objects.get(pk=source.pk))
            seen.update(left_of(source))

    return act


def left_of(source):
    return {
        "sources": list(Source.objects.filter(pk=source.pk).values("state", "problem")),
        "movements": Movement.objects.count(),
        "nudges": list(Nudge.objects.values("done_at", "problem")),
        "reconciliations": Reconciliation.objects.count(),
        "runs": list(Sync.objects.values("state", "problem")),
    }


@pytest.mark.parametrize("moment", ["revenue.run.planning.plan", "revenue.run.Run._note"])
def test_a_run_ends_quietly(source, close, then, moment):
    run = start_sync(source=source, full=True, now=datetime.now(UTC))
    seen = {}
    then(moment, closing(source, close, seen))

    read_source(run.pk)

    assert seen
    assert left_of(source) == seen


def test_a_comparison_is_dropped(source, close, then):
    seen = {}
    then("revenue.reconciling.account_balance", closing(source, close, seen))

    reconcile_source(source.pk)

    assert seen
    assert left_of(source) == seen


def test_what_a_nudge_was_about_is_dropped(source, close, then):
    seen = {}
    then("revenue.nudging._read", closing(source, close, seen))

    work_off_nudges(source.pk)

    assert seen
    assert left_of(source) == seen


def test_a_problem_that_is_met_too_late_is_not_told(shop, source, close, then, stripe):
    app = App([shop.account])
    app._doors[shop.key] = (shop.account, Key(shop.key, state="revoked"))
    stripe(app)
    seen = {}
    then("revenue.nudging._read", closing(source, close, seen))

    work_off_nudges(source.pk)

    assert seen
    assert left_of(source) == seen


def test_whatever_was_queued_before_finds_nothing_to_do(source, close):
    run = start_sync(source=source, full=True, now=datetime.now(UTC))
    close(Source.objects.get(pk=source.pk))
    before = left_of(source)

    read_source(run.pk)
    look_back(source.pk, 3)
    reconcile_source(source.pk)
    work_off_nudges(source.pk)
    sync_sources()
    work_off_what_is_left()

    assert left_of(source) == before
    assert begin_reading(source=source, full=True, now=datetime.now(UTC)) is None
    with pytest.raises(SourceClosed):
        ingest(source=source, page=Page(), now=datetime.now(UTC))


def test_tasks_of_a_creator_who_is_gone_do_nothing(now, monkeypatch):
    creator = CreatorFactory()
    pk = creator.pk

    def gone(**_):
        raise Creator.DoesNotExist

    for work in ("figures.recompute_due_fans", "currencies.recount", "books.audit"):
        monkeypatch.setattr(f"revenue.tasks.{work}", gone)
    for task in (recompute_creator, recount_creator, check_books_of):
        task(pk)
        task(0)
