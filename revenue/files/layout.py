"""How a table is laid out in a text: what separates its cells, and on which line it begins.

Decided by reading the beginning of the text in each way and seeing which gives a table; the
standard library's Sniffer guesses from frequencies, and is wrong on every other real export.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from revenue.files.problems import NoTable

DELIMITERS = ",;\t|"
#: As many rows from the beginning are looked at.
SAMPLE_ROWS = 200
#: Excel's own first line, which names the separator.
SEPARATOR_LINE = re.compile(r"\s*sep=(.)\s*", re.IGNORECASE)
#: What is in no name of a column: an address, a number, a date.
VALUE = re.compile(
    r"[^@\s]+@[^@\s]+\.\w+|[-+(]?\W{0,3}[\d][\d.,' ]*\W{0,3}|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|https?://.*"
)

#: A header stands at most this deep.
MOST_ABOVE = 40

Cells = Sequence[str]
Numbered = tuple[int, Cells]


@dataclass(frozen=True, slots=True)
class Layout:
    """`header_line` is the line (from 1) on which the names of the columns begin.

    Without names (`header` is empty) it is the line of the first row; `width` is how many cells a
    row has.
    """

    delimiter: str
    header_line: int
    header: tuple[str, ...]
    width: int


def layout_of(
    lines: Sequence[str], *, is_whole: bool, is_header: Callable[[Cells], bool] | None = None
) -> Layout:
    """The layout of the table in `lines`, the beginning of a text or (`is_whole`) all of it.

    `is_header` knows the headers of some tables; where it says yes, nothing is guessed. Raises
    NoTable.
    """
    named = SEPARATOR_LINE.fullmatch(lines[0]) if lines else None
    found: list[tuple[float, Layout]] = []
    for delimiter in named[1] if named else DELIMITERS:
        rows = list(_rows(lines, delimiter, is_whole=is_whole))
        if is_header is not None:
            for line, cells in rows[:MOST_ABOVE]:
                if len(cells) > 1 and is_header(cells):
                    return Layout(delimiter, line, _names(cells), len(cells))
        if (guess := _table_in(rows, delimiter)) is not None:
            found.append(guess)
    if not found:
        raise NoTable
    return max(found, key=lambda guess: guess[0])[1]


def _rows(lines: Sequence[str], delimiter: str, *, is_whole: bool) -> Iterator[Numbered]:
    """(line, cells) of what is not blank, without a row that may go on behind the sample."""
    skips = has_blanks_before_quotes(lines, delimiter)
    reader = csv.reader(iter(lines), delimiter=delimiter, skipinitialspace=skips)
    first = 1
    rows = []
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                rows.append((first, cells))
            if len(rows) > SAMPLE_ROWS:
                break
            first = reader.line_num + 1
    except csv.Error:
        rows.append((first, []))
    yield from rows if is_whole or len(rows) < 2 else rows[:-1]


def has_blanks_before_quotes(lines: Sequence[str], delimiter: str) -> bool:
    """Whether there are cells as in “"one", "two"”. Within a cell a quote would stand twice."""
    between = re.compile(rf'[^"]"{re.escape(delimiter)} +"[^"]')
    return any(between.search(line) for line in lines[:SAMPLE_ROWS])


def _table_in(rows: Sequence[Numbered], delimiter: str) -> tuple[float, Layout] | None:
    """The likeliest table in `rows`, with how much speaks for it."""
    headers = [
        (_share_that_fits(rows[place + 1 :], len(cells)) - 0.01 * place, line, cells)
        for place, (line, cells) in enumerate(rows[:MOST_ABOVE])
        if _may_be_header(cells)
    ]
    if headers:
        fits, line, cells = max(headers, key=lambda header: header[0])
        layout = Layout(delimiter, line, _names(cells), len(cells))
        return fits + 0.5 + 0.001 * len(cells), layout
    widths = Counter(len(cells) for _, cells in rows if len(cells) > 1)
    if not widths:
        return None
    width, count = widths.most_common(1)[0]
    line = next(line for line, cells in rows if len(cells) == width)
    return count / len(rows) + 0.001 * width, Layout(delimiter, line, (), width)


def _may_be_header(cells: Cells) -> bool:
    texts = [cell.strip() for cell in cells]
    filled = sum(map(bool, texts))
    worded = sum(any(map(str.isalpha, text)) for text in texts)
    is_full = filled * 5 >= len(texts) * 3 and worded * 2 >= filled
    return len(texts) > 1 and is_full and not any(map(VALUE.fullmatch, texts))


def _share_that_fits(below: Sequence[Numbered], width: int) -> float:
    """How many of the rows below a header are parted as it is, and not wider than it."""
    if not below:
        return 0.5
    return sum(
        len(cells) > 1 and not any(map(str.strip, cells[width:])) for _, cells in below
    ) / len(below)


def _names(cells: Cells) -> tuple[str, ...]:
    return tuple(cell.strip("\ufeff \t\r\n") for cell in cells)
