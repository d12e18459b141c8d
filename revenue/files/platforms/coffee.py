"""Buy Me a Coffee: supporters and members as the page exports them, and its programming interface.

- Supporters (`Supporters_list_….csv`, once for each support) and members (named for the page): no
  whole header is public, only the names that a script reads from both. What was paid is
  `Coffee Count` × `Coffee Price`. The day's column is known by its name or, whatever it is called,
  by being the only one that has nothing but days.
- “Someone” is nobody's name. Names have the entities of a web page (Ren&eacute;); the address of a
  deleted account ends with `_is_deleted_` and a number.
- Members: a price a month (or a year) and since when; no payments, so no money.
- The interface names the same things otherwise; the payer's address may be the only one. Its id is
  the one that is told at once, which an export without it cannot be joined with: that one is kept
  apart, and what looks like one payment is asked about.
"""

import re
from collections.abc import Sequence
from typing import Annotated, NamedTuple

from django.utils.translation import gettext_lazy as _

from revenue.files.columns import Fit, amount, columns_of, currency, date, fit, text
from revenue.files.dates import NotADate, Undecided, moment
from revenue.files.linking import links_in
from revenue.files.outcomes import Line, Outcome, Payer, Person, person
from revenue.files.platform import Platform
from revenue.files.sheet import Sheet, payer, unescaped, whole_number
from revenue.files.statuses import Kept, is_no, is_yes, status_of

NOBODY = frozenset({"someone", "anonymous", "supporter"})
DELETED = re.compile(r"_is_deleted_\d+$")


def _who(email: str, name: str, country: str = "") -> Payer:
    name = unescaped(name).strip()
    return payer(DELETED.sub("", email.strip()), "" if name.lower() in NOBODY else name, country)


class SupporterCells(NamedTuple):
    email: Annotated[str, text("Supporter Email", "Payer Email", needed=True)]
    name: Annotated[str, text("Supporter Name", "Payer Name")]
    coffees: Annotated[str, text("Coffee Count", "Support Coffees", "Coffees", needed=True)]
    price: Annotated[str, amount("Coffee Price", "Support Coffee Price", needed=True)]
    currency: Annotated[str, currency("Support Currency", "Currency", needed=True)]
    at: Annotated[
        str,
        date("Support Created On", "Support Date", "Supported On", "Supported At", "Created On",
             "Created At", "Payment Date", "Transaction Date", "Date", needed=True),
    ]  # fmt: skip
    id: Annotated[str, text("Support ID", "Payment ID", "ID")]
    transaction: Annotated[str, text("Transaction ID", "Stripe ID")]
    note: Annotated[str, text("Support Note", "Support Message", "Message", "Note")]
    country: Annotated[str, text("Country", "Supporter Country")]
    status: Annotated[str, text("Refunded", "Is Refunded", "Status", "Payment Status")]


def read_supporter(cells: SupporterCells, sheet: Sheet, line: int) -> Outcome:
    code = sheet.currency(cells.currency)
    coffees = whole_number(cells.coffees) or 1
    paid = sheet.money(cells.price, code) * coffees
    at = sheet.moment(cells.at)
    who = _who(cells.email, cells.name, cells.country)
    external_id = cells.id.strip() or sheet.own_id(at, code, paid, who)
    if paid <= 0:
        return person(line, external_id, who, since=at)
    is_refunded = is_yes(cells.status) or status_of(cells.status) is Kept.RETURNED
    return Line(
        line,
        external_id,
        at,
        code,
        paid,
        who,
        note=unescaped(cells.note).strip(),
        quantity=coffees,
        returned=paid if is_refunded else 0,
        links=links_in(cells.transaction, cells.id),
    )


