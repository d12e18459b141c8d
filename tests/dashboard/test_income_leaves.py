"""What leaves the rooms of income: lists as CSV."""

from codecs import BOM_UTF8
from datetime import timedelta

import pytest
from django.http import QueryDict

from dashboard.income_list import PurchaseFilter
from revenue.exports import MOVEMENT_COLUMNS, PURCHASE_COLUMNS
from tests.dashboard.income_pages import INCOME, read
from tests.factories import (
    MovementFactory,
    PurchaseFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_minute_later")]


def test_exactly_what_is_filtered_leaves(client, source, now):
    for number in range(60):
        PurchaseFactory(source=source, description="Vinyl", occurred_at=now - timedelta(number))
    PurchaseFactory(source=source, description="Tape")
    PurchaseFactory(source=source, description="Vinyl", occurred_at=now - timedelta(days=900))

    response = client.get(INCOME + "/purchases.csv", {"q": "vinyl", "after": "ignored"})

    assert response.streaming
    assert response["Content-Disposition"] == (
        'attachment; filename="low-tide-purchases-2026-11-22.csv"'
    )
    _text, rows = read(response)
    assert len(rows) == 60
    assert list(rows[0]) == PURCHASE_COLUMNS


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_that_leaves_is_a_formula(client, source, start):
    PurchaseFactory(source=source, description=f"{start}SUM(A1)", external_id=f"{start}1+1")
    MovementFactory(
        source=source, description=f"{start}SUM(A1)", category=f"{start}1", amount=-5_00, fee=0
    )

    for name in ("purchases", "movements"):
        _text, [row] = read(client.get(f"{INCOME}/{name}.csv"))
        assert row["description"] == f"'{start}SUM(A1)".replace("\r", "\n")
        assert not row.get("category", "").startswith(start)
        assert not row["external_id"].startswith(start)
    assert row["amount"] == "-5.00"


def test_a_list_of_nothing_leaves_with_its_head(client, source):
    text, rows = read(client.get(INCOME + "/movements.csv"))

    assert rows == []
    assert text.strip().split(",") == MOVEMENT_COLUMNS


def test_amounts_that_are_asked_for_are_in_the_decimals_of_their_currency(creator, now):
    asked = PurchaseFilter(QueryDict("least=1200&currency=JPY"), creator=creator, now=now)

    assert asked.applied["least"] == 1200
    assert asked.in_words("least") == "JP¥1,200"


@pytest.mark.parametrize("name", ["purchases", "movements", "year/2026/csv"])
def test_every_file_says_in_which_letters_it_is_written(client, source, now, name):
    PurchaseFactory(source=source, occurred_at=now)
    MovementFactory(source=source, occurred_at=now)

    response = client.get(f"{INCOME}/{name}" + ("" if "/" in name else ".csv"))

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    # Read to its end: what is left half read is closed by the collector of garbage, at any moment,
    # and sets context variables then, which kills the interpreter in the middle of setting another
    # (https://github.com/python/cpython/issues/148891).
    assert b"".join(response.streaming_content).startswith(BOM_UTF8)
