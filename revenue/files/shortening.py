"""Long ids that a spreadsheet has shortened: 7210448301122, saved again, is 7.21045E+12.

Nobody can tell any more what it was, and thousands of payments may have become one. Such a cell is
read as if nothing stood in it, so that its payment goes by what else the platform's module knows.
"""

import itertools
import re
from collections.abc import Sequence

from revenue.files.columns import Role
from revenue.files.platform import Match
from revenue.files.reading import Broken, Table

SHORTENED = re.compile(r"'?\d(?:[.,]\d+)?E\+\d{2,}", re.IGNORECASE)
#: As many rows are looked at: a column has ids of one length.
SAMPLE_ROWS = 200


def shortened(table: Table, match: Match) -> dict[int, str]:
    """The first such cell of each of the columns of `match` that have some, by its place."""
    columns = match.platform.columns
    texts = [match.fit.places[field] for field in columns if columns[field].role is Role.TEXT]
    places = {place for place in texts if place >= 0}
    found: dict[int, str] = {}
    for _line, row in itertools.islice(table.rows(), SAMPLE_ROWS):
        if isinstance(row, Broken):
            continue
        for place in sorted(places - found.keys()):
            if is_shortened(row[place]):
                found[place] = row[place].strip()
    return found


def is_shortened(text: str) -> bool:
    return SHORTENED.fullmatch(text.strip()) is not None


def without_shortened(row: list[str], places: Sequence[int]) -> None:
    """Empty the cells of `row` at `places` that have been shortened."""
    for place in places:
        if is_shortened(row[place]):
            row[place] = ""
