"""Etsy, Settings → Options → Download data: Sold Orders, Sold Order Items, payments, statement.

- Dates MM/DD/YY without a time. No addresses: people are the Buyer User ID, or the name; guests
  have no id.
- `Order Total` has the tax in it that Etsy collects and passes on: it is nobody's spend. Not every
  tax has a column; where the goods are as much as the net with its fees, they are what was paid.
- A refund shows as `Adjusted Order Total`: what is left, with the tax on it; 0.00 means that
  nothing changed, unless the adjusted net has an amount: then nothing is left.
- Items: one row each; the shipping is the order's, repeated on every row, and so is the discount,
  but where the rows differ in it: then it is theirs. The rows of an order make one payment under
  the order's id, so that either file gives the same.
- Amounts are plain, or have a sign; some files have decimal commas.
- The monthly statement and its deposits name nobody.
"""

import re
from collections.abc import Sequence
from typing import Annotated, NamedTuple

from django.utils.translation import gettext_lazy as _

from revenue.files.columns import amount, currency, date, text
from revenue.files.dates import Order
from revenue.files.outcomes import Line, Outcome, OutsideId, person
from revenue.files.platform import Platform
from revenue.files.sheet import Sheet, payer, unprotected, whole_number
from revenue.files.skipping import Skip, Why
from truefans.money import share

ETSY = "etsy"
USER = re.compile(r"(?:.*\()?([A-Za-z0-9]{4,20})\)?")
ADVICE = _(
    "Etsy’s files have no addresses: people are known by their Etsy name only. Sold Orders is the"
    " best of them; bringing another one as well counts nothing twice."
)


class OrderCells(NamedTuple):
    at: Annotated[str, date("Sale Date", needed=True)]
    id: Annotated[str, text("Order ID", needed=True)]
    user: Annotated[str, text("Buyer User ID", needed=True)]
    name: Annotated[str, text("Full Name")]
    buyer: Annotated[str, text("Buyer")]
    items: Annotated[str, text("Number of Items")]
    country: Annotated[str, text("Ship Country")]
    currency: Annotated[str, currency("Currency")]
    value: Annotated[str, amount("Order Value")]
    discount: Annotated[str, amount("Discount Amount")]
    shipping_discount: Annotated[str, amount("Shipping Discount")]
    shipping: Annotated[str, amount("Shipping")]
    total: Annotated[str, amount("Order Total", needed=True)]
    tax: Annotated[str, amount("Sales Tax")]
    vat: Annotated[str, amount("VAT Paid by Buyer")]
    status: Annotated[str, text("Status")]
    fee: Annotated[str, amount("Card Processing Fees")]
    net: Annotated[str, amount("Order Net", needed=True)]
    adjusted: Annotated[str, amount("Adjusted Order Total")]
    adjusted_fee: Annotated[str, amount("Adjusted Card Processing Fees")]
    adjusted_net: Annotated[str, amount("Adjusted Net Order Amount")]
    product: Annotated[str, text("SKU")]
    paid_at: Annotated[str, date("Date Paid")]


def read_order(cells: OrderCells, sheet: Sheet, line: int) -> Outcome:
    external_id = _order_id(cells.id)
    status = cells.status.strip().lower()
    if status.startswith("cancel"):
        raise Skip(Why.CANCELLED, external_id=external_id)
    code = sheet.currency(cells.currency) if cells.currency else sheet.currency_of(cells.total)
    total = sheet.money(cells.total, code)
    taxes = [sheet.optional_money(cell, code) or 0 for cell in (cells.tax, cells.vat)]
    fee, net = sheet.fee(cells.fee, code), sheet.optional_money(cells.net, code)
    paid = total - sum(taxes)
    goods = _goods(cells, sheet, code)
    if 0 < goods == _before_fees(net, fee):
        paid = min(paid, goods)
    at = sheet.moment(cells.at)
    who = payer("", cells.name or cells.buyer, cells.country, "etsy", cells.user)
    if paid <= 0:
        return person(line, external_id, who, since=at)
    adjusted, adjusted_net = (
        sheet.optional_money(cell, code) or 0 for cell in (cells.adjusted, cells.adjusted_net)
    )
    is_adjusted = 0 <= adjusted < total and bool(adjusted or adjusted_net)
    left = 0 if status == "refunded" else paid
    if is_adjusted:
        fee, net = sheet.fee(cells.adjusted_fee, code), adjusted_net
        # The tax on what was given back went back, too.
        left = min(_before_fees(net, fee) or share(paid, adjusted, total), adjusted, paid)
    return Line(
        line,
        external_id,
        at,
        code,
        paid,
        who,
        product=cells.product.strip(),
        quantity=whole_number(cells.items),
        returned=paid - left,
        fee=fee,
        net=net,
        links=_links(external_id),
    )


def _goods(cells: OrderCells, sheet: Sheet, code: str) -> int:
    """What was bought and sent, without any tax; 0 where the file does not say it."""
    value, shipping, off, shipping_off = (
        abs(sheet.optional_money(cell, code) or 0)
        for cell in (cells.value, cells.shipping, cells.discount, cells.shipping_discount)
    )
    return value + shipping - off - shipping_off if value else 0


def _before_fees(net: int | None, fee: int | None) -> int:
    """What the shop was paid, 0 where the file does not say both."""
    return 0 if net is None or fee is None else max(net + fee, 0)


