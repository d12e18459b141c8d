"""Kickstarter's backer report and Indiegogo's contributions.

Kickstarter (11 columns about 2012, 14 later, other names since 2025):
- A ZIP of one file per reward, or one of all; as wide as the campaign has items and questions, and
  names of columns may occur twice: the first is Kickstarter's own.
- `Pledge Amount` has the sign and thousands commas (`£1,253.00`), and shipping in it; no column
  says the currency. `Pledged Status` collected is paid, where there is one. No refunds.
- `Backer Number` is unique within one campaign, which the file does not name; together with the
  moment of the pledge it is everywhere.

Indiegogo (18 columns): `$30`, `2015-10-05 01:02:55 -0700`, zips as `="00971"`, names with blanks
behind them; without a perk the Perk ID is empty.
"""

from typing import Annotated, NamedTuple

from revenue.files.columns import amount, currency, date, text
from revenue.files.outcomes import Line, Outcome, person
from revenue.files.platform import Platform
from revenue.files.sheet import Sheet, payer, unprotected
from revenue.files.skipping import Skip, Why

COLLECTED = frozenset({"", "collected", "pledged", "successful"})


class BackerCells(NamedTuple):
    number: Annotated[str, text("Backer Number", "Backer Id", needed=True)]
    uid: Annotated[str, text("Backer UID")]
    name: Annotated[str, text("Backer Name", "Backer")]
    email: Annotated[str, text("Email", needed=True)]
    reward: Annotated[str, text("Reward Title", "Reward", "Reward Minimum")]
    amount: Annotated[str, amount("Pledge Amount", needed=True)]
    at: Annotated[str, date("Pledged At (UTC)", "Pledged At", needed=True)]
    status: Annotated[str, text("Pledged Status", "Pledge Status")]
    sent: Annotated[str, text("Rewards Sent?", "Fulfillment Status")]
    country: Annotated[str, text("Shipping Country Code", "Shipping Country")]
    note: Annotated[str, text("Notes")]


def read_backer(cells: BackerCells, sheet: Sheet, line: int) -> Outcome:
    status = cells.status.strip().lower()
    is_refunded = "refund" in status
    at = sheet.moment(cells.at)
    external_id = f"{unprotected(cells.number)}-{at:%Y%m%d%H%M%S}"
    if status not in COLLECTED and not is_refunded:
        why = Why.FAILED if status in {"errored", "dropped"} else Why.CANCELLED
        raise Skip(why, detail=cells.status, external_id=external_id)
    code = sheet.currency_of(cells.amount)
    paid = sheet.money(cells.amount, code)
    who = payer(cells.email, cells.name, cells.country, "kickstarter", cells.uid)
    reward = cells.reward.strip()
    if paid <= 0:
        return person(line, external_id, who, product=reward, since=at)
    return Line(
        line,
        external_id,
        at,
        code,
        paid,
        who,
        product=reward,
        note=cells.note.strip(),
        returned=paid if is_refunded else 0,
    )


class ContributionCells(NamedTuple):
    id: Annotated[str, text("Pledge ID", "Contribution ID", needed=True)]
    order: Annotated[str, text("Order No.", "Order Number")]
    status: Annotated[str, text("Fulfillment Status", needed=True)]
    at: Annotated[str, date("Funding Date", needed=True)]
    name: Annotated[str, text("Name")]
    email: Annotated[str, text("Email", needed=True)]
    amount: Annotated[str, amount("Amount", needed=True)]
    currency: Annotated[str, currency("Currency")]
    perk: Annotated[str, text("Perk")]
    perk_id: Annotated[str, text("Perk ID")]
    appearance: Annotated[str, text("Appearance")]
    country: Annotated[str, text("Shipping Country")]
    shipping_name: Annotated[str, text("Shipping Name")]


def read_contribution(cells: ContributionCells, sheet: Sheet, line: int) -> Outcome:
    external_id = unprotected(cells.id)
    code = sheet.currency(cells.currency) if cells.currency else sheet.currency_of(cells.amount)
    paid = sheet.money(cells.amount, code)
    at = sheet.moment(cells.at)
    who = payer(cells.email, cells.name or cells.shipping_name, cells.country)
    perk = cells.perk.strip()
    if paid <= 0:
        return person(line, external_id, who, product=perk, since=at)
    is_refunded = "refund" in cells.status.lower()
    return Line(
        line,
        external_id,
        at,
        code,
        paid,
        who,
        product=perk,
        returned=paid if is_refunded else 0,
    )


KICKSTARTER = Platform(
    slug="kickstarter", name="Kickstarter backers", cells=BackerCells, read=read_backer
)
INDIEGOGO = Platform(
    slug="indiegogo",
    name="Indiegogo contributions",
    cells=ContributionCells,
    read=read_contribution,
)
