"""Perks: what a tier gives, to whom it is owed, tick by tick, and labels for the envelopes."""

from datetime import date, datetime

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.access import StudioRequest, editors_only, in_studio
from dashboard.downloads import csv_download
from dashboard.paging import Page, turn_to
from dashboard.tiers import PerkForm
from fans.models import Perk
from fans.perks import deliver, perk_now, take_back
from revenue.labels import COLUMNS, label_rows

#: Where the session keeps what was ticked last, until it was shown with a way back.
LAST_TICK = "last_tick"


@require_safe
@in_studio
def perk(request: StudioRequest, pk: int) -> HttpResponse:
    """Who is owed it now, or with `show=given` who was given it, newest first."""
    found, now = _perk(request, pk), timezone.now()
    is_given = request.GET.get("show") == "given"
    context = {
        "perk": found,
        "state": perk_now(found, now=now),
        "is_given": is_given,
        "page": _given(request, found) if is_given else _owed(request, found, now),
        **_last_tick(request, found),
    }
    template = "dashboard/tiers_perk.html"
    return render(
        request, f"{template}#handing" if request.htmx.target == "handing" else template, context
    )


@require_POST
@in_studio
def tick(request: StudioRequest, pk: int) -> HttpResponse:
    """Note that one of the people shown, or all of them, were given it."""
    found, now = _perk(request, pk), timezone.now()
    noted = deliver(
        perk=found,
        period=_period(request, found, now),
        fan_ids=_ids(request, "shown" if "all" in request.POST else "fan"),
        by=request.user,
        now=now,
    )
    request.session[LAST_TICK] = {"perk": found.pk, "ticked": noted}
    return _back(request, found)


@require_POST
@in_studio
def untick(request: StudioRequest, pk: int) -> HttpResponse:
    """It was not given after all."""
    found = _perk(request, pk)
    count = take_back(perk=found, delivery_ids=_ids(request, "delivery"))
    request.session[LAST_TICK] = {"perk": found.pk, "taken_back": count}
    return _back(request, found)


@require_safe
@in_studio
def labels(request: StudioRequest, pk: int) -> StreamingHttpResponse:
    """Everybody who is owed it now, for the label printer."""
    found = _perk(request, pk)
    period = found.period(timezone.now())
    fans = request.creator.fans.owed(found, period=period).order_by("-spend", "id")
    parts = [slugify(found.name), "" if period == date.min else period.isoformat()]
    name = "-".join(part for part in parts if part) or "labels"
    return csv_download(name, label_rows(request.creator, fans), columns=COLUMNS)


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def new(request: StudioRequest, pk: int) -> HttpResponse:
    """Something that the tier `pk` gives from now on."""
    tier = get_object_or_404(request.creator.tiers, pk=pk)
    return _form(request, Perk(tier=tier))


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def edit(request: StudioRequest, pk: int) -> HttpResponse:
    return _form(request, _perk(request, pk))


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def remove(request: StudioRequest, pk: int) -> HttpResponse:
    """How much is noted of it, and its going."""
    found = _perk(request, pk)
    if request.method == "POST":
        found.delete()
        messages.success(request, _("“%(name)s” is gone.") % {"name": found.name})
        return redirect("dashboard:tiers", request.creator.handle)
    context = {"perk": found, "noted": found.deliveries.count()}
    return render(request, "dashboard/tiers_perk_remove.html", context)


def _perk(request: StudioRequest, pk: int) -> Perk:
    perks = Perk.objects.filter(tier__creator=request.creator).select_related("tier")
    found = get_object_or_404(perks, pk=pk)
    found.tier.creator = request.creator
    return found


def _form(request: StudioRequest, found: Perk) -> HttpResponse:
    form = PerkForm(request.POST if request.method == "POST" else None, instance=found)
    if form.is_valid():
        try:
            form.save()
        except IntegrityError:  # sent twice at once
            form.add_error("name", _("This tier gives something of that name already."))
        else:
            messages.success(request, _("Saved."))
            return redirect("dashboard:perk", request.creator.handle, found.pk)
    context = {"form": form, "perk": found, "tier": found.tier}
    return render(
        request, "dashboard/tiers_perk_edit.html", context, status=422 if form.is_bound else 200
    )


def _owed(request: StudioRequest, found: Perk, now: datetime) -> Page:
    fans = request.creator.fans.owed(found, period=found.period(now)).select_related("tier")
    return turn_to(fans, request.GET.get("after", ""), order=("-spend", "id"))


def _given(request: StudioRequest, found: Perk) -> Page:
    # Not joined: all that was given would be, before the newest are taken.
    given = found.deliveries.prefetch_related("fan")
    return turn_to(given, request.GET.get("after", ""), order=("-period", "-id"))


def _last_tick(request: StudioRequest, found: Perk) -> dict[str, object]:
    """What was just ticked or taken back, once."""
    last = request.session.get(LAST_TICK)
    if not last or last["perk"] != found.pk:
        return {}
    del request.session[LAST_TICK]
    ticked = found.deliveries.filter(pk__among=last.get("ticked", [])).select_related("fan")
    return {"ticked": list(ticked), "taken_back": last.get("taken_back")}


def _ids(request: StudioRequest, name: str) -> list[int]:
    """What was sent as `name`, as far as the ids of rows can be."""
    sent = request.POST.getlist(name)
    return [int(text) for text in sent if text.isascii() and text.isdecimal() and len(text) < 19]


def _period(request: StudioRequest, found: Perk, now: datetime) -> date:
    """The period of the list that was ticked: it may have ended while somebody looked at it."""
    current = found.period(now)
    try:
        sent = date.fromisoformat(request.POST.get("period", ""))
    except ValueError:
        return current
    return sent if sent <= current and Perk.Every(found.every).period(sent) == sent else current


def _back(request: StudioRequest, found: Perk) -> HttpResponseRedirect:
    """To the list that it was sent from, where that began."""
    where = {name: request.POST[name] for name in ("show", "after") if request.POST.get(name)}
    url = reverse("dashboard:perk", args=[request.creator.handle, found.pk])
    return HttpResponseRedirect(f"{url}?{urlencode(where)}" if where else url)
