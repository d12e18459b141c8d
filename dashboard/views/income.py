"""Is every cent there? Every purchase, newest first."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard import figures
from dashboard.access import StudioRequest, in_studio
from dashboard.paging import turn_to


@require_safe
@in_studio
def purchases(request: StudioRequest) -> HttpResponse:
    """All purchases, or with `show=unattributed` those that belong to nobody."""
    creator = request.creator
    is_unattributed = request.GET.get("show") == "unattributed"
    found = creator.purchases.unattributed() if is_unattributed else creator.purchases.all()
    context = {
        "page": turn_to(
            figures.listed(found), request.GET.get("after", ""), order=("-occurred_at", "-id")
        ),
        "is_unattributed": is_unattributed,
        "income": figures.income(creator, now=timezone.now()),
    }
    return render(request, "dashboard/income.html", context)
