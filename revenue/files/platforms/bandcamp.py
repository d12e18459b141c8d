"""Bandcamp, Tools → Reports → raw data; the seller ticks which columns it has.

- UTF-16 with a mark, unless somebody saved it again. Clocks `1/2/26 3:04pm`: month first, UTC.
- `net amount` is the item total less the fee, Bandcamp's share and the shipping, which the seller
  gets and passes on; the share has no column of its own.
- A row is one item of a cart: rows share a transaction id, and the fee of the cart stands on its
  last row; it is `*` as long as it is not known.
- `item total` has tax and shipping in it. The marketplace tax goes to the authorities by way of
  Bandcamp and is nobody's spend; a seller's own tax is paid to them.
- `item type` payout is no sale; refund and reversal are negative rows of their own, which name
  their sale at best in `bandcamp related transaction id`, or bear its id; other reversals are not
  final.
- A `paypal transaction id` may hold a remark instead.
- The summary by item (`Gross revenue`, `Net revenue`) names nobody.
"""

from typing import Annotated, NamedTuple

from django.utils.translation import gettext_lazy as _

from revenue.files.columns import amount, currency, date, text
from revenue.files.dates import Order
from revenue.files.linking import links_in
from revenue.files.outcomes import (
    DISPUTE,
    MEMBERSHIP,
    REFUND,
    SALE,
    Line,
    Outcome,
    OutsideId,
    Return,
    person,
)
from revenue.files.platform import Platform
from revenue.files.sheet import Sheet, payer, whole_number
from revenue.files.skipping import Skip, Why

WHY = {
    "payout": Why.PAYOUT,
    "pending reversal": Why.UNDECIDED,
    "cancelled reversal": Why.WITHDRAWN,
    "canceled reversal": Why.WITHDRAWN,
}
RETURNS = {"refund": REFUND, "reversal": DISPUTE}


class Cells(NamedTuple):
    at: Annotated[str, date("date", needed=True)]
    type: Annotated[str, text("item type", needed=True)]
    item: Annotated[str, text("item name", needed=True)]
    artist: Annotated[str, text("artist")]
    currency: Annotated[str, currency("currency", needed=True)]
    total: Annotated[str, amount("item total", needed=True)]
    tax: Annotated[str, amount("marketplace tax")]
    quantity: Annotated[str, text("quantity")]
    received: Annotated[str, text("amount you received")]
    shipping: Annotated[str, amount("shipping")]
    fee: Annotated[str, amount("transaction fee")]
    net: Annotated[str, amount("net amount")]
    id: Annotated[str, text("bandcamp transaction id")]
    related: Annotated[str, text("bandcamp related transaction id")]
    paypal: Annotated[str, text("paypal transaction id")]
    package: Annotated[str, text("package")]
    name: Annotated[str, text("buyer name")]
    email: Annotated[str, text("buyer email")]
    note: Annotated[str, text("buyer note")]
    country: Annotated[str, text("country code", "country")]
    ship_to: Annotated[str, text("ship to name")]


def read(cells: Cells, sheet: Sheet, line: int) -> Outcome:
    kind = cells.type.strip().lower()
    if kind in WHY:
        raise Skip(WHY[kind])
    code = sheet.currency(cells.currency)
    tax = sheet.optional_money(cells.tax, code) or 0
    paid = sheet.money(cells.total, code) - tax
    at = sheet.moment(cells.at)
    who = payer(cells.email, cells.name or cells.ship_to, cells.country)
    product = cells.item.strip()
    transaction = cells.id.strip()
    # A refund may bear the id of its sale, which must not be named by what stands before it.
    named = f"{transaction}:{product}" + (f":{kind}" if kind in RETURNS else "")
    external_id = (
        sheet.numbered(named) if transaction else sheet.own_id(at, code, paid, who, kind, product)
    )
    if kind in RETURNS:
        related = cells.related.strip() or ("" if who.identity else transaction)
        of = f"{related}:{product}" if related else ""
        return Return(
            line, external_id, of, at, code, abs(paid), who, RETURNS[kind], product=product
        )
    if paid <= 0:
        return person(line, external_id, who, product=product, since=at)
    return Line(
        line,
        external_id,
        at,
        code,
        paid,
        who,
        MEMBERSHIP if kind == "subscription" else SALE,
        product,
        note=cells.note.strip(),
        quantity=whole_number(cells.quantity),
        fee=_kept(cells, sheet, code, paid),
        links=_links(transaction, cells.paypal),
    )


def _kept(cells: Cells, sheet: Sheet, code: str, paid: int) -> int | None:
    """What the payment cost and what Bandcamp kept of it; only the former where it says no net."""
    fee = sheet.fee(cells.fee, code)
    net = sheet.optional_money(cells.net, code)
    if net is None:
        return fee
    shipping = sheet.optional_money(cells.shipping, code) or 0
    return max(paid - shipping - net, fee or 0)


def _links(transaction: str, paypal: str) -> tuple[OutsideId, ...]:
    own = (OutsideId("bandcamp", transaction),) if transaction else ()
    return own + links_in(paypal)


class SummaryCells(NamedTuple):
    gross: Annotated[str, amount("Gross revenue", needed=True)]
    net: Annotated[str, amount("Net revenue", needed=True)]
    since: Annotated[str, date("Transaction date from", needed=True)]
    until: Annotated[str, date("Transaction date to")]
    container: Annotated[str, text("Container name")]


PLATFORM = Platform(
    slug="bandcamp", name="Bandcamp", cells=Cells, read=read, date_order=Order.MONTH
)
SUMMARY = Platform(
    slug="bandcamp_summary",
    name="Bandcamp revenue by item",
    cells=SummaryCells,
    refusal=_(
        "This is Bandcamp’s revenue by item, which names nobody. Export the raw data instead: in"
        " Bandcamp, Tools, Reports, raw data, with payment, item and buyer details."
    ),
)
