"""Ko-fi, API → Webhooks: a form with one field `data`, which is JSON.

- Nothing is signed: `verification_token` is the secret, and is not kept.
- `amount` is in major units of `currency`, `timestamp` in UTC. What Ko-fi did not get an answer to
  comes again with the same `kofi_transaction_id`, which the transactions file has, too.
- Ko-fi tells of no refunds. What its button for a test sends has an id that no payment has.
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from revenue.files.outcomes import MEMBERSHIP, SALE, Line, Outcome, person
from revenue.files.platforms import kofi
from revenue.files.platforms.kofi import NOBODY
from revenue.live.fields import currency_of, id_of, major, moment, who, words
from revenue.live.payload import (
    NotUnderstood,
    Payload,
    from_form,
    from_json,
    is_true,
    table_of,
    tables_of,
)
from revenue.live.payload import text_of as text
from revenue.live.platform import Delivery, LivePlatform, Refused, Told, refuse_without, same

TOKEN = "verification_token"  # noqa: S105  (the name of a field)
TEST = "00000000-1111-2222-3333-444444444444"


def open_(delivery: Delivery, secret: str) -> Payload:
    form = from_form(delivery.body)
    if not text(form, "data"):
        raise NotUnderstood(_("This is no delivery of Ko-fi’s: the field “data” is missing."))
    payload = from_json(text(form, "data"))
    refuse_without(secret)
    if not same(secret, text(payload, TOKEN)):
        raise Refused(_("The verification token is not the one that is stored here."))
    del payload[TOKEN]
    return payload


def read(told: Told) -> Iterable[Outcome]:
    data = told.payload
    external_id = id_of(data, "kofi_transaction_id", "message_id")
    code = currency_of(text(data, "currency"))
    amount = major(text(data, "amount"), code)
    at = moment(text(data, "timestamp"), now=told.arrived_at)
    shipping = table_of(data, "shipping")
    name = text(data, "from_name")
    payer = who(
        text(data, "email"),
        "" if name.lower() in NOBODY else name,
        text(shipping, "country_code", "country"),
    )
    is_membership = is_true(data, "is_subscription_payment") or told.topic == "Subscription"
    items = (text(item, "variation_name") for item in tables_of(data, "shop_items"))
    product = words(text(data, "tier_name") or words(*items))
    if not amount:
        yield person(0, external_id, payer, product=product, since=at)
        return
    yield Line(
        0,
        external_id,
        at,
        code,
        amount,
        payer,
        MEMBERSHIP if is_membership else SALE,
        product,
        words(text(data, "message")),
    )


LIVE = LivePlatform(
    slug="kofi",
    name="Ko-fi",
    files=kofi.PLATFORM,
    open=open_,
    read=read,
    topic=lambda _delivery, payload: text(payload, "type"),
    about=lambda payload: text(payload, "kofi_transaction_id"),
    is_test=lambda _delivery, payload: text(payload, "kofi_transaction_id") == TEST,
    label=gettext_lazy("Verification token"),
    hint=gettext_lazy("Ko-fi shows it on the same page, under “Advanced”."),
    steps=(
        gettext_lazy("In Ko-fi open More → API, or ko-fi.com/manage/webhooks."),
        gettext_lazy("Paste the address below as “Webhook URL” and press “Update”."),
        gettext_lazy("Open “Advanced” there, copy the verification token and paste it here."),
    ),
    knows=gettext_lazy("Tips, memberships, shop orders and commissions. Ko-fi tells no refunds."),
)
