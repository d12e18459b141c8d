"""Keyset pages: together they are the whole list, each row once, whatever the address says."""

from datetime import timedelta

import pytest
from django.db.models import F, TextField, Value
from django.db.models.functions import NullIf

from dashboard.paging import turn_to
from fans.models import Fan
from revenue.models import Purchase
from tests.factories import (
    NOW,
    AcquaintanceFactory,
    CreatorFactory,
    FanFactory,
    PurchaseFactory,
    SourceFactory,
)

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


ORDERS = [
    ("spend", "id"),
    ("-seat", "id"),
    ("seat", "id"),
    ("last_purchase_at", "-id"),
    ("-last_purchase_at", "id"),
    ("-touched_at", "id"),
    ("touched_at", "id"),
    ("called", "id"),
    ("-called", "-id"),
]


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 50])
def test_whichever_way_it_goes_who_has_no_value_comes_last(order, size):
    people = people_of_whom_some_have_no_value()
    major, minor = order
    column = F(major.lstrip("-"))
    last = column.desc(nulls_last=True) if "-" in major else column.asc(nulls_last=True)

    assert all_pages(people, order, size) == list(people.order_by(last, minor))


def people_of_whom_some_have_no_value():
    creator = CreatorFactory()
    moments = [None, NOW, None, NOW - timedelta(days=1), NOW]
    for number, at in enumerate(moments, start=1):
        fan = FanFactory(
            creator=creator, spend=number % 3, seat=number if at else None,
            last_purchase_at=at, name="Ada" if number > 2 else f"Bo{number}_1",
        )  # fmt: skip
        if number != 3:
            AcquaintanceFactory(fan=fan, last_touch_at=at)
    return creator.fans.annotate(
        touched_at=F("acquaintance_set__last_touch_at"),
        called=NullIf("name", Value("Ada", output_field=TextField())),
    )


def test_a_name_is_in_no_address():
    creator = CreatorFactory()
    fans = [FanFactory(creator=creator, name=name) for name in ("Ada", "Bela")]

    page = turn_to(creator.fans, "", order=("name", "id"), size=1)

    assert page.after == str(fans[0].pk)
    assert list(turn_to(creator.fans, page.after, order=("name", "id")).rows) == [fans[1]]
    assert turn_to(creator.fans, "Ada_1", order=("name", "id")).is_first


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


@pytest.mark.parametrize(
    "after", ["yesterday_1", "2026-99-99_1", "2026-01-01T00:00:00_x", "2026-01-01_1"]
)
def test_a_moment_that_is_none_is_the_first_page(after):
    purchase = PurchaseFactory()

    assert list(turn_to(Purchase.objects, after, order=NEWEST).rows) == [purchase]


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_back_leads_through_the_same_pages_to_the_first(order, size):
    people = people_of_whom_some_have_no_value()
    pages = [turn_to(people, "", order=order, size=size)]
    while pages[-1].after:
        pages.append(turn_to(people, pages[-1].after, order=order, size=size))

    behind = pages[-1]
    for page in reversed(pages[:-1]):
        behind = turn_to(people, behind.before, order=order, size=size)
        assert behind == page
    assert behind.is_first


def test_one_column_may_be_all_of_an_order_also_on_the_way_back():
    fans = [FanFactory() for _ in range(3)]
    order = ("-id", "-id")

    page = turn_to(Fan.objects, f"{fans[1].pk}_{fans[1].pk}", order=order, size=1)

    assert list(page.rows) == [fans[0]]
    assert turn_to(Fan.objects, page.before, order=order, size=1).rows == [fans[1]]
