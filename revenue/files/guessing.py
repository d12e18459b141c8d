"""What the columns of an unknown table probably mean: by their names and by what stands in them."""

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from fans.identity import normalise_email
from revenue.files.amounts import NOTHING, NotANumber, Unclear, currency_code, number
from revenue.files.columns import plain
from revenue.files.dates import NotADate, Undecided, moment
from revenue.files.mapping import Mapping, Meaning
from revenue.files.reading import Broken, Table
from revenue.files.sheet import country_code
from revenue.files.statuses import Kept, is_yes_or_no, kind_of, status_of
from revenue.files.translating import TOTALS

#: As many rows are looked at, and as many are shown with the guess.
SAMPLE_ROWS = 200
SHOWN_ROWS = 5
#: Of a table with more than a hundred columns fewer rows are looked at.
MOST_CELLS = 20_000
#: A guess below this is none.
LEAST = 0.4

#: Words in the names of columns, the surest first: English, German, French, Spanish, Italian,
#: Portuguese, Dutch. A name that is one of them is surer than one that has it among others.
WORDS: dict[Meaning, str] = {
    Meaning.EMAIL: "email|e mail|mail|e mail adresse|courriel|correo|correo electrónico",
    Meaning.FIRST_NAME: "first name|given name|vorname|prénom|nombre de pila|voornaam",
    Meaning.LAST_NAME: "last name|surname|family name|nachname|nom de famille|apellido|apellidos"
    "|cognome|sobrenome|achternaam",
    Meaning.NAME: "name|full name|customer name|buyer name|customer|buyer|client|donor"
    "|supporter"
    "|payer|from|who|sender|member|patron|backer|kunde|käufer|auftraggeber|spender|nom|acheteur"
    "|cliente|comprador|nombre|nome|naam|klant|student|student name|attendee|subscriber|fan"
    "|user name|user",
    Meaning.CUSTOMER: "customer id|customer number|client id|member id|user id|buyer id"
    "|kundennummer"
    "|kunden nr|mitgliedsnummer|numéro client|id cliente|klantnummer",
    Meaning.DATE: "date paid|payment date|paid at|paid on|transaction date|order date|purchase date"
    "|sale date|purchased at|created at|created|date|datum|zahlungsdatum|bestelldatum|buchungstag"
    "|date de paiement|fecha|fecha de pago|data|day|timestamp|time|when|at",
    Meaning.TIME: "time|uhrzeit|heure|hora|ora|tijd",
    Meaning.AMOUNT: "amount paid|total paid|amount|gross|total|order total|total price|price"
    "|sum|paid"
    "|value|revenue|betrag|summe|brutto|bruttobetrag|gesamt|gesamtbetrag|preis|montant|prix"
    "|importe"
    "|monto|precio|importo|prezzo|valor|preço|bedrag|prijs|credit|money in|paid in|deposit"
    "|received|haben|gutschrift|eingang|crédit|crédito|abono|accredito|avere",
    Meaning.CURRENCY: "currency|currency code|währung|devise|moneda|divisa|valuta|moeda",
    Meaning.PRODUCT: "product|item|product name|item name|description|title|plan|tier|what|subject"
    "|produkt|artikel|beschreibung|verwendungszweck|produit|article|producto|artículo|concepto"
    "|prodotto|produto",
    Meaning.ID: "transaction id|payment id|order id|order number|order no|order #|invoice number"
    "|receipt|reference|id|bestellnummer|rechnungsnummer|transaktionsnummer|beleg"
    "|numéro de commande|référence|número de pedido|referencia|ordine|bestelnummer|referenz|order",
    Meaning.STATUS: "status|payment status|state|zustand|statut|état|estado|stato|refunded|type"
    "|transaction type|typ|tipo",
    Meaning.KIND: "transaction type|type|kind|event type|payment type|typ|art|vorgang|tipo"
    "|operación|operazione|soort",
    Meaning.RETURNED: "amount refunded|refunded amount|refund amount|refunded|refund|erstattet"
    "|remboursé|reembolsado",
    Meaning.IS_RETURNED: "refunded|is refunded|refund|was refunded|returned|chargeback"
    "|disputed|erstattet|remboursé|reembolsado|rimborsato|terugbetaald",
    Meaning.REFERENCE: "refund of|original id|parent id|reference id|related id"
    "|original transaction",
    Meaning.FEE: "fee|fees|processing fee|gebühr|gebühren|frais|comisión|commissione|taxa|kosten",
    Meaning.NET: "net|net amount|net total|netto|nettobetrag|neto|payout",
    Meaning.NOTE: "note|message|comment|notes|nachricht|bemerkung|kommentar|remarque|nota|mensaje",
    Meaning.QUANTITY: "quantity|qty|count|anzahl|menge|quantité|cantidad|quantità|aantal",
    Meaning.COUNTRY: "country|country code|land|pays|país|paese",
}
#: A name with one of these is not what it seems: “shipping name”, “tax amount”, “due date”.
OTHERWISE: dict[Meaning, str] = {
    Meaning.AMOUNT: "debit|soll|ausgang|débit|débito|addebito|out"
    "|tax|vat|mwst|ust|iva|tva|shipping|versand|discount|rabatt|fee|fees|gebühr|net"
    "|netto|refunded|refund|balance|saldo|quantity|tip|subtotal|rate|count|number|id",
    Meaning.DATE: "due|birth|geburt|shipped|updated|expires|expiry|renewal|refunded|available|end",
    Meaning.NAME: "shipping|product|item|lineitem|company|file|first|last|user|plan|event|store"
    "|shop|id",
    Meaning.EMAIL: "shipping|seller|to|opt|disabled|marketing|sent|status",
    Meaning.ID: "customer|product|user|member|card|tax",
    Meaning.CURRENCY: "settlement|converted|fee|payout",
}
#: What can be told from the cells alone.
TELLING = frozenset({Meaning.EMAIL, Meaning.DATE, Meaning.AMOUNT, Meaning.CURRENCY})
NAME_PARTS = {Meaning.FIRST_NAME, Meaning.LAST_NAME}
PAID = re.compile(
    r"paid|complete|succe|settled|sale|payment|bezahlt|abgeschlossen|payé|pagad", re.I
)
IDENTIFIER = re.compile(r"[#\w][\w./:=#-]*")
NAME = re.compile(r"[^\W\d_][^\d@<>{}]*(<[^<>]+>)?")


