"""Money in whole minor units, and the two places where it is converted."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truefans.money import (
    THREE_DECIMAL,
    ZERO_DECIMAL,
    NotMoney,
    convert,
    display,
    share,
    to_major,
    to_minor,
)

CURRENCIES = st.sampled_from(["GBP", "JPY", "KWD", "ISK", "UGX"])


@pytest.mark.parametrize(
    ("major", "currency", "minor"),
    [
        ("12.34", "GBP", 1234),
        ("12", "GBP", 1200),
        ("1234", "JPY", 1234),
        ("1.234", "KWD", 1234),
        ("12.34", "ISK", 1234),  # Stripe sends two decimals that nobody uses
        ("12.34", "UGX", 1234),
        ("-5", "EUR", -500),
        ("1e2", "EUR", 10000),
    ],
)
def test_amounts_have_the_decimals_of_stripes_api(major, currency, minor):
    assert to_minor(major, currency) == minor


@pytest.mark.parametrize(
    ("major", "currency"),
    [("1.005", "GBP"), ("0.5", "JPY"), ("a lot", "GBP"), ("", "GBP"), ("NaN", "GBP"),
     ("Infinity", "GBP")],
)  # fmt: skip
def test_what_is_no_amount_is_refused(major, currency):
    with pytest.raises(NotMoney):
        to_minor(major, currency)


@given(minor=st.integers(-(10**15), 10**15), currency=CURRENCIES)
def test_there_and_back_is_the_same(minor, currency):
    assert to_minor(to_major(minor, currency), currency) == minor


def test_no_currency_has_both_no_decimals_and_three():
    assert not ZERO_DECIMAL & THREE_DECIMAL


@pytest.mark.parametrize(
    ("minor", "rate", "source", "target", "result"),
    [
        (100_00, "0.8637", "EUR", "GBP", 86_37),
        (5000, "0.005", "JPY", "GBP", 25_00),
        (25_00, "200", "GBP", "JPY", 5000),
        (1, "0.5", "GBP", "EUR", 1),  # half up
        (3, "0.1", "GBP", "EUR", 0),
    ],
)
def test_conversion_knows_both_currencies_decimals(minor, rate, source, target, result):
    assert convert(minor, Decimal(rate), source, target) == result


def test_a_share_is_rounded_half_up():
    assert (share(100, 1, 3), share(100, 2, 3), share(1, 1, 2)) == (33, 67, 1)


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "text"),
    [
        (123450, "GBP", "en_GB", "£1,234.50"),
        (123450, "EUR", "fr_FR", "1\u202f234,50\xa0€"),
        (500, "JPY", "en_GB", "JP¥500"),
        (1234, "KWD", "en_GB", "KWD\xa01.234"),
        (-5, "GBP", "en_GB", "\N{MINUS SIGN}£0.05"),
    ],
)
def test_amounts_read_as_the_readers_language_writes_them(minor, currency, locale, text):
    assert display(minor, currency, locale=locale) == text


def test_round_amounts_may_be_written_short():
    assert display(100_00, "GBP", cents=False) == "£100"
    assert display(100_50, "GBP", cents=False) == "£100.50"
