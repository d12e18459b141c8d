"""Patreon, patreon.com/portal → My webhooks: JSON:API of one member.

- `X-Patreon-Signature` has the HMAC-MD5 of the body by the webhook's secret, in hex, and
  `X-Patreon-Event` the name of what happened.
- It is a snapshot as in the members file: all that somebody has ever paid to this campaign, in
  cents of the campaign's currency, which is not named. It is no payment: what was paid in between
  is the difference of two. So what one pledge was paid with, in the patron's own currency, is of
  no use.
- Which of two was said later only `last_charge_date` tells, and among those of one charge that a
  refund comes after it.
- The user is the member for ever, as in the file's `User ID`.
"""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy

from revenue.files.outcomes import Outcome, Payer, Person, Total
from revenue.files.platforms import patreon
from revenue.files.sheet import whole_number
from revenue.files.skipping import Skip, Why
from revenue.live.fields import currency_of, id_of, minor, optional_moment, who, words
from revenue.live.payload import Payload, from_json, is_true, table_of, tables_of
from revenue.live.payload import text_of as text
from revenue.live.platform import Delivery, LivePlatform, Told, prove
from revenue.values import MembershipState

EVENT = "X-Patreon-Event"
GIVEN_BACK = frozenset({"refunded", "refunded by patreon", "partially refunded", "fraud"})
STATES = {
    "active_patron": MembershipState.ACTIVE,
    "declined_patron": MembershipState.PAST_DUE,
    "former_patron": MembershipState.ENDED,
}


def open_(delivery: Delivery, secret: str) -> Payload:
    header = "X-Patreon-Signature"
    prove(delivery, secret, header=header, digest="md5", encode=bytes.hex)
    return from_json(delivery.body)


def read(told: Told) -> Iterable[Outcome]:
    data = table_of(told.payload, "data")
    if text(data, "type") == "pledge-event":
        return
    if text(data, "type") != "member":
        raise Skip(Why.UNKNOWN_KIND, detail=text(data, "type")[:40])
    member, now = table_of(data, "attributes"), told.arrived_at
    user = id_of(_user(told.payload), "id")
    payer = who(text(member, "email"), text(member, "full_name"), "", "patreon", user)
    code = currency_of(told.currency)
    since = optional_moment(text(member, "pledge_relationship_start"), now=now)
    charged_at = optional_moment(text(member, "last_charge_date"), now=now)
    is_given_back = text(member, "last_charge_status").lower() in GIVEN_BACK
    product = _tiers(told.payload)
    lifetime = text(member, "campaign_lifetime_support_cents", "lifetime_support_cents")
    amount = minor(lifetime, code) if lifetime else 0
    if amount or charged_at:
        yield Total(
            line=0,
            external_id=user,
            currency=code,
            amount=amount,
            payer=payer,
            as_of=now if is_given_back else charged_at,
            product=product,
            since=since,
            last_paid_at=charged_at,
        )
    if state := _state(told, member):
        yield _membership(told, member, user, payer, state, code, charged_at, since)


def _user(payload: Payload) -> Payload:
    relationships = table_of(table_of(payload, "data"), "relationships")
    return table_of(table_of(relationships, "user"), "data")


def _state(told: Told, member: Payload) -> MembershipState | None:
    """Of the membership; None for a follower, or a free member."""
    if told.topic.endswith(":delete"):
        return MembershipState.ENDED if text(member, "patron_status") else None
    state = STATES.get(text(member, "patron_status"))
    if state == MembershipState.ACTIVE and is_true(member, "is_free_trial"):
        return MembershipState.TRIAL
    return state


def _membership(
    told: Told,
    member: Payload,
    user: str,
    payer: Payer,
    state: MembershipState,
    code: str,
    charged_at: datetime | None,
    since: datetime | None,
) -> Person:
    months = whole_number(text(member, "pledge_cadence")) or 1
    worth = text(member, "currently_entitled_amount_cents", "will_pay_amount_cents")
    is_over = state == MembershipState.ENDED
    return Person(
        line=0,
        external_id=user,
        payer=payer,
        product=_tiers(told.payload),
        since=since or charged_at,
        until=told.arrived_at if is_over else None,
        is_paying=not is_over,
        state=state,
        currency=code,
        amount=minor(worth, code) if worth else 0,
        interval={1: "month", 12: "year"}.get(months, f"{months} months"),
        order=f"{charged_at or since or ''} {told.arrived_at}",
    )


def _tiers(payload: Payload) -> str:
    """The names of the tiers that the member is entitled to."""
    relationships = table_of(table_of(payload, "data"), "relationships")
    entitled = tables_of(table_of(relationships, "currently_entitled_tiers"), "data")
    ids = {text(tier, "id") for tier in entitled}
    tiers = (row for row in tables_of(payload, "included") if text(row, "type") == "tier")
    titles = (text(table_of(t, "attributes"), "title") for t in tiers if text(t, "id") in ids)
    return words(*titles)


LIVE = LivePlatform(
    slug="patreon",
    name="Patreon",
    files=patreon.PLATFORM,
    open=open_,
    read=read,
    topic=lambda delivery, _payload: delivery.headers.get(EVENT.lower(), "").strip(),
    about=lambda payload: text(_user(payload), "id"),
    is_test=lambda _delivery, _payload: False,
    asks=frozenset({"secret", "currency"}),
    label=gettext_lazy("Webhook secret"),
    hint=gettext_lazy("Patreon shows it beside the webhook once it is made."),
    steps=(
        gettext_lazy("Open patreon.com/portal/registration/register-webhooks, signed in."),
        gettext_lazy("Paste the address below and press the plus sign."),
        gettext_lazy(
            "Choose the triggers members:create, members:update and members:delete, and those of"
            " members:pledge if you like."
        ),
        gettext_lazy("Copy the webhook’s secret and paste it here."),
    ),
    knows=gettext_lazy(
        "What each member has paid in all their time, as the members file; what was paid in"
        " between is the difference. And who is a member, whose payment failed, and who left."
    ),
)
