"""Platforms that tell at once: an address for each, what their deliveries are checked by, and the
way back."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.access import StudioRequest, in_studio, owners_only
from dashboard.live import ProofForm, Teller, problems_of, stuck
from revenue.gateways.problems import NotConnectable
from revenue.live.inboxes import keep_proof, open_inbox, renew_address
from revenue.live.platform import LivePlatform
from revenue.live.platforms import BY_SLUG
from revenue.models import Inbox


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def live(request: StudioRequest, platform: str) -> HttpResponse:
    """How it is set up and what was heard; a POST keeps what deliveries are checked by."""
    found = _platform(platform)
    inbox = _inboxes(request, found).first()
    form = None
    if inbox:
        sent = request.POST if request.method == "POST" else None
        form = ProofForm(sent, platform=found, inbox=inbox)
        if form.is_valid():
            _keep(inbox, form)
            messages.success(request, _("Stored. Deliveries are checked by it from now on."))
            return redirect("dashboard:live", request.creator.handle, platform)
    context: dict[str, Any] = {"teller": Teller(found, inbox), "form": form}
    if inbox:
        context |= {"problems": problems_of(inbox), "stuck": stuck(inbox)}
    status = 422 if form and form.errors else 200
    return render(request, "dashboard/live_platform.html", context, status=status)


def _keep(inbox: Inbox, form: ProofForm) -> None:
    keep_proof(
        inbox=inbox,
        secret=form.cleaned_data.get("secret"),
        account=form.cleaned_data.get("account", inbox.account).strip(),
        currency=form.cleaned_data.get("currency", inbox.currency),
    )


@require_POST
@owners_only
def begin(request: StudioRequest, platform: str) -> HttpResponse:
    """Make an address that the platform can deliver to."""
    try:
        found = _platform(platform)
        open_inbox(creator=request.creator, platform=found, now=timezone.now())
    except NotConnectable as problem:
        messages.error(request, str(problem))
    return redirect("dashboard:live", request.creator.handle, platform)


@require_POST
@owners_only
@transaction.atomic
def renew(request: StudioRequest, platform: str) -> HttpResponse:
    """Another address; the old one does not listen any more."""
    inboxes = _inboxes(request, _platform(platform)).select_for_update(of=("self",))
    renew_address(inbox=get_object_or_404(inboxes))
    messages.success(request, _("Here is a new address. The old one does not listen any more."))
    return redirect("dashboard:live", request.creator.handle, platform)


@require_POST
@owners_only
def forget(request: StudioRequest, platform: str) -> HttpResponse:
    """Nothing is taken any more; what was told stays."""
    found = _platform(platform)
    if _inboxes(request, found).delete()[0]:
        text = _("The address and the secret are forgotten. What %(platform)s has told stays.")
        messages.success(request, text % {"platform": found.name})
    return redirect("dashboard:sources", request.creator.handle)


@require_POST
@in_studio
def settle(request: StudioRequest, platform: str) -> HttpResponse:
    """What was not understood is not told any more: the creator brought it another way."""
    inbox = get_object_or_404(_inboxes(request, _platform(platform)))
    inbox.source.set_aside.all().delete()
    messages.success(request, _("These are settled. What is not understood later is shown again."))
    return redirect("dashboard:live", request.creator.handle, platform)


def _platform(slug: str) -> LivePlatform:
    if slug not in BY_SLUG:
        raise Http404
    return BY_SLUG[slug]


def _inboxes(request: StudioRequest, platform: LivePlatform) -> QuerySet[Inbox]:
    inboxes = Inbox.objects.filter(source__creator=request.creator)
    return inboxes.filter(source__account_id=platform.files.slug)
