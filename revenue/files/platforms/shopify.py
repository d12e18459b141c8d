"""Shopify, Orders → Export and Customers → Export.

Orders (79 columns; old ones have fewer):
- An order is several rows: the first has the status, the totals and the addresses, the others
  repeat Name and Created at and have one more line item each.
- `Financial Status` paid, partially_paid, partially_refunded, refunded; all others took no money.
  What was given back stands in `Refunded Amount`, what is still owed in `Outstanding Balance`.
- `Total` includes tax and shipping and is in the shop's `Currency`; clocks say their offset.
- `Id` is the order for ever, `Name` (#1001) only within one shop. An apostrophe may stand before
  ids, zips and phones. Sales at a till may have no address. A cancelled order keeps its total; its
  status says what became of the money. The gateway for tests is called bogus.

Customers: `Total Spent` is a sum of all time, in the shop's currency, which the file does not name.
"""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from django.utils.translation import gettext_lazy as _

from revenue.files.columns import amount, currency, date, text
from revenue.files.linking import links_in
from revenue.files.outcomes import Line, Outcome, Total, person
from revenue.files.platform import Platform
from revenue.files.sheet import Sheet, payer, unprotected, whole_number
from revenue.files.skipping import Skip, Why

PAID = frozenset({"paid", "partially_paid", "partially_refunded", "refunded"})
WHY = {
    "pending": Why.PENDING,
    "unpaid": Why.PENDING,
    "authorized": Why.AUTHORISED,
    "voided": Why.CANCELLED,
    "expired": Why.CANCELLED,
}


class OrderCells(NamedTuple):
    name: Annotated[str, text("Name", needed=True)]
    email: Annotated[str, text("Email", needed=True)]
    status: Annotated[str, text("Financial Status", needed=True)]
    paid_at: Annotated[str, date("Paid at")]
    created_at: Annotated[str, date("Created at", needed=True)]
    currency: Annotated[str, currency("Currency")]
    total: Annotated[str, amount("Total", needed=True)]
    refunded: Annotated[str, amount("Refunded Amount")]
    outstanding: Annotated[str, amount("Outstanding Balance")]
    item: Annotated[str, text("Lineitem name", needed=True)]
    quantity: Annotated[str, text("Lineitem quantity")]
    billing_name: Annotated[str, text("Billing Name")]
    shipping_name: Annotated[str, text("Shipping Name")]
    billing_country: Annotated[str, text("Billing Country")]
    shipping_country: Annotated[str, text("Shipping Country")]
    note: Annotated[str, text("Notes")]
    method: Annotated[str, text("Payment Method")]
    reference: Annotated[str, text("Payment Reference")]
    references: Annotated[str, text("Payment References")]
    payment: Annotated[str, text("Payment ID")]
    id: Annotated[str, text("Id")]


def order_of(cells: OrderCells) -> str:
    return cells.name.strip()


def read_order(rows: Sequence[OrderCells], sheet: Sheet, lines: Sequence[int]) -> Outcome:
    head = next((row for row in rows if row.status.strip() or row.total.strip()), None)
    if head is None:
        raise Skip(Why.CONTINUED)
    external_id = unprotected(head.id) or head.name.strip()
    status = head.status.strip().lower().replace(" ", "_")
    if status not in PAID:
        why = WHY.get(status, Why.OTHER)
        raise Skip(why, detail=head.status, external_id=external_id)
    if "bogus" in head.method.lower():
        raise Skip(Why.TEST, detail=head.method, external_id=external_id)
    code = sheet.currency(head.currency)
    total = sheet.money(head.total, code)
    if status == "partially_paid":
        total -= sheet.optional_money(head.outstanding, code) or 0
    at = sheet.moment(head.paid_at or head.created_at)
    who = payer(
        head.email,
        head.billing_name or head.shipping_name,
        head.billing_country or head.shipping_country,
    )
    items = [row.item.strip() for row in rows if row.item.strip()]
    product = ", ".join(items)
    if total <= 0:
        return person(lines[0], external_id, who, product=product, since=at)
    returned = sheet.optional_money(head.refunded, code) or 0
    if status == "refunded" and not returned:
        returned = total
    return Line(
        lines[0],
        external_id,
        at,
        code,
        total,
        who,
        product=product,
        note=head.note.strip(),
        quantity=sum(whole_number(row.quantity) or 0 for row in rows) or None,
        returned=min(abs(returned), total),
        links=links_in(head.reference, head.references, head.payment),
        more_lines=tuple(lines[1:]),
    )


class CustomerCells(NamedTuple):
    id: Annotated[str, text("Customer ID")]
    first_name: Annotated[str, text("First Name", needed=True)]
    last_name: Annotated[str, text("Last Name", needed=True)]
    email: Annotated[str, text("Email", needed=True)]
    spent: Annotated[str, amount("Total Spent", needed=True)]
    orders: Annotated[str, text("Total Orders", needed=True)]
    marketing: Annotated[str, text("Accepts Email Marketing", "Accepts Marketing")]
    exempt: Annotated[str, text("Tax Exempt")]
    country: Annotated[
        str, text("Default Address Country Code", "Country Code", "Default Address Country")
    ]


def read_customer(cells: CustomerCells, sheet: Sheet, line: int) -> Outcome:
    code = sheet.currency_of(cells.spent)
    spent = sheet.optional_money(cells.spent, code) or 0
    name = f"{cells.first_name} {cells.last_name}"
    who = payer(cells.email, name, cells.country, "shopify_customer", cells.id)
    external_id = unprotected(cells.id) or who.identity
    found = person(line, external_id, who)
    return Total(line, external_id, code, spent, who) if spent > 0 else found


ORDERS = Platform(
    slug="shopify_orders",
    name="Shopify orders",
    cells=OrderCells,
    order_of=order_of,
    read_order=read_order,
    zone="",
)
CUSTOMERS = Platform(
    slug="shopify_customers",
    name="Shopify customers",
    cells=CustomerCells,
    read=read_customer,
    advice=_(
        "This file has sums of all time and no dates. The orders export has each payment with its"
        " day: bring that one instead if you can."
    ),
)
