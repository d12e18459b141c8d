"""Any bytes, and any table in any dialect and encoding."""

import contextlib
import csv
import io
import json
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from revenue.files.deciding import decide
from revenue.files.guessing import guess
from revenue.files.outcomes import Line, Person, Return, Skipped, Total
from revenue.files.previewing import preview
from revenue.files.problems import FileProblem
from revenue.files.reading import read_tables
from revenue.files.recognising import open_tables, recognise
from revenue.files.seen import Seen
from revenue.files.sheet import Decisions
from revenue.files.translating import translate
from tests.revenue.files.opened import SAMPLES, table
from tests.revenue.files.test_recognising import EXPECTED

NAMES = ["Name", "E-mail address", "Betrag", "Größe", "Order #", "Paid at", "Что", "備考"]
READABLE = sorted(
    sample for sample, slug in EXPECTED.items()
    if slug not in {"bandcamp_summary", "etsy_statement", "square_items", "stripe_payouts"}
)  # fmt: skip

#: Bytes that look a little like a file.
PIECES = (
    *(b",", b";", b"\t", b"\n", b"\r\n", b"\r", b'"', b'""', b"\0", b"\xff\xfe", b"PK\3\4"),
    *(b"\xef\xbb\xbf", b"Name", b"Amount", b"5.00", b"1.234,50", b"03/04/2026", b"a@b.example"),
)
#: What nobody expects in a cell.
ODD = ("", "-", "1e400", "∞", "-0", "9" * 40, "32.13.2026", "0001-01-01T00:00:00+23:59", "=1+1")
rubbish = st.one_of(
    st.binary(max_size=300),
    st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=5)), max_size=60).map(b"".join),
)


def everything(content: bytes) -> None:
    """All that is ever done with a file: it is refused in words, or every row comes out."""
    with contextlib.suppress(FileProblem):
        for opened in open_tables(io.BytesIO(content)):
            match = recognise(opened) or guess(opened).mapping.match(opened)
            decided = decide(opened, match)
            found = preview(translate(opened, match, decided.decisions))
            assert found.rows == sum(1 for _ in opened.rows())


@settings(max_examples=100, deadline=None)
@given(rubbish)
def test_any_bytes_are_rows_or_a_refusal_in_words(content):
    everything(content)


@settings(max_examples=60, deadline=None)
@given(rubbish, st.data())
def test_a_damaged_archive_is_rows_or_a_refusal(content, data):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"Name,Amount\n" + content)
        archive.writestr("b.txt", content)
    whole = bytearray(buffer.getvalue())
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=5)):
        whole[place] = data.draw(st.integers(0, 255))
    everything(bytes(whole))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(EXPECTED)), st.data())
def test_a_cut_and_damaged_export_is_outcomes_or_a_refusal(sample, data):
    content = bytearray((SAMPLES / sample).read_bytes())
    del content[data.draw(st.integers(1, len(content))) :]
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    everything(bytes(content))


@st.composite
def tables(draw, alphabet):
    """A header of likely names and rows of any texts."""
    width = draw(st.integers(2, 6))
    header = draw(st.lists(st.sampled_from(NAMES[:6]), min_size=width, max_size=width, unique=True))
    cell = st.text(alphabet, max_size=12)
    # A row of nothing but blanks is none, and one that is shorter is filled up.
    row = st.lists(cell, min_size=width, max_size=width).filter(lambda row: "".join(row).strip())
    rows = draw(st.lists(row, min_size=1, max_size=12))
    return [header, *rows]


#: All that a text may hold: no half surrogate pairs, and no controls but these.
ANYTHING = st.one_of(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"),
    st.sampled_from("\n\r\t,;|\"'"),
)


