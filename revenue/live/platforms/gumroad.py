"""Gumroad, Settings → Advanced → Ping, or resource subscriptions: a form, or JSON.

- Nothing is signed. What proves a delivery is the address, which nobody else knows, and the
  `seller_id` in it.
- `price` and `gumroad_fee` are in US cents, as the file is in US dollars; `currency` is only that
  in which the product is priced. `sale_id` is the file's Purchase ID.
- `refunded` means all of it. A refund of a part is told, but not how much it was.
- `disputed` stays true when the dispute is won; then `dispute_won` is, too.
- What is told of a subscription itself is no payment: each charge is a sale of its own.
- A seller who buys from themselves makes a `test`.
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from revenue.files.outcomes import DISPUTE, MEMBERSHIP, REFUND, SALE, Line, Outcome, person
from revenue.files.platforms import gumroad
from revenue.files.platforms.gumroad import USD
from revenue.files.sheet import whole_number
from revenue.files.skipping import Skip, Why
from revenue.live.fields import id_of, minor, moment, who, words
from revenue.live.payload import NotUnderstood, Payload, from_form, from_json, is_true
from revenue.live.payload import text_of as text
from revenue.live.platform import Delivery, LivePlatform, Told

OF_SALES = frozenset({"sale", "refund", "dispute", "dispute_won"})
OF_SUBSCRIPTIONS = frozenset(
    {"cancellation", "subscription_updated", "subscription_ended", "subscription_restarted"}
)


def open_(delivery: Delivery, _secret: str) -> Payload:
    is_json = "json" in delivery.headers.get("content-type", "")
    payload = from_json(delivery.body) if is_json else from_form(delivery.body)
    if not text(payload, "seller_id") and topic(delivery, payload) in OF_SALES:
        raise NotUnderstood(_("This is no delivery of Gumroad’s: “seller_id” is missing."))
    return payload


def topic(_delivery: Delivery, payload: Payload) -> str:
    plain = "sale" if text(payload, "sale_id") else "subscription_updated"
    return text(payload, "resource_name") or plain


def read(told: Told) -> Iterable[Outcome]:
    data = told.payload
    if told.topic in OF_SUBSCRIPTIONS:
        return
    if told.topic not in OF_SALES:
        raise Skip(Why.UNKNOWN_KIND)
    external_id = id_of(data, "sale_id")
    if is_true(data, "is_preorder_authorization"):
        raise Skip(Why.AUTHORISED)
    price = minor(text(data, "price"), USD)
    at = moment(text(data, "sale_timestamp"), now=told.arrived_at)
    payer = who(text(data, "email"), text(data, "full_name"), text(data, "country", "ip_country"))
    product = words(text(data, "product_name"))
    if not price:
        yield person(0, external_id, payer, product=product, since=at)
        return
    is_disputed, is_won = is_true(data, "disputed"), is_true(data, "dispute_won")
    is_refunded, is_lost = is_true(data, "refunded"), is_disputed and not is_won
    is_membership = is_true(data, "is_recurring_charge") or text(data, "recurrence")
    fee = text(data, "gumroad_fee")
    yield Line(
        0,
        external_id,
        at,
        USD,
        price,
        payer,
        MEMBERSHIP if is_membership else SALE,
        product,
        quantity=whole_number(text(data, "quantity")),
        returned=price if is_refunded or is_lost else 0,
        return_kind=DISPUTE if is_lost else REFUND,
        fee=minor(fee, USD) if fee else None,
        is_won=is_disputed and is_won,
    )
    if told.topic == "refund" and not is_refunded:
        raise Skip(Why.PART_RETURNED, detail=external_id[:40])


LIVE = LivePlatform(
    slug="gumroad",
    name="Gumroad",
    files=gumroad.PLATFORM,
    open=open_,
    read=read,
    topic=topic,
    about=lambda payload: text(payload, "sale_id"),
    is_test=lambda _delivery, payload: is_true(payload, "test"),
    account=lambda payload: text(payload, "seller_id"),
    asks=frozenset({"account"}),
    label=gettext_lazy("Your seller id"),
    hint=gettext_lazy(
        "You may leave it empty: Gumroad sends it, and the first delivery says it. Deliveries of"
        " any other seller are refused from then on."
    ),
    steps=(
        gettext_lazy("In Gumroad open Settings → Advanced."),
        gettext_lazy("Paste the address below as “Ping endpoint” and save."),
        gettext_lazy(
            "Press “Send test ping to URL”. This page then says that a test arrived; without any"
            " sale there is nothing to send yet."
        ),
    ),
    knows=gettext_lazy(
        "Sales and each charge of a membership. Of refunds and disputes Gumroad tells only an"
        " application of your own that asks for them; a sales file brings them all."
    ),
)
