"""Rates: the provider's settlement first, else the ECB of the day, else none; never a guess."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revenue.counting import Outcome
from revenue.exchange import count_in, ecb_rate
from revenue.models import Purchase

State = Purchase.State
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday


def counted(currency, paid, *, amount=100_00, kept=None, settled=None, settlement="", net=None):
    return count_in(
        currency,
        paid=paid,
        kept=amount if kept is None else kept,
        amount=amount,
        outcome=Outcome(State.PAID, 0, settlement, settled, fee=0, net=net),
        occurred_at=AT,
    )


def test_the_creators_own_currency_needs_no_rate():
    got = counted("GBP", "GBP", settlement="GBP", settled=100_00, net=98_00)

    assert (got.gross, got.net, got.rate, got.rate_origin) == (100_00, 98_00, 1, "same")


def test_what_the_provider_settled_in_the_creators_currency_counts_to_the_penny():
    got = counted("GBP", "EUR", settlement="GBP", settled=86_37, net=83_00)

    assert (got.gross, got.net, got.rate_origin) == (86_37, 83_00, "settlement")
    assert got.rate == Decimal("0.8637")


def test_what_was_returned_is_taken_off_at_the_rate_of_the_purchase():
    got = counted("GBP", "EUR", kept=25_00, settlement="GBP", settled=86_37)

    assert got.gross == 21_59  # 86.37 × 25 ÷ 100 = 21.5925


def test_a_rate_between_currencies_with_other_decimals_is_in_major_units():
    got = counted("GBP", "JPY", amount=5000, settlement="GBP", settled=25_00)

    assert (got.gross, got.rate) == (25_00, Decimal("0.005"))


def test_else_the_central_banks_rate_of_the_day():
    got = counted("USD", "EUR", settlement="EUR", settled=100_00, net=97_00)
    rate = ecb_rate("EUR", "USD", date(2026, 3, 2))

    assert (got.rate, got.rate_date, got.rate_origin) == (rate.value, date(2026, 3, 2), "ecb")
    assert got.gross == round(100_00 * rate.value)
    assert got.net == round(97_00 * rate.value)


def test_a_sunday_has_the_rate_of_the_friday_before():
    assert ecb_rate("EUR", "USD", date(2026, 3, 1)) == ecb_rate("EUR", "USD", date(2026, 2, 27))
    assert ecb_rate("EUR", "USD", date(2026, 3, 1)).on == date(2026, 2, 27)


@pytest.mark.django_db
def test_a_day_after_the_last_known_rate_has_that_one():
    rate = ecb_rate("GBP", "USD", date(2099, 1, 1))

    assert rate.on < date(2099, 1, 1)


@pytest.mark.parametrize(
    ("source", "target", "day"),
    [
        ("XPF", "GBP", date(2026, 3, 2)),  # never published
        ("GBP", "KWD", date(2026, 3, 2)),
        ("RUB", "GBP", date(1990, 1, 1)),  # before the first rate
    ],
)
def test_what_the_bank_does_not_know_has_no_rate(source, target, day):
    assert ecb_rate(source, target, day) is None


def test_a_purchase_without_a_rate_says_so_and_counts_nothing():
    got = counted("GBP", "XPF", settlement="XPF", settled=5000, net=4900)

    assert (got.gross, got.net, got.rate, got.rate_origin) == (None, None, None, "missing")


def test_net_is_unknown_until_the_provider_tells_it():
    assert counted("GBP", "GBP").net is None


@given(kept=st.integers(0, 100_00), settled=st.integers(0, 200_00))
def test_what_is_kept_never_counts_more_than_what_was_settled(kept, settled):
    got = counted("GBP", "EUR", kept=kept, settlement="GBP", settled=settled)

    assert 0 <= got.gross <= settled
    assert counted("GBP", "EUR", settlement="GBP", settled=settled).gross == settled
