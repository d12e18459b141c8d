"""Substack, Ghost, Memberful and Steady: people and what they subscribe to.

- Substack's `email_list.….csv` (in the export ZIP): no amounts; `active_subscription` with a plan
  other than comp or gift pays now. One address may stand twice, in other capitals.
- Substack's export of chosen columns (up to 43): `Revenue` is the subscriber's of all time, in a
  currency that it may show by a sign. The money itself runs through the creator's own Stripe.
- Ghost: no amounts; `complimentary_plan` is free; `stripe_customer_id` is Stripe's Customer ID.
- Memberful: no amounts; a member with two plans stands in two rows.
- Steady: no payments; `plan_monthly_amount_cents` is a price a month, of annual plans a share.
"""

from typing import Annotated, NamedTuple

from django.utils.translation import gettext_lazy as _

from revenue.files.columns import amount, date, text
from revenue.files.outcomes import Outcome, Person, Total, person
from revenue.files.platform import Platform
from revenue.files.sheet import Sheet, payer
from revenue.files.statuses import is_yes

FREE_PLANS = frozenset({"comp", "gift", "free", "other", "author", ""})
STRIPE_HAS_THE_MONEY = _(
    "This file says who your people are. Their payments run through your own Stripe account: bring"
    " or connect that for the money."
)


class SubstackCells(NamedTuple):
    email: Annotated[str, text("email", needed=True)]
    active: Annotated[str, text("active_subscription", needed=True)]
    plan: Annotated[str, text("plan", needed=True)]
    until: Annotated[str, date("expiry", needed=True)]
    disabled: Annotated[str, text("email_disabled")]
    created: Annotated[str, date("created_at", needed=True)]
    first_paid: Annotated[str, date("first_payment_at")]


def read_substack(cells: SubstackCells, sheet: Sheet, line: int) -> Person:
    who = payer(cells.email)
    plan = cells.plan.strip()
    since = sheet.optional_moment(cells.first_paid or cells.created)
    found = person(line, who.identity, who, product=plan, since=since)
    return found._replace(
        until=sheet.optional_moment(cells.until),
        is_paying=is_yes(cells.active) and plan.lower() not in FREE_PLANS,
    )


class SubscriberCells(NamedTuple):
    email: Annotated[str, text("Email", needed=True)]
    name: Annotated[str, text("Name")]
    plan: Annotated[str, text("Stripe plan", "Subscription interval")]
    type: Annotated[str, text("Type", needed=True)]
    revenue: Annotated[str, amount("Revenue")]
    started: Annotated[str, date("Start date", needed=True)]
    first_paid: Annotated[str, date("First paid date")]
    upgraded: Annotated[str, date("Paid upgrade date")]
    cancelled: Annotated[str, date("Cancel date")]
    until: Annotated[str, date("Expiration date")]
    activity: Annotated[str, text("Activity", needed=True)]
    country: Annotated[str, text("Country")]
    source: Annotated[str, text("Subscription source (free)")]
    paid_source: Annotated[str, text("Subscription source (paid)")]


def read_subscriber(cells: SubscriberCells, sheet: Sheet, line: int) -> Outcome:
    who = payer(cells.email, cells.name, cells.country)
    kind = cells.type.strip()
    since = sheet.optional_moment(cells.first_paid or cells.started)
    found = person(line, who.identity, who, product=cells.plan.strip() or kind, since=since)
    is_paying = kind.lower() in {"paid", "founding", "monthly", "annual"}
    if not cells.revenue.strip("$€£ 0.,"):
        return found._replace(is_paying=is_paying, until=sheet.optional_moment(cells.until))
    code = sheet.currency_of(cells.revenue)
    return Total(
        line,
        who.identity,
        code,
        sheet.money(cells.revenue, code),
        who,
        product=found.product,
        since=since,
        is_paying=is_paying,
    )


class GhostCells(NamedTuple):
    id: Annotated[str, text("id")]
    email: Annotated[str, text("email", needed=True)]
    name: Annotated[str, text("name", needed=True)]
    complimentary: Annotated[str, text("complimentary_plan", needed=True)]
    customer: Annotated[str, text("stripe_customer_id", needed=True)]
    created: Annotated[str, date("created_at")]
    deleted: Annotated[str, date("deleted_at")]
    subscribed: Annotated[str, text("subscribed_to_emails")]
    labels: Annotated[str, text("labels")]
    tiers: Annotated[str, text("tiers", "products")]


