"""Tables of any encoding and layout, and hostile files."""

import io
import tracemalloc
import zipfile

import pytest

from revenue.files import problems
from revenue.files.reading import Broken, read_tables
from revenue.files.skipping import Why

TEXT = "Name,Amount,Note\r\nZoë Müller,5,\r\nJosé Núñez,7,Grüße\r\n"


def read(content: bytes | str, **options):
    data = content.encode() if isinstance(content, str) else content
    (table,) = read_tables(io.BytesIO(data), **options)
    return table


def rows(content: bytes | str, **options) -> list[list[str]]:
    return [cells for _, cells in read(content, **options).rows()]


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8-sig", b""),
        ("utf-16", b""),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("utf-16-be", b"\xfe\xff"),
        ("cp1252", b""),
        ("mac_roman", b""),
    ],
)
def test_every_encoding_reads_the_same(encoding, mark):
    table = read(mark + TEXT.encode(encoding))

    assert table.header == ("Name", "Amount", "Note")
    assert [cells for _, cells in table.rows()] == [
        ["Zoë Müller", "5", ""],
        ["José Núñez", "7", "Grüße"],
    ]


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp1250", ["Łukasz Żak", "Dvořák", "Kovács Gergő"]),
        ("cp1250", ["Jiří Šťastný", "Růžena Bílková"]),
        ("cp1251", ["Иван Петров", "Мария Кузнецова"]),
        ("cp1253", ["Γιώργος Παπαδόπουλος"]),
        ("cp1254", ["Şükrü Öztürk", "Ayşe Yıldız"]),
        ("cp1257", ["Jānis Bērziņš", "Rūta Kazlauskienė"]),
        ("cp1252", ["Bjørn Åse", "François Müller", "João Conceição"]),
        ("koi8_r", ["Иван Петров", "Мария Кузнецова"]),
        ("cp1252", ["€20", "€7", "1× Mug"]),
        ("cp1252", ["£30.00", "-£3.00"]),
        ("cp1252", ["€253.00", "25.00 €"]),
    ],
)
def test_the_code_page_is_decided_on_the_names(encoding, names):
    text = "Name,Amount\n" + "".join(f"{name},5\n" for name in names)

    assert [cells[0] for cells in rows(text.encode(encoding))] == names


def test_a_blank_may_stand_before_a_quote():
    text = 'Name, Amount, Note, \n"Zoë", "1,50", "for ""you"", and me",\n"Bo","2,00", "",\n'

    assert rows(text.encode())[0][:3] == ["Zoë", "1,50", 'for "you", and me']


def test_a_file_that_begins_in_ascii_is_decided_on_what_follows():
    text = "Name,Amount\n" + "Jane,5\n" * 45_000 + "Zoë,5\n"

    assert rows(text.encode("cp1252"))[-1] == ["Zoë", "5"]
    assert rows(text.encode())[-1] == ["Zoë", "5"]


def test_one_broken_character_does_not_make_a_file_another_encoding():
    content = ("Name,Amount\n" + "Zoë,5\n" * 50).encode() + b"Jos\xe9,5\n"

    assert rows(content)[0] == ["Zoë", "5"]
    assert rows(content)[-1] == ["Jos�", "5"]