@dataclass(frozen=True, slots=True)
class Guess:
    """What a table's columns probably mean.

    `confidence` is between 0 and 1, by the name of the column; `missing` is what must still be said
    before the table can be read; `samples` are some of its rows.
    """

    mapping: Mapping
    confidence: dict[str, float]
    missing: tuple[Meaning, ...]
    samples: tuple[tuple[str, ...], ...]


def guess(table: Table) -> Guess:
    """The likeliest meaning of each column, each meaning once."""
    sampled = min(SAMPLE_ROWS, max(SHOWN_ROWS, MOST_CELLS // len(table.header)))
    rows = [
        cells
        for _, cells in itertools.islice(table.rows(), sampled)
        if not isinstance(cells, Broken) and TOTALS.isdisjoint(map(_small, cells))
    ]
    names = table.header if table.has_names else ("",) * len(table.header)
    scores = []
    for place, name in enumerate(names):
        texts = [row[place].strip() for row in rows if row[place].strip() not in NOTHING]
        for meaning in Meaning:
            by_name = _by_name(plain(name), meaning)
            if not by_name and meaning not in TELLING:
                continue
            score = by_name * 0.6 + _by_content(texts, meaning) * 0.4
            if score >= LEAST and _fits(texts, meaning):
                scores.append((score, meaning, place))
    columns: dict[str, str] = {}
    confidence: dict[str, float] = {}
    for score, meaning, place in sorted(scores, key=lambda found: (-found[0], found[2])):
        name = table.header[place]
        if name not in columns and meaning not in columns.values():
            columns[name] = str(meaning)
            confidence[name] = round(min(score, 1.0), 2)
    if set(columns.values()) >= NAME_PARTS:
        # Two columns that are surely parts of a name beat one that is perhaps a whole one.
        columns = {name: meaning for name, meaning in columns.items() if meaning != Meaning.NAME}
    confidence = {name: confidence[name] for name in columns}
    mapping = Mapping(columns)
    shown = tuple(map(tuple, rows[:SHOWN_ROWS]))
    return Guess(mapping, confidence, mapping.missing(), shown)


def _small(cell: str) -> str:
    return cell.strip().lower()


@lru_cache(maxsize=4096)
def _by_name(name: str, meaning: Meaning) -> float:
    words = name.split()
    if not words:
        return 0.0
    known = WORDS[meaning].split("|")
    if name in known:
        # The names that stand first are the surest.
        return 1.0 - 0.2 * known.index(name) / len(known)
    if any(word in OTHERWISE.get(meaning, "").split("|") for word in words):
        return 0.0
    among = [known.index(term) for term in known if _is_among(term.split(), words)]
    return 0.7 - 0.2 * min(among) / len(known) if among else 0.0


def _is_among(term: Sequence[str], words: Sequence[str]) -> bool:
    return any(
        words[place : place + len(term)] == term for place in range(len(words) - len(term) + 1)
    )


def _by_content(texts: Sequence[str], meaning: Meaning) -> float:
    """How much of what stands in a column is of this kind, 0 where that says nothing."""
    test = CONTENT.get(meaning)
    if test is None or not texts:
        return 0.0
    return sum(map(test, texts)) / len(texts) * WEIGHT.get(meaning, 1.0)


def _fits(texts: Sequence[str], meaning: Meaning) -> bool:
    """Whether a column can be this at all: nobody can be paid “Berlin” on “Jane”."""
    test = CONTENT.get(meaning)
    if not texts or test is None:
        return True
    share = sum(map(test, texts)) / len(texts)
    if meaning is Meaning.ID:
        return share >= 0.9 and len(set(texts)) == len(texts)
    return share >= SHARES.get(meaning, 0.0)


@lru_cache(maxsize=4096)
def _is_address(text: str) -> bool:
    return bool(normalise_email(text)) and "." in text.rpartition("@")[2]


@lru_cache(maxsize=4096)
def _is_date(text: str) -> bool:
    try:
        moment(text)
    except NotADate:
        return False
    except Undecided:
        return True
    return True


@lru_cache(maxsize=4096)
def _is_amount(text: str) -> bool:
    try:
        number(text)
    except NotANumber:
        return False
    except Unclear:
        return True
    return len(text) < 20


def _is_currency(text: str) -> bool:
    return bool(currency_code(text)) and not any(map(str.isdigit, text))


def _is_name(text: str) -> bool:
    return len(text) < 80 and NAME.fullmatch(text) is not None and not _is_currency(text)


CONTENT: dict[Meaning, Callable[[str], bool]] = {
    Meaning.EMAIL: _is_address,
    Meaning.DATE: _is_date,
    Meaning.AMOUNT: _is_amount,
    Meaning.CURRENCY: _is_currency,
    Meaning.NAME: _is_name,
    Meaning.FIRST_NAME: _is_name,
    Meaning.LAST_NAME: _is_name,
    Meaning.ID: lambda text: IDENTIFIER.fullmatch(text) is not None,
    Meaning.RETURNED: _is_amount,
    Meaning.FEE: _is_amount,
    Meaning.NET: _is_amount,
    Meaning.QUANTITY: str.isdecimal,
    Meaning.STATUS: lambda text: status_of(text) is not Kept.PAID or bool(PAID.search(text)),
    Meaning.COUNTRY: lambda text: bool(country_code(text)),
    Meaning.KIND: lambda text: kind_of(text) is not None,
    Meaning.IS_RETURNED: is_yes_or_no,
    Meaning.TIME: lambda text: re.match(r"\d{1,2}:\d{2}", text) is not None,
}
#: How far what stands there decides without the name of the column.
WEIGHT: dict[Meaning, float] = {
    Meaning.EMAIL: 2.5,
    Meaning.DATE: 1.5,
    Meaning.CURRENCY: 1.5,
    Meaning.NAME: 0.5,
    Meaning.FIRST_NAME: 0.5,
    Meaning.LAST_NAME: 0.5,
    Meaning.ID: 0.5,
    Meaning.STATUS: 0.5,
    Meaning.KIND: 0.5,
    Meaning.QUANTITY: 0.5,
}
#: How much of a column must be of a kind for it to be that.
SHARES: dict[Meaning, float] = {
    Meaning.EMAIL: 0.5,
    Meaning.DATE: 0.8,
    Meaning.AMOUNT: 0.8,
    Meaning.CURRENCY: 0.8,
    Meaning.RETURNED: 0.8,
    Meaning.FEE: 0.8,
    Meaning.NET: 0.8,
    Meaning.QUANTITY: 0.8,
    Meaning.TIME: 0.8,
    Meaning.COUNTRY: 0.5,
    Meaning.STATUS: 0.5,
    Meaning.KIND: 0.5,
    Meaning.IS_RETURNED: 1.0,
}
