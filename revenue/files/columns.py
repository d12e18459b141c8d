"""How a platform says which columns its files have: a named tuple, a field a column.

    class Cells(NamedTuple):
        id: Annotated[str, text("id")]
        created: Annotated[str, date("Created date (UTC)", "Created (UTC)", needed=True)]
        amount: Annotated[str, amount("Amount", needed=True)]

The names are those that the column has had in any year and language, the likeliest first; a header
without a column that is `needed` is not of this platform.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from functools import lru_cache
from typing import get_type_hints


class Role(Enum):
    TEXT = "text"
    DATE = "date"
    AMOUNT = "amount"
    CURRENCY = "currency"


@dataclass(frozen=True, slots=True)
class Column:
    names: tuple[str, ...]
    role: Role
    needed: bool


def text(*names: str, needed: bool = False) -> Column:
    return Column(names, Role.TEXT, needed)


def date(*names: str, needed: bool = False) -> Column:
    return Column(names, Role.DATE, needed)


def amount(*names: str, needed: bool = False) -> Column:
    return Column(names, Role.AMOUNT, needed)


def currency(*names: str, needed: bool = False) -> Column:
    return Column(names, Role.CURRENCY, needed)


#: The place of a column that a table does not have: that of the empty cell behind its last one.
ABSENT = -1
#: How alike a mistyped name must be to the one it should be, and how long to be told apart.
ALIKE = 0.84
SHORTEST = 5
#: In a header that is twice as wide as any we know, no name is taken for a mistyped one: to compare
#: each with all would take seconds.
MOST_COMPARED = 150
#: A name is told by so many characters.
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Fit:
    """How a header fits a platform: the place of every field, and how many names were right."""

    places: Mapping[str, int]
    exact: int
    mistyped: tuple[str, ...]


def columns_of(cells: type) -> Mapping[str, Column]:
    """The columns by field, in the order of the fields."""
    hints = get_type_hints(cells, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items()}


def fit(header: Sequence[str], columns: Mapping[str, Column]) -> Fit | None:
    """Where in `header` the columns are; None if one that is needed is not there.

    A name that occurs twice means its first column. One needed column may be mistyped, unless there
    are more than MOST_COMPARED.
    """
    places: dict[str, int] = {}
    known: dict[str, int] = {}
    for place, name in enumerate(map(plain, header)):
        known.setdefault(name, place)
    for field, column in columns.items():
        found = (known[name] for name in map(plain, column.names) if name in known)
        places[field] = next(found, ABSENT)
    missing = [field for field, column in columns.items() if column.needed and places[field] < 0]
    if len(missing) > 1 or (missing and len(header) > MOST_COMPARED):
        return None
    for field in missing:
        free = {name: place for name, place in known.items() if place not in places.values()}
        alike = _most_alike(columns[field].names, free)
        if alike is None:
            return None
        places[field] = alike
    exact = sum(place >= 0 for place in places.values()) - len(missing)
    return Fit(places, exact, tuple(missing))


def plain(name: str) -> str:
    """`name` of a column without what nobody types twice alike: case, blanks, punctuation."""
    return _plain(name[:LONGEST])


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    name = unicodedata.normalize("NFKC", name).casefold().replace("’", "'")
    return " ".join(re.sub(r"[^\w#$€£%']|_", " ", name).split())


def _are_as_long(one: str, other: str) -> bool:
    """Whether two names may be alike by their lengths."""
    return 2 * min(len(one), len(other)) >= ALIKE * (len(one) + len(other))


def _most_alike(names: Sequence[str], free: Mapping[str, int]) -> int | None:
    likenesses = [
        (SequenceMatcher(None, plain(name), candidate).ratio(), place)
        for name in names
        for candidate, place in free.items()
        if len(candidate) >= SHORTEST and _are_as_long(plain(name), candidate)
    ]
    likeness, place = max(likenesses, default=(0.0, ABSENT))
    return place if likeness >= ALIKE else None
