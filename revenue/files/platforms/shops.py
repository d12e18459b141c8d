"""Small shops and course sites: Lemon Squeezy, Big Cartel, Teachable.

- Lemon Squeezy orders: a public script names the columns, and not what its amounts are written in;
  the programming interface has cents, so a file without any cents is asked about. The subscribers
  file has no amounts.
- Big Cartel: `Items` is packed as `product_name:…|quantity:…;…`; no column says the currency.
- Teachable: the columns are those of its screen. `Price` is what was paid, `Earnings (USD)` what
  arrived; a student has a name or an address. Where the earnings are below nothing, the row is a
  refund or a chargeback of its own.
"""

import re
from typing import Annotated, NamedTuple

from revenue.files.columns import amount, currency, date, text
from revenue.files.outcomes import Line, Outcome, Person, Return, person
from revenue.files.platform import Platform
from revenue.files.sheet import Sheet, payer, unprotected, whole_number
from revenue.files.skipping import Skip, Why
from revenue.files.statuses import is_yes
from truefans.money import share

STATES = {
    "pending": Why.PENDING,
    "failed": Why.FAILED,
    "void": Why.CANCELLED,
    "cancelled": Why.CANCELLED,
    "canceled": Why.CANCELLED,
    "fraudulent": Why.FAILED,
    "unpaid": Why.PENDING,
    "incomplete": Why.INCOMPLETE,
}
PACKED = re.compile(r"product_name:([^|;]*)")


class LemonCells(NamedTuple):
    identifier: Annotated[str, text("identifier", needed=True)]
    number: Annotated[str, text("order_number", needed=True)]
    at: Annotated[str, date("date_utc", "created_at", needed=True)]
    name: Annotated[str, text("user_name", needed=True)]
    email: Annotated[str, text("user_email", needed=True)]
    country: Annotated[str, text("country")]
    product: Annotated[str, text("product_name")]
    variant: Annotated[str, text("variant_name")]
    currency: Annotated[str, currency("currency")]
    subtotal: Annotated[str, amount("subtotal")]
    discount: Annotated[str, amount("discount_total")]
    tax: Annotated[str, amount("tax")]
    total: Annotated[str, amount("total")]
    refunded: Annotated[str, amount("refunded_amount")]
    is_refunded: Annotated[str, text("refunded")]
    status: Annotated[str, text("status")]
    test: Annotated[str, text("test_mode")]


def read_lemon(cells: LemonCells, sheet: Sheet, line: int) -> Outcome:
    external_id = cells.identifier.strip() or cells.number.strip()
    status = cells.status.strip().lower()
    if status in STATES:
        raise Skip(STATES[status], external_id=external_id)
    if is_yes(cells.test):
        raise Skip(Why.TEST)
    shown = cells.total or cells.subtotal
    code = sheet.currency(cells.currency) if cells.currency else sheet.currency_of(shown)
    returned = abs(sheet.optional_money(cells.refunded, code) or 0)
    # Without the tax, which Lemon Squeezy pays as the seller of record, and gives back with it.
    if cells.total and cells.tax:
        total = sheet.money(cells.total, code)
        paid = total - sheet.money(cells.tax, code)
        returned = share(paid, returned, total) if total else 0
    else:
        discount = sheet.optional_money(cells.discount, code) or 0
        paid = sheet.money(cells.subtotal or cells.total, code) - abs(discount)
    at = sheet.moment(cells.at)
    who = payer(cells.email, cells.name, cells.country)
    product = cells.product.strip() or cells.variant.strip()
    if paid <= 0:
        return person(line, external_id, who, product=product, since=at)
    is_refunded = status == "refunded" or is_yes(cells.is_refunded)
    if is_refunded and not returned:
        returned = paid
    return Line(
        line,
        external_id,
        at,
        code,
        paid,
        who,
        product=product,
        returned=min(returned, paid),
    )


class LemonSubscriberCells(NamedTuple):
    id: Annotated[str, text("subscription_id", "id", "identifier")]
    name: Annotated[str, text("user_name", "Customer name", "name")]
    email: Annotated[str, text("user_email", "Customer email", "email", needed=True)]
    product: Annotated[str, text("product_name", "product", needed=True)]
    variant: Annotated[str, text("variant_name", "variant")]
    status: Annotated[str, text("status", "status_formatted", needed=True)]
    renews: Annotated[str, date("renews_at", "next_renewal", needed=True)]
    ends: Annotated[str, date("ends_at")]
    created: Annotated[str, date("created_at", "subscribed_at", "date_utc")]


