"""A removal and a recount through real workers that are killed in the middle of them."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from revenue.beginning import begin_measuring, begin_removing
from revenue.books import check_fans, check_purchases, check_sums
from revenue.models import Purchase, Recount, Removal, Source
from tests.factories import CreatorFactory, SourceFactory
from tests.revenue.books_of import books_of
from tests.revenue.crowds import crowd
from tests.revenue.workers import kill, wait_until, worker

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _an_empty_queue():
    from celery import current_app

    current_app.control.purge()


@pytest.fixture
def source():
    """One of two sources of a creator, with 9,000 purchases."""
    creator = CreatorFactory(target_spend=15_00)
    creator.create_default_tiers()
    source, beside = SourceFactory.create_batch(2, creator=creator)
    crowd(source, people=3000, purchases=3)
    crowd(beside, people=100, purchases=3)
    return source


def killed_in_the_middle(is_in_the_middle: Callable[[], bool]) -> None:
    with worker() as process:
        wait_until(is_in_the_middle)
        kill(process)


def is_recomputed(creator) -> bool:
    return not creator.fans.due(datetime.now(UTC)).exists()


def assert_right(creator) -> None:
    now = datetime.now(UTC)
    for findings in (
        check_purchases(creator=creator),
        check_fans(creator=creator, now=now),
        check_sums(creator=creator, now=now),
    ):
        assert list(findings) == []


def test_a_removal_goes_on_by_itself_after_a_kill(source):
    creator, beside = source.creator, source.creator.sources.last()
    begin_removing(source=source, now=datetime.now(UTC))

    killed_in_the_middle(lambda: Removal.objects.get().done >= 2000)
    done = Removal.objects.get().done
    assert 2000 <= done < Removal.objects.get().total
    with worker():
        wait_until(lambda: not Source.objects.filter(pk=source.pk).exists())
        wait_until(lambda: is_recomputed(creator))

    assert_right(creator)
    assert creator.sources.get() == beside
    assert (creator.fans.count(), creator.identities.count()) == (100, 100)
    assert set(creator.purchases.values_list("source", flat=True)) == {beside.pk}
    assert creator.fans.first().lifetime_gross == 15_00


def test_a_recount_goes_on_by_itself_after_a_kill(source):
    creator = source.creator
    creator.currency, creator.target_spend = "EUR", 17_00
    fields = ["currency", "target_spend"]
    begin_measuring(creator=creator, fields=fields, now=datetime.now(UTC))

    killed_in_the_middle(lambda: Recount.objects.get().done >= 2000)
    run = Recount.objects.get()
    assert 2000 <= run.done < run.total == 9300
    assert run.finished_at is None
    with worker():
        wait_until(lambda: bool(Recount.objects.get().finished_at))
        wait_until(lambda: is_recomputed(creator))

    assert_right(creator)
    assert Recount.objects.get().done == 9300
    assert set(Purchase.objects.values_list("counted_currency", flat=True)) == {"EUR"}
    first = books_of(creator)
    assert all(fan["lifetime_gross"] > 15_00 for fan in first["fans"].values())
