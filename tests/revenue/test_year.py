"""A year of the ledgers: nothing is left out, and every table comes to the same."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fans.window import midnight
from revenue.exchange import library_end
from revenue.exports import YEAR_COLUMNS, year_rows
from revenue.gateways.stripe.pages import to_page
from revenue.ingest import ingest
from revenue.ledger_sums import Booked, booked, by_source, total
from revenue.models import Movement
from revenue.reconciling import net_by_currency
from revenue.values import MovementKind
from revenue.year import summary_of, years_of
from tests.factories import (
    CreatorFactory,
    DailyRateFactory,
    MovementFactory,
    PurchaseFactory,
    SourceFactory,
)
from tests.revenue.recording import FULL, objects

AMOUNTS = st.integers(-(10**9), 10**9)


@given(st.sampled_from(MovementKind), st.booleans(), AMOUNTS, AMOUNTS)
def test_every_line_is_somewhere_with_all_of_its_net(kind, reaches, amount, fee):
    part = booked(kind, reaches_payment=reaches, amount=amount, fee=fee)

    assert part.change == amount - fee


@pytest.mark.parametrize(
    ("kind", "reaches", "column"),
    [
        ("payment", True, "takings"),
        ("payment", False, "takings"),
        ("uncaptured", True, "takings"),
        ("refund", True, "returned"),
        ("refund_failure", True, "returned"),
        ("dispute", True, "returned"),
        ("dispute_reversal", True, "returned"),
        ("payment_failure", True, "returned"),
        ("fee", True, "payment_fees"),
        ("fee", False, "account_fees"),
        ("payout", False, "paid_out"),
        ("other", False, "other"),
    ],
)
def test_each_kind_has_its_column(kind, reaches, column):
    part = booked(kind, reaches_payment=reaches, amount=7, fee=0)

    assert abs(getattr(part, column)) == 7
    assert total([part, Booked()]) == part


@pytest.fixture
def source(db):
    return SourceFactory(creator=CreatorFactory(currency="USD", time_zone="America/New_York"))


@pytest.fixture
def recorded(source, now):
    """Two and a half years in dollars, euros and yen."""
    lines = objects("balance_transactions_expanded", FULL)
    for start in range(0, len(lines), 500):
        ingest(source=source, page=to_page(lines[start : start + 500], read_at=now), now=now)
    return source


def balance_at(source, moment) -> dict[str, int]:
    """What lay at the provider at `moment`, by currency."""
    later = Movement.objects.filter(source=source, occurred_at__gte=moment)
    whole = net_by_currency(source)
    for currency, net in later.values_list("currency", "net"):
        whole[currency] -= net
    return whole


def test_the_sums_of_a_year_are_the_difference_of_the_balance(recorded, now):
    creator = recorded.creator
    years = years_of(creator, now=now)
    assert len(years) > 2

    for number in years:
        first, after = (midnight(datetime(y, 1, 1).date(), creator.zone) for y in
                        (number, number + 1))  # fmt: skip
        before, end = balance_at(recorded, first), balance_at(recorded, after)
        year = summary_of(creator=creator, year=number)
        assert {code: part.change for code, part in year.currencies.items()} == {
            code: end[code] - before[code] for code in year.currencies
        }
        assert {code for code in end if end[code] != before[code]} <= set(year.currencies)


def test_every_table_comes_to_the_same(recorded, now):
    creator = recorded.creator
    for number in years_of(creator, now=now):
        year = summary_of(creator=creator, year=number)
        for table in (year.months, year.sources, year.countries):
            assert total(table.values()) == year.whole
        for code, whole in year.currencies.items():
            months = [p for (currency, _), p in year.settled_months().items() if currency == code]
            assert total(months) == whole
    lines = Movement.objects.filter(source=recorded)
    every = [summary_of(creator=creator, year=y).currencies for y in years_of(creator, now=now)]
    for (_source, code), part in by_source(lines).items():
        assert total(year[code] for year in every if code in year) == part


def test_the_year_begins_at_the_creators_midnight(source):
    source.creator.time_zone = "Pacific/Kiritimati"  # 14 hours ahead
    for hour, amount in ((9, 1_00), (10, 2_00)):
        at = datetime(2025, 12, 31, hour, tzinfo=UTC)
        MovementFactory(source=source, currency="USD", occurred_at=at, amount=amount, fee=0)

    old, new = (summary_of(creator=source.creator, year=year) for year in (2025, 2026))

    assert (old.months[12].takings, new.months[1].takings) == (1_00, 2_00)
    assert years_of(source.creator, now=datetime(2026, 3, 1, tzinfo=UTC)) == range(2025, 2027)


def test_another_currency_is_converted_at_the_rate_of_its_day(source):
    zone = ZoneInfo("America/New_York")
    for day, amount in ((11, 100_00), (12, 100_00)):
        at = datetime(2024, 1, day, 23, 30, tzinfo=zone)
        MovementFactory(source=source, currency="EUR", occurred_at=at, amount=amount, fee=1_00)

    year = summary_of(creator=source.creator, year=2024)

    # ECB: 1.0987 on the 11th, 1.0942 on the 12th
    assert year.whole.takings == 109_87 + 109_42
    assert year.whole.payment_fees == 1_10 + 1_09
    assert year.currencies["EUR"].takings == 200_00
    assert year.is_converted


def test_what_nobody_has_a_rate_for_is_told_and_in_no_sum(source, now):
    MovementFactory(source=source, currency="KES", occurred_at=now, amount=500_00, fee=0)

    year = summary_of(creator=source.creator, year=2026)

    assert year.unconverted == ["KES"]
    assert year.whole.takings == 0
    assert year.currencies["KES"].takings == 500_00


def test_what_was_paid_past_the_provider_is_told_beside_it(source, now):
    past = {"source": source, "is_elsewhere": True, "occurred_at": now}
    PurchaseFactory(**past, currency="EUR", amount=9_00, returned=2_00)
    PurchaseFactory(**past, state="cancelled")

    year = summary_of(creator=source.creator, year=2026)

    assert [(e.currency, e.purchases, e.amount) for e in year.elsewhere] == [("EUR", 1, 7_00)]
    assert year.cells == []


def test_lines_stand_by_the_country_of_who_paid(source, now):
    bought = PurchaseFactory(source=source, payer_country="DE")
    untold = PurchaseFactory(source=source)
    common = {"source": source, "currency": "USD", "occurred_at": now}
    MovementFactory(**common, payment_id=bought.external_id, amount=10_00, fee=50)
    MovementFactory(**common, payment_id=untold.external_id, amount=5_00, fee=50)
    MovementFactory(**common, kind="payout", amount=-7_00, fee=0)

    countries = summary_of(creator=source.creator, year=2026).countries

    assert list(countries) == ["DE", "", None]
    assert (countries["DE"].net, countries[""].net, countries[None].paid_out) == (9_50, 4_50, 7_00)


def test_another_creators_lines_are_in_no_year_of_mine(source, now):
    MovementFactory(occurred_at=now)

    assert summary_of(creator=source.creator, year=2026).cells == []
    assert list(years_of(source.creator, now=now)) == []


def test_the_tables_leave_as_rows(source, now):
    MovementFactory(source=source, currency="USD", occurred_at=now, amount=10_00, fee=50)
    year = summary_of(creator=source.creator, year=2026)

    rows = list(year_rows(creator=source.creator, year=year))

    assert all(list(row) == YEAR_COLUMNS for row in rows)
    november = next(row for row in rows if row["name"] == "2026-11")
    assert (november["takings"], november["payment_fees"], november["net"]) == (
        "10.00", "0.50", "9.50",
    )  # fmt: skip
    assert {row["table"] for row in rows} == {"month", "source", "country", "month, as settled"}


def test_a_year_costs_the_same_queries_however_much_moved(source, now, django_assert_num_queries):
    for count in (1, 20):
        for number in range(count):
            bought = PurchaseFactory(source=source, payer_country=("DE", "FR")[number % 2])
            MovementFactory(
                source=source, payment_id=bought.external_id, occurred_at=now, currency="USD"
            )
        with django_assert_num_queries(2):
            summary_of(creator=source.creator, year=2026)
        with django_assert_num_queries(2):
            years_of(source.creator, now=now)


def test_rates_that_are_newer_than_the_library_cost_one_query_a_year(
    source, django_assert_num_queries
):
    newest = datetime.combine(library_end(), time(12), UTC)
    for days in range(1, 31):
        day = newest + timedelta(days)
        DailyRateFactory(day=day.date())
        MovementFactory(source=source, currency="EUR", occurred_at=day)

    for number in {newest.year, day.year}:
        with django_assert_num_queries(3):
            year = summary_of(creator=source.creator, year=number)
        assert (bool(year.cells), year.unconverted) == (True, [])
