"""The end of it all: a studio is closed to be deleted, and opened again while there is time."""

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from dashboard.access import SignedInRequest, StudioRequest, owners_only
from dashboard.freshness import is_fresh, prove
from dashboard.leaving_form import LeaveForm
from fans.models import Creator, Role
from revenue.beginning import begin_leaving
from revenue.leaving import GRACE, stay
from revenue.models import Source, Statement
from revenue.queueing import queue_on_commit
from revenue.takeout.archive import counts
from revenue.tasks.figures import recompute_creator
from truefans.languages import written_in
from truefans.signing_in import signed_in_only


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def leaving(request: StudioRequest) -> HttpResponse:
    """What goes; a POST closes the studio, if its handle is typed by somebody who has just shown
    that it is they."""
    creator, now = request.creator, timezone.now()
    if "prove" in request.POST:
        return prove(request, then=request.path)
    fresh = is_fresh(request, now=now)
    form = LeaveForm(
        request.POST if request.method == "POST" else None, creator=creator, is_fresh=fresh
    )
    if form.is_valid():
        begin_leaving(creator=creator, by=request.user, now=now)
        text = _("The studio of %(creator)s is closed, and its keys are forgotten.")
        messages.success(request, text % {"creator": creator})
        return redirect("dashboard:entrance")
    context = {
        "form": form,
        "is_fresh": fresh,
        "counts": [(title, count) for title, count in counts(creator) if count],
        "leaves_at": now + GRACE,
    }
    status = 422 if form.is_bound else 200
    return render(request, "dashboard/leaving.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_only
def reopen(request: HttpRequest, handle: str) -> HttpResponse:
    """A closed studio, for its owners: when it ends, and the way back; then how far it is gone."""
    signed_in, now = cast(SignedInRequest, request), timezone.now()
    closed = Creator.objects.known_to(signed_in.user).exclude(leaves_at=None)
    creator = closed.filter(handle=handle).select_related("departure").first()
    if creator is None or not Role(creator.role).may_own:
        if signed_in.htmx:
            return HttpResponseClientRedirect(reverse("dashboard:entrance"))
        raise Http404
    if request.method == "POST" and stay(creator=creator, now=now):
        queue_on_commit(recompute_creator.delay, creator.pk)
        text = _("%(creator)s is open again.") % {"creator": creator}
        messages.success(request, " ".join([text, *_forgotten(creator)]))
        return redirect("dashboard:home", handle)
    context = {
        "studio": creator,
        "is_over": creator.leaves_at and creator.leaves_at <= now,
        "forgotten": _forgotten(creator),
    }
    part = "#progress" if signed_in.htmx.target == "progress" else ""
    with timezone.override(creator.zone), written_in(creator.language):
        return render(request, f"dashboard/leaving_closed.html{part}", context)


def _forgotten(creator: Creator) -> list[str]:
    """What a studio that opens again has to be told anew; nothing of what was brought or typed."""
    sentences = []
    if creator.sources.filter(kind=Source.Kind.STRIPE).exists():
        sentences.append(
            _("Connect Stripe anew: its keys are forgotten, and reading goes on where it stopped.")
        )
    if Statement.objects.filter(source__creator=creator, upload=None).exists():
        sentences.append(_("Platforms that told you at once need a new address, made on Sources."))
    return sentences
