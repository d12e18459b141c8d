"""Exact ids of the same payment elsewhere, told by how they look.

A payment that one platform took through another is in the files of both; where they name it by the
same id, it can be counted once. Such an id may stand in a column that the platform's module does
not know, as those that plug-ins add.
"""

import itertools
import re
from collections.abc import Sequence
from functools import lru_cache

from revenue.files.outcomes import OutsideId
from revenue.files.platform import Match
from revenue.files.reading import Broken, Table

#: As many rows are looked at.
SAMPLE_ROWS = 200
#: What nothing else looks like, and what is an id of PayPal's where the column says so.
TELLING = frozenset({"stripe_charge", "stripe_intent"})
PATTERNS = {
    "stripe_charge": re.compile(r"(?:ch|py)_\w{6,}"),
    "stripe_intent": re.compile(r"pi_\w{6,}"),
    "stripe_invoice": re.compile(r"in_\w{6,}"),
    "paypal": re.compile(r"[0-9A-Z]{17}"),
}


#: Between the ids in one cell.
SEPARATORS = re.compile(r"[\s,;|+/&]+")


@lru_cache(maxsize=1024)
def links_in(*texts: str) -> tuple[OutsideId, ...]:
    """What in `texts` is the id of a payment at Stripe or PayPal, each once; there may be several
    in one cell."""
    found = {
        OutsideId(kind, word): None
        for text in texts
        for word in SEPARATORS.split(text)
        for kind, pattern in PATTERNS.items()
        if pattern.fullmatch(word)
    }
    return tuple(found)


def link_places(table: Table, match: Match) -> Sequence[int]:
    """Columns that nobody reads and that have nothing but ids of payments at Stripe or PayPal."""
    if match.platform.slug.startswith("stripe"):
        return []  # these say it in a column of their own
    free = set(range(len(table.header))) - set(match.fit.places.values())
    sample = itertools.islice(table.rows(), SAMPLE_ROWS)
    rows = [row for _line, row in sample if not isinstance(row, Broken)]
    return [place for place in sorted(free) if _links(table.header[place], rows, place)]


def _links(name: str, rows: Sequence[Sequence[str]], place: int) -> bool:
    kinds = TELLING | ({"paypal"} if "paypal" in name.lower() else set())
    texts = [row[place] for row in rows if row[place].strip()]
    return bool(texts) and all({link.kind for link in links_in(text)} & kinds for text in texts)
