"""Keyset pages: together they are the whole list, each row once, whatever the address says."""

import pytest

from dashboard.paging import turn_to
from fans.models import Fan
from revenue.models import Purchase
from tests.factories import CreatorFactory, FanFactory, PurchaseFactory, SourceFactory

pytestmark = pytest.mark.django_db

BY_SPEND = ("-spend", "id")
NEWEST = ("-occurred_at", "-id")


def all_pages(queryset, order, size):
    after, rows = "", []
    while True:
        page = turn_to(queryset, after, order=order, size=size)
        rows += page.rows
        after = page.after
        if not after:
            return rows


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 50])
def test_the_pages_together_are_the_list_though_many_are_equal(size):
    creator = CreatorFactory()
    for spend in (5, 5, 5, 9, 0, 0, 7):
        FanFactory(creator=creator, spend=spend)

    assert all_pages(creator.fans, BY_SPEND, size) == list(creator.fans.order_by(*BY_SPEND))


@pytest.mark.parametrize("size", [1, 2, 4])
def test_purchases_of_the_same_moment_are_all_there(size):
    source = SourceFactory()
    for _ in range(4):
        PurchaseFactory(source=source)

    assert all_pages(Purchase.objects, NEWEST, size) == list(Purchase.objects.newest())


def test_the_last_page_leads_nowhere():
    fan = FanFactory()

    page = turn_to(Fan.objects, "", order=BY_SPEND, size=1)

    assert (page.rows, page.after, page.is_first) == ([fan], "", True)


@pytest.mark.parametrize(
    "after", ["x", "_", "1_", "_1", "1_2_3", "a_b", "1.5_2", "\0_1", "9" * 40, "é_1"]
)
def test_an_address_that_means_nothing_is_the_first_page(after):
    fan = FanFactory()

    assert list(turn_to(Fan.objects, after, order=BY_SPEND).rows) == [fan]


def test_an_address_beyond_any_number_does_no_harm():
    FanFactory()

    assert len(turn_to(Fan.objects, f"{'9' * 40}_1", order=BY_SPEND).rows) == 1
    assert len(turn_to(Fan.objects, f"5_{'9' * 40}", order=BY_SPEND).rows) == 1


@pytest.mark.parametrize("after", ["yesterday_1", "2026-99-99_1", "2026-01-01T00:00:00_x"])
def test_a_moment_that_is_none_is_the_first_page(after):
    purchase = PurchaseFactory()

    assert list(turn_to(Purchase.objects, after, order=NEWEST).rows) == [purchase]
