"""A file of any encoding and layout → its tables: the header, and rows with their line numbers.

Memory stays the same whatever the size of the file: bytes pass through in chunks, rows one by one.
Hostile input ends in a `FileProblem` with a sentence for the creator, or, where it is only a
stretch of the file, in a `Broken` row.
"""

import csv
import io
import itertools
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO

from django.utils.translation import gettext as _

from revenue.files import archives, problems
from revenue.files.encodings import encoding_of
from revenue.files.guard import Guard, chunks_of
from revenue.files.layout import Cells, has_blanks_before_quotes, layout_of
from revenue.files.skipping import Why

MEGABYTE = 1024 * 1024
#: Ten years of a busy shop are some tens of megabytes.
MOST_BYTES = 512 * MEGABYTE
MOST_COLUMNS = 2_000
#: How many characters are looked at to find the table among them.
SAMPLE = 256 * 1024
#: Put behind the last line: where it does not come back as a row of its own, a quote was open.
END = "\x1eend of file\x1e"

#: What other kinds of file begin with. The names stand in “This is …”.
SIGNATURES: tuple[tuple[bytes, Callable[[], str]], ...] = (
    (b"%PDF", lambda: _("a PDF document")),
    (b"\xd0\xcf\x11\xe0", lambda: _("a workbook of Excel")),
    (b"\x1f\x8b", lambda: _("a compressed file")),
    (b"7z\xbc\xaf", lambda: _("a compressed file")),
    (b"Rar!", lambda: _("a compressed file")),
    (b"\x89PNG", lambda: _("a picture")),
    (b"\xff\xd8\xff", lambda: _("a picture")),
    (b"SQLite", lambda: _("a database")),
)
TEXT_SIGNATURES: tuple[tuple[str, Callable[[], str]], ...] = (
    ("<!doctype", lambda: _("a web page")),
    ("<html", lambda: _("a web page")),
    ("<?xml", lambda: _("an XML document")),
    ("{", lambda: _("a JSON document")),
    ("[{", lambda: _("a JSON document")),
)
#: What is in no text, but for NULs, which are left out of it.
CONTROLS = "".join(map(chr, {*range(1, 32)} - {*b"\t\n\v\f\r\x1a\x1b"}))
#: A text has fewer NULs than one in ten bytes.
MOST_NULS = 10

Opener = Callable[[], AbstractContextManager[IO[bytes]]]
IsHeader = Callable[[Cells], bool]


class Broken(list[str]):
    """A stretch of the file that is no row: what could be read of it, and `why` it is none."""

    def __init__(self, cells: Iterable[str], why: Why) -> None:
        super().__init__(cells)
        self.why = why