def read_ghost(cells: GhostCells, sheet: Sheet, line: int) -> Person:
    who = payer(cells.email, cells.name, "", "stripe_customer", cells.customer, "ghost", cells.id)
    found = person(
        line,
        cells.id.strip() or who.identity,
        who,
        product=cells.tiers.strip(),
        since=sheet.optional_moment(cells.created),
    )
    gone_at = sheet.optional_moment(cells.deleted)
    pays = bool(cells.customer.strip() and cells.tiers.strip() and gone_at is None)
    return found._replace(until=gone_at, is_paying=pays and not is_yes(cells.complimentary))


class MemberfulCells(NamedTuple):
    name: Annotated[str, text("Full Name", "Name", needed=True)]
    email: Annotated[str, text("Email", needed=True)]
    id: Annotated[str, text("Memberful ID", needed=True)]
    customer: Annotated[str, text("Stripe Customer ID")]
    plan: Annotated[str, text("Plan", "Pass")]
    active: Annotated[str, text("Active")]
    created: Annotated[str, date("Created at")]
    until: Annotated[str, date("Expiration date")]
    country: Annotated[str, text("Country")]
    discord: Annotated[str, text("Discord User ID")]


def read_memberful(cells: MemberfulCells, sheet: Sheet, line: int) -> Person:
    who = payer(
        cells.email,
        cells.name,
        cells.country,
        "memberful",
        cells.id,
        "stripe_customer",
        cells.customer,
    )
    plan = cells.plan.strip()
    found = person(
        line,
        f"{cells.id.strip()}:{plan}" if plan else cells.id.strip(),
        who,
        product=plan,
        since=sheet.optional_moment(cells.created),
    )
    return found._replace(
        until=sheet.optional_moment(cells.until),
        is_paying=is_yes(cells.active) if cells.active.strip() else None,
    )


class SteadyCells(NamedTuple):
    first_name: Annotated[str, text("first_name", needed=True)]
    last_name: Annotated[str, text("last_name", needed=True)]
    email: Annotated[str, text("email", needed=True)]
    country: Annotated[str, text("country", "shipping_country_code")]
    plan: Annotated[str, text("plan_name", needed=True)]
    price: Annotated[str, text("plan_monthly_amount_cents", needed=True)]
    gifted: Annotated[str, text("gifted")]
    period: Annotated[str, text("subscription_period")]
    state: Annotated[str, text("subscription_state", needed=True)]
    subscribed: Annotated[str, date("subscribed_at")]
    expires: Annotated[str, date("expires_at")]


def read_steady(cells: SteadyCells, sheet: Sheet, line: int) -> Person:
    who = payer(cells.email, f"{cells.first_name} {cells.last_name}", cells.country)
    since = sheet.optional_moment(cells.subscribed)
    found = person(line, who.identity, who, product=cells.plan.strip(), since=since)
    pays = cells.state.strip().lower() in {"active", "not_renewing"} and not is_yes(cells.gifted)
    return found._replace(until=sheet.optional_moment(cells.expires), is_paying=pays)


SUBSTACK = Platform(
    slug="substack",
    name="Substack e-mail list",
    cells=SubstackCells,
    read=read_substack,
    advice=STRIPE_HAS_THE_MONEY,
)
SUBSTACK_SUBSCRIBERS = Platform(
    slug="substack_subscribers",
    name="Substack subscribers",
    cells=SubscriberCells,
    read=read_subscriber,
    advice=_(
        "Substack’s payments run through your own Stripe account. If that is connected, the revenue"
        " in this file would count a second time: bring one of the two."
    ),
)
GHOST = Platform(
    slug="ghost",
    name="Ghost members",
    cells=GhostCells,
    read=read_ghost,
    advice=STRIPE_HAS_THE_MONEY,
)
MEMBERFUL = Platform(
    slug="memberful",
    name="Memberful members",
    cells=MemberfulCells,
    read=read_memberful,
    advice=STRIPE_HAS_THE_MONEY,
)
STEADY = Platform(
    slug="steady",
    name="Steady members",
    cells=SteadyCells,
    read=read_steady,
    advice=_("This file says who your members are, and which plan they have. It has no payments."),
)
