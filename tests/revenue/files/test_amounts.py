"""Amounts as people and programs write them."""

import pytest

from revenue.files.amounts import (
    NotANumber,
    Unclear,
    currency_code,
    currency_in,
    number,
    shown_mark,
)
from revenue.files.sheet import Decisions, Sheet
from revenue.files.skipping import Skip, Why


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("49.00", "49.00"),
        ("49,00", "49.00"),
        ("5000", "5000"),
        ("1,250.00", "1250.00"),
        ("1.250,00", "1250.00"),
        ("1,234,567", "1234567"),
        ("1.234.567,89", "1234567.89"),
        ("1,23,456.78", "123456.78"),
        ("1 234,50", "1234.50"),
        ("1\u202f234,50 €", "1234.50"),
        ("1'234.50", "1234.50"),
        ("$1,072.16", "1072.16"),
        ("-$3.00", "-3.00"),
        ("$-3.00", "-3.00"),
        ("(12.00)", "-12.00"),
        ("($1,200.50)", "-1200.50"),
        ("3.00-", "-3.00"),
        ("−3,00", "-3.00"),
        ("+5.00", "5.00"),
        ("USD 30.00", "30.00"),
        ("30,00 EUR", "30.00"),
        ("CA$ 10", "10"),
        ("1.234,-", "1234.00"),
        ("5,–", "5.00"),
        (".50", "0.50"),
        ("0,123", "0.123"),
        ("5.0000", "5.0000"),
        ("৳2,999.00", "2999.00"),
        ("120 kr", "120"),
        ("1500円", "1500"),
        ("50,00 TL", "50.00"),
    ],
)
def test_a_number_says_itself_what_its_marks_mean(text, plain):
    assert number(text) == plain


@pytest.mark.parametrize(
    ("mark", "plain"),
    [(".", "1234"), (",", "1.234")],
)
def test_only_the_file_can_tell_what_one_comma_before_three_digits_is(mark, plain):
    with pytest.raises(Unclear):
        number("1,234")
    assert number("1,234", mark) == plain
    assert shown_mark("1,234") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "12 of 30",
        "2026-01-31",
        "10:30",
        "1.2.3,4",
        "12.34.5",
        "5%",
        "1e5",
        "Tier 1",
        "$1.5K",
    ],
)
def test_what_is_no_amount(text):
    with pytest.raises(NotANumber):
        number(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("$30", "USD"),
        ("US$30", "USD"),
        ("CA$30", "CAD"),
        ("A$30", "AUD"),
        ("£253.00", "GBP"),
        ("30,00 zł", "PLN"),
        ("30.00 sek", "SEK"),
        ("30EUR", "EUR"),
        ("120 kr", ""),
        ("30", ""),
    ],
)
def test_the_currency_beside_an_amount(text, code):
    assert currency_in(text) == code


@pytest.mark.parametrize(
    ("text", "code"), [("eur", "EUR"), (" USD ", "USD"), ("€", "EUR"), ("credits", ""), ("", "")]
)
def test_the_currency_in_a_column_of_its_own(text, code):
    assert currency_code(text) == code


def test_amounts_become_minor_units_of_their_currency():
    sheet = Sheet(Decisions(mark=","))

    assert sheet.money("1.234,50", "EUR") == 123_450
    assert sheet.money("5.000", "JPY") == 5000
    assert sheet.money("1.234", "JPY") == 1234
    assert sheet.money("1,234", "KWD") == 1234
    assert Sheet(Decisions(unit="minor")).money("1250", "USD") == 1250


@pytest.mark.parametrize(
    ("text", "currency", "why"),
    [
        ("", "USD", Why.NO_AMOUNT),
        ("--", "USD", Why.NO_AMOUNT),
        ("free", "USD", Why.BAD_AMOUNT),
        ("1.005", "USD", Why.BAD_AMOUNT),
        ("5.5", "JPY", Why.BAD_AMOUNT),
        ("9" * 30, "USD", Why.BAD_AMOUNT),
    ],
)
def test_what_cannot_be_an_amount_of_its_currency_is_not_rounded(text, currency, why):
    with pytest.raises(Skip) as caught:
        Sheet(Decisions(mark=".")).money(text, currency)
    assert (caught.value.why, caught.value.detail) == (why, text)


def test_a_placeholder_is_no_fee_and_nothing_is_guessed():
    sheet = Sheet(Decisions())

    assert [sheet.fee(text, "EUR") for text in ("*", "n/a", "", "-0.80", "0.00")] == [
        None,
        None,
        None,
        80,
        0,
    ]