@dataclass(frozen=True, slots=True)
class Table:
    """A table in a file. `rows` may be called as often as one likes, but not twice at a time.

    `name` is that of the member of a ZIP file, else empty. `header` has a name for every column,
    made up (`has_names` is False) where the file gives none. `skips_blanks`: before a quote that
    begins a cell there may be some.
    """

    name: str
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_line: int
    has_names: bool
    skips_blanks: bool
    _open: Opener = field(repr=False, compare=False)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(line on which it begins, cells) of every row that is not blank.

        Every row has exactly as many cells as the header; what has not, or cannot be read at all,
        comes as `Broken`.
        """
        with self._open() as file:
            may_be_cut = not _ends_with_a_newline(file)
            guard = Guard(file, self.encoding)
            lines = itertools.islice(guard.lines(), self.header_line - 1, None)
            yield from self._rows_in(_Lines(lines) if may_be_cut else lines)
            if guard.is_broken:
                yield self.header_line, Broken([], Why.CUT_OFF)

    def _rows_in(self, lines: "Iterator[str] | _Lines") -> Iterator[tuple[int, list[str]]]:
        width = len(self.header)
        # A quote that is still open swallows the beginning of this; else it is a row of its own.
        # Either way it is too wide, so that the quick way below never meets it.
        ending = f'{END}"' + self.delimiter * width
        reader = csv.reader(
            itertools.chain(lines, (ending,)),
            delimiter=self.delimiter,
            skipinitialspace=self.skips_blanks,
        )
        if self.has_names:
            next(reader)
        first = self.header_line + reader.line_num
        while True:
            try:
                for row in reader:
                    if len(row) == width and (row[0].strip() or any(map(str.strip, row))):
                        yield first, row
                    elif any(map(str.strip, row)):
                        if row[0].startswith(END):
                            return
                        yield first, _fitted(row, width, lines)
                    first = self.header_line + reader.line_num
                return
            except csv.Error:
                yield first, Broken([], Why.UNREADABLE)
                first = self.header_line + reader.line_num


class _Lines:
    """Lines of a file that does not end with a newline, and may be cut off: which is the last?"""

    def __init__(self, lines: Iterator[str]) -> None:
        self.may_be_cut = False
        self._lines = lines

    def __iter__(self) -> Iterator[str]:
        for previous, line in itertools.pairwise(itertools.chain(self._lines, ("",))):
            self.may_be_cut = not line
            yield previous


def _fitted(row: list[str], width: int, lines: object) -> list[str]:
    """`row` with as many cells as there are columns, or what is wrong with it."""
    if any(END in cell for cell in row):
        read = [cell.partition(END)[0] for cell in row]
        return Broken(read[:width], Why.CUT_OFF)
    if len(row) < width:
        if isinstance(lines, _Lines) and lines.may_be_cut:
            return Broken(row, Why.CUT_OFF)
        return row + [""] * (width - len(row))
    return Broken(row, Why.TOO_MANY_CELLS) if any(map(str.strip, row[width:])) else row[:width]


def read_tables(
    source: Path | BinaryIO, *, is_header: IsHeader | None = None, encoding: str = ""
) -> list[Table]:
    """The tables in `source`: one, or as many as are in a ZIP file.

    A stream must stay open as long as the tables are used. `is_header` knows the headers of some
    tables, `encoding` overrules what the bytes say. Raises FileProblem.
    """
    opener = _opener_of(source)
    with opener() as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        is_archive = archives.is_archive(file.read(4))
        if size > MOST_BYTES:
            raise problems.TooLarge(MOST_BYTES // MEGABYTE)
        if is_archive:
            return _tables_inside(file, opener, is_header, encoding)
    return [_table("", opener, is_header, encoding)]


def _tables_inside(
    file: IO[bytes], opener: Opener, is_header: IsHeader | None, encoding: str
) -> list[Table]:
    if archives.is_workbook(file):
        raise problems.OtherKind(_("a spreadsheet"))
    tables = []
    trouble: problems.FileProblem = problems.NoTableInside()
    for member in archives.members_of(file, most_bytes=MOST_BYTES):
        inside = archives.opener_of(opener, member)
        try:
            tables.append(_table(member.filename, inside, is_header, encoding))
        except problems.FileProblem as problem:
            trouble = problem  # a README among the tables is no reason to refuse them
    if not tables:
        raise trouble
    return tables


def _table(name: str, opener: Opener, is_header: IsHeader | None, encoding: str) -> Table:
    with opener() as file:
        encoding = encoding or _encoding_of(file)
    with opener() as file:
        sample, is_whole = _sample(Guard(file, encoding).lines())
    _refuse_other_kinds(sample)
    layout = layout_of(sample, is_whole=is_whole, is_header=is_header)
    if layout.width > MOST_COLUMNS:
        raise problems.TooWide(MOST_COLUMNS)
    table = Table(
        name=name,
        encoding=encoding,
        delimiter=layout.delimiter,
        header=layout.header or tuple(str(n + 1) for n in range(layout.width)),
        header_line=layout.header_line,
        has_names=bool(layout.header),
        skips_blanks=has_blanks_before_quotes(sample, layout.delimiter),
        _open=opener,
    )
    if is_whole and next(table.rows(), None) is None:
        raise problems.NoRows
    return table


def _encoding_of(file: IO[bytes]) -> str:
    chunks = chunks_of(file)
    head = next(chunks, b"")
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        raise problems.Empty
    for signature, kind in SIGNATURES:
        if head.startswith(signature):
            raise problems.OtherKind(kind())
    encoding = encoding_of(head, chunks)
    if not encoding.startswith("utf-16") and head.count(0) * MOST_NULS > len(head):
        raise problems.NotText
    return encoding


def _sample(lines: Iterator[str]) -> tuple[list[str], bool]:
    """The first lines, and whether they are all."""
    sample: list[str] = []
    size = 0
    for line in lines:
        sample.append(line)
        size += len(line)
        if size > SAMPLE:
            return sample, False
    return sample, True


def _refuse_other_kinds(sample: Sequence[str]) -> None:
    text = "".join(sample)[:SAMPLE]
    beginning = text[:200].lstrip("\ufeff \t\r\n").lower()
    if not text.strip("\ufeff \t\r\n"):
        raise problems.Empty
    if sum(map(text.count, CONTROLS)) * 100 > len(text):
        raise problems.NotText
    for signature, kind in TEXT_SIGNATURES:
        if beginning.startswith(signature):
            raise problems.OtherKind(kind())


def _ends_with_a_newline(file: IO[bytes]) -> bool:
    """Whether it is known that the last line of `file` is whole; leaves it at its beginning."""
    if isinstance(file, zipfile.ZipExtFile):
        return True  # what is cut off in an archive does not unpack
    end = file.seek(0, io.SEEK_END)
    file.seek(max(0, end - 4))
    tail = file.read()
    file.seek(0)
    return tail.rstrip(b"\0").endswith((b"\n", b"\r"))


def _opener_of(source: Path | BinaryIO) -> Opener:
    if isinstance(source, Path):
        return lambda: source.open("rb")

    def rewind() -> AbstractContextManager[IO[bytes]]:
        source.seek(0)
        return nullcontext(source)

    return rewind
