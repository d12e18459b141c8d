"""What the words in a column of statuses or kinds say, in the languages of exports we know."""

import re
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache

from revenue.files.skipping import Why


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
#: What a row is, where each payment and each refund has one of its own: the nouns, not what became
#: of a payment.
KINDS: tuple[tuple[str, Kept | Why], ...] = (
    (r"refund\b|charge-?\s?back\b|dispute\b|reversal\b|erstattung\b|rückzahlung\b|remboursement"
     r"|reembolso|devolución|rimborso|terugbetaling", Kept.RETURNED),
    (r"\bfees?\b|gebühr|\bfrais\b|comisión|commissione|\bkosten\b", Why.FEE),
    (r"pay-?\s?outs?\b|withdrawal|auszahlung|\bretrait|\bretiro|prelievo|uitbetaling", Why.PAYOUT),
    (r"\btransfer\b|überweisung an|virement vers", Why.TRANSFER),
    (r"payment\b|\bsale\b|purchase\b|\border\b|\bcharge\b|subscription|donation|\btip\b|support\b"
     r"|membership|zahlung\b|verkauf|spende|\bkauf\b|paiement|\bvente\b|\bdon\b|\bpago\b|\bventa\b"
     r"|donación|pagamento|vendita|betaling|verkoop", Kept.PAID),
)  # fmt: skip
#: The last line of each: as spreadsheets of several languages write them.
YES = frozenset(
    {"yes", "y", "true", "t", "1", "x", "ja", "oui", "si", "sí", "sì", "sim", "✓", "✔"}
    | {"1.0", "1,0", "wahr", "vrai", "verdadero", "vero", "verdadeiro", "waar"}
)
NO = frozenset(
    {"no", "n", "false", "f", "0", "nein", "non", "não", "nee"}
    | {"0.0", "0,0", "falsch", "faux", "falso", "onwaar"}
)
PATTERNS = tuple((re.compile(words, re.IGNORECASE), meaning) for words, meaning in WORDS)
KIND_PATTERNS = tuple((re.compile(words, re.IGNORECASE), meaning) for words, meaning in KINDS)


@lru_cache(maxsize=1024)
def kind_of(text: str) -> Kept | Why | None:
    """What a row is whose kind is called `text`; None where that says nothing that we know."""
    return _first(KIND_PATTERNS, text)


def is_yes(text: str) -> bool:
    return text.strip().lower() in YES


def is_no(text: str) -> bool:
    return text.strip().lower() in NO


def is_yes_or_no(text: str) -> bool:
    return is_yes(text) or is_no(text)


@lru_cache(maxsize=1024)
def status_of(text: str) -> Kept | Why:
    """What `text` says; paid where it says nothing that we know."""
    return _first(PATTERNS, text) or Kept.PAID


def _first(patterns: Iterable[tuple[re.Pattern[str], Kept | Why]], text: str) -> Kept | Why | None:
    """The meaning of the first of `patterns` that stands in `text`."""
    return next((meaning for pattern, meaning in patterns if pattern.search(text)), None)
