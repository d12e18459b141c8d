"""Stripe, Payments → Export (`unified_payments.csv`): default columns, all columns, about 2019.

- Amounts are in major units (JPY without decimals), currencies in small letters, clocks in UTC.
- What was refunded stands in `Amount Refunded` of the charge's own row: wholly with the status
  Refunded, partly with Paid. The other statuses moved no money.
- A row without an `id` is a payment intent that never became a charge; should one be paid all the
  same, its PaymentIntent ID stands for it.
- `Converted Amount` and `Fee` are in the settlement currency, `Amount` in what the fan paid.
- `Disputed Amount` is taken from the account while a dispute is open and when it is lost.
- Names stand in Card Name or Customer Description; any metadata key is a column `key (metadata)`.
"""

from functools import lru_cache
from typing import Annotated, NamedTuple

from revenue.files.columns import amount, currency, date, text
from revenue.files.outcomes import (
    DISPUTE,
    MEMBERSHIP,
    REFUND,
    SALE,
    Line,
    Outcome,
    OutsideId,
    person,
)
from revenue.files.platform import Platform
from revenue.files.sheet import Sheet, payer
from revenue.files.skipping import Skip, Why
from revenue.files.statuses import is_no

PAID = frozenset(
    {"paid", "succeeded", "refunded", "partially refunded", "partial refund", "disputed"}
)
BACK = frozenset({"refunded", "disputed"})
TEST = "test"
WHY = {
    "failed": Why.FAILED,
    "blocked": Why.FAILED,
    "canceled": Why.CANCELLED,
    "cancelled": Why.CANCELLED,
    "uncaptured": Why.AUTHORISED,
    "requires capture": Why.AUTHORISED,
    "pending": Why.PENDING,
    "processing": Why.PENDING,
}
#: A dispute in these states keeps its money; an inquiry (`warning_…`) has taken none.
LOST = frozenset({"lost", "needs_response", "under_review", "charge_lost"})
#: What Stripe itself writes on the payments of a subscription.
SUBSCRIPTION = ("Subscription creation", "Subscription update", "Subscription cycle")


class Cells(NamedTuple):
    id: Annotated[str, text("id", needed=True)]
    created: Annotated[
        str, date("Created date (UTC)", "Created (UTC)", "Created", "Created date", needed=True)
    ]
    amount: Annotated[str, amount("Amount", needed=True)]
    refunded: Annotated[str, amount("Amount Refunded", needed=True)]
    currency: Annotated[str, currency("Currency", needed=True)]
    status: Annotated[str, text("Status", needed=True)]
    captured: Annotated[str, text("Captured")]
    refunded_at: Annotated[str, date("Refunded date (UTC)", "Refunded (UTC)")]
    settled: Annotated[str, amount("Converted Amount")]
    settled_refunded: Annotated[str, amount("Converted Amount Refunded")]
    settled_currency: Annotated[str, currency("Converted Currency")]
    fee: Annotated[str, amount("Fee")]
    description: Annotated[str, text("Description")]
    mode: Annotated[str, text("Mode")]
    customer: Annotated[str, text("Customer ID")]
    email: Annotated[str, text("Customer Email", "Email")]
    other_email: Annotated[str, text("email (metadata)", "Receipt Email")]
    card_name: Annotated[str, text("Card Name", "Customer Name")]
    customer_description: Annotated[str, text("Customer Description")]
    country: Annotated[str, text("Card Address Country", "Customer Address Country")]
    invoice: Annotated[str, text("Invoice ID")]
    intent: Annotated[str, text("PaymentIntent ID", "Payment Intent ID")]
    disputed: Annotated[str, amount("Disputed Amount")]
    dispute: Annotated[str, text("Dispute Status")]
    disputed_at: Annotated[str, date("Dispute Date (UTC)")]


def read(cells: Cells, sheet: Sheet, line: int) -> Outcome:
    status = _status(cells.status)
    if status not in PAID or _is_not_charged(cells.captured, cells.mode):
        raise _why_not(cells, status)
    code = sheet.currency(cells.currency)
    paid = sheet.money(cells.amount, code)
    occurred_at = sheet.moment(cells.created)
    # In old accounts a customer is described by nothing but their address.
    described = cells.customer_description if "@" in cells.customer_description else ""
    who = payer(
        cells.email or cells.other_email or described,
        cells.card_name or cells.customer_description,
        cells.country,
        "stripe_customer",
        cells.customer,
    )
    product = cells.description.strip()
    if not paid:
        return person(line, cells.id, who, product=product, since=occurred_at)
    is_settled_otherwise = cells.settled_currency not in ("", cells.currency)
    found = Line(
        line,
        cells.id or cells.intent or sheet.own_id(occurred_at, code, paid, who, product),
        occurred_at,
        code,
        paid,
        who,
        MEMBERSHIP if product.startswith(SUBSCRIPTION) else SALE,
        product,
        fee=None if is_settled_otherwise else sheet.fee(cells.fee, code),
        links=_links(cells),
    )
    if is_settled_otherwise:
        found = _settled(found, cells, sheet)
    returned = sheet.optional_money(cells.refunded, code)
    if returned or cells.dispute or status in BACK:
        found = _returned(found, returned or 0, cells, sheet)
    return found


@lru_cache(maxsize=256)
def _status(text: str) -> str:
    """`text` in small letters, with blanks for lines."""
    return text.strip().lower().replace("_", " ")


@lru_cache(maxsize=64)
def _is_not_charged(captured: str, mode: str) -> bool:
    return is_no(captured) or mode.strip().lower() == TEST


def _why_not(cells: Cells, status: str) -> Skip:
    if status in PAID:
        why = Why.TEST if cells.mode.strip().lower() == TEST else Why.AUTHORISED
    else:
        why = WHY.get(status, Why.OTHER if cells.id else Why.INCOMPLETE)
    return Skip(why, detail=cells.status, external_id=cells.id)


def _settled(found: Line, cells: Cells, sheet: Sheet) -> Line:
    """With what arrived in the currency of the account."""
    code = sheet.currency(cells.settled_currency)
    return found._replace(
        settled_currency=code,
        settled_amount=sheet.optional_money(cells.settled, code),
        settled_returned=sheet.optional_money(cells.settled_refunded, code),
        fee=sheet.fee(cells.fee, code),
    )


def _returned(found: Line, returned: int, cells: Cells, sheet: Sheet) -> Line:
    status = _status(cells.status)
    is_lost = cells.dispute.strip().lower() in LOST or (status == "disputed" and not cells.dispute)
    if is_lost:
        taken = sheet.optional_money(cells.disputed, found.currency)
        returned += found.amount if taken is None else taken
        # What the dispute took is not in what was refunded.
        found = found._replace(settled_returned=None)
    elif not returned and status == "refunded":
        returned = found.amount
    return found._replace(
        returned=min(returned, found.amount),
        return_kind=DISPUTE if is_lost else REFUND,
        returned_at=sheet.optional_moment(cells.refunded_at or cells.disputed_at),
    )


def _links(cells: Cells) -> tuple[OutsideId, ...]:
    charge = (OutsideId("stripe_charge", cells.id),) if cells.id else ()
    if not (cells.intent or cells.invoice):
        return charge
    more = OutsideId("stripe_intent", cells.intent), OutsideId("stripe_invoice", cells.invoice)
    return charge + tuple(link for link in more if link.value)


PLATFORM = Platform(slug="stripe_payments", name="Stripe payments", cells=Cells, read=read)
