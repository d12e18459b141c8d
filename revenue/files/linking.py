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


@lru_cache(maxsize=1024)
def links_in(*texts: str) -> tuple[OutsideId, ...]:
    """What of `texts` is the id of a payment at Stripe or PayPal."""
    return tuple(
        OutsideId(kind, text.strip())
        for text in texts
        for kind, pattern in PATTERNS.items()
        if pattern.fullmatch(text.strip())
    )
