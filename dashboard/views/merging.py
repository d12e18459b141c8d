"""One person? Two records that may be one, side by side; made one, and two again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.access import StudioRequest, in_studio
from dashboard.merging import preview, reasons_for
from dashboard.paging import turn_to
from dashboard.somebody import people_called
from fans.models import Fan, Merge
from revenue.beginning import begin_merging, begin_parting
from revenue.merging import NotTheLast
from revenue.refusing import ask_again, refuse

#: Of what was done in another tab.
OVER = gettext_lazy("That was over already; nothing was noted.")


@require_safe
@in_studio
def pairs(request: StudioRequest) -> HttpResponse:
    """Who may be one person, the best reasons first; with `two`, whom the creator said to be two,
    the last first."""
    is_about_two = "two" in request.GET
    found = request.creator.proposals.select_related("first__tier", "second__tier", "by")
    if is_about_two:
        rows, order = found.exclude(refused_at=None), ("-refused_at", "-id")
    else:
        rows, order = found.open(), ("best", "id")
    context = {
        "page": turn_to(rows, request.GET.get("after", ""), order=order),
        "is_about_two": is_about_two,
    }
    return render(request, "dashboard/pairs.html", context)


@require_POST
@in_studio
def two(request: StudioRequest, pk: int) -> HttpResponse:
    """They are two, and nobody asks again."""
    pair = request.creator.proposals.filter(pk=pk).first()
    if pair is None:  # they were made one, in another tab
        messages.info(request, OVER)
        return redirect("dashboard:pairs", request.creator.handle)
    people = (pair.first_id, pair.second_id)
    refuse(creator=request.creator, people=people, by=request.user, now=timezone.now())
    messages.success(request, _("They stay two, and will not be proposed again."))
    return redirect("dashboard:pairs", request.creator.handle)


@require_POST
@in_studio
def perhaps(request: StudioRequest, pk: int) -> HttpResponse:
    """Take back that they are two."""
    pair = request.creator.proposals.filter(pk=pk).first()
    if pair is None:
        messages.info(request, OVER)
    else:
        ask_again(pair)
        messages.success(request, _("Taken back."))
    return redirect("dashboard:pairs", request.creator.handle)


@require_safe
@in_studio
def same(request: StudioRequest, pk: int) -> HttpResponse:
    """Look for who else somebody is."""
    if answer := _one_by_now(request, pk):
        return answer
    fan = _fan(request, pk)
    typed = request.GET.get("q", "")
    people = [other for other in people_called(request.creator, typed) if other != fan]
    context = {"fan": fan, "typed": typed, "people": people}
    return render(request, "dashboard/same.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_studio
def merge(request: StudioRequest, pk: int, other: int) -> HttpResponse:
    """The two side by side, and what would come of it; sent, they are one."""
    if answer := _one_by_now(request, pk, other):
        return answer
    one, second = _fan(request, pk), _fan(request, other)
    if one == second:
        return redirect("dashboard:same", request.creator.handle, pk)
    if request.method != "POST":
        seen = preview(one, second)
        return render(request, "dashboard/merge.html", {"seen": seen, "came_from": one})
    try:
        merged = begin_merging(
            creator=request.creator,
            people=(one.pk, second.pk),
            reasons=reasons_for(request.creator, one, second),
            by=request.user,
            now=timezone.now(),
        )
    except Fan.DoesNotExist:
        messages.warning(request, _("Nothing was changed: one of them is not there any more."))
        return redirect("dashboard:pairs", request.creator.handle)
    messages.success(
        request, _("They are one person now. You can take it back below, at any time.")
    )
    return redirect("dashboard:person", request.creator.handle, merged.fan_id)


@require_POST
@in_studio
def part(request: StudioRequest, pk: int, merge: int) -> HttpResponse:
    """Two people again."""
    try:
        merged = request.creator.merges.get(fan=pk, pk=merge)
        people = begin_parting(merged=merged, by=request.user, now=timezone.now())
    except NotTheLast:
        messages.warning(request, _("Nothing was changed: first take back what was said later."))
        return redirect("dashboard:person", request.creator.handle, pk)
    except Merge.DoesNotExist:  # it was undone in another tab
        messages.info(request, OVER)
        return redirect("dashboard:person", request.creator.handle, pk)
    messages.success(request, _("They are two again, each with what was theirs."))
    if pk not in {fan.pk for fan in people}:
        return redirect("dashboard:people", request.creator.handle)
    return redirect("dashboard:person", request.creator.handle, pk)


def _one_by_now(request: StudioRequest, *people: int) -> HttpResponse | None:
    """The way to who they are by now, if one of them was said to be somebody else."""
    merged = request.creator.merges.filter(gone__in=people).first()
    if merged is None:
        return None
    messages.info(request, _("They are one person already. This is who they are by now."))
    return redirect("dashboard:person", request.creator.handle, merged.fan_id)


def _fan(request: StudioRequest, pk: int) -> Fan:
    fan = get_object_or_404(request.creator.fans.select_related("tier"), pk=pk)
    fan.creator = request.creator
    return fan
