"""Any table of people, days and amounts, by what somebody says its columns mean."""

import re
from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from email.utils import parseaddr
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from revenue.files.columns import ABSENT, Fit, amount, currency, date, text
from revenue.files.linking import links_in
from revenue.files.outcomes import Line, Outcome, Return, person
from revenue.files.platform import Match, Platform
from revenue.files.reading import Broken, Table
from revenue.files.sheet import Decisions, Sheet, payer, unprotected, whole_number
from revenue.files.skipping import Skip, Why
from revenue.files.statuses import Kept, is_yes, kind_of, status_of


class Meaning(StrEnum):
    """What a column says; each at most once in a table."""

    EMAIL = "email"
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    CUSTOMER = "customer"
    DATE = "date"
    TIME = "time"
    AMOUNT = "amount"
    CURRENCY = "currency"
    PRODUCT = "product"
    ID = "id"
    STATUS = "status"
    KIND = "kind"
    RETURNED = "returned"
    IS_RETURNED = "is_returned"
    REFERENCE = "reference"
    FEE = "fee"
    NET = "net"
    NOTE = "note"
    QUANTITY = "quantity"
    COUNTRY = "country"


LABELS = {
    Meaning.EMAIL: _("e-mail address"),
    Meaning.NAME: _("name"),
    Meaning.FIRST_NAME: _("first name"),
    Meaning.LAST_NAME: _("last name"),
    Meaning.CUSTOMER: _("number or id of the person, or a name that nobody else has"),
    Meaning.DATE: _("date"),
    Meaning.TIME: _("time of day"),
    Meaning.AMOUNT: _("amount paid"),
    Meaning.CURRENCY: _("currency"),
    Meaning.PRODUCT: _("what was bought"),
    Meaning.ID: _("id of the payment"),
    Meaning.STATUS: _("status"),
    Meaning.KIND: _("what the row is: a payment, a refund, a fee"),
    Meaning.RETURNED: _("amount given back"),
    Meaning.IS_RETURNED: _("given back: yes or no"),
    Meaning.REFERENCE: _("id of the payment that a refund belongs to"),
    Meaning.FEE: _("fee"),
    Meaning.NET: _("amount after fees"),
    Meaning.NOTE: _("message"),
    Meaning.QUANTITY: _("quantity"),
    Meaning.COUNTRY: _("country"),
}
#: What stands in place of a name where nobody said theirs.
NOBODY = frozenset(
    {"anonymous", "anonym", "anonyme", "anónimo", "anônimo", "anonimo", "anoniem", "someone"}
    | {"guest", "guest customer", "gast", "invité", "unknown", "unbekannt", "walk-in", "customer"}
)
#: How an amount shows that it is below nothing.
LESS = re.compile(r"[-−–(]\s*(?:[^\w\s]\s*)?\d|\d\s*[-−–]$")
#: No name and address together are longer; of brackets in brackets the library reads only so many.
LONGEST = 200
#: One of them must be there, and a date and an amount.
WHO = (Meaning.EMAIL, Meaning.NAME, Meaning.LAST_NAME, Meaning.CUSTOMER)


@dataclass(frozen=True, slots=True)
class Mapping:
    """What the columns of a table mean, by their names, and what it leaves open; plain data."""

    columns: Dict[str, str]
    decisions: Decisions = field(default_factory=Decisions)

    def missing(self) -> tuple[Meaning, ...]:
        """What must be said before the table can be read."""
        said = set(self.columns.values())
        needed = [m for m in (Meaning.DATE, Meaning.AMOUNT) if m not in said]
        return tuple(needed if said & set(WHO) else [Meaning.EMAIL, *needed])

    def match(self, table: Table) -> Match:
        """`table` as read by this mapping; what names a column that it does not have is ignored."""
        place_of = {name: place for place, name in reversed(list(enumerate(table.header)))}
        places = dict.fromkeys(PLATFORM.columns, ABSENT)
        for name, meaning in self.columns.items():
            if meaning in places:
                places[meaning] = place_of.get(name, ABSENT)
        return Match(PLATFORM, Fit(places, 0, ()))

    def as_json(self) -> dict[str, Any]:
        return {"columns": dict(self.columns), **asdict(self.decisions)}

    @classmethod
    def from_json(cls, data: Dict[str, Any]) -> "Mapping":
        given = {name: data.get(name, "") for name in asdict(Decisions())}
        return cls(dict(data["columns"]), Decisions(**given))


