"""Cells made so that a reader never comes to an end, or stumbles: they cost their row at most."""

import pytest

from revenue.files.encodings import encoding_of
from revenue.files.mapping import Mapping
from revenue.files.outcomes import Line, Outcome
from revenue.files.sheet import Decisions
from revenue.files.translating import translate
from tests.revenue.files.opened import outcomes, table

#: A cell may be this long. What takes the square of it takes hours.
MANY = 100_000
BLANKS = " " * MANY
MEANING = Mapping({"Email": "email", "Date": "date", "Total": "amount", "Id": "id"})
GOOD = ("zoe@example.org", "2026-03-01 10:00", "5.00", "a")


def read(cells: tuple[str, ...]) -> list[Outcome]:
    """What comes of two rows of a table: `cells`, and a good one behind them."""
    rows = [",".join(f'"{cell}"' for cell in row) for row in (cells, GOOD)]
    opened = table("\n".join(["Email,Date,Total,Id", *rows]) + "\n")
    decisions = Decisions(date_order="day", mark=".", currency="EUR", unit="major")
    return list(translate(opened, MEANING.match(opened), decisions))


@pytest.mark.parametrize(
    ("place", "cell"),
    [
        (1, f"31.12.2025 10:00{BLANKS}x\ny"),
        (2, f"-{BLANKS}x"),
        (2, f"({BLANKS}x"),
        (2, "9" * 40 + ".123456789"),
    ],
)
def test_a_date_or_an_amount_that_is_none_costs_its_row_however_it_is_made(place, cell):
    cells = (*GOOD[:place], cell, *GOOD[place + 1 :])

    bad, good = read(cells)

    assert bad.why in ("bad_date", "bad_amount")
    assert isinstance(good, Line)


def test_an_address_in_thousands_of_brackets_is_nobodys():
    bad, good = read(("<" + "(" * MANY, *GOOD[1:]))

    assert not bad.payer.email
    assert good.payer.email == "zoe@example.org"


SHOP = "Date,Order #,N. Revenue (formatted),Net Sales,Status,Customer,Product(s)\n"


@pytest.mark.parametrize("total", ["1a" * MANY, "1" * MANY, f"1{BLANKS}x", f"&#{'1' * 5000};"])
def test_a_total_of_a_shop_that_is_none_costs_its_row_however_it_is_made(total):
    rows = [f"2026-03-01 10:00:00,{n},{cell},5,completed,Zoe,Song" for n, cell in
            enumerate((total, "$5.00"))]  # fmt: skip
    bad, good = outcomes(SHOP + "\n".join(rows) + "\n", currency="USD")

    assert bad.line == 2
    assert (good.amount, good.external_id) == (5_00, "1")


def test_a_word_without_end_is_no_reason_to_weigh_its_code_page_for_hours():
    assert encoding_of(b"a" * 262_000 + b" Gr\xfc\xdfe, Gr\xf6\xdfe\n") == "cp1252"
