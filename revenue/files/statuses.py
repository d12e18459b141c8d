"""What the word in a column of statuses says of a payment, in the languages of exports we know."""

import re
from enum import Enum
from functools import lru_cache

from .skipping import Why


class Kept(Enum):
    """What became of money that was paid."""

    PAID = "paid"
    RETURNED = "returned"
    PARTLY = "partly"


#: Asked in this order: “partially refunded” before “refunded”, “not paid” before “paid”.
WORDS: tuple[tuple[str, Kept | Why], ...] = (
    (r"partial|partly|teilweise|partiel|parcial|parzial", Kept.PARTLY),
    (r"refund|return(ed)?\b|chargeback|charged back|revers|erstatt|rückzahl|rembours|reembols"
     r"|devuel|rimbors|terugbetaald|disputed|lost", Kept.RETURNED),
    (r"authori[sz]ed|autorisiert|autorisé|autorizad|on hold|held\b", Why.AUTHORISED),
    (r"unpaid|not paid|pending|process(ing)?\b|offen|ausstehend|unbezahlt|in bearbeitung"
     r"|en attente|impayé|pendiente|in attesa|pendente|open\b|due\b|waiting|draft", Why.PENDING),
    (r"fail|declin|denied|reject|error|fehlgeschlagen|abgelehnt|échou|refusé|fallid|rechaz"
     r"|rifiutat|expired", Why.FAILED),
    (r"cancel|void|storn|annul|anulad|abgebrochen|deleted|dropped", Why.CANCELLED),
    (r"incomplete|abandon|unvollständig", Why.INCOMPLETE),
    (r"\btest\b", Why.TEST),
    (r"\bpay-?outs?\b|withdraw(al|n)|auszahlung", Why.PAYOUT),
)  # fmt: skip
PATTERNS = tuple((re.compile(words, re.IGNORECASE), meaning) for words, meaning in WORDS)


@lru_cache(maxsize=1024)
def status_of(text: str) -> Kept | Why:
    """What `text` says; paid where it says nothing that we know."""
    for pattern, meaning in PATTERNS:
        if pattern.search(text):
            return meaning
    return Kept.PAID