@settings(max_examples=100, deadline=None)
@given(
    tables(ANYTHING),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
    st.booleans(),
)
def test_any_table_comes_back_the_same(rows, delimiter, newline, encoding, quotes):
    # The writer leaves bare what ends lines elsewhere, though not here.
    quotes = quotes or any({*cell} & {*"\r\n"} for row in rows for cell in row)
    text = io.StringIO()
    csv.writer(
        text,
        delimiter=delimiter,
        lineterminator=newline,
        quoting=csv.QUOTE_ALL if quotes else csv.QUOTE_MINIMAL,
    ).writerows(rows)
    (opened,) = read_tables(io.BytesIO(text.getvalue().encode(encoding)))

    assert [list(opened.header), *(cells for _, cells in opened.rows())] == rows


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.sampled_from(["Zoë Müller", "José Núñez", "François Détré", "Bjørn Åse", "Ann O’Neil"]),
        min_size=2,
        max_size=8,
    ),
    st.sampled_from(",;\t|"),
)
def test_a_western_table_comes_back_from_its_code_page(names, delimiter):
    rows = [["Name", "Amount"], *([name, "5,00"] for name in ["Zoë", *names])]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    (opened,) = read_tables(io.BytesIO(text.getvalue().encode("cp1252")))

    assert [list(opened.header), *(cells for _, cells in opened.rows())] == rows


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(READABLE), st.sampled_from(["utf-8-sig", "utf-16", "cp1252"]), st.data())
def test_an_export_of_any_cells_in_any_encoding_and_in_a_zip_is_rows(sample, encoding, data):
    """Each platform's own header above rows of which some cells were replaced by anything."""
    opened = table(sample)
    rows = [cells for _, cells in opened.rows()][:3]
    for cells in rows:
        for place in data.draw(st.sets(st.integers(0, len(cells) - 1), max_size=4)):
            cells[place] = data.draw(st.one_of(st.sampled_from(ODD), st.text(max_size=8)))
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([opened.header, *rows])
    content = text.getvalue().encode(encoding, "replace")
    everything(content)
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("export.csv", content)
    everything(zipped.getvalue())


@given(st.lists(st.text(max_size=3)))
def test_what_was_seen_is_what_a_set_would_hold(texts):
    seen, known = Seen(), set()
    for text in texts:
        assert seen.add(text) is (text not in known)
        known.add(text)
    assert len(seen) == len(known)


def test_what_was_seen_stays_seen_however_much_comes():
    seen = Seen()
    assert all(seen.add(str(number)) for number in range(5_000))
    assert not any(seen.add(str(number)) for number in range(5_000))


@pytest.mark.parametrize("sample", READABLE)
def test_outcomes_hold_what_they_promise(sample):
    opened = table(sample)
    match = recognise(opened)
    decisions = decide(opened, match, Decisions(currency="EUR")).decisions
    lines = [line for line, _ in opened.rows()]
    seen = []
    for outcome in translate(opened, match, decisions):
        seen += [outcome.line, *getattr(outcome, "more_lines", ())]
        if isinstance(outcome, Skipped):
            assert outcome.reason
            continue
        assert outcome.external_id
        assert outcome.payer.email == outcome.payer.email.strip().lower()
        match outcome:
            case Line():
                assert outcome.amount > 0
                assert 0 <= outcome.returned <= outcome.amount
                assert outcome.occurred_at.utcoffset().total_seconds() == 0
                assert outcome.currency.isupper()
                assert outcome.fee is None or outcome.fee >= 0
            case Return():
                assert outcome.amount
                assert outcome.occurred_at.utcoffset().total_seconds() == 0
            case Total():
                assert outcome.amount >= 0
                assert outcome.payer.identity or outcome.payer.name
            case Person():
                assert outcome.payer.identity or outcome.payer.name
    assert seen == lines, "every row is part of exactly one outcome"


@pytest.mark.parametrize("sample", READABLE)
def test_the_same_file_gives_the_same_ids_in_any_encoding_and_dialect(sample):
    opened = table(sample)
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(
        [opened.header, *(cells for _, cells in opened.rows())]
    )
    again = table(text.getvalue().encode("utf-16"))

    def ids(of):
        match = recognise(of)
        decided = decide(of, match, Decisions(currency="EUR"))
        return [outcome.external_id for outcome in translate(of, match, decided.decisions)]

    assert ids(opened) == ids(again)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["email", "date", "amount", "x"])))
def test_a_guess_is_plain_data_whatever_the_table(columns):
    text = ";".join(NAMES) + "\n" + ";".join(columns.get(name, "1") for name in NAMES) + "\n"

    json.dumps(guess(table(text)).mapping.as_json())