class Cells(NamedTuple):
    email: Annotated[str, text()]
    name: Annotated[str, text()]
    first_name: Annotated[str, text()]
    last_name: Annotated[str, text()]
    customer: Annotated[str, text()]
    date: Annotated[str, date(needed=True)]
    time: Annotated[str, text()]
    amount: Annotated[str, amount(needed=True)]
    currency: Annotated[str, currency()]
    product: Annotated[str, text()]
    id: Annotated[str, text()]
    status: Annotated[str, text()]
    kind: Annotated[str, text()]
    returned: Annotated[str, amount()]
    is_returned: Annotated[str, text()]
    reference: Annotated[str, text()]
    fee: Annotated[str, amount()]
    net: Annotated[str, amount()]
    note: Annotated[str, text()]
    quantity: Annotated[str, text()]
    country: Annotated[str, text()]


def read(cells: Cells, sheet: Sheet, line: int) -> Outcome:
    kind = kind_of(cells.kind)
    if isinstance(kind, Why):
        raise Skip(kind, detail=cells.kind)
    # “Refund” is a row of its own, “refunded” is what became of a payment.
    said = cells.status if kind is Kept.RETURNED else f"{cells.status} {cells.kind}".strip()
    status = status_of(said)
    external_id = unprotected(cells.id)
    if isinstance(status, Why):
        raise Skip(status, detail=said, external_id=external_id)
    code = sheet.currency(cells.currency) if cells.currency else sheet.currency_of(cells.amount)
    paid = sheet.money(cells.amount, code)
    at = sheet.moment(f"{cells.date.strip()} {cells.time.strip()}".strip())
    name, address = "", cells.email or cells.name
    if "<" in cells.email + cells.name and len(address) <= LONGEST:  # “Jane <jane@example.org>”
        name, address = parseaddr(address)
    who = payer(address, name or _name(cells), cells.country, "customer", _customer(cells))
    product = cells.product.strip()
    if paid < 0 or (paid and kind is Kept.RETURNED):
        of = unprotected(cells.reference)
        if not of and not (sheet.refunds_have_ids and who.identity):
            of = external_id
        own = (
            sheet.numbered(f"{external_id}-return")
            if external_id
            else sheet.own_id(at, code, paid, who, product)
        )
        return Return(line, own, of, at, code, abs(paid), who, product=product)
    if external_id:
        # Rows with one id are parts of one order: each keeps its money.
        external_id = sheet.numbered(external_id)
    else:
        external_id = sheet.own_id(at, code, paid, who, product)
    if not paid:
        return person(line, external_id, who, product=product, since=at)
    returned = abs(sheet.optional_money(cells.returned, code) or 0)
    if not returned and (status is Kept.RETURNED or is_yes(cells.is_returned)):
        returned = paid
    return Line(
        line,
        external_id,
        at,
        code,
        paid,
        who,
        product=product,
        note=cells.note.strip(),
        quantity=whole_number(cells.quantity),
        returned=min(returned, paid),
        fee=sheet.fee(cells.fee, code),
        net=sheet.optional_money(cells.net, code),
        links=links_in(cells.id, cells.reference),
    )


def look(table: Table, match: Match, sheet: Sheet) -> None:
    """See under which ids the refunds of a table stand: many programs write that of the payment,
    others give each row its own."""
    places = match.fit.places
    name, amount, kind = places["id"], places["amount"], places["kind"]
    if name < 0 or places["reference"] >= 0:
        return

    def gives_back(row: Sequence[str]) -> bool:
        return bool(LESS.search(row[amount])) or (kind >= 0 and kind_of(row[kind]) is Kept.RETURNED)

    rows = (row for _, row in table.rows() if not isinstance(row, Broken))
    given = {unprotected(row[name]) for row in rows if gives_back(row)}
    rows = (row for _, row in table.rows() if given and not isinstance(row, Broken))
    sheet.refunds_have_ids = bool(given) and not any(
        unprotected(row[name]) in given and not gives_back(row) for row in rows
    )


def _customer(cells: Cells) -> str:
    """A name is the same in other capitals, and a number is not; “Anonymous” is nobody's."""
    text = " ".join(cells.customer.split())
    if text.casefold() in NOBODY:
        return ""
    return text.casefold() if _is_name(text) else text


def _is_name(text: str) -> bool:
    return any(map(str.isalpha, text)) and not any(map(str.isdigit, text))


def _name(cells: Cells) -> str:
    """“Nom” beside “Prénom” is no whole name, though it is called one."""
    last = cells.last_name or (cells.name if cells.first_name.strip() else "")
    if cells.first_name and cells.first_name.strip().lower() in cells.name.lower():
        return cells.name
    if last or cells.first_name:
        return f"{cells.first_name} {last}"
    return cells.name or (cells.customer if _is_name(cells.customer) else "")


PLATFORM = Platform(
    slug="table",
    name="Any table",
    cells=Cells,
    read=read,
    look=look,
    mark="",
    zone="",
    is_minor=False,
)
