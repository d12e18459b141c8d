"""Buy Me a Coffee, Integrations → Webhooks: JSON {type, live_mode, event_id, data}.

- `x-signature-sha256` has the HMAC-SHA256 of the body by the webhook's secret, in hex.
- `amount` is in major units of `currency`, without what the supporter paid on top for the fee. What
  reached the creator is not said: `application_fee` is only Buy Me a Coffee's own share.
- `transaction_id` is the payment's intent at Stripe, where it may be in the books, too.
- A refund gives all of it back; `refunded` is a text, "true" or "false".
- What is told of a membership is a period and no payment.
"""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy

from revenue.files.linking import links_in
from revenue.files.outcomes import Line, Outcome, person
from revenue.files.platforms import coffee
from revenue.files.skipping import Skip, Why
from revenue.live.fields import ID, currency_of, id_of, major, moment, optional_moment, who, words
from revenue.live.payload import Payload, from_json, is_true, table_of, tables_of
from revenue.live.payload import text_of as text
from revenue.live.platform import Delivery, LivePlatform, Told, prove

#: What the ids of extras are told from those of supports by, which are numbers, too.
EXTRA = "extra:"
OF_MEMBERS = ("membership.", "recurring_donation.")


def open_(delivery: Delivery, secret: str) -> Payload:
    header = "X-Signature-Sha256"
    prove(delivery, secret, header=header, digest="sha256", encode=bytes.hex)
    return from_json(delivery.body)


def _about(payload: Payload) -> str:
    is_extra = text(payload, "type").startswith("extra_purchase.")
    return (EXTRA if is_extra else "") + text(table_of(payload, "data"), "id")


def read(told: Told) -> Iterable[Outcome]:
    if told.topic.startswith(OF_MEMBERS):
        return
    what, _, event = told.topic.partition(".")
    if what not in ("donation", "extra_purchase") or event not in ("created", "refunded"):
        raise Skip(Why.UNKNOWN_KIND)
    data, now = table_of(told.payload, "data"), told.arrived_at
    external_id = ("" if what == "donation" else EXTRA) + id_of(data, "id")
    code = currency_of(text(data, "currency"))
    amount = major(text(data, "amount"), code)
    at = moment(text(data, "created_at"), now=now)
    payer = who(text(data, "supporter_email"), text(data, "supporter_name"))
    product = words(*(text(extra, "title") for extra in tables_of(data, "extras")))
    if not amount:
        yield person(0, external_id, payer, product=product, since=at)
        return
    is_refunded = event == "refunded" or is_true(data, "refunded")
    yield Line(
        0,
        external_id,
        at,
        code,
        amount,
        payer,
        product=product,
        note=words(text(data, "support_note")),
        returned=amount if is_refunded else 0,
        returned_at=optional_moment(text(data, "refunded_at"), now=now) if is_refunded else None,
        links=links_in(text(data, "transaction_id")[:ID]),
    )


LIVE = LivePlatform(
    slug="buymeacoffee",
    name="Buy Me a Coffee",
    files=coffee.COFFEE,
    open=open_,
    read=read,
    topic=lambda _delivery, payload: text(payload, "type"),
    about=_about,
    is_test=lambda _delivery, payload: "live_mode" in payload and not is_true(payload, "live_mode"),
    label=gettext_lazy("Webhook secret"),
    hint=gettext_lazy("Buy Me a Coffee shows it once the webhook is made."),
    steps=(
        gettext_lazy("In Buy Me a Coffee open Integrations → Webhooks → Create new."),
        gettext_lazy(
            "Paste the address below, and choose the events of donations and of extra purchases,"
            " those for refunds too."
        ),
        gettext_lazy("Copy the webhook’s secret and paste it here."),
    ),
    knows=gettext_lazy(
        "Donations, extras and their refunds. Of a membership only its begin and end are told, so"
        " what members pay comes with a file, or from your Stripe."
    ),
)
