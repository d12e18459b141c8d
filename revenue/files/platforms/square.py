"""Square, Transactions → Export (37 to 55 columns; they drift) and its item report.

- Amounts have a sign (`$`, `-$3.00`) and no currency column. `Total Collected` is what was paid,
  with tax and tip; `Fees` are negative.
- `Event Type` is Payment or Refund. A refund is a row of its own; `Partial Refunds` on the row of
  the payment says the same once more and is not read.
- Time zones are in words (“Eastern Time (US & Canada)”); dates ISO, or as Excel saved them.
- No address: people are the Customer ID, which the customer directory knows.
"""

import re
from collections.abc import Sequence
from typing import Annotated, NamedTuple

from django.utils.translation import gettext_lazy as _

from revenue.files.columns import amount, currency, date, text
from revenue.files.dates import Order
from revenue.files.outcomes import Line, Outcome, OutsideId, Return, person
from revenue.files.platform import Platform
from revenue.files.sheet import Sheet, payer
from revenue.files.skipping import Skip, Why
from revenue.files.statuses import status_of


class Cells(NamedTuple):
    day: Annotated[str, date("Date", needed=True)]
    time: Annotated[str, text("Time")]
    zone: Annotated[str, text("Time Zone", needed=True)]
    currency: Annotated[str, currency("Currency")]
    gross: Annotated[str, amount("Gross Sales")]
    tip: Annotated[str, amount("Tip")]
    refunds: Annotated[str, amount("Partial Refunds")]
    collected: Annotated[str, amount("Total Collected", needed=True)]
    source: Annotated[str, text("Source")]
    fees: Annotated[str, amount("Fees")]
    net: Annotated[str, amount("Net Total", needed=True)]
    transaction: Annotated[str, text("Transaction ID", needed=True)]
    payment: Annotated[str, text("Payment ID")]
    event: Annotated[str, text("Event Type")]
    description: Annotated[str, text("Description")]
    customer: Annotated[str, text("Customer ID")]
    name: Annotated[str, text("Customer Name")]
    status: Annotated[str, text("Transaction Status")]
    reason: Annotated[str, text("Refund Reason")]


def read(cells: Cells, sheet: Sheet, line: int) -> Outcome:
    if isinstance(why := status_of(cells.status), Why):
        raise Skip(why, detail=cells.status)
    code = sheet.currency(cells.currency) if cells.currency else sheet.currency_of(cells.collected)
    collected = sheet.money(cells.collected, code)
    at = sheet.moment(f"{cells.day.strip()} {cells.time.strip()}".strip(), cells.zone)
    who = payer("", cells.name, "", "square_customer", cells.customer)
    transaction = cells.transaction.strip()
    external_id = cells.payment.strip() or transaction or sheet.own_id(at, code, collected, who)
    product = cells.description.strip()
    if collected < 0 or cells.event.strip().lower() == "refund":
        fee = sheet.optional_money(cells.fees, code)
        return Return(
            line,
            external_id,
            transaction,
            at,
            code,
            abs(collected),
            who,
            product=product,
            fee=None if fee is None else -fee,
        )
    if not collected:
        return person(line, external_id, who, product=product, since=at)
    return Line(
        line,
        external_id,
        at,
        code,
        collected,
        who,
        product=product,
        fee=sheet.fee(cells.fees, code),
        net=sheet.optional_money(cells.net, code),
        links=(OutsideId("square", transaction),) if transaction else (),
    )


def usual_order(_header: Sequence[str], rows: Sequence[Cells]) -> str:
    """Month first where the clock hangs in the United States."""
    return Order.MONTH if any(re.search(r"\bUS\b|America", row.zone) for row in rows) else ""


class ItemCells(NamedTuple):
    day: Annotated[str, date("Date", needed=True)]
    item: Annotated[str, text("Item", needed=True)]
    quantity: Annotated[str, text("Qty", needed=True)]
    net: Annotated[str, amount("Net Sales", needed=True)]
    transaction: Annotated[str, text("Transaction ID", needed=True)]
    price_point: Annotated[str, text("Price Point Name")]
    category: Annotated[str, text("Category")]


PLATFORM = Platform(
    slug="square",
    name="Square",
    cells=Cells,
    read=read,
    date_order=usual_order,
    zone="",
)
ITEMS = Platform(
    slug="square_items",
    name="Square items",
    cells=ItemCells,
    refusal=_(
        "This is Square’s report of items. Export the transactions instead: in Square,"
        " Transactions, Export, Transactions CSV."
    ),
)
