"""WooCommerce, Analytics → Orders and Analytics → Customers → Download.

- The headers are in the language of the shop. Real order exports come from plug-ins, each in its
  own form: those are brought with a mapping.
- Orders: no address and no currency column. `N. Revenue (formatted)` is the order's total with its
  sign, written as the shop writes numbers; a refunded order shows two, before and after.
  `Net Sales` is plain, without tax and shipping, and stands in where the other cannot be read.
- Statuses completed and processing are paid; refunded is given back wholly.
- Customers: `Total Spend` is a sum of all time, plain.
- Clocks hang where the shop is.
"""

import re
from typing import Annotated, NamedTuple

from django.utils.translation import gettext_lazy as _

from ..amounts import BLANKS
from ..columns import amount, date, text
from ..outcomes import Line, Outcome, Total, person
from ..platform import Platform
from ..sheet import Sheet, payer, unprotected, whole_number
from ..skipping import Skip, Why

PAID = frozenset({"completed", "processing", "refunded", "abgeschlossen", "in bearbeitung"})
PAID_BACK = frozenset({"refunded", "rückerstattet"})
WHY = {
    "pending": Why.PENDING,
    "pending payment": Why.PENDING,
    "on hold": Why.PENDING,
    "failed": Why.FAILED,
    "cancelled": Why.CANCELLED,
    "canceled": Why.CANCELLED,
    "checkout draft": Why.INCOMPLETE,
}
#: Two totals in one cell: “$100.00 $60.00”, “100,00 € 60,00 €”.
TWICE = re.compile(r"(.*?\d.*?[^\d\s.,]*)\s+(\S*\d.*)")


class OrderCells(NamedTuple):
    at: Annotated[str, date("Date", "Datum", needed=True)]
    id: Annotated[str, text("Order #", "Bestellung #", "Bestellnr.", "Bestellung Nr.", needed=True)]
    total: Annotated[
        str,
        amount("N. Revenue (formatted)", "Nettoumsatz (formatiert)", "N. Umsatz (formatiert)"),
    ]
    net: Annotated[
        str, amount("Net Sales", "N. Revenue", "Nettoumsatz", "Nettoumsätze", needed=True)
    ]
    status: Annotated[str, text("Status", needed=True)]
    customer: Annotated[str, text("Customer", "Kunde", needed=True)]
    customer_type: Annotated[str, text("Customer type", "Kundentyp")]
    products: Annotated[str, text("Product(s)", "Produkt(e)", needed=True)]
    sold: Annotated[str, text("Items sold", "Verkaufte Artikel")]
    coupons: Annotated[str, text("Coupon(s)", "Gutschein(e)")]


def read_order(cells: OrderCells, sheet: Sheet, line: int) -> Outcome:
    external_id = unprotected(cells.id).lstrip("#")
    status = cells.status.strip().lower().replace("-", " ").removeprefix("wc ")
    is_returned = status in PAID_BACK
    if status not in PAID and not is_returned:
        raise Skip(WHY.get(status, Why.OTHER), detail=cells.status, external_id=external_id)
    before, after = _totals(cells.total)
    code = sheet.currency_of(before or cells.net)
    total = sheet.money(before or cells.net, code)
    left = sheet.money(after, code) if after else total
    at = sheet.moment(cells.at)
    who = payer(cells.customer, cells.customer)
    product = cells.products.strip()
    if total <= 0:
        return person(line, external_id, who, product=product, since=at)
    return Line(
        line,
        external_id,
        at,
        code,
        total,
        who,
        product=product,
        quantity=whole_number(cells.sold),
        returned=total if is_returned else max(total - left, 0),
    )


def _totals(text: str) -> tuple[str, str]:
    """The total and, where something was refunded, what is left of it."""
    twice = TWICE.fullmatch(text.strip())
    if twice and _has_digits(twice[1]) and _is_price(twice[2]):
        return twice[1], twice[2]
    return text.strip(), ""


def _is_price(text: str) -> bool:
    """Whether there is a currency beside the digits: the second half of “1 234,50 €” is none."""
    return _has_digits(text) and len(re.findall(r"\d[\d.,]*", text.translate(BLANKS))) == 1


def _has_digits(text: str) -> bool:
    return any(map(str.isdigit, text))


class CustomerCells(NamedTuple):
    name: Annotated[str, text("Name", needed=True)]
    username: Annotated[str, text("Username", "Benutzername")]
    email: Annotated[str, text("Email", "E-Mail", needed=True)]
    signed_up: Annotated[str, date("Sign Up", "Registrierung", needed=True)]
    active: Annotated[str, date("Last Active", "Zuletzt aktiv")]
    orders: Annotated[str, text("Orders", "Bestellungen", needed=True)]
    spent: Annotated[str, amount("Total Spend", "Gesamtausgaben", needed=True)]
    average: Annotated[str, text("AOV")]
    country: Annotated[str, text("Country / Region", "Country", "Land / Region")]


def read_customer(cells: CustomerCells, sheet: Sheet, line: int) -> Outcome:
    who = payer(cells.email, cells.name, cells.country)
    external_id = who.identity or cells.username.strip() or who.name
    since = sheet.optional_moment(cells.signed_up)
    found = person(line, external_id, who, since=since)
    code = sheet.currency_of(cells.spent)
    spent = sheet.optional_money(cells.spent, code) or 0
    return Total(line, external_id, code, spent, who, since=since) if spent > 0 else found


ORDERS = Platform(
    slug="woocommerce_orders",
    name="WooCommerce orders",
    cells=OrderCells,
    read=read_order,
    mark="",
    zone="",
    advice=_(
        "WooCommerce's own report has no addresses, so that nobody in it can be joined with anybody"
        " from elsewhere. A plug-in such as Order Export gives you the addresses, too."
    ),
)
CUSTOMERS = Platform(
    slug="woocommerce_customers",
    name="WooCommerce customers",
    cells=CustomerCells,
    read=read_customer,
    mark="",
    zone="",
    advice=_(
        "This file has sums of all time and no payments. Do not bring the orders of the same shop"
        " as well, or they count twice."
    ),
)
