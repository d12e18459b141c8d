"""Patreon, Relationship manager → Members → CSV (27 columns in 2023, 30 in 2026).

- A snapshot: one row a member, with what they have paid in all their time. It is no ledger: what
  somebody paid in between is the difference of two files.
- `Patron Status` is Active patron, Declined patron, Former patron, or empty for a free member.
- `User ID` is the member for ever; the address may be missing. Clocks are in UTC.
- `Currency` stands in every row; whether Lifetime Amount is in it or in that of the campaign,
  Patreon does not say.
- The monthly earnings file names nobody.
"""

from typing import Annotated, NamedTuple

from django.utils.translation import gettext_lazy as _

from revenue.files.columns import amount, currency, date, text
from revenue.files.outcomes import Total
from revenue.files.platform import Platform
from revenue.files.sheet import Sheet, payer
from revenue.files.skipping import Skip, Why
from revenue.files.statuses import is_yes


class Cells(NamedTuple):
    name: Annotated[str, text("Name")]
    first_name: Annotated[str, text("First Name", "FirstName")]
    last_name: Annotated[str, text("Last Name", "LastName")]
    email: Annotated[str, text("Email", needed=True)]
    status: Annotated[str, text("Patron Status", needed=True)]
    lifetime: Annotated[str, amount("Lifetime Amount", "Lifetime $", "Lifetime", needed=True)]
    currency: Annotated[str, currency("Currency")]
    pledge: Annotated[str, amount("Pledge Amount", "Pledge $", "Pledge")]
    discord: Annotated[str, text("Discord")]
    follows: Annotated[str, text("Follows You")]
    free_member: Annotated[str, text("Free Member")]
    free_trial: Annotated[str, text("Free Trial")]
    frequency: Annotated[str, text("Charge Frequency")]
    tier: Annotated[str, text("Tier")]
    country: Annotated[str, text("Country", "Full country name")]
    since: Annotated[str, date("Patronage Since Date", "Patronage Since")]
    charged_at: Annotated[str, date("Last Charge Date")]
    charge_status: Annotated[str, text("Last Charge Status")]
    user: Annotated[str, text("User ID")]
    updated: Annotated[str, date("Last Updated")]


def read(cells: Cells, sheet: Sheet, line: int) -> Total:
    code = sheet.currency(cells.currency)
    lifetime = sheet.optional_money(cells.lifetime, code) or 0
    if not lifetime and not cells.status.strip():
        raise Skip(Why.NEVER_PAID)
    if lifetime < 0:
        raise Skip(Why.BAD_AMOUNT, detail=cells.lifetime)
    name = cells.name or f"{cells.first_name} {cells.last_name}"
    who = payer(cells.email, name, cells.country, "patreon", cells.user, "discord", cells.discord)
    if not who.identity and not who.name:
        raise Skip(Why.NO_PERSON)
    is_active = cells.status.strip().lower() == "active patron"
    return Total(
        line=line,
        external_id=cells.user.strip() or who.identity or who.name,
        currency=code,
        amount=lifetime,
        payer=who,
        as_of=sheet.optional_moment(cells.updated),
        product=cells.tier.strip(),
        since=sheet.optional_moment(cells.since),
        last_paid_at=sheet.optional_moment(cells.charged_at),
        is_paying=is_active and not is_yes(cells.free_trial) and not is_yes(cells.free_member),
    )


PLATFORM = Platform(
    slug="patreon",
    name="Patreon members",
    cells=Cells,
    read=read,
    advice=_(
        "Patreon’s file says what each member has paid in all their time, and not when. Bring a"
        " new one each month: the difference between two files is what was paid in between."
    ),
)


class EarningsCells(NamedTuple):
    month: Annotated[str, date("Month", "Date", needed=True)]
    net: Annotated[str, amount("Total net earnings", needed=True)]
    fees: Annotated[str, amount("Patreon platform fees", "Patreon fees", needed=True)]
    processing: Annotated[str, amount("Payment processing fees")]


EARNINGS = Platform(
    slug="patreon_earnings",
    name="Patreon earnings",
    cells=EarningsCells,
    refusal=_(
        "This is Patreon’s list of earnings by month, which names nobody. Export the members"
        " instead: in Patreon, Audience, Relationship manager, CSV."
    ),
)