def supporters_shape(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Fit | None:
    """The supporters' columns with a day that is called as nobody expected."""
    columns = columns_of(SupporterCells)
    days = [
        place
        for place in range(len(header))
        if rows and all(place < len(row) and _is_day(row[place]) for row in rows)
    ]
    if len(days) != 1:
        return None
    named = ["Date" if place == days[0] else name for place, name in enumerate(header)]
    found = fit(named, columns)
    return None if found is None or found.mistyped else found


def _is_day(text: str) -> bool:
    try:
        moment(text)
    except Undecided:
        return True
    except NotADate:
        return False
    return not text.strip().isdigit()


class MemberCells(NamedTuple):
    email: Annotated[str, text("Supporter Email", "Member Email", "Email", needed=True)]
    name: Annotated[str, text("Supporter Name", "Member Name", "Name")]
    amount: Annotated[str, amount("Amount", "Membership Amount", "Coffee Price")]
    currency: Annotated[str, currency("Support Currency", "Currency")]
    since: Annotated[str, date("Start date", "Started at", needed=True)]
    cancelled: Annotated[str, date("Subscription cancelled on", "Cancelled on", needed=True)]
    until: Annotated[str, date("Subscription ends on", "End date", "Current period end")]
    paused: Annotated[str, text("Paused")]
    level: Annotated[str, text("Membership Level", "Level", "Membership")]
    duration: Annotated[str, text("Duration", "Duration Type", "Interval", "Subscription Type")]
    id: Annotated[str, text("Subscription ID", "Membership ID", "ID")]


def read_member(cells: MemberCells, sheet: Sheet, line: int) -> Person:
    who = _who(cells.email, cells.name)
    level = cells.level.strip()
    since = sheet.optional_moment(cells.since)
    began = f"{since:%Y%m%d%H%M%S}" if since else ""
    external_id = cells.id.strip() or ":".join(filter(None, (who.identity, level, began)))
    ended = sheet.optional_moment(cells.until or cells.cancelled)
    is_paused = bool(cells.paused.strip()) and not is_no(cells.paused)
    found = person(line, external_id, who, product=level, since=since)
    return found._replace(
        until=ended,
        is_paying=not cells.cancelled.strip() and not is_paused,
        currency=(code := sheet.currency(cells.currency)) if cells.currency else "",
        amount=(sheet.optional_money(cells.amount, code) or 0) if cells.currency else 0,
        interval="year" if "year" in cells.duration.lower() else "month",
    )


class ApiCells(NamedTuple):
    id: Annotated[str, text("support_id", needed=True)]
    at: Annotated[str, date("support_created_on", needed=True)]
    coffees: Annotated[str, text("support_coffees", needed=True)]
    price: Annotated[str, amount("support_coffee_price", needed=True)]
    currency: Annotated[str, currency("support_currency", needed=True)]
    name: Annotated[str, text("supporter_name")]
    payer_name: Annotated[str, text("payer_name")]
    email: Annotated[str, text("support_email")]
    payer_email: Annotated[str, text("payer_email")]
    note: Annotated[str, text("support_note")]
    transaction: Annotated[str, text("transaction_id")]
    refunded: Annotated[str, text("is_refunded")]
    refunded_at: Annotated[str, date("refunded_at")]
    country: Annotated[str, text("country")]


def read_api(cells: ApiCells, sheet: Sheet, line: int) -> Outcome:
    code = sheet.currency(cells.currency)
    coffees = whole_number(cells.coffees) or 1
    paid = sheet.money(cells.price, code) * coffees
    at = sheet.moment(cells.at)
    who = payer(
        cells.email, cells.name or cells.payer_name, cells.country, "email", cells.payer_email
    )
    if paid <= 0:
        return person(line, cells.id.strip(), who, since=at)
    is_refunded = is_yes(cells.refunded)
    return Line(
        line,
        cells.id.strip(),
        at,
        code,
        paid,
        who,
        note=cells.note.strip(),
        quantity=coffees,
        returned=paid if is_refunded else 0,
        returned_at=sheet.optional_moment(cells.refunded_at) if is_refunded else None,
        links=links_in(cells.transaction),
    )


COFFEE = Platform(slug="buymeacoffee", name="Buy Me a Coffee", cells=ApiCells, read=read_api)
SUPPORTERS = Platform(
    slug="buymeacoffee_supporters",
    name="Buy Me a Coffee supporters",
    cells=SupporterCells,
    read=read_supporter,
    shape=supporters_shape,
)
MEMBERS = Platform(
    slug="buymeacoffee_members",
    name="Buy Me a Coffee members",
    cells=MemberCells,
    read=read_member,
    advice=_(
        "This file says who your members are, since when, and for how much a month. It has no"
        " payments."
    ),
)