def test_the_encoding_can_be_said():
    assert rows("Name,Amount\nГ,5\n".encode("cp866"), encoding="cp866") == [["Г", "5"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_end(delimiter, newline):
    text = newline.join(
        delimiter.join(cells) for cells in (["Name", "Amount"], ["Doe", "5.00"], ['"a\nb"', "7.00"])
    )
    table = read(text)

    assert list(table.rows()) == [(2, ["Doe", "5.00"]), (3, ["a\nb", "7.00"])]


def test_the_separator_that_excel_names_in_its_first_line():
    assert rows("sep=;\nName;Amount\nDoe, Jane;5,00\n") == [["Doe, Jane", "5,00"]]


def test_lines_above_the_header_and_below_the_rows():
    table = read(
        "Sales Report\nGenerated on March 3, 2026, by Jane\n\n"
        "Order,Name,Amount\n1,Jane,5\n2,Joe,7\n\nTotal,,12\nThank you\n"
    )
    assert table.header_line == 4
    assert list(table.rows()) == [
        (5, ["1", "Jane", "5"]),
        (6, ["2", "Joe", "7"]),
        (8, ["Total", "", "12"]),
        (9, ["Thank you", "", ""]),
    ]


def test_a_padded_title_is_no_header():
    table = read("Report;;;\nPeriod: 01/2026;;;\n;;;\nDate;Id;Buyer;Amount\n1;2;3;4\n5;6;7;8\n")

    assert (table.header, table.header_line) == (("Date", "Id", "Buyer", "Amount"), 4)


def test_a_known_header_needs_no_guess():
    text = "a,b\nc,d\ne,f\nName,Amount\n1,2\n"

    assert read(text).header == ("a", "b")
    assert read(text, is_header=lambda cells: "Amount" in cells).header == ("Name", "Amount")


def test_a_file_without_names_gets_numbers():
    table = read("jane@example.org,2026-01-02,12.50\njoe@example.org,2026-01-03,5.00\n")

    assert (table.header, table.has_names) == (("1", "2", "3"), False)
    assert len(list(table.rows())) == 2


def test_rows_know_the_line_on_which_they_begin():
    table = read('A,B\n1,"x\ny\nz"\n\n2,w\n')

    assert [line for line, _ in table.rows()] == [2, 6]


def test_rows_may_be_read_again():
    table = read(TEXT)

    assert list(table.rows()) == list(table.rows())


def test_a_short_row_is_filled_up_and_a_long_one_with_nothing_in_it_cut():
    assert rows("A,B,C\n1\n1,2,3,,\n") == [["1", "", ""], ["1", "2", "3"]]


def test_a_row_with_more_cells_than_columns_is_not_trusted():
    (row,) = rows("A,B\n1,2,3\n")

    assert isinstance(row, Broken)
    assert row.why is Why.TOO_MANY_CELLS


@pytest.mark.parametrize(
    "cut",
    [
        "Name,Note,Amount\nJane,Hello,5.00\nJoe,Hi",
        'Name,Note,Amount\nJane,Hello,5.00\nJoe,"Hi th',
        'Name,Note,Amount\nJane,Hello,5.00\nJoe,Hi,"5.0',
        'Name,Note,Amount\nJane,Hello,5.00\nJoe,Hi,"5.0\n',
    ],
)
def test_of_a_file_that_is_cut_off_what_was_whole_is_kept(cut):
    whole, broken = rows(cut)

    assert whole == ["Jane", "Hello", "5.00"]
    assert isinstance(broken, Broken)
    assert broken.why is Why.CUT_OFF


def test_a_last_row_without_a_line_end_is_whole():
    assert rows("Name,Amount\nJane,5.00\nJoe,7.00") == [["Jane", "5.00"], ["Joe", "7.00"]]


def test_nothing_that_is_cut_in_the_middle_of_a_character_is_an_error():
    assert rows("Name,Amount\nJane,5\nZoë,6\nZo".encode() + b"\xc3")[:2] == [
        ["Jane", "5"],
        ["Zoë", "6"],
    ]
    assert rows("Name,Amount\nJane,5\n".encode("utf-16") + b"\x41")[0] == ["Jane", "5"]


def test_nuls_are_left_out():
    assert rows(b"Name,Amount\nJa\0ne,5\0\n") == [["Jane", "5"]]
    assert rows("Name,Amount\nJa\0ne,5\n".encode("utf-16")) == [["Jane", "5"]]


def test_a_quote_that_is_never_closed_costs_a_stretch_and_not_the_rest():
    text = "Name,Amount\n" + 'Jane,5\n"Joe,5\n' + "Jane,5\n" * 60_000
    found = rows(text)
    broken = [row for row in found if isinstance(row, Broken)]

    assert found[0] == ["Jane", "5"]
    assert [row.why for row in broken] == [Why.UNREADABLE]
    assert found[-1] == ["Jane", "5"]
    assert len(found) > 30_000


@pytest.mark.parametrize("size", [200_000, 5_000_000])
def test_a_lone_endless_cell_costs_its_row(size):
    found = rows("Name,Amount\nJane,5\nJoe," + "x" * size + "\nAda,6\nGrace,7\n")

    assert found[0] == ["Jane", "5"]
    assert isinstance(found[1], Broken)
    assert found[-1] == ["Grace", "7"]


def test_memory_does_not_grow_with_the_file(tmp_path):
    path = tmp_path / "large.csv"
    with path.open("w") as file:
        file.write("Name,Note,Amount\n")
        file.writelines("Jane Doe,a note as long as most notes are,5.00\n" for _ in range(60_000))
    (table,) = read_tables(path)
    tracemalloc.start()
    count = sum(1 for _ in table.rows())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 60_000
    assert peak < 1_500_000


@pytest.mark.parametrize(
    ("content", "problem", "sentence"),
    [
        (b"", problems.Empty, "is empty"),
        (b"\xef\xbb\xbf \r\n\r\n", problems.Empty, "is empty"),
        (b"\xff\xfe", problems.Empty, "is empty"),
        (b"Name,Amount\r\n", problems.NoRows, "no rows"),
        (b"just some words\nand some more\n", problems.NoTable, "no table"),
        (bytes(range(256)) * 40, problems.NotText, "no text"),
        (b"\x00\x01\x02\x03" * 4000, problems.NotText, "no text"),
        (b"%PDF-1.7\n...", problems.OtherKind, "a PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, problems.OtherKind, "Excel"),
        (b"\x89PNG\r\n\x1a\n....", problems.OtherKind, "a picture"),
        (b"\x1f\x8b\x08\x00abc", problems.OtherKind, "compressed"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", problems.OtherKind, "a web page"),
        (b'{"data": [1, 2]}\n', problems.OtherKind, "JSON"),
        (b"a," * 1_000_000 + b"\n1,2\n3,4\n", problems.TooWide, "columns"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(content, problem, sentence):
    with pytest.raises(problem, match=sentence):
        read(content)


def test_a_file_of_two_gigabytes_is_refused_unread(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.write(b"Name,Amount\n")
        file.truncate(2 * 1024**3)

    with pytest.raises(problems.TooLarge, match="512 MB"):
        read_tables(path)


def packed(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def test_the_tables_in_a_zip_file():
    content = packed(
        ("Report/No reward.csv", b"A,B\n1,2\n"),
        ("Report/$25.csv", "A;B\n3;ö\n".encode("utf-16")),
        ("Report/readme.txt", b"Hello there\n"),
        ("__MACOSX/Report/._No reward.csv", b"\0\5\x16\7"),
        ("posts/1.html", b"<html>"),
        ("Report/empty.csv", b""),
    )
    tables = read_tables(io.BytesIO(content))

    assert [(table.name, [row for _, row in table.rows()]) for table in tables] == [
        ("Report/No reward.csv", [["1", "2"]]),
        ("Report/$25.csv", [["3", "ö"]]),
    ]


def test_a_zip_bomb_is_refused_unpacked():
    bomb = packed(("bomb.csv", b"Name,Amount\n" + b"0" * 50_000_000))

    assert len(bomb) < 100_000
    with pytest.raises(problems.ArchiveBomb):
        read(bomb)


@pytest.mark.parametrize("name", ["{}.csv", "{}.png"])
def test_too_many_members_are_refused_whatever_they_are(name):
    others = [(name.format(n), b"A,B\n1,2\n") for n in range(1_000)]
    with pytest.raises(problems.ArchiveBomb):
        read_tables(io.BytesIO(packed(("table.csv", b"A,B\n1,2\n"), *others)))


def test_a_member_that_lies_about_its_size_gives_no_more_than_it_said():
    honest = packed(("a.csv", b"Name,Amount\n" + b"Jane,5\n" * 1000))
    size = (7 * 1000 + 12).to_bytes(4, "little")
    lying = honest.replace(size, (19).to_bytes(4, "little"))

    with pytest.raises(problems.FileProblem):
        read(lying)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (packed(("a.csv", TEXT.encode()))[:-30], problems.DamagedArchive),
        (b"PK\x03\x04" + b"rubbish" * 20, problems.DamagedArchive),
        (packed(("picture.png", b"\x89PNG")), problems.NoTableInside),
        (packed(), problems.NoTableInside),
        (packed(("xl/workbook.xml", b"<x/>")), problems.OtherKind),
        (packed(("inner.zip", packed(("a.csv", b"A,B\n1,2\n")))), problems.NoTableInside),
        (packed(("a.csv", b"")), problems.Empty),
    ],
)
def test_archives_without_a_table(content, problem):
    with pytest.raises(problem):
        read(content)


def test_a_locked_archive_says_so():
    content = bytearray(packed(("a.csv", b"A,B\n1,2\n")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1

    with pytest.raises(problems.LockedArchive, match="password"):
        read(bytes(content))


def test_what_is_damaged_inside_an_archive_ends_there():
    good = packed(("a.csv", b"Name,Amount\n" + b"Jane,5\n" * 50_000))
    middle = len(good) // 2
    damaged = good[:middle] + b"\xff" * 8 + good[middle + 8 :]

    assert isinstance(rows(damaged)[-1], Broken)
