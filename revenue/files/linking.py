"""Exact ids of the same payment elsewhere, told by how they look.

A payment that one platform took through another is in the files of both; where they name it by the
same id, it can be counted once.
"""

import re
from functools import lru_cache

from .outcomes import OutsideId

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
