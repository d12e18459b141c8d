"""What a file leaves open: decided by the whole of it, or asked."""

import pytest

from revenue.files.deciding import Choice, decide
from revenue.files.mapping import Mapping
from revenue.files.sheet import Decisions
from tests.revenue.files.opened import table

COLUMNS = {"Date": "date", "Name": "name", "Amount": "amount", "Currency": "currency"}


def decided(text: str, **answers: str):
    opened = table(text)
    columns = {name: COLUMNS.get(name.split(" (")[0], "note") for name in opened.header}
    return decide(opened, Mapping(columns).match(opened), Decisions(**answers))


def dates(*texts: str) -> str:
    return "Date,Name,Amount,Currency\n" + "".join(f"{text},Jane,5.50,USD\n" for text in texts)


def amounts(*texts: str, header: str = "Amount") -> str:
    return f"Date;Name;{header}\n" + "".join(f"2026-01-31;Jane;{text}\n" for text in texts)


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (("03/04/2026", "13/02/2026"), "day"),
        (("03/04/2026", "02/13/2026"), "month"),
        (("2026-01-02",), ""),
        (("31.12.2025", "01.02.2026"), ""),
        (("03/03/2026",), ""),
    ],
)
def test_one_date_decides_for_its_file(texts, order):
    found = decided(dates(*texts))

    assert (found.decisions.date_order, found.questions) == (order, ())


def test_the_date_that_decides_may_be_the_last_of_many():
    text = dates(*["03/04/2026"] * 3_000, "25/12/2026")

    assert decided(text).decisions.date_order == "day"


def test_dates_that_contradict_each_other_are_asked_about():
    (question,) = decided(dates("03/04/2026", "13/02/2026", "02/13/2026")).questions

    assert question.about == "date_order"


def test_an_answer_settles_the_question():
    text = dates("03/04/2026")

    assert [question.about for question in decided(text).questions] == ["date_order"]
    assert decided(text, date_order="day").questions == ()


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (("12,50", "1.234"), ","),
        (("12.50", "1,234"), "."),
        (("1.234", "1,234.50"), "."),
        (("2,999",), "."),
        (("2.999",), ","),
        (("5", "7"), ""),
    ],
)
def test_one_amount_decides_for_its_file(texts, mark):
    found = decided(amounts(*texts), currency="USD")

    assert (found.decisions.mark, found.questions) == (mark, ())


def test_amounts_that_stay_open_are_asked_about_with_both_readings():
    (question,) = decided(amounts("1.000", "2.500"), currency="EUR").questions

    assert (question.about, question.column) == ("mark", "Amount")
    assert question.choices == (
        Choice(".", (("1.000", "1.000"), ("2.500", "2.500"))),
        Choice(",", (("1.000", "1000"), ("2.500", "2500"))),
    )


def test_three_decimals_are_possible_where_the_currency_has_them():
    text = "Date;Name;Amount;Currency\n2026-01-31;Jane;2.999;KWD\n"

    assert [question.about for question in decided(text).questions] == ["mark"]


@pytest.mark.parametrize(
    ("header", "texts", "currency"),
    [
        ("Amount (GBP)", ("5.00",), "GBP"),
        ("Amount (€)", ("5,00",), "EUR"),
        ("Amount", ("$5.00", "$7.00"), "USD"),
        ("Amount", ("5,00 zł", "7,00 zł"), "PLN"),
        ("Amount", ("0", "$5.00", "0.00"), "USD"),
    ],
)
def test_the_currency_from_the_header_or_from_the_signs(header, texts, currency):
    found = decided(amounts(*texts, header=header))

    assert (found.decisions.currency, found.questions) == (currency, ())


def test_a_currency_that_nothing_names_is_asked_for_and_never_assumed():
    (question,) = decided(amounts("5.00")).questions

    assert (question.about, question.texts, question.choices) == ("currency", ("5.00",), ())


def test_a_column_of_currencies_with_nothing_in_it_is_no_answer():
    text = "Date,Name,Amount,Currency\n2026-01-31,Jane,5.00,\n"

    assert [question.about for question in decided(text).questions] == ["currency"]


def test_every_row_may_have_its_own_sign():
    assert decided(amounts("$5.00", "£7.00")).questions == ()


@pytest.mark.parametrize("texts", [("¥1,500", "¥2,000"), ("1.500 円",), ("₩12,000",)])
def test_what_has_no_cents_asks_nothing(texts):
    assert decided(amounts(*texts)).questions == ()
