"""PayPal: the activity download (about 41 columns, any subset) and the statement (18), in the
languages of the account.

- Every cell is quoted. Dates and amounts are written as the account's language writes them; even
  an English header may come with decimal commas.
- Clocks hang where `TimeZone` says: PST and PDT in the activity, Europe/Berlin in the statement.
- Everything is in it: income, refunds (negative, `Reference Txn ID` is the payment), chargebacks,
  own purchases (negative) with the bank's money that pays for them (positive, and nobody's name),
  withdrawals, both sides of an exchange of currencies, holds. The statement has no status and says
  the type in its Description.
- Income is what is positive, complete, no transfer of one's own, and comes from somebody.
- The fee is negative, Net = Gross + Fee.
- What Ko-fi, Bandcamp, Gumroad or a shop took through PayPal is here, too, under the same
  transaction id.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

from django.utils.translation import gettext_lazy as _

from revenue.files.columns import amount, currency, date, plain, text
from revenue.files.dates import Order
from revenue.files.outcomes import (
    DISPUTE,
    MEMBERSHIP,
    REFUND,
    SALE,
    Line,
    Outcome,
    OutsideId,
    Return,
)
from revenue.files.platform import Platform
from revenue.files.sheet import Sheet, payer, whole_number
from revenue.files.skipping import Skip, Why

#: Complete, and (in old files) what is said of a payment that was returned, mostly by another row.
BACK = frozenset({"refunded", "reversed", "rückerstattet", "erstattet", "remboursé", "reembolsado"})
DONE = BACK | frozenset(
    {"completed", "abgeschlossen", "completado", "completada", "terminé", "terminée", "effectué"}
    | {"effectuée", "completato", "completata", "concluído", "concluída", "voltooid", "slutförd"}
    | {"zakończono", "zakończona", "cleared", "partially refunded", "teilweise rückerstattet"}
    | {"partiellement remboursé", "parcialmente reembolsado"}
)
#: How other statuses begin; the rest is not complete yet.
UNFINISHED = (
    *((word, Why.CANCELLED) for word in ("cancel", "storn", "annul", "abgebrochen", "anulad")),
    *((word, Why.FAILED) for word in ("denied", "failed", "rejected", "returned", "expired")),
    *(
        (word, Why.FAILED)
        for word in ("deneg", "rifiut", "abgelehnt", "fehlgeschlagen", "refus", "rechaz", "échou")
    ),
)
#: What the type of a row says, in the order in which it is asked.
HOLD = re.compile(
    r"\bhold\b|payment review|authori[sz]ation|autorisi|einbehalt|autori[sz]a|retención|blocage"
    r"|reserve\b|réserve|reserva\b|temporary|\brelease\b|freigabe|déblocage|libération|liberación|desbloqueo",
    re.IGNORECASE,
)
TRANSFER = re.compile(
    r"withdraw|deposit|add(ed)? funds|\bfunding\b|transfer to|transfer from (a )?bank"
    r"|^(cancelled )?transfer$|charge from|credit to credit card|abbuchung|auszahlung"
    r"|bankgutschrift|gutschrift (von|auf|über)|einzahlung|virement|retrait|dépôt"
    r"|approvisionnement|retirada|retiro|ingreso|depósito|transferencia|prelievo|bonifico|versamento|overboeking|saque",
    re.IGNORECASE,
)
CONVERSION = re.compile(r"conversi|umrechnung|wechsel|omrekening|omwisseling", re.IGNORECASE)
#: What PayPal itself gives, lends or sets right; what was only asked for; and what an old file says
#: anew of a row that stands in it, too, with the same amount.
NO_PAYMENT = re.compile(
    r"^update to\b|(invoice|request) (sent|received)|cash ?back|\bbonus\b|\binterest\b|dividend"
    r"|incentive|certificate|\bloan\b|working capital|correction|adjustment|collected by partner"
    r"|funds payable|consolidation|korrektur|zinsen|gutschein|intérêts|ajustement|intereses|ajuste",
    re.IGNORECASE,
)
#: Lines of a cart whose payment is a row of its own; and what a platform pays out to many at once.
PART = re.compile(
    r"cart item|warenkorbartikel|article du panier|artículo del carrito", re.IGNORECASE
)
PAYOUT = re.compile(
    r"mass ?pay|payouts?\b|sammelzahlung|paiement (groupé|en masse)|pago masivo|pagos? en masa"
    r"|pagamento di massa",
    re.IGNORECASE,
)
FEE = re.compile(
    r"\bfees?\b|gebühr|entgelt\b|\bfrais\b|comisión|commissione|\btaxa\b", re.IGNORECASE
)
REFUND_TYPE = re.compile(
    r"refund|rückzahlung|rückerstattung|erstattung|rembours|reembolso|devolución|rimborso"
    r"|terugbetaling",
    re.IGNORECASE,
)
DISPUTE_TYPE = re.compile(
    r"chargeback|charge-back|reversal|rückbuchung|rückbelastung|rücklastschrift|storno|impayé"
    r"|rétrofacturation|rejet d[eu]|contre-passation|annulation d[eu] paiement|contracargo"
    r"|retrocesión|reversión|anulación del? pago|dispute",
    re.IGNORECASE,
)
SUBSCRIPTION = re.compile(
    r"subscription|recurring|abonnement|abo-|wiederkehrend|récurrent|suscripción|periódico",
    re.IGNORECASE,
)
#: A dispute, even where it comes back: the positive side of a reversal may be one's own purchase.
CHARGEBACK = re.compile(
    r"chargeback|charge-back|rückbelastung|rétrofacturation|rejet d[eu]|contracargo|impayé|dispute",
    re.IGNORECASE,
)
OWN_MOVEMENTS = (
    (NO_PAYMENT, Why.OTHER),
    (HOLD, Why.HOLD),
    (TRANSFER, Why.TRANSFER),
    (CONVERSION, Why.CONVERSION),
    (FEE, Why.FEE),
    (PAYOUT, Why.PAYOUT),
    (PART, Why.OTHER),
)
MEMO = re.compile(r"m[eé]mo|notiz|vermerk", re.IGNORECASE)


# fmt: off
class Cells(NamedTuple):
    day: Annotated[str, date("Date", "Datum", "Fecha", "Data", needed=True)]
    time: Annotated[str, text("Time", "Uhrzeit", "Zeit", "Heure", "Hora", "Ora", "Tijd")]
    zone: Annotated[
        str,
        text("TimeZone", "Time Zone", "Zeitzone", "Fuseau horaire", "Zona horaria", "Fuso orario",
             "Huso horario", "Fuso horário", "Tijdzone"),
    ]
    name: Annotated[str, text("Name", "Nom", "Nombre", "Nome", "Naam")]
    type: Annotated[
        str,
        text("Type", "Typ", "Tipo", "Description", "Beschreibung", "Descripción", "Descrizione",
             "Descrição", "Omschrijving", needed=True),
    ]
    status: Annotated[str, text("Status", "État", "Etat", "Statut", "Estado", "Stato")]
    currency: Annotated[
        str,
        currency("Currency", "Währung", "Devise", "Divisa", "Moneda", "Valuta", "Moeda",
                 needed=True),
    ]
    gross: Annotated[
        str,
        amount("Gross", "Brutto", "Avant commission", "Brut", "Bruto", "Lordo", needed=True),
    ]
    fee: Annotated[
        str,
        amount("Fee", "Fees", "Gebühr", "Entgelt", "Commission", "Frais", "Comisión", "Tarifa",
               "Tariffa", "Taxa", "Kosten"),
    ]
    net: Annotated[str, amount("Net", "Netto", "Neto", "Líquido")]
    sender: Annotated[
        str,
        text("From Email Address", "Absender E-Mail-Adresse", "Von E-Mail-Adresse",
             "De l'adresse email",
             "Adresse email de l'expéditeur", "Adresse e-mail de l'expéditeur",
             "De l'adresse e-mail", "Correo electrónico del remitente", "Remitente",
             "De la dirección de correo electrónico", "Indirizzo email mittente",
             "Van e-mailadres"),
    ]
    receiver: Annotated[
        str,
        text("To Email Address", "Empfänger E-Mail-Adresse", "An E-Mail-Adresse",
             "À l'adresse email", "Adresse email du destinataire",
             "Adresse e-mail du destinataire", "À l'adresse e-mail",
             "Correo electrónico del destinatario", "Destinatario",
             "A la dirección de correo electrónico", "Indirizzo email destinatario",
             "Naar e-mailadres"),
    ]
    id: Annotated[
        str,
        text("Transaction ID", "Transaktionscode", "Numéro de transaction",
             "Identifiant de transaction", "N° de transaction", "Id. de transacción",
             "ID de transacción",
             "Identificador de la transacción", "Identificador de transacción", "ID transazione",
             "Codice transazione", "ID da transação", "Transactiereferentie", needed=True),
    ]
    reference: Annotated[
        str,
        text("Reference Txn ID", "Zugehöriger Transaktionscode", "Txn-Referenzkennung",
             "Numéro de la transaction de référence", "Nº de transaction de référence",
             "Numéro de transaction de référence", "Identifiant de la transaction de référence",
             "Id. de referencia de trans.", "Id. de referencia de la transacción",
             "Identificador de la transacción de referencia",
             "ID transazione di riferimento"),
    ]
    title: Annotated[
        str,
        text("Item Title", "Artikelbezeichnung", "Titre de l'objet", "Título del artículo",
             "Nombre del artículo", "Nome oggetto"),
    ]
    subject: Annotated[str, text("Subject", "Betreff", "Objet", "Asunto", "Oggetto")]
    note: Annotated[str, text("Note", "Hinweis", "Remarque", "Nota")]
    quantity: Annotated[str, text("Quantity", "Anzahl", "Quantité", "Cantidad", "Quantità")]
    country: Annotated[
        str, text(
            *("Country Code", "Ländercode", "Ländervorwahl", "Code pays", "Código de país"),
            *("Country", "Land", "Pays", "País", "Paese"),
        )
    ]
    impact: Annotated[
        str,
        text("Balance Impact", "Auswirkung auf Guthaben", "Impact sur le solde",
             "Impacto en el saldo", "Repercusión en el saldo", "Repercusiones en el saldo",
             "Impatto sul saldo"),
    ]
# fmt: on


def read(cells: Cells, sheet: Sheet, line: int) -> Outcome:
    status = cells.status.strip().lower()
    if cells.status and status not in DONE:
        raise _unfinished(cells)
    if MEMO.search(cells.impact):
        raise Skip(Why.HOLD)
    _refuse_own_movements(cells.type)
    code = sheet.currency(cells.currency)
    gross = sheet.money(cells.gross, code)
    at = sheet.moment(f"{cells.day.strip()} {cells.time.strip()}".strip(), cells.zone)
    if gross < 0 or DISPUTE_TYPE.search(cells.type) or REFUND_TYPE.search(cells.type):
        return _return(cells, sheet, line, code, gross, at)
    who = payer(cells.sender, cells.name, cells.country)
    if not gross or not (who.email or who.name):
        raise Skip(Why.OTHER)
    title = cells.title.strip() or cells.subject.strip()
    return Line(
        line,
        cells.id.strip() or sheet.own_id(at, code, gross, who, title),
        at,
        code,
        gross,
        who,
        MEMBERSHIP if SUBSCRIPTION.search(cells.type) else SALE,
        title,
        cells.note.strip() or (cells.subject.strip() if cells.title.strip() else ""),
        whole_number(cells.quantity),
        returned=gross if status in BACK else 0,
        return_kind=DISPUTE if status == "reversed" else REFUND,
        fee=sheet.fee(cells.fee, code),
        net=sheet.optional_money(cells.net, code),
        links=(OutsideId("paypal", cells.id.strip()),) if cells.id.strip() else (),
    )


def _unfinished(cells: Cells) -> Skip:
    status = cells.status.strip().lower()
    why = next((why for beginning, why in UNFINISHED if status.startswith(beginning)), Why.PENDING)
    return Skip(why, detail=cells.status, external_id=cells.id)


def _refuse_own_movements(kind: str) -> None:
    for pattern, why in OWN_MOVEMENTS:
        if pattern.search(kind):
            raise Skip(why)


def _return(cells: Cells, sheet: Sheet, line: int, code: str, gross: int, at: datetime) -> Return:
    """A refund or a dispute of something that was sold; Skip for one of something bought."""
    is_dispute = DISPUTE_TYPE.search(cells.type) is not None
    if not is_dispute and (gross > 0 or not REFUND_TYPE.search(cells.type)):
        raise Skip(Why.OWN_REFUND if gross > 0 else Why.OWN_PURCHASE)
    if gross > 0 and not CHARGEBACK.search(cells.type):
        raise Skip(Why.OWN_REFUND)
    # The statement has one address, that of the other side; it has no status either.
    who = payer(cells.receiver if cells.status else cells.sender, cells.name, cells.country)
    fee = sheet.optional_money(cells.fee, code)
    return Return(
        line,
        cells.id.strip() or sheet.own_id(at, code, gross, who),
        cells.reference.strip(),
        at,
        code,
        -gross,
        who,
        DISPUTE if is_dispute else REFUND,
        cells.title.strip() or cells.subject.strip(),
        None if fee is None else -fee,
    )


def usual_order(header: Sequence[str], _rows: Sequence[Cells]) -> str:
    """Every language but English writes the day first; English is written both ways."""
    return "" if "time" in map(plain, header) else Order.DAY


PLATFORM = Platform(
    slug="paypal",
    name="PayPal",
    cells=Cells,
    read=read,
    date_order=usual_order,
    mark="",
    zone="",
    advice=_(
        "If Ko-fi, Bandcamp, Gumroad or your shop takes payments through PayPal, they are in this"
        " file, too. TrueFans counts a payment once where both name the same transaction."
    ),
)
