"""Eventbrite, Reports → Attendees and Orders.

- Attendees: a row is one ticket; several share an order. Columns are `Order #`, `Order No.` or
  `Order ID`, as the year has it, and one for every question that the organiser asked.
- Who paid is the buyer where the file names one, else the attendee, whose address may differ.
- `Total Paid` (or `Ticket price`) is in `Currency`; free tickets are at 0. `Attendee Status`
  Refunded means all of it.
- Orders: a row an order; `Net sales` is without fees, and nothing says the currency. Later ones
  have `Currency`, `Gross sales` and `Payment status`.
- Dates are month first (11/29/24 22:28) or ISO, in the organiser's time. Where the columns are
  named as in Britain (“Surname”, “Home Postcode”), it is asked.
- Both files of one event name its orders, so that each is counted once: by its tickets.
- Who was not asked for a name or an address has “Info Requested” in its place.
"""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from revenue.files.columns import amount, currency, date, plain, text
from revenue.files.dates import Order
from revenue.files.outcomes import Line, Outcome, OutsideId, person
from revenue.files.platform import Platform
from revenue.files.sheet import Sheet, payer, unprotected, whole_number
from revenue.files.skipping import Skip, Why

EVENTBRITE = "eventbrite"
NOT_ASKED = "Info Requested"
BRITISH = frozenset({"surname", "postcode"})
WHY = {
    "pending": Why.PENDING,
    "unpaid": Why.PENDING,
    "abandoned": Why.INCOMPLETE,
    "deleted": Why.CANCELLED,
    "cancelled": Why.CANCELLED,
    "canceled": Why.CANCELLED,
}


class AttendeeCells(NamedTuple):
    order: Annotated[str, text("Order #", "Order No.", "Order ID", needed=True)]
    at: Annotated[str, date("Order Date", needed=True)]
    first_name: Annotated[str, text("First Name", "Attendee first name")]
    last_name: Annotated[str, text("Last Name", "Attendee last name", "Surname")]
    email: Annotated[str, text("Email", "Attendee email", "Email Address", needed=True)]
    ticket: Annotated[str, text("Ticket Type", "Ticket tier", needed=True)]
    quantity: Annotated[str, text("Quantity", "Ticket quantity")]
    attendee: Annotated[str, text("Attendee #", "Attendee No.", "Barcode #", "Barcode number")]
    currency: Annotated[str, currency("Currency")]
    paid: Annotated[str, amount("Total Paid", "Ticket price", needed=True)]
    fees: Annotated[str, amount("Eventbrite Fees")]
    processing: Annotated[str, amount("Eventbrite Payment Processing")]
    status: Annotated[str, text("Attendee Status", "Order Status")]
    order_type: Annotated[str, text("Order Type")]
    event: Annotated[str, text("Event Name")]
    buyer_first_name: Annotated[str, text("Buyer First Name", "Purchaser First Name")]
    buyer_last_name: Annotated[str, text("Buyer Last Name", "Purchaser Last Name")]
    buyer_email: Annotated[str, text("Buyer Email", "Purchaser Email")]
    country: Annotated[str, text("Home Country", "Purchaser country", "Billing Country")]
    refunded: Annotated[str, amount("Refunded", "Refund Amount")]


def read_attendee(cells: AttendeeCells, sheet: Sheet, line: int) -> Outcome:
    order = unprotected(cells.order)
    ticket = unprotected(cells.attendee)
    external_id = f"{order}-{ticket}" if ticket else sheet.numbered(order)
    status = cells.status.strip().lower()
    if status in WHY:
        raise Skip(WHY[status], detail=cells.status, external_id=external_id)
    code = sheet.currency(cells.currency) if cells.currency else sheet.currency_of(cells.paid)
    paid = sheet.optional_money(cells.paid, code) or 0
    at = sheet.moment(cells.at)
    if cells.buyer_email.strip():
        name = f"{cells.buyer_first_name} {cells.buyer_last_name}"
    else:
        name = f"{cells.first_name} {cells.last_name}".replace(NOT_ASKED, "")
    who = payer(cells.buyer_email or cells.email, name, cells.country)
    product = cells.event.strip() or cells.ticket.strip()
    if paid <= 0:
        return person(line, external_id, who, product=product, since=at)
    fees = [sheet.fee(cell, code) for cell in (cells.fees, cells.processing)]
    known = [fee for fee in fees if fee is not None]
    returned = paid if status == "refunded" else sheet.optional_money(cells.refunded, code) or 0
    return Line(
        line,
        external_id,
        at,
        code,
        paid,
        who,
        product=product,
        quantity=whole_number(cells.quantity),
        returned=min(abs(returned), paid),
        fee=sum(known) if known else None,
        links=_links(order),
    )


class OrderCells(NamedTuple):
    id: Annotated[str, text("Order ID", needed=True)]
    at: Annotated[str, date("Order date", needed=True)]
    first_name: Annotated[str, text("Buyer first name", needed=True)]
    last_name: Annotated[str, text("Buyer last name", needed=True)]
    email: Annotated[str, text("Buyer email", needed=True)]
    quantity: Annotated[str, text("Ticket quantity")]
    currency: Annotated[str, currency("Currency")]
    gross: Annotated[str, amount("Gross sales", "Total paid")]
    net: Annotated[str, amount("Net sales", needed=True)]
    event: Annotated[str, text("Event name")]
    refunded: Annotated[str, amount("Refunded", "Refund amount", "Refunds")]
    status: Annotated[str, text("Order status", "Payment status", "Status")]


def read_order(cells: OrderCells, sheet: Sheet, line: int) -> Outcome:
    external_id = unprotected(cells.id)
    status = cells.status.strip().lower()
    if status in WHY:
        raise Skip(WHY[status], detail=cells.status, external_id=external_id)
    shown = cells.gross or cells.net
    code = sheet.currency(cells.currency) if cells.currency else sheet.currency_of(shown)
    paid = sheet.optional_money(shown, code) or 0
    at = sheet.moment(cells.at)
    who = payer(cells.email, f"{cells.first_name} {cells.last_name}")
    product = cells.event.strip()
    if paid <= 0:
        return person(line, external_id, who, product=product, since=at)
    returned = paid if status == "refunded" else sheet.optional_money(cells.refunded, code) or 0
    return Line(
        line,
        external_id,
        at,
        code,
        paid,
        who,
        product=product,
        quantity=whole_number(cells.quantity),
        returned=min(abs(returned), paid),
        net=sheet.optional_money(cells.net, code),
        links=_links(external_id),
    )


def usual_order(header: Sequence[str], _rows: Sequence[tuple[str, ...]]) -> str:
    """Month first, but for what may be British."""
    words = {word for name in header for word in plain(name).split()}
    return "" if words & BRITISH else Order.MONTH


def _links(order: str) -> tuple[OutsideId, ...]:
    """With a word before the number, which orders of other platforms may have, too."""
    return (OutsideId(EVENTBRITE, f"{EVENTBRITE}-{order}"),) if order else ()


ATTENDEES = Platform(
    slug="eventbrite_attendees",
    name="Eventbrite attendees",
    cells=AttendeeCells,
    read=read_attendee,
    date_order=usual_order,
    zone="",
)
ORDERS = Platform(
    slug="eventbrite_orders",
    name="Eventbrite orders",
    cells=OrderCells,
    read=read_order,
    date_order=usual_order,
    zone="",
)
