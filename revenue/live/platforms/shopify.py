"""Shopify, Settings → Notifications → Webhooks: an order or a refund as JSON.

- `X-Shopify-Hmac-Sha256` has the HMAC-SHA256 of the body by the shop's secret, in base64;
  `X-Shopify-Topic` says what it is.
- An order comes whole each time, `id` is the file's Id, and its `refunds` say what was given back.
  A refund of its own names its order; what is in both is one.
- As in the file: `total_price` in the shop's `currency` with tax and shipping; what
  `financial_status` took no money is no payment.
- `test` is an order through a gateway for tests, the header X-Shopify-Test a notification for one.
"""

import base64
from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy

from revenue.files.outcomes import Line, Outcome, Payer, Return, person
from revenue.files.platforms import shopify
from revenue.files.platforms.shopify import PAID, WHY
from revenue.files.sheet import whole_number
from revenue.files.skipping import Skip, Why
from revenue.live.fields import currency_of, id_of, major, moment, optional_moment, who, words
from revenue.live.payload import Payload, from_json, is_true, table_of, tables_of
from revenue.live.payload import text_of as text
from revenue.live.platform import Delivery, LivePlatform, Told, prove

TOPIC = "X-Shopify-Topic"
#: Orders of which the body is not the whole order.
PARTIAL = frozenset({"orders/delete", "orders/risk_assessment_changed"})


def open_(delivery: Delivery, secret: str) -> Payload:
    header = "X-Shopify-Hmac-Sha256"
    prove(delivery, secret, header=header, digest="sha256", encode=_base64)
    return from_json(delivery.body)


def _base64(mac: bytes) -> str:
    return base64.b64encode(mac).decode()


def _is_test(delivery: Delivery, payload: Payload) -> bool:
    is_trial = delivery.headers.get("x-shopify-test", "").strip().lower() == "true"
    return is_trial or is_true(payload, "test")


def read(told: Told) -> Iterable[Outcome]:
    if told.topic in PARTIAL:
        return
    if told.topic == "refunds/create":
        yield from _refund(told.payload, now=told.arrived_at)
    elif told.topic.startswith("orders/"):
        yield _order(told.payload, now=told.arrived_at)
    else:
        raise Skip(Why.UNKNOWN_KIND)


def _refund(refund: Payload, *, now: datetime) -> Iterable[Outcome]:
    given = _given_back(refund)
    if not given:
        return  # only put back into stock
    code = currency_of(text(given[0], "currency"))
    amount = sum(major(text(one, "amount"), code) for one in given)
    at = moment(text(refund, "processed_at", "created_at"), now=now)
    external_id = f"refund:{id_of(refund, 'id')}"
    yield Return(0, external_id, id_of(refund, "order_id"), at, code, amount, Payer())


def _given_back(refund: Payload) -> list[Payload]:
    """What of a refund went back to the customer."""
    return [
        one
        for one in tables_of(refund, "transactions")
        if text(one, "kind") == "refund" and text(one, "status") == "success"
    ]


def _order(order: Payload, *, now: datetime) -> Outcome:
    external_id = id_of(order, "id")
    status = text(order, "financial_status").lower()
    if status not in PAID:
        raise Skip(WHY.get(status, Why.OTHER), detail=status[:40], external_id=external_id)
    code = currency_of(text(order, "currency"))
    total = major(text(order, "total_price"), code)
    if status == "partially_paid":
        total -= major(text(order, "total_outstanding") or "0", code)
    at = moment(text(order, "processed_at", "created_at"), now=now)
    items = tables_of(order, "line_items")
    product = words(*(text(item, "name", "title") for item in items))
    payer = _payer(order)
    if total <= 0:
        return person(0, external_id, payer, product=product, since=at)
    given = [one for refund in tables_of(order, "refunds") for one in _given_back(refund)]
    returned = sum(major(text(one, "amount"), code) for one in given)
    if status == "refunded" and not returned:
        returned = total
    days = (optional_moment(text(r, "created_at"), now=now) for r in tables_of(order, "refunds"))
    return Line(
        0,
        external_id,
        at,
        code,
        total,
        payer,
        product=product,
        note=words(text(order, "note")),
        quantity=sum(whole_number(text(item, "quantity")) or 0 for item in items) or None,
        returned=min(returned, total),
        returned_at=max(filter(None, days), default=None) if returned else None,
    )


def _payer(order: Payload) -> Payer:
    customer = table_of(order, "customer")
    billing, shipping = table_of(order, "billing_address"), table_of(order, "shipping_address")
    own = f"{text(customer, 'first_name')} {text(customer, 'last_name')}".strip()
    return who(
        text(order, "email", "contact_email") or text(customer, "email"),
        text(billing, "name") or text(shipping, "name") or own,
        text(billing, "country_code", "country") or text(shipping, "country_code", "country"),
    )


LIVE = LivePlatform(
    slug="shopify",
    name="Shopify",
    files=shopify.ORDERS,
    open=open_,
    read=read,
    topic=lambda delivery, _payload: delivery.headers.get(TOPIC.lower(), "").strip(),
    about=lambda payload: "" if "order_id" in payload else text(payload, "id"),
    is_test=_is_test,
    label=gettext_lazy("Signing secret"),
    hint=gettext_lazy("It stands below the list: “Your webhooks will be signed with …”."),
    steps=(
        gettext_lazy("In your Shopify admin open Settings → Notifications → Webhooks."),
        gettext_lazy(
            "Make three webhooks with the address below, in JSON: “Order creation”, “Order update”"
            " and “Refund create”."
        ),
        gettext_lazy(
            "Copy the text that signs your webhooks, below their list, and paste it here."
        ),
    ),
    knows=gettext_lazy("Orders as they are paid, changed, cancelled and refunded."),
)
