"""Which platform wrote a file: by its header, never by its name."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from revenue.files.columns import fit
from revenue.files.platform import Match
from revenue.files.platforms import PLATFORMS
from revenue.files.reading import MOST_COLUMNS, Table, read_tables

#: As many rows are looked at where a header is in a language that nobody expected.
SHAPE_ROWS = 20


def open_tables(source: Path | BinaryIO, *, encoding: str = "") -> list[Table]:
    """The tables in a file, found the more surely because the headers of platforms are known.

    See `reading.read_tables`. Raises FileProblem.
    """
    return read_tables(
        source, encoding=encoding, is_header=lambda cells: recognise_header(cells) is not None
    )


def recognise(table: Table) -> Match | None:
    """The platform whose file this is, None if it is nobody's we know."""
    if not table.has_names:
        return None
    if (match := recognise_header(table.header)) is not None:
        return match
    rows = [cells for line, cells in itertools.islice(table.rows(), SHAPE_ROWS)]
    for platform in PLATFORMS:
        if platform.shape and (found := platform.shape(table.header, rows)) is not None:
            return Match(platform, found)
    return None


def recognise_header(header: Sequence[str]) -> Match | None:
    """The most specific platform that `header` fits: the one that knows most of its columns."""
    if len(header) > MOST_COLUMNS:
        return None
    matches = []
    for platform in PLATFORMS:
        found = fit(header, platform.columns)
        if found is not None:
            matches.append(Match(platform, found))
    # The first of the best: PLATFORMS has the more specific before the more general.
    return max(matches, key=lambda match: match.fit.exact, default=None)
