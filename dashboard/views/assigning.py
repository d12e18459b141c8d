"""Whose is it? Money of nobody, assigned to people by hand, and taken back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import figures
from dashboard.access import StudioRequest, in_studio
from dashboard.assigning import GROUPS, AssignForm, groups_of, like, row_ids
from dashboard.income_list import SourceFilter, sums_of
from dashboard.paging import turn_to
from dashboard.somebody import people_called
from fans.models import Fan
from revenue.assigning import MOST
from revenue.beginning import begin_assigning, begin_unassigning
from revenue.models import Purchase, Sync
from revenue.models.purchases import PurchaseQuerySet


@require_http_methods(["GET", "HEAD", "POST"])
@in_studio
def unattributed(request: StudioRequest) -> HttpResponse:
    """The payments of nobody in groups; with `like`, one group with the form that assigns."""
    creator = request.creator
    asked = SourceFilter(request.GET, creator=creator, now=timezone.now())
    nobodys = creator.purchases.unattributed().filter(asked.condition())
    nobodys = nobodys.exclude(state__in=Purchase.NOTHING_PAID)
    if "like" in request.GET:
        return _group(request, asked, nobodys)
    groups = groups_of(nobodys)
    context = {
        "asked": asked,
        "groups": groups[:GROUPS],
        "has_more": len(groups) > GROUPS,
        "sums": sums_of(nobodys) if groups else None,
        "is_reading": Sync.objects.filter(
            source__creator=creator, state=Sync.State.RUNNING
        ).exists(),
        "is_new": not asked.sources,
    }
    return render(request, "dashboard/income_unattributed.html", context)


def _group(request: StudioRequest, asked: SourceFilter, nobodys: PurchaseQuerySet) -> HttpResponse:
    """Payments that look alike, and whose they are."""
    creator, named = request.creator, request.GET["like"]
    one = creator.purchases.filter(pk=named).first() if named.isdecimal() else None
    alike = nobodys.filter(like(one)) if one else nobodys.none()
    form = AssignForm(request.POST, creator=creator, payer=one.payer_name if one else "")
    if form.is_valid():
        wanted = form.chosen
        if form.cleaned_data["everything"]:
            newest = alike.order_by("-occurred_at", "-id")
            wanted = list(newest.values_list("pk", flat=True)[:MOST])
        return _assigned(request, form, wanted)
    page = turn_to(
        figures.listed(alike), request.GET.get("after", ""), order=("-occurred_at", "-id")
    )
    if not page.rows:
        return redirect("dashboard:unattributed", creator.handle)
    context = {
        "asked": asked,
        "one": one,
        "page": page,
        "rows": [(purchase, form.is_ticked(purchase)) for purchase in page.rows],
        "form": form,
        "count": alike.count(),
    }
    status = 422 if form.errors else 200
    return render(request, "dashboard/income_assign.html", context, status=status)


def _assigned(request: StudioRequest, form: AssignForm, purchases: list[int]) -> HttpResponse:
    creator = request.creator
    try:
        fan, count = begin_assigning(
            creator=creator, purchases=purchases, to=form.to, by=request.user, now=timezone.now()
        )
    except Fan.DoesNotExist:
        fan, count = None, 0
    if not fan or not count:
        messages.warning(request, _("Nothing was assigned: they are somebody’s already."))
        return redirect("dashboard:unattributed", creator.handle)
    text = ngettext(
        "%(count)d payment is now theirs: %(person)s. %(undo)s",
        "%(count)d payments are now theirs: %(person)s. %(undo)s",
        count,
    )
    person = _link(reverse("dashboard:person", args=[creator.handle, fan.pk]), str(fan)[:80])
    undo = _link(reverse("dashboard:assigned", args=[creator.handle]), _("Take it back"))
    parts = {"count": count, "person": person, "undo": undo}
    messages.success(request, mark_safe(text % parts))  # noqa: S308  (both parts are escaped)
    return redirect("dashboard:unattributed", creator.handle)


def _link(url: str, text: str) -> SafeString:
    return format_html('<a href="{}"><bdi>{}</bdi></a>', url, text)


@require_safe
@in_studio
def assigned(request: StudioRequest) -> HttpResponse:
    """What was said by hand, to be taken back."""
    found = figures.listed(request.creator.purchases.assigned())
    page = turn_to(found, request.GET.get("after", ""), order=("-occurred_at", "-id"))
    return render(request, "dashboard/income_assigned.html", {"page": page})


@require_POST
@in_studio
def take_back(request: StudioRequest) -> HttpResponse:
    """The payments named are again whose they are by themselves."""
    creator = request.creator
    chosen = row_ids(request.POST.getlist("purchase"))
    count = begin_unassigning(creator=creator, purchases=chosen, now=timezone.now())
    text = ngettext(
        "%(count)d payment was taken back.", "%(count)d payments were taken back.", count
    )
    if count:
        messages.success(request, text % {"count": count})
    elif chosen:
        messages.info(request, _("That was over already; nothing was taken back twice."))
    else:
        messages.warning(request, _("Tick the payments that you want to take back."))
    if "to_purchase" in request.POST and chosen:
        return redirect("dashboard:purchase", creator.handle, chosen[0])
    return redirect("dashboard:assigned", creator.handle)


@require_safe
@in_studio
def find_people(request: StudioRequest) -> HttpResponse:
    """Some people of that name or address, to choose one from."""
    context = {
        "people": people_called(request.creator, request.GET.get("q", "")),
        "typed": request.GET.get("q", ""),
    }
    return render(request, "dashboard/income_people.html", context)
