"""Rows of a recognised table → outcomes, each row part of exactly one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from operator import itemgetter
from typing import Any

from revenue.files.amounts import NOTHING
from revenue.files.linking import link_places, links_in
from revenue.files.outcomes import Line, Outcome, Person, Return, Skipped
from revenue.files.platform import Match
from revenue.files.problems import NotUsable
from revenue.files.reading import Broken, Table
from revenue.files.sheet import Decisions, Sheet
from revenue.files.shortening import shortened, without_shortened
from revenue.files.skipping import Skip, Why

#: What stands somewhere in a line of sums.
TOTALS = frozenset(
    {"total", "totals", "total:", "totals:", "grand total", "sum", "summe", "gesamt"}
    | {"gesamtsumme", "total général", "suma", "totale", "totaal", "subtotal"}
)
#: What some programs write into a cell for which they have nothing.
FILLERS = NOTHING - {""} | {"NaN", "nan", "undefined"}
#: No order has more rows; what pretends to is not gathered in memory.
MOST_ROWS = 10_000


def translate(table: Table, match: Match, decisions: Decisions) -> Iterator[Outcome]:
    """What the rows of `table` are, in the order of the file, as `decisions` say they are meant.

    Raises NotUsable at once for a file that says nothing about any person.
    """
    if match.platform.refusal:
        raise NotUsable(str(match.platform.refusal))
    sheet = Sheet(decisions)
    if match.platform.look is not None:
        match.platform.look(table, match, sheet)
    if match.platform.read_order is None:
        return _by_row(table, match, sheet)
    return _by_order(table, match, sheet)


def _by_row(table: Table, match: Match, sheet: Sheet) -> Iterator[Outcome]:
    cells_of = _maker(match)
    read = match.platform.read
    assert read is not None  # noqa: S101 -- a platform reads rows or orders
    linked, spoiled = link_places(table, match), tuple(shortened(table, match))
    names = table.header[0]
    for line, row in table.rows():
        row.append("")  # what a column that is not there reads
        try:
            if type(row) is Broken or row[0] == names:
                _refuse(row, table)
            if spoiled:
                without_shortened(row, spoiled)
            outcome = read(cells_of(row), sheet, line)
            if linked and type(outcome) is Line:
                outcome = _linked(outcome, (row[place] for place in linked))
            if type(outcome) is Return and not (outcome.of or outcome.payer.identity):
                raise Skip(Why.OF_NOTHING, detail=outcome.external_id)
            if type(outcome) is Person and _is_sum(row):
                raise Skip(Why.TOTALS)
            yield outcome
        except Skip as skip:
            yield _skipped(line, row, skip)


def _maker(match: Match) -> Callable[[Sequence[str]], Any]:
    """What picks the cells of a platform out of a row and gives them their names; what only fills
    a cell that has nothing to say (“N/A”) is nothing.

    `tuple.__new__` is what `_make` does, without a look at the length, which is always right here.
    """
    pick = itemgetter(*match.fit.places.values())
    make = partial(tuple.__new__, match.platform.cells)

    def cells_of(row: Sequence[str]) -> Any:
        cells = pick(row)
        if not FILLERS.isdisjoint(cells):
            cells = tuple("" if cell in FILLERS else cell for cell in cells)
        return make(cells)

    return cells_of


def _by_order(table: Table, match: Match, sheet: Sheet) -> Iterator[Outcome]:
    """Neighbouring rows with one order's id make one outcome."""
    cells_of = _maker(match)
    order_of = match.platform.order_of
    assert order_of is not None  # noqa: S101 -- read_order comes with it
    names = table.header[0]
    gathered = _Gathered(match, sheet, link_places(table, match))
    spoiled = tuple(shortened(table, match))
    for line, row in table.rows():
        row.append("")
        try:
            if type(row) is Broken or row[0] == names:
                _refuse(row, table)
        except Skip as skip:
            yield from gathered.outcomes()
            yield _skipped(line, row, skip)
            continue
        if spoiled:
            without_shortened(row, spoiled)
        cells = cells_of(row)
        order = order_of(cells)
        if not gathered.takes(order):
            yield from gathered.outcomes()
        gathered.add(order, line, row, cells)
    yield from gathered.outcomes()


class _Gathered:
    """The rows of one order."""

    def __init__(self, match: Match, sheet: Sheet, linked: Sequence[int]) -> None:
        self._linked = linked
        assert match.platform.read_order is not None  # noqa: S101 -- checked by translate
        self._read: Callable[[Sequence[Any], Sheet, Sequence[int]], Outcome]
        self._read = match.platform.read_order
        self._sheet = sheet
        self._order = ""
        self._rows: list[tuple[int, list[str], Any]] = []
        self._seen: set[str] = set()

    def takes(self, order: str) -> bool:
        return not self._rows or (
            bool(order) and order == self._order and len(self._rows) < MOST_ROWS
        )

    def add(self, order: str, line: int, row: list[str], cells: Any) -> None:
        self._order = order
        self._rows.append((line, row, cells))

    def outcomes(self) -> Iterator[Outcome]:
        """What the rows are; they are let go."""
        rows, self._rows = self._rows, []
        if not rows:
            return
        try:
            if self._order in self._seen:
                raise Skip(Why.CONTINUED)
            read = self._read(
                [cells for _, _, cells in rows], self._sheet, [row[0] for row in rows]
            )
            if self._linked and isinstance(read, Line):
                read = _linked(read, (row[place] for _, row, _ in rows for place in self._linked))
            yield read
        except Skip as skip:
            for line, row, _ in rows:
                yield _skipped(line, row, skip)
            if skip.why is Why.CONTINUED:
                return  # the first row of the order may come yet
        if self._order:
            self._seen.add(self._order)


def _linked(line: Line, texts: Iterable[str]) -> Line:
    """`line` with the ids in `texts`, by which it is called elsewhere."""
    links = (link for link in links_in(*texts) if link not in line.links)
    return line._replace(links=(*line.links, *links))


def _refuse(row: list[str], table: Table) -> None:
    """Raise Skip for what is no row of the table at all."""
    if isinstance(row, Broken):
        raise Skip(row.why)
    if table.has_names and tuple(row[:-1]) == table.header:
        raise Skip(Why.HEADER)


def _is_sum(row: list[str]) -> bool:
    """Whether a row that has no money is a line of sums, and nobody who is called “Total”."""
    return row[0].strip().lower() in TOTALS and 2 * sum(map(bool, row)) <= len(row)


def _skipped(line: int, row: list[str], skip: Skip) -> Skipped:
    cells = tuple(row[:-1])
    why = Why.TOTALS if any(cell.strip().lower() in TOTALS for cell in cells) else skip.why
    return Skipped(line, why, cells, skip.detail, skip.external_id)
