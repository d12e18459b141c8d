"""Who gets what? The tiers by real spend, what each of them gives, and how people would move."""

from django.contrib import messages
from django.db import IntegrityError
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.access import StudioRequest, editors_only, in_studio
from dashboard.tiers import RemoveTierForm, TierForm
from fans.models import Tier
from fans.moving import moves
from fans.perks import tiers_now
from revenue.tiers import remove_tier, save_tier


@require_safe
@in_studio
def tiers(request: StudioRequest) -> HttpResponse:
    """The tiers, the highest first, each with its people and its perks."""
    return render(
        request,
        "dashboard/tiers.html",
        {"tiers": tiers_now(request.creator, now=timezone.now())},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def edit(request: StudioRequest, pk: int | None = None) -> HttpResponse:
    """A tier, or a new one. What its threshold does is shown while it is typed, or when it is sent
    for the first time; only what was shown is saved."""
    creator = request.creator
    tier = get_object_or_404(creator.tiers, pk=pk) if pk else Tier(creator=creator, about="")
    is_typing = request.htmx.target == "preview"
    data = request.POST if request.method == "POST" else request.GET if is_typing else None
    form = TierForm(data, tier=tier, creator=creator)
    if form.is_valid() and form.is_seen and not is_typing:
        try:
            moved = save_tier(tier=form.instance, now=timezone.now())
        except IntegrityError:
            form.add_error(None, _("Your tiers were changed elsewhere meanwhile. Look again."))
        else:
            messages.success(request, _what_follows(moved))
            return redirect("dashboard:tiers", creator.handle)
    context: dict[str, object] = {"form": form, "tier": tier, "is_typing": is_typing}
    if form.is_bound and "threshold" in form.cleaned_data:
        context |= {"is_looked_at": True, "moves": moves(creator, after=form.tiers_after)}
    if is_typing:
        return render(request, "dashboard/tiers_edit.html#preview", context)
    return render(
        request, "dashboard/tiers_edit.html", context, status=422 if form.is_bound else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def remove(request: StudioRequest, pk: int) -> HttpResponse:
    """What becomes of the people and the perks of a tier that goes, and its going."""
    creator = request.creator
    tier = get_object_or_404(creator.tiers, pk=pk)
    others = list(creator.tiers.exclude(pk=pk))
    form = RemoveTierForm(
        request.POST if request.method == "POST" else None, tier=tier, others=others
    )
    if form.is_valid():
        name = tier.name
        remove_tier(tier=tier, perks_to=form.heir, now=timezone.now())
        gone = _("“%(name)s” is gone.") % {"name": name}
        messages.success(request, f"{gone} {_anew()}")
        return redirect("dashboard:tiers", creator.handle)
    context = {
        "tier": tier,
        "form": form,
        "perks": tier.perks.annotate(noted=Count("deliveries")),
        "moves": moves(creator, after=others),
    }
    return render(
        request, "dashboard/tiers_remove.html", context, status=422 if form.is_bound else 200
    )


def _what_follows(moved: bool) -> str:
    return " ".join([_("Saved."), *([_anew()] if moved else [])])


def _anew() -> str:
    return _("Where everybody stands is being worked out anew; it takes moments.")
