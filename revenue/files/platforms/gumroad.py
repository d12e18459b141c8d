"""Gumroad, Sales → Export: 72 columns, then one for every custom field of a product.

- Every `($)` column is in US dollars, the clock in UTC. `Buyer Currency` and `Buyer Total` say what
  the buyer saw, where the card was charged in their own currency.
- `Sale Price ($)` is without taxes, `Net Total ($)` after fees. What is not charged (yet) is
  included: free products, free trials, authorised pre-orders; most of it at a price of nothing.
- `Refunded?` is 1 for parts and for all. A part stands in `Partial Refund ($)`; for all of it
  `Fully Refunded?` is 1 and the part 0. `Disputed?` without `Dispute Won?` is money lost.
- `Purchase Email` was typed at the checkout, `Buyer Email` is the account: one person, or one whose
  account was borrowed. So the account is a customer, and who paid with it under several addresses
  is proposed as one.
- The last line is the Totals. Text that a spreadsheet would compute has an apostrophe before it.
- A custom field may be named like a column: the first of that name is Gumroad's own.
"""

from typing import Annotated, NamedTuple

from revenue.files.columns import amount, date, text
from revenue.files.linking import links_in
from revenue.files.outcomes import DISPUTE, MEMBERSHIP, REFUND, SALE, Line, Outcome, person
from revenue.files.platform import Platform
from revenue.files.sheet import Sheet, payer, whole_number
from revenue.files.skipping import Skip, Why
from revenue.files.statuses import is_yes

USD = "USD"


class Cells(NamedTuple):
    id: Annotated[str, text("Purchase ID", needed=True)]
    item: Annotated[str, text("Item Name", needed=True)]
    name: Annotated[str, text("Buyer Name", "Full Name")]
    email: Annotated[str, text("Purchase Email", "Email", needed=True)]
    account_email: Annotated[str, text("Buyer Email")]
    day: Annotated[str, date("Purchase Date", needed=True)]
    at: Annotated[str, date("Purchase Time (UTC timezone)", "Purchase Time")]
    price: Annotated[str, amount("Sale Price ($)", needed=True)]
    fee: Annotated[str, amount("Fees ($)", "Fee ($)")]
    net: Annotated[str, amount("Net Total ($)")]
    country: Annotated[str, text("Country")]
    refunded: Annotated[str, text("Refunded?")]
    part: Annotated[str, amount("Partial Refund ($)")]
    fully: Annotated[str, text("Fully Refunded?")]
    disputed: Annotated[str, text("Disputed?")]
    won: Annotated[str, text("Dispute Won?")]
    trial: Annotated[str, text("Free trial purchase?")]
    preorder: Annotated[str, text("Pre-order authorization?")]
    recurring: Annotated[str, text("Recurring Charge?")]
    recurrence: Annotated[str, text("Recurrence")]
    quantity: Annotated[str, text("Quantity")]
    paypal: Annotated[str, text("PayPal Transaction ID")]
    stripe: Annotated[str, text("Stripe Transaction ID")]
    buyer_currency: Annotated[str, text("Buyer Currency")]
    buyer_total: Annotated[str, amount("Buyer Total")]


def read(cells: Cells, sheet: Sheet, line: int) -> Outcome:
    at = sheet.moment(cells.at or cells.day)
    price = sheet.money(cells.price, USD)
    account = cells.account_email
    who = payer(cells.email, cells.name, cells.country, "email", account, "gumroad", account)
    product = cells.item.strip()
    if is_yes(cells.preorder) and price > 0:
        raise Skip(Why.AUTHORISED, external_id=cells.id)
    if price <= 0 or is_yes(cells.trial):
        return person(line, cells.id, who, product=product, since=at)
    is_disputed, is_won = is_yes(cells.disputed), is_yes(cells.won)
    is_lost = is_disputed and not is_won
    is_membership = is_yes(cells.recurring) or cells.recurrence
    found = Line(
        line,
        cells.id,
        at,
        USD,
        price,
        who,
        MEMBERSHIP if is_membership else SALE,
        product,
        quantity=whole_number(cells.quantity),
        returned=price if is_lost else min(_refunded(cells, price, sheet), price),
        return_kind=DISPUTE if is_lost else REFUND,
        fee=sheet.fee(cells.fee, USD),
        net=sheet.optional_money(cells.net, USD),
        links=links_in(cells.paypal, cells.stripe),
        is_won=is_disputed and is_won,
    )
    if cells.buyer_currency:
        code = sheet.currency(cells.buyer_currency)
        shown = sheet.optional_money(cells.buyer_total, code)
        found = found._replace(shown_currency=code, shown_amount=shown)
    return found


def _refunded(cells: Cells, price: int, sheet: Sheet) -> int:
    if is_yes(cells.fully):
        return price
    part = sheet.optional_money(cells.part, USD) or 0
    # Old files say that something was refunded, and have no column for how much.
    return price if is_yes(cells.refunded) and not part and not cells.part else part


PLATFORM = Platform(slug="gumroad", name="Gumroad", cells=Cells, read=read, currency=USD)
