"""Stripe's files about people and accounts: customers, subscriptions, payouts.

- Customers (`unified_customers.csv`): several customers for one address are usual; whether Total
  Spend is before or after refunds is not documented, so it is not read.
- Subscriptions: what somebody is to pay, and not what they paid.
- Payouts name nobody.
"""

from typing import Annotated, NamedTuple

from django.utils.translation import gettext_lazy as _

from revenue.files.columns import amount, currency, date, text
from revenue.files.outcomes import Person, person
from revenue.files.platform import Platform
from revenue.files.sheet import Sheet, payer


class CustomerCells(NamedTuple):
    id: Annotated[str, text("id", "Customer ID", needed=True)]
    email: Annotated[str, text("Email", "Customer Email", needed=True)]
    created: Annotated[str, date("Created (UTC)", "Created", "Created date (UTC)", needed=True)]
    name: Annotated[str, text("Name", "Card Name", "Description")]
    description: Annotated[str, text("Description")]
    country: Annotated[str, text("Card Address Country", "Address Country", "Country")]
    plan: Annotated[str, text("Plan")]
    status: Annotated[str, text("Status")]
    delinquent: Annotated[str, text("Delinquent", needed=True)]
    spent: Annotated[str, text("Total Spend")]
    payments: Annotated[str, text("Payment Count")]
    card: Annotated[str, text("Card ID", "Default Source")]


def read_customer(cells: CustomerCells, sheet: Sheet, line: int) -> Person:
    who = payer(
        cells.email,
        cells.name or cells.description,
        cells.country,
        "stripe_customer",
        cells.id,
    )
    found = person(
        line, cells.id, who, product=cells.plan, since=sheet.optional_moment(cells.created)
    )
    status = cells.status.lower()
    return found._replace(is_paying=status == "active" if status else None)


class SubscriptionCells(NamedTuple):
    id: Annotated[str, text("id", needed=True)]
    customer: Annotated[str, text("Customer ID", needed=True)]
    email: Annotated[str, text("Customer Email", needed=True)]
    status: Annotated[str, text("Status", needed=True)]
    name: Annotated[str, text("Customer Name", "Customer Description")]
    plan: Annotated[str, text("Plan", "Product", "Description")]
    interval: Annotated[str, text("Interval")]
    until: Annotated[str, date("Current Period End (UTC)", needed=True)]
    begun: Annotated[str, date("Start Date (UTC)", "Start (UTC)")]
    created: Annotated[str, date("Created (UTC)")]
    ended: Annotated[str, date("Ended At (UTC)", "Canceled At (UTC)")]


def read_subscription(cells: SubscriptionCells, sheet: Sheet, line: int) -> Person:
    who = payer(cells.email, cells.name, "", "stripe_customer", cells.customer)
    found = person(
        line,
        cells.id,
        who,
        product=cells.plan,
        since=sheet.optional_moment(cells.begun or cells.created),
    )
    return found._replace(
        until=sheet.optional_moment(cells.ended or cells.until),
        is_paying=cells.status.lower() in {"active", "past_due"},
    )


class PayoutCells(NamedTuple):
    id: Annotated[str, text("id", needed=True)]
    amount: Annotated[str, amount("Amount", needed=True)]
    currency: Annotated[str, currency("Currency")]
    arrival: Annotated[str, date("Arrival Date (UTC)", needed=True)]
    destination: Annotated[str, text("Destination", needed=True)]
    source: Annotated[str, text("Source Type")]
    livemode: Annotated[str, text("Livemode")]


CUSTOMERS = Platform(
    slug="stripe_customers",
    name="Stripe customers",
    cells=CustomerCells,
    read=read_customer,
    advice=_("This file says who people are. What they paid is in the payments export of Stripe."),
)
SUBSCRIPTIONS = Platform(
    slug="stripe_subscriptions",
    name="Stripe subscriptions",
    cells=SubscriptionCells,
    read=read_subscription,
    advice=_("This file says who subscribes. What they paid is in the payments export of Stripe."),
)
PAYOUTS = Platform(
    slug="stripe_payouts",
    name="Stripe payouts",
    cells=PayoutCells,
    refusal=_(
        "This is Stripe’s list of payouts, which names nobody. Export Payments instead: in your"
        " Stripe dashboard, Payments, Export."
    ),
)
