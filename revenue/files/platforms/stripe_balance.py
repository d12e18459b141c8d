"""Stripe, Balance → Balance history (10, 14 or 17 columns), and the itemised balance reports.

- Lines of the account's ledger, not payments: a refund, a dispute and a payout are each a row of
  their own, negative. The amounts are in the currency of the account; `Customer Facing Amount` is
  what the fan paid.
- `Source` is the charge (ch_, py_) of a payment; of a refund the charge in old files, the refund
  (re_, pyr_) in new ones. There is no address: the payments export or the customers export has it.
- The itemised reports have snake_case names; the merchant picks the columns. `reporting_category`
  tells the rows apart, `charge_id` ties a refund to its payment.
- Disputes are the type `adjustment` with the charge in the description; one that was won comes
  back as a positive row.
"""

import re
from typing import Annotated, NamedTuple

from django.utils.translation import gettext_lazy as _

from revenue.files.columns import amount, currency, date, text
from revenue.files.outcomes import DISPUTE, REFUND, Line, Outcome, OutsideId, Return
from revenue.files.platform import Platform
from revenue.files.sheet import Sheet, payer
from revenue.files.skipping import Skip, Why

PAYMENTS = frozenset({"charge", "payment"})
REFUNDS = frozenset({"refund", "payment refund"})
UNREFUNDS = frozenset({"refund failure", "payment failure refund", "charge failure"})
DISPUTES = frozenset({"dispute", "adjustment", "dispute reversal", "chargeback"})
WHY = {
    "payout": Why.PAYOUT,
    "payout failure": Why.PAYOUT,
    "payout cancel": Why.PAYOUT,
    "payout reversal": Why.PAYOUT,
    "transfer": Why.PAYOUT,
    "transfer cancel": Why.PAYOUT,
    "transfer failure": Why.PAYOUT,
    "stripe fee": Why.FEE,
    "fee": Why.FEE,
    "network cost": Why.FEE,
    "tax fee": Why.FEE,
    "application fee": Why.FEE,
    "reserve transaction": Why.HOLD,
    "reserved funds": Why.HOLD,
    "topup": Why.TRANSFER,
    "partial capture reversal": Why.OTHER,
}
CHARGE = re.compile(r"\b(?:ch|py)_\w+")
DISPUTED = re.compile(r"chargeback|dispute", re.IGNORECASE)


class Cells(NamedTuple):
    id: Annotated[str, text("id", "balance_transaction_id", needed=True)]
    type: Annotated[str, text("reporting_category", "Type", needed=True)]
    amount: Annotated[str, amount("Amount", "gross", needed=True)]
    fee: Annotated[str, amount("Fee", needed=True)]
    net: Annotated[str, amount("Net", needed=True)]
    currency: Annotated[str, currency("Currency", needed=True)]
    created: Annotated[str, date("Created (UTC)", "created_utc", "Created", needed=True)]
    source: Annotated[str, text("Source", "source_id")]
    charge: Annotated[str, text("charge_id")]
    intent: Annotated[str, text("payment_intent_id")]
    invoice: Annotated[str, text("invoice_id")]
    description: Annotated[str, text("Description")]
    facing: Annotated[str, amount("Customer Facing Amount", "customer_facing_amount")]
    facing_currency: Annotated[
        str, currency("Customer Facing Currency", "customer_facing_currency")
    ]
    customer: Annotated[str, text("customer_id")]
    email: Annotated[str, text("customer_email")]
    name: Annotated[str, text("customer_name")]


def read(cells: Cells, sheet: Sheet, line: int) -> Outcome:
    kind = cells.type.lower().replace("_", " ").strip()
    if kind in WHY:
        raise Skip(WHY[kind])
    code = sheet.currency(cells.currency)
    settled = sheet.money(cells.amount, code)
    occurred_at = sheet.moment(cells.created)
    if kind in PAYMENTS and settled > 0:
        return _payment(cells, sheet, line)
    is_dispute = kind != "adjustment" or DISPUTED.search(cells.description)
    if kind not in REFUNDS | UNREFUNDS and not (kind in DISPUTES and is_dispute):
        raise Skip(Why.OTHER)
    paid_code, paid = _paid(cells, sheet)
    is_foreign = paid_code != code
    return Return(
        line=line,
        external_id=cells.id,
        of=cells.charge or next(iter(CHARGE.findall(f"{cells.source} {cells.description}")), ""),
        occurred_at=occurred_at,
        currency=paid_code,
        amount=-paid,
        payer=payer(cells.email, cells.name, "", "stripe_customer", cells.customer),
        kind=DISPUTE if kind in DISPUTES else REFUND,
        # A fee that came back is negative.
        fee=sheet.optional_money(cells.fee, code),
        settled_currency=code if is_foreign else "",
        settled_amount=-settled if is_foreign else None,
    )


def _payment(cells: Cells, sheet: Sheet, line: int) -> Line:
    code = sheet.currency(cells.currency)
    paid_code, paid = _paid(cells, sheet)
    is_foreign = paid_code != code
    charge = cells.charge or cells.source
    links = (
        OutsideId("stripe_charge", charge),
        OutsideId("stripe_movement", cells.id),
        OutsideId("stripe_intent", cells.intent),
        OutsideId("stripe_invoice", cells.invoice),
    )
    return Line(
        line=line,
        external_id=charge or cells.id,
        occurred_at=sheet.moment(cells.created),
        currency=paid_code,
        amount=paid,
        payer=payer(cells.email, cells.name, "", "stripe_customer", cells.customer),
        product=cells.description.strip(),
        fee=sheet.fee(cells.fee, code),
        net=sheet.optional_money(cells.net, code),
        settled_currency=code if is_foreign else "",
        settled_amount=sheet.money(cells.amount, code) if is_foreign else None,
        links=tuple(link for link in links if link.value),
    )


def _paid(cells: Cells, sheet: Sheet) -> tuple[str, int]:
    """What the fan paid, in their currency; with the sign of the movement."""
    code = sheet.currency(cells.currency)
    settled = sheet.money(cells.amount, code)
    if not cells.facing_currency or not (facing := sheet.optional_money(cells.facing, code)):
        return code, settled
    facing_code = sheet.currency(cells.facing_currency)
    facing = abs(sheet.money(cells.facing, facing_code))
    return facing_code, facing if settled > 0 else -facing


PLATFORM = Platform(
    slug="stripe_balance",
    name="Stripe balance history",
    cells=Cells,
    read=read,
    advice=_(
        "This file has every fee and no addresses. Bring the payments export of Stripe, too, so"
        " that TrueFans knows who paid."
    ),
)
