"""WooCommerce, Analytics → Orders and Analytics → Customers → Download, and exports of plug-ins.

- The headers of Analytics are in the language of the shop.
- Exports of plug-ins (“Email (Billing)”, or `billing_email` where the names are those of the
  programming interface) have addresses, the currency where it was ticked, and the whole total on
  every row of an order that has a row for each item. What was refunded stands in a column of its
  own, or, where the names are those of the programming interface, among words in `refund_items`.
- Orders: no address and no currency column. `N. Revenue (formatted)` is the order's total with its
  sign, written as the shop writes numbers; a refunded order shows two, before and after.
  `Net Sales` is plain, without tax and shipping, and stands in where the other cannot be read.
- Statuses completed and processing are paid; refunded is given back wholly.
- Customers: `Total Spend` is a sum of all time, plain.
- Clocks hang where the shop is.
"""

import re
from collections.abc import Sequence
from typing import Annotated, NamedTuple

from django.utils.translation import gettext_lazy as _

from revenue.files.amounts import BLANKS
from revenue.files.columns import amount, currency, date, text
from revenue.files.linking import links_in
from revenue.files.outcomes import Line, Outcome, Total, person
from revenue.files.platform import Platform
from revenue.files.sheet import Sheet, payer, unescaped, unprotected, whole_number
from revenue.files.skipping import Skip, Why

PAID = frozenset(
    {"completed", "processing", "refunded", "abgeschlossen", "in bearbeitung"}
    | {"partially refunded", "shipped", "delivered", "dispatched"}
)
PAID_BACK = frozenset({"refunded", "rückerstattet"})
WHY = {
    "pending": Why.PENDING,
    "pending payment": Why.PENDING,
    "on hold": Why.PENDING,
    "failed": Why.FAILED,
    "cancelled": Why.CANCELLED,
    "canceled": Why.CANCELLED,
    "checkout draft": Why.INCOMPLETE,
    "trash": Why.CANCELLED,
    "zahlung ausstehend": Why.PENDING,
    "in wartestellung": Why.PENDING,
    "fehlgeschlagen": Why.FAILED,
    "storniert": Why.CANCELLED,
}
#: Two totals in one cell: “$100.00 $60.00”, “100,00 € 60,00 €”.
TWICE = re.compile(r"(\D*\d\S*(?:\s+[^\d\s]+)*)\s+(\S*\d.*)")

#: What each refund gave back, in a cell of them all: “amount:20.00|reason:broken;amount:5.00”.
GIVEN_BACK = re.compile(r"\bamount:(-?[\d.,]+)")


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
    is_returned = _is_returned(cells.status, external_id)
    before, after = _totals(unescaped(cells.total))
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


def _is_returned(text: str, external_id: str) -> bool:
    """Whether an order of this status was given back wholly; raises Skip where it took no money."""
    status = text.strip().lower().replace("-", " ").removeprefix("wc ")
    if status not in PAID | PAID_BACK:
        raise Skip(WHY.get(status, Why.OTHER), detail=text, external_id=external_id)
    return status in PAID_BACK


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


# fmt: off
class ExportCells(NamedTuple):
    id: Annotated[str, text("Order Number", "order_number", "Order ID", "order_id", needed=True)]
    at: Annotated[str, date("Order Date", "order_date", "date", needed=True)]
    status: Annotated[str, text("Order Status", "status", needed=True)]
    email: Annotated[
        str,
        text("Email (Billing)", "billing_email", "Billing Email Address", "Billing Email",
             needed=True),
    ]
    first_name: Annotated[
        str,
        text("First Name (Billing)", "billing_first_name", "Billing First Name", needed=True),
    ]
    last_name: Annotated[
        str, text("Last Name (Billing)", "billing_last_name", "Billing Last Name")
    ]
    country: Annotated[
        str, text("Country Code (Billing)", "billing_country", "Billing Country")
    ]
    currency: Annotated[str, currency("Order Currency", "order_currency", "Currency")]
    total: Annotated[str, amount("Order Total Amount", "Order Total", "order_total", needed=True)]
    refunded: Annotated[
        str,
        amount("Order Refund Amount", "refunded_total", "order_refund_total", "Total Refunded",
               "Refund Amount", "Total Refund Amount", "Refunded Amount"),
    ]
    refunds: Annotated[str, text("refund_items", "refunds")]
    item: Annotated[str, text("Item Name", "item_name", "Product Name")]
    quantity: Annotated[str, text("Quantity", "Quantity (- Refund)", "item_quantity")]
    transaction: Annotated[str, text("Transaction ID", "transaction_id")]
    note: Annotated[str, text("Customer Note", "customer_note")]
# fmt: on


def order_of(cells: ExportCells) -> str:
    return unprotected(cells.id).lstrip("#")


def read_export(rows: Sequence[ExportCells], sheet: Sheet, lines: Sequence[int]) -> Outcome:
    head = rows[0]
    external_id = order_of(head)
    if not (external_id or head.status.strip() or head.total.strip()):
        raise Skip(Why.CONTINUED)
    is_returned = _is_returned(head.status, external_id)
    total = unescaped(head.total)
    code = sheet.currency(head.currency) if head.currency else sheet.currency_of(total)
    paid = sheet.money(total, code)
    at = sheet.moment(head.at)
    who = payer(head.email, f"{head.first_name} {head.last_name}", head.country)
    product = ", ".join(row.item.strip() for row in rows if row.item.strip())
    if paid <= 0:
        return person(lines[0], external_id, who, product=product, since=at)
    stated = abs(sheet.optional_money(head.refunded, code) or 0)
    returned = stated or sum(
        abs(sheet.money(given, code)) for given in GIVEN_BACK.findall(head.refunds)
    )
    return Line(
        lines[0],
        external_id,
        at,
        code,
        paid,
        who,
        product=product,
        note=head.note.strip(),
        quantity=sum(whole_number(row.quantity) or 0 for row in rows) or None,
        returned=paid if is_returned else min(returned, paid),
        links=links_in(head.transaction),
        more_lines=tuple(lines[1:]),
    )


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
        "WooCommerce’s own report has no addresses, so that nobody in it can be joined with anybody"
        " from elsewhere. A plug-in such as Order Export gives you the addresses, too."
    ),
)
EXPORT = Platform(
    slug="woocommerce_export",
    name="WooCommerce order export",
    cells=ExportCells,
    order_of=order_of,
    read_order=read_export,
    mark="",
    zone="",
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
