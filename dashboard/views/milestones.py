"""Milestones worth sharing: which seats were taken when, each with a card that names nobody."""

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from dashboard.access import StudioRequest, in_studio
from fans import milestones as rule
from fans.cards import card_of, draw
from truefans.privacy import KEPT_PRIVATELY


@require_safe
@in_studio
def milestones(request: StudioRequest) -> HttpResponse:
    """The round numbers that were reached, and with `seat=347` whichever the creator picks."""
    creator = request.creator
    last = rule.last_seat(creator)
    typed = request.GET.get("seat", "").strip()
    seat = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 8 else 0
    picked = rule.milestone(creator, seat, last=last)
    upcoming = rule.upcoming(creator, last=last)
    context = {
        "last": last,
        "upcoming": upcoming,
        "missing": upcoming - last if upcoming else 0,
        "typed": typed,
        "picked": card_of(creator, picked) if picked else None,
        "cards": [card_of(creator, one) for one in rule.reached(creator, last=last)],
    }
    return render(request, "dashboard/milestones.html", context)


@require_safe
@in_studio
def card(request: StudioRequest, seat: int) -> HttpResponseBase:
    """The picture, which is drawn only for a browser that has another one."""
    creator = request.creator
    found = rule.milestone(creator, seat, last=rule.last_seat(creator))
    if not found:
        raise Http404
    card = card_of(creator, found)
    etag = quote_etag(card.fingerprint)
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(draw(card), content_type="image/png")
    response["ETag"], response["Cache-Control"] = etag, KEPT_PRIVATELY
    response["Content-Disposition"] = f'inline; filename="{creator.handle}-{seat}.png"'
    return response
