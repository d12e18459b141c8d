"""Deliveries: stored within a moment, worked off by a worker.

Those of Stripe are an accelerator, never a source of truth: of what one says only the name of an
object is believed (`revenue.nudging`), and what no delivery tells is found by the next poll. Those
of other platforms are all that will ever be heard, so they are kept as they came (`revenue.live`).
"""

from datetime import datetime

import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from revenue import values
from revenue.gateways.stripe.pages import NOT_UNDERSTOOD, to_nudge
from revenue.gateways.stripe.signatures import Verdict, judge
from revenue.listening import Listener, read, remembered, store
from revenue.live.inboxes import inbox_at
from revenue.live.platform import Delivery
from revenue.live.platforms import BY_SLUG
from revenue.live.receiving import receive
from revenue.models import Source
from revenue.models.sources import MINUTE
from revenue.queueing import queue_once
from revenue.tasks.deliveries import read_messages_of, work_off_nudges
from truefans.text import from_json

log = structlog.get_logger(__name__)

#: Bytes; the events of Stripe have some thousands.
LARGEST = 1_000_000
#: Bytes; an order of some hundred lines has a million.
LARGEST_ORDER = 2_000_000


@csrf_exempt
@require_POST
def live(request: HttpRequest, platform: str, address: str) -> HttpResponse:
    """Keep what a platform tells, if it was the platform; what it means is found out later."""
    found = BY_SLUG.get(platform)
    inbox = inbox_at(found, address) if found else None
    if found is None or inbox is None:
        return _say(_("Nothing is delivered to this address."), status=404)
    try:
        size = int(request.META.get("CONTENT_LENGTH") or 0)
        delivery = Delivery(request.body if size <= LARGEST_ORDER else b"", _headers(request))
    except (ValueError, RequestDataTooBig):
        size = LARGEST_ORDER + 1
    if size > LARGEST_ORDER:
        return _say(_("This is too large for a delivery. Nothing of it was kept."), status=413)
    receipt = receive(platform=found, inbox=inbox, delivery=delivery, now=timezone.now())
    if receipt.is_new:
        # Should the queue be away, the beat finds the message.
        queue_once(read_messages_of, inbox.source_id)
    if receipt.status != 200:
        log.warning("message_refused", source=inbox.source_id, status=receipt.status)
    return _say(receipt.sentence, status=receipt.status)


def _headers(request: HttpRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


@csrf_exempt
@require_POST
def stripe(request: HttpRequest, source_id: int) -> HttpResponse:
    """Store what Stripe says has changed, and answer before anything is done about it."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        return _say(_("This is too large for an event."), status=413)
    now = timezone.now()
    for find in (remembered, read):
        listener = find(source_id)
        answer = _receive(request, listener, now=now) if listener else None
        if answer:
            return answer
    if listener is None:
        return _say(_("Nothing is connected here."), status=400)
    return _refuse(listener, _("The signature is not of a secret that is stored here."), now=now)


def _receive(request: HttpRequest, listener: Listener, *, now: datetime) -> HttpResponse | None:
    """The answer to a delivery; None where it would be good with other secrets, if at all."""
    header = request.META.get("HTTP_STRIPE_SIGNATURE", "")
    match judge(request.body, header, secrets=listener.secrets, now=now):
        case Verdict.MISSING:
            return _say(_("The header Stripe-Signature is missing or incomplete."), status=400)
        case Verdict.UNTIMELY:
            why = _("This was signed more than five minutes away from the time it is here.")
            return _refuse(listener, why, now=now)
        case Verdict.WRONG:
            return None
    try:
        event = from_json(request.body)
        nudge, livemode = to_nudge(event), event.get("livemode")
    except NOT_UNDERSTOOD:
        return _say(_("This is no event."), status=400)
    if livemode is not None and livemode != listener.livemode:
        log.warning("delivery_of_other_mode", source=listener.source_id, livemode=livemode)
        return _say(_("Test events stay out of live books, and live events out of test books."))
    if nudge is None:
        log.info("delivery_about_nothing", source=listener.source_id, kind=event.get("type"))
        return _say(_("Received."))
    return _store(listener, nudge, now=now)


def _store(listener: Listener, nudge: values.Nudge, *, now: datetime) -> HttpResponse | None:
    stored = store(listener, nudge, now=now)
    if stored is None:
        return None
    if stored.needs_worker:
        # Should the queue be away, the beat finds the nudge.
        queue_once(work_off_nudges, listener.source_id)
    if stored.heard_at is None or stored.heard_at < now - MINUTE:
        Source.objects.note("delivered_at", source_id=listener.source_id, now=now)
    return _say(_("Received."))


def _refuse(listener: Listener, why: str, *, now: datetime) -> HttpResponse:
    log.warning("delivery_refused", source=listener.source_id, secrets=len(listener.secrets))
    Source.objects.note("refused_at", source_id=listener.source_id, now=now)
    return _say(why, status=400)


def _say(sentence: str, *, status: int = 200) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
