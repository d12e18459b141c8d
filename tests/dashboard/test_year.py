"""The sheet of a year: which years there are, what it says, and what it says it is not."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from revenue.exports import YEAR_COLUMNS
from tests.factories import MovementFactory, PurchaseFactory, RecountFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_minute_later")]

YEAR = "/studio/low-tide/income/year"


@pytest.fixture
def lines(source):
    """A payment, a refund, both kinds of fees and a payout, from 2025 on."""
    bought = PurchaseFactory(source=source, payer_country="DE")
    common = {"source": source, "payment_id": bought.external_id}
    at = datetime(2025, 12, 31, 23, 59, tzinfo=UTC)
    MovementFactory(**common, occurred_at=at, amount=100_00, fee=3_20)
    at += timedelta(minutes=1)
    MovementFactory(**common, occurred_at=at, kind="refund", amount=-40_00, fee=0)
    MovementFactory(source=source, occurred_at=at, kind="fee", amount=-2_00, fee=0)
    MovementFactory(source=source, occurred_at=at, kind="payout", amount=-10_00, fee=0)
    return bought


def test_the_newest_year_is_shown_at_first(client, lines):
    assert client.get(YEAR)["Location"] == f"{YEAR}/2026"


def test_a_year_says_what_moved_in_it(client, lines):
    page = client.get(f"{YEAR}/2026")

    tables = {table.key: table for table in page.context["tables"]}
    assert list(tables) == ["months", "sources", "countries"]
    assert [str(row.name) for row in tables["months"].rows] == ["January", "All of it"]
    assert [str(row.name) for row in tables["sources"].rows] == ["Low Tide shop", "All of it"]
    names = [str(row.name) for row in tables["countries"].rows]
    assert names == ["Germany", "about no payment", "All of it"]
    for table in tables.values():
        part = table.rows[-1].part
        assert (part.returned, part.account_fees, part.net, part.paid_out) == (
            40_00, 2_00, -42_00, 10_00,
        )  # fmt: skip
    text = " ".join(page.text.split())
    assert "net −£42.00, paid out £10.00; the balance at the provider changed by −£52.00" in text
    assert "not a tax return and no advice" in text
    assert client.get(f"{YEAR}/2025").context["summary"].whole.takings == 100_00


def test_another_currency_is_told_as_it_was_settled(client, source, now):
    MovementFactory(source=source, occurred_at=now, amount=10_00, fee=0)
    MovementFactory(source=source, occurred_at=now, currency="EUR", amount=10_00, fee=0)

    page = client.get(f"{YEAR}/2026")

    keys = [table.key for table in page.context["tables"]]
    assert keys == ["months", "settled", "months-EUR", "months-GBP", "sources", "countries"]
    assert "European Central Bank" in page.text


def test_money_that_is_neither_has_a_column_only_where_there_is_some(client, source, lines, now):
    assert ">Other<" not in client.get(f"{YEAR}/2026").text

    MovementFactory(source=source, occurred_at=now, kind="other", amount=30_00, fee=0)

    page = client.get(f"{YEAR}/2026").text
    assert ">Other<" in page
    assert "£30.00 of that is neither income nor cost" in " ".join(page.split())


def test_what_was_paid_past_the_provider_is_told(client, source, now):
    PurchaseFactory(source=source, is_elsewhere=True, occurred_at=now, amount=7_00)

    assert "1 purchase, £7.00, was paid past the provider" in client.get(f"{YEAR}/2026").text


@pytest.mark.parametrize("year", [1, 1999, 2024, 2027, 9999, 10**9])
def test_a_year_in_which_nothing_moved_is_not_there(client, lines, year):
    for path in (f"{YEAR}/{year}", f"{YEAR}/{year}/csv"):
        assert client.get(path).status_code == 404


def test_the_sheet_leaves_as_csv(client, lines):
    response = client.get(f"{YEAR}/2026/csv")

    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == YEAR_COLUMNS
    months = [row for row in rows if row["table"] == "month"]
    assert len(months) == 12
    assert months[0] == {
        "table": "month", "name": "2026-01", "currency": "GBP", "takings": "0.00",
        "returned": "40.00", "payment_fees": "0.00", "account_fees": "2.00", "net": "-42.00",
        "other": "0.00", "paid_out": "10.00", "change": "-52.00",
    }  # fmt: skip
    assert "low-tide-2026-" in response["Content-Disposition"]


def test_a_recount_does_not_touch_the_ledger(client, creator, lines):
    RecountFactory(creator=creator, done=40)

    assert client.get(f"{YEAR}/2026").context["summary"].whole.returned == 40_00