class ItemCells(NamedTuple):
    at: Annotated[str, date("Sale Date", needed=True)]
    item: Annotated[str, text("Item Name", needed=True)]
    buyer: Annotated[str, text("Buyer")]
    quantity: Annotated[str, text("Quantity")]
    price: Annotated[str, amount("Price")]
    discount: Annotated[str, amount("Discount Amount")]
    shipping_discount: Annotated[str, amount("Shipping Discount")]
    shipping: Annotated[str, amount("Order Shipping", needed=True)]
    tax: Annotated[str, amount("Order Sales Tax")]
    total: Annotated[str, amount("Item Total", needed=True)]
    currency: Annotated[str, currency("Currency")]
    transaction: Annotated[str, text("Transaction ID", needed=True)]
    name: Annotated[str, text("Ship Name")]
    country: Annotated[str, text("Ship Country")]
    order: Annotated[str, text("Order ID", needed=True)]
    listing: Annotated[str, text("Listing ID")]


def order_of_item(cells: ItemCells) -> str:
    return _order_id(cells.order)


def read_items(rows: Sequence[ItemCells], sheet: Sheet, lines: Sequence[int]) -> Outcome:
    head = rows[0]
    code = sheet.currency(head.currency) if head.currency else sheet.currency_of(head.total)
    shipping = sheet.optional_money(head.shipping, code) or 0
    off = _off([row.discount for row in rows], sheet, code) + _off(
        [head.shipping_discount], sheet, code
    )
    paid = sum(sheet.money(row.total, code) for row in rows) + shipping - off
    at = sheet.moment(head.at)
    who = payer("", head.name or head.buyer, head.country, ETSY, _user_in(head.buyer))
    external_id = _order_id(head.order) or head.transaction.strip()
    product = ", ".join(row.item.strip() for row in rows)
    if paid <= 0:
        return person(lines[0], external_id, who, product=product, since=at)
    return Line(
        lines[0],
        external_id,
        at,
        code,
        paid,
        who,
        product=product,
        quantity=sum(whole_number(row.quantity) or 0 for row in rows) or None,
        links=_links(external_id),
        more_lines=tuple(lines[1:]),
    )


def _off(discounts: Sequence[str], sheet: Sheet, code: str) -> int:
    """A discount of the order, which every row repeats, or those of the rows, which differ."""
    amounts = [abs(sheet.optional_money(cell, code) or 0) for cell in discounts]
    return amounts[0] if len(set(amounts)) == 1 else sum(amounts)


class PaymentCells(NamedTuple):
    id: Annotated[str, text("Payment ID", needed=True)]
    order: Annotated[str, text("Order ID", needed=True)]
    user: Annotated[str, text("Buyer Username")]
    name: Annotated[str, text("Buyer Name", "Buyer")]
    gross: Annotated[str, amount("Gross Amount", needed=True)]
    fees: Annotated[str, amount("Fees", needed=True)]
    net: Annotated[str, amount("Net Amount", needed=True)]
    currency: Annotated[str, currency("Currency")]
    refunded: Annotated[str, amount("Refund Amount")]
    status: Annotated[str, text("Status")]
    at: Annotated[str, date("Order Date", needed=True)]


def read_payment(cells: PaymentCells, sheet: Sheet, line: int) -> Outcome:
    code = sheet.currency(cells.currency) if cells.currency else sheet.currency_of(cells.gross)
    paid = sheet.money(cells.gross, code)
    at = sheet.moment(cells.at)
    who = payer("", cells.name or cells.user, "", ETSY, _user_in(cells.user))
    external_id = _order_id(cells.order) or cells.id.strip()
    if paid <= 0:
        return person(line, external_id, who, since=at)
    return Line(
        line,
        external_id,
        at,
        code,
        paid,
        who,
        returned=min(abs(sheet.optional_money(cells.refunded, code) or 0), paid),
        fee=sheet.fee(cells.fees, code),
        net=sheet.optional_money(cells.net, code),
        links=_links(external_id),
    )


class StatementCells(NamedTuple):
    at: Annotated[str, date("Date", needed=True)]
    type: Annotated[str, text("Type", needed=True)]
    title: Annotated[str, text("Title", needed=True)]
    info: Annotated[str, text("Info", needed=True)]
    fees: Annotated[str, amount("Fees & Taxes", needed=True)]
    tax: Annotated[str, text("Tax Details")]


def _user_in(text: str) -> str:
    """The Etsy name in “ada77” or “Ada Lovelace (ada77)”; "" where it is somebody's own."""
    found = USER.fullmatch(text.strip())
    return found[1] if found else ""


def _order_id(text: str) -> str:
    """One for the three files; with a word before the number, which other shops may have, too."""
    number = unprotected(text).lstrip("#")
    return f"{ETSY}-{number}" if number else ""


def _links(order: str) -> tuple[OutsideId, ...]:
    return (OutsideId(ETSY, order),) if order.startswith(ETSY) else ()


ORDERS = Platform(
    slug="etsy_orders",
    name="Etsy sold orders",
    cells=OrderCells,
    read=read_order,
    date_order=Order.MONTH,
    zone="",
    advice=ADVICE,
)
ITEMS = Platform(
    slug="etsy_items",
    name="Etsy sold order items",
    cells=ItemCells,
    order_of=order_of_item,
    read_order=read_items,
    date_order=Order.MONTH,
    zone="",
    advice=ADVICE,
)
PAYMENTS = Platform(
    slug="etsy_payments",
    name="Etsy payments",
    cells=PaymentCells,
    read=read_payment,
    date_order=Order.MONTH,
    zone="",
    advice=ADVICE,
)
STATEMENT = Platform(
    slug="etsy_statement",
    name="Etsy statement",
    cells=StatementCells,
    refusal=_(
        "This is Etsy’s monthly statement, which names nobody. Download Sold Orders instead: in"
        " Etsy, Settings, Options, Download data."
    ),
)
