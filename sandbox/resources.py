"""Which objects are served where, what they may be filtered by, and which permission they need."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Resource:
    """`filters`: parameter -> field of the object (dotted). `scope` names the permission: reading
    needs `rak_<scope>_read`."""

    path: str
    kind: str
    scope: str
    filters: Mapping[str, str] = field(default_factory=dict)

    @property
    def permission(self) -> str:
        return f"rak_{self.scope}_read"


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


RESOURCES = (
    Resource(
        "balance_transactions",
        "balance_transaction",
        "balance_transaction_source",
        _same("type", "source", "currency", "payout"),
    ),
    Resource("charges", "charge", "charge", _same("customer", "payment_intent")),
    Resource("refunds", "refund", "charge", _same("charge", "payment_intent")),
    Resource("disputes", "dispute", "dispute", _same("charge", "payment_intent")),
    Resource("customers", "customer", "customer", _same("email")),
    Resource("payment_intents", "payment_intent", "payment_intent", _same("customer")),
    Resource(
        "invoices",
        "invoice",
        "invoice",
        _same("customer", "status", "collection_method")
        | {"subscription": "parent.subscription_details.subscription"},
    ),
    Resource(
        "invoice_payments",
        "invoice_payment",
        "invoice",
        _same("invoice", "status")
        | {
            "payment[type]": "payment.type",
            "payment[payment_intent]": "payment.payment_intent",
            "payment[payment_record]": "payment.payment_record",
        },
    ),
    Resource("credit_notes", "credit_note", "credit_note", _same("customer", "invoice")),
    Resource("subscriptions", "subscription", "subscription", _same("customer", "status")),
    Resource("products", "product", "product", _same("active")),
    Resource("prices", "price", "plan", _same("product", "type", "currency", "active")),
    Resource("payouts", "payout", "payout", _same("status")),
    Resource("events", "event", "event", _same("type")),
    Resource(
        "checkout/sessions",
        "checkout.session",
        "checkout_session",
        _same("customer", "payment_intent", "subscription", "status"),
    ),
)

BY_PATH = {f"/v1/{resource.path}": resource for resource in RESOURCES}
PERMISSION_OF = {resource.kind: resource.permission for resource in RESOURCES}
