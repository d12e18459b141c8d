"""What of Stripe is read: lists and single objects, by what permission, with what beside them."""

from typing import Any

from revenue.values import Listing

Json = dict[str, Any]

#: path, and what Stripe's dashboard calls the permission.
LISTS = {
    Listing.CUSTOMERS: ("/v1/customers", "Customers"),
    Listing.MEMBERSHIPS: ("/v1/subscriptions", "Subscriptions"),
    Listing.INVOICES: ("/v1/invoices", "Invoices"),
    Listing.MOVEMENTS: ("/v1/balance_transactions", "Balance transaction sources"),
    Listing.PAYMENTS: ("/v1/charges", "Charges"),
    Listing.REFUNDS: ("/v1/refunds", "Charges"),
    Listing.DISPUTES: ("/v1/disputes", "Disputes"),
    Listing.NEWS: ("/v1/events", "Events"),
    Listing.ORDERS: ("/v1/checkout/sessions", "Checkout Sessions"),
}
#: What is news: what may change a payment, a person or a membership that is known already. Stripe
#: takes at most twenty types in one question, each by its whole name.
NEWS = [
    "charge.captured",
    "charge.expired",
    "charge.failed",
    "charge.refunded",
    "charge.succeeded",
    "charge.updated",
    "charge.dispute.closed",
    "charge.dispute.updated",
    "refund.failed",
    "refund.updated",
    "customer.deleted",
    "customer.updated",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.updated",
    "invoice.paid",
    "invoice_payment.paid",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
]
#: What a delivery had best tell of: that, and what no question asks for because the lists have it.
TOLD = sorted(
    [
        *NEWS,
        "charge.dispute.created",
        "charge.dispute.funds_reinstated",
        "charge.dispute.funds_withdrawn",
        "customer.created",
        "customer.subscription.created",
        "refund.created",
    ]
)
#: What is asked beside the list, the most useful first: the rest is for servers that refuse it.
EXTRAS: dict[str, list[Json]] = {
    Listing.MEMBERSHIPS: [{"status": "all"}, {}],
    Listing.INVOICES: [
        {"expand": ["data.payments", "data.amount_paid_off_stripe"]},
        {"expand": ["data.payments"]},
        {},
    ],
    Listing.MOVEMENTS: [{"expand": ["data.source"]}, {}],
    Listing.NEWS: [{"types": NEWS}, {}],
}
#: The same for lists of what belongs to one payment, which are read together with their lines.
EXTRAS_OF_ONE: dict[str, list[Json]] = {
    Listing.PAYMENTS: [
        {"expand": ["data.balance_transaction", "data.failure_balance_transaction"]},
        {},
    ],
    Listing.REFUNDS: [
        {"expand": ["data.balance_transaction", "data.failure_balance_transaction"]},
        {},
    ],
}
#: Lists that are read only for what has no line in the ledger: with a line it comes from there.
ONLY_WITHOUT_LINE = (Listing.PAYMENTS, Listing.REFUNDS)
#: Lists without which there are no books. Reading goes on without any other that is refused.
NEEDED = (Listing.CUSTOMERS, Listing.MOVEMENTS)
#: A debit that failed has a second line, which takes the first one back.
CHARGE_LINES: list[Json] = [
    {"expand": ["balance_transaction", "failure_balance_transaction"]},
    {"expand": ["balance_transaction"]},
]
#: Where a single object is read, by the beginning of its id: path, permission, what to expand.
SINGLE: dict[str, tuple[str, str, list[Json]]] = {
    "ch": ("/v1/charges", "Charges", CHARGE_LINES),
    "py": ("/v1/charges", "Charges", CHARGE_LINES),
    "re": ("/v1/refunds", "Charges", [{}]),
    "pyr": ("/v1/refunds", "Charges", [{}]),
    "dp": ("/v1/disputes", "Disputes", [{}]),
    "du": ("/v1/disputes", "Disputes", [{}]),
    "cus": ("/v1/customers", "Customers", [{}]),
    "in": (
        "/v1/invoices",
        "Invoices",
        [{"expand": ["payments", "amount_paid_off_stripe"]}, {"expand": ["payments"]}, {}],
    ),
    "inpay": ("/v1/invoice_payments", "Invoices", [{}]),
    "sub": ("/v1/subscriptions", "Subscriptions", [{}]),
    "cs": ("/v1/checkout/sessions", "Checkout Sessions", [{}]),
}


def permission_of(listing: str) -> str:
    """What Stripe's dashboard calls what it takes to read `listing`; "" for what is no list."""
    return LISTS[Listing(listing)][1] if listing in LISTS else ""
