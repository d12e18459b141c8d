"""A delivery comes in: it is proved, kept as it came, and answered at once.

It is no nudge as one of Stripe's is: nobody can be asked again, so what it says is all there is.
The answer waits until it is on the disk, and what it means is left to a worker.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from revenue.files.skipping import Skip, Why
from revenue.live.payload import NotUnderstood, Payload
from revenue.live.platform import Delivery, LivePlatform, Refused, Told, same
from revenue.models import Inbox, Message
from revenue.packed import pack
from truefans.text import to_json

#: The longest that a platform calls anything.
TOPIC = 100


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is answered; `is_new`: a worker has something to do."""

    status: int
    sentence: str
    is_new: bool = False


def receive(*, platform: LivePlatform, inbox: Inbox, delivery: Delivery, now: datetime) -> Receipt:
    """Keep `delivery` unless it was there before; it may be forged, broken or a test."""
    try:
        payload = platform.open(delivery, inbox.secret)
        _check_account(platform, inbox, payload)
    except Refused as refused:
        Inbox.objects.note_refused(str(refused), inbox_id=inbox.pk, now=now)
        return Receipt(403, str(refused))
    except NotUnderstood as why:
        return Receipt(400, str(why))
    if platform.is_test(delivery, payload):
        Inbox.objects.note_heard(inbox_id=inbox.pk, now=now, is_test=True)
        return Receipt(200, _("A test arrived. It stays out of the books."))
    told = Told(payload, platform.topic(delivery, payload)[:TOPIC], now, inbox.currency)
    is_new = _keep(inbox, told)
    Inbox.objects.note_heard(inbox_id=inbox.pk, now=now)
    return Receipt(*_answer(platform, told), is_new)


def _check_account(platform: LivePlatform, inbox: Inbox, payload: Payload) -> None:
    """Raise Refused for what is somebody else's; who is the first to say whose it is, is right."""
    account = platform.account(payload)
    if not account:
        return
    if not inbox.account:
        Inbox.objects.filter(pk=inbox.pk, account="").update(account=account[:200])
        inbox.refresh_from_db(fields=["account"])
    if not same(inbox.account, account[:200]):
        raise Refused(_("This is of another seller than the one whose deliveries are taken here."))


def _keep(inbox: Inbox, told: Told) -> bool:
    """Whether it is new. Nothing waits for whoever stores something of the same source."""
    raw = to_json(told.payload)
    fingerprint = hashlib.sha256(told.topic.encode() + b"\0" + raw).hexdigest()
    message = Message(
        source=inbox.source,
        external_id=fingerprint,
        topic=told.topic,
        currency=told.currency,
        arrived_at=told.arrived_at,
        raw=pack(raw),
    )
    before = Message.objects.filter(source=inbox.source, external_id=fingerprint)
    if before.exists():
        return False
    Message.objects.bulk_create([message], ignore_conflicts=True)
    return True


def _answer(platform: LivePlatform, told: Told) -> tuple[int, str]:
    """An amount that cannot be is said to be one; what is only unknown is no fault of whoever sent
    it, and platforms stop delivering where they hear of too many faults."""
    try:
        list(platform.read(told))
    except Skip as skip:
        if skip.why == Why.BAD_AMOUNT:
            kept = _("This is kept as it came, and counts nowhere: %(why)s")
            return 422, kept % {"why": skip.why.label}
    return 200, _("Received.")
