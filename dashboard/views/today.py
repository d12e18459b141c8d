"""Whom do I write to now? Three people a day, each until one was in touch with them, or not.

A GET may choose them, where no worker has done so since midnight: it brings about what the hour
brings about without it, and looking again changes nothing (`revenue.choosing`). Everything that
somebody decides is a POST.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import StudioRequest, in_studio
from dashboard.today import cards, picture_of
from dashboard.touch_forms import LaterForm, TurnForm, WordForm
from fans.attention import today_of
from fans.circle import how_far
from fans.field import picture
from fans.models import Creator, Touch, Turn
from fans.models.attention import TurnQuerySet
from fans.turns import in_touch, put_off, skip, take_back
from revenue.choosing import is_told, one_more, open_day
from revenue.thanks import gratitude_lag


@require_safe
@in_studio
def today(request: StudioRequest) -> HttpResponse:
    """The page; with `show=lag` how long thanks take, too, which the page asks for when it is
    there."""
    creator, now = request.creator, timezone.now()
    lag = gratitude_lag(creator=creator, now=now) if request.GET.get("show") == "lag" else None
    if lag and request.htmx.target == "lag":
        return render(request, "dashboard/today.html#lag", {"lag": lag})
    if not _turns(creator).exists():
        open_day(creator=creator, now=now)
    return render(request, "dashboard/today.html", _room(creator) | {"lag": lag})


@require_POST
@in_studio
def word(request: StudioRequest, pk: int) -> HttpResponse:
    """One was in touch with them."""
    turn = get_object_or_404(_turns(request.creator), pk=pk)
    form = WordForm(request.POST, turn=turn)
    if not form.is_valid():
        return _wrong(request, form)
    said = form.cleaned_data
    is_new = in_touch(
        turn=turn, kind=said["kind"], text=said["text"], by=request.user, now=timezone.now()
    )
    return _done(request, turn, is_new=is_new)


@require_POST
@in_studio
def later(request: StudioRequest, pk: int) -> HttpResponse:
    """Not today: not in this circle, or on another day."""
    turn, now = get_object_or_404(_turns(request.creator), pk=pk), timezone.now()
    form = LaterForm(request.POST, turn=turn)
    if not form.is_valid():
        return _wrong(request, form)
    until = form.until_day
    is_new = put_off(turn=turn, until=until, now=now) if until else skip(turn=turn, now=now)
    return _done(request, turn, is_new=is_new)


@require_POST
@in_studio
def undo(request: StudioRequest, pk: int) -> HttpResponse:
    """Take back how the turn ended."""
    turn = get_object_or_404(_turns(request.creator), pk=pk)
    return _done(request, turn, is_new=take_back(turn))


@require_POST
@in_studio
def more(request: StudioRequest) -> HttpResponse:
    """One person more, if one wants to."""
    turn = one_more(creator=request.creator, now=timezone.now())
    if turn is None:
        messages.info(request, _("Everybody in the circle has been on this day."))
    return _done(request, turn, is_new=True)


def _turns(creator: Creator) -> TurnQuerySet:
    return creator.turn_set.filter(day=today_of(creator, timezone.now()))


def _room(creator: Creator, *, wrong: TurnForm | None = None) -> dict[str, Any]:
    """What stands in the room."""
    now = timezone.now()
    day, turns, circle = today_of(creator, now), list(_turns(creator)), how_far(creator)
    field = picture_of(circle)
    return {
        "today": day,
        "cards": cards(creator, turns, now=now, wrong=wrong),
        "is_served": bool(turns) and not any(turn.is_open for turn in turns),
        "circle": circle,
        "closes_on": circle.closes_on(day),
        "field": field,
        "picture": picture(field),
        "is_told": is_told(creator),
        "kinds": Touch.Kind.choices,
        "failed": creator.letter_set.failed().select_related("fan"),
    }


def _wrong(request: StudioRequest, form: TurnForm) -> HttpResponse:
    context = _room(request.creator, wrong=form)
    return render(request, _template(request), context, status=422)


def _done(request: StudioRequest, turn: Turn | None, *, is_new: bool) -> HttpResponse:
    """The day as it now is; `is_new`: something has changed."""
    if not is_new:
        messages.info(request, _("That was over already; nothing was noted twice."))
    if request.htmx:
        return render(
            request, _template(request), _room(request.creator) | {"just": turn, "is_step": True}
        )
    page = reverse("dashboard:today", args=[request.creator.handle])
    return redirect(f"{page}#turn-{turn.pk}" if turn else page)


def _template(request: StudioRequest) -> str:
    return "dashboard/today.html#day" if request.htmx else "dashboard/today.html"
