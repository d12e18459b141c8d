"""Ko-fi, Transactions → CSV: 17 columns, or 10 with `Email`.

- `Received` is money for you in the row's currency; a row with nothing but `Given` is money that
  you gave to another page.
- `TransactionType` Tip, Donation, Subscription, Shop Order, Commission; others may come.
- Clocks are in UTC. Anonymous givers have no address; `From` is a nickname.
- Refunds do not show.
"""

import re
from typing import Annotated, NamedTuple

from revenue.files.columns import amount, currency, date, text
from revenue.files.linking import links_in
from revenue.files.outcomes import MEMBERSHIP, SALE, Line, Outcome, Return, person
from revenue.files.platform import Platform
from revenue.files.sheet import Sheet, payer
from revenue.files.skipping import Skip, Why

#: What stands in `From` for somebody who gave no name.
NOBODY = frozenset({"ko-fi supporter", "somebody", "someone", "anonymous"})
MONTHLY = re.compile(r"subscription|monthly|member", re.IGNORECASE)


class Cells(NamedTuple):
    at: Annotated[str, date("DateTime (UTC)", "Date (UTC)", "DateTime", "Date", needed=True)]
    sender: Annotated[str, text("From", needed=True)]
    received: Annotated[str, amount("Received", "Amount Received", needed=True)]
    currency: Annotated[str, currency("Currency", needed=True)]
    given: Annotated[str, amount("Given", "Amount Given")]
    message: Annotated[str, text("Message")]
    item: Annotated[str, text("Item")]
    type: Annotated[str, text("TransactionType", "Transaction Type", needed=True)]
    id: Annotated[str, text("TransactionId", "Transaction Id")]
    reference: Annotated[str, text("Reference")]
    country: Annotated[str, text("BuyerCountry", "Buyer Country")]
    email: Annotated[str, text("BuyerEmail", "Buyer Email", "Email")]
    provider: Annotated[str, text("PaymentProvider", "Payment Provider")]


def read(cells: Cells, sheet: Sheet, line: int) -> Outcome:
    code = sheet.currency(cells.currency)
    received = sheet.optional_money(cells.received, code) or 0
    if not received and sheet.optional_money(cells.given, code):
        raise Skip(Why.GIVEN)
    at = sheet.moment(cells.at)
    name = "" if cells.sender.strip().lower() in NOBODY else cells.sender
    who = payer(cells.email, name, cells.country)
    product = cells.item.strip()
    external_id = cells.id.strip() or sheet.own_id(at, code, received, who, product)
    if received < 0:
        return Return(line, external_id, cells.reference, at, code, -received, who, product=product)
    if not received:
        return person(line, external_id, who, product=product, since=at)
    return Line(
        line,
        external_id,
        at,
        code,
        received,
        who,
        MEMBERSHIP if MONTHLY.search(cells.type) else SALE,
        product,
        cells.message.strip(),
        links=links_in(cells.reference),
    )


PLATFORM = Platform(slug="kofi", name="Ko-fi", cells=Cells, read=read)
