"""Cells made so that a reader never comes to an end, or stumbles: they cost their row at most."""

from collections import Counter

import pytest

from revenue.files import columns, encodings, guessing
from revenue.files.columns import MOST_COMPARED, fit, plain
from revenue.files.encodings import ALPHABETS, MOST_WEIGHED, encoding_of
from revenue.files.guessing import MOST_CELLS, guess
from revenue.files.mapping import Mapping, Meaning
from revenue.files.outcomes import Line, Outcome
from revenue.files.platforms import PLATFORMS
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


@pytest.mark.parametrize("cell", ["é" * MANY, "été " * MANY, "été,5\n" * MANY])
def test_so_many_accents_are_weighed_and_no_more(monkeypatch, cell):
    weighed = Counter()
    belongs = encodings._belongs

    def counted(word, letters):
        weighed[letters] += len(word)
        return belongs(word, letters)

    monkeypatch.setattr(encodings, "_belongs", counted)
    encoding_of(b"Name,Amount\n" + cell.encode("cp1252"))

    times = Counter(frozenset(language) for page in ALPHABETS.values() for language in page)
    assert all(letters <= MOST_WEIGHED * times[language] for language, letters in weighed.items())


def test_a_table_of_accents_in_a_code_page_is_read_as_it_was_written():
    names = "Zoë Müller,5\nJosé Núñez,5\nŁódź,5\n"
    assert encoding_of((names.replace("Łódź", "Été") * 9_000).encode("cp1252")) == "cp1252"
    assert encoding_of(("Łukasz Wójcik,5\nŻaneta Święs,5\n" * 9_000).encode("cp1250")) == "cp1250"


@pytest.fixture
def compared(monkeypatch):
    """How many names were compared letter by letter."""
    made = []
    matcher = columns.SequenceMatcher
    monkeypatch.setattr(
        columns, "SequenceMatcher", lambda *args: made.append(args) or matcher(*args)
    )
    return made


def test_thousands_of_columns_are_compared_with_no_mistyped_name(compared):
    platform = next(p for p in PLATFORMS if p.slug == "stripe_payments")
    needed = [column.names[0] for column in platform.columns.values() if column.needed]
    needed.remove("Amount Refunded")
    mistyped = [f"Amount Refunded {number}" for number in range(2_000)]

    assert fit([*needed, *mistyped], platform.columns) is None
    assert not compared
    assert fit([*needed, *mistyped[: MOST_COMPARED // 2]], platform.columns)
    assert compared


def test_a_name_of_a_column_is_told_by_its_beginning():
    assert plain("Amount " + "x" * MANY) == plain("Amount " + "x" * 2 * MANY)


def test_of_thousands_of_columns_a_few_rows_are_looked_at(monkeypatch):
    looked_at = []
    monkeypatch.setitem(guessing.CONTENT, Meaning.EMAIL, lambda text: looked_at.append(text) or 0)
    header = ",".join(f"c{number}" for number in range(1_000))
    row = ",".join(f"v{number}" for number in range(1_000))

    guess(table("\n".join([header, *[row] * 200]) + "\n"))

    assert len(looked_at) <= MOST_CELLS