def read_lemon_subscriber(cells: LemonSubscriberCells, sheet: Sheet, line: int) -> Person:
    who = payer(cells.email, cells.name)
    product = cells.product.strip() or cells.variant.strip()
    since = sheet.optional_moment(cells.created)
    found = person(line, cells.id.strip() or who.identity, who, product=product, since=since)
    return found._replace(
        until=sheet.optional_moment(cells.ends or cells.renews),
        is_paying=cells.status.strip().lower() in {"active", "past_due", "cancelled"},
    )


class BigCartelCells(NamedTuple):
    number: Annotated[str, text("Number", needed=True)]
    at: Annotated[str, date("Date", needed=True)]
    first_name: Annotated[str, text("Buyer first name", needed=True)]
    last_name: Annotated[str, text("Buyer last name", needed=True)]
    email: Annotated[str, text("Buyer email", needed=True)]
    items: Annotated[str, text("Items", needed=True)]
    item_count: Annotated[str, text("Item count")]
    currency: Annotated[str, currency("Currency")]
    total: Annotated[str, amount("Total price", needed=True)]
    country: Annotated[str, text("Shipping country")]
    status: Annotated[str, text("Payment status", "Status")]


def read_big_cartel(cells: BigCartelCells, sheet: Sheet, line: int) -> Outcome:
    external_id = unprotected(cells.number)
    status = cells.status.strip().lower()
    if status in STATES:
        raise Skip(STATES[status], external_id=external_id)
    code = sheet.currency(cells.currency) if cells.currency else sheet.currency_of(cells.total)
    paid = sheet.money(cells.total, code)
    at = sheet.moment(cells.at)
    who = payer(cells.email, f"{cells.first_name} {cells.last_name}", cells.country)
    items = [name.strip() for name in PACKED.findall(cells.items)]
    product = ", ".join(items) or cells.items.strip()
    if paid <= 0:
        return person(line, external_id, who, product=product, since=at)
    return Line(
        line,
        external_id,
        at,
        code,
        paid,
        who,
        product=product,
        quantity=whole_number(cells.item_count),
        returned=paid if status == "refunded" else 0,
    )


class TeachableCells(NamedTuple):
    at: Annotated[str, date("Date", "Purchased at", needed=True)]
    student: Annotated[str, text("Student", "Student name", needed=True)]
    email: Annotated[str, text("Student email", "Email")]
    product: Annotated[str, text("Product", "Course", needed=True)]
    price: Annotated[str, amount("Price", "Final price", needed=True)]
    currency: Annotated[str, currency("Currency")]
    earnings: Annotated[str, amount("Earnings (USD)", "Earnings", needed=True)]
    gateway: Annotated[str, text("Gateway")]
    id: Annotated[str, text("Transaction ID", "Sale ID", "id")]
    refunded: Annotated[str, amount("Amount refunded", "Refunded")]
    status: Annotated[str, text("Status")]


def read_teachable(cells: TeachableCells, sheet: Sheet, line: int) -> Outcome:
    status = cells.status.strip().lower()
    if status in STATES:
        raise Skip(STATES[status], external_id=cells.id.strip())
    code = sheet.currency(cells.currency) if cells.currency else sheet.currency_of(cells.price)
    paid = sheet.money(cells.price, code)
    at = sheet.moment(cells.at)
    who = payer(cells.email or cells.student, cells.student)
    product = cells.product.strip()
    earned = sheet.optional_money(cells.earnings, "USD")
    external_id = cells.id.strip() or sheet.own_id(at, code, paid, earned, who, product)
    if paid < 0 or (earned or 0) < 0:
        return Return(line, external_id, "", at, code, abs(paid), who, product=product)
    if not paid:
        return person(line, external_id, who, product=product, since=at)
    returned = sheet.optional_money(cells.refunded, code) or 0
    if status == "refunded" and not returned:
        returned = paid
    is_foreign = code != "USD"
    return Line(
        line,
        external_id,
        at,
        code,
        paid,
        who,
        product=product,
        returned=min(abs(returned), paid),
        net=earned,
        settled_currency="USD" if is_foreign else "",
    )


LEMON = Platform(
    slug="lemonsqueezy_orders",
    name="Lemon Squeezy orders",
    cells=LemonCells,
    read=read_lemon,
    is_minor=None,
)
LEMON_SUBSCRIBERS = Platform(
    slug="lemonsqueezy_subscribers",
    name="Lemon Squeezy subscribers",
    cells=LemonSubscriberCells,
    read=read_lemon_subscriber,
)
BIG_CARTEL = Platform(
    slug="bigcartel",
    name="Big Cartel orders",
    cells=BigCartelCells,
    read=read_big_cartel,
    zone="",
)
TEACHABLE = Platform(
    slug="teachable", name="Teachable transactions", cells=TeachableCells, read=read_teachable
)
