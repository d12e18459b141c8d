"""Is every cent there? The proof of each source, and every purchase, newest first."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard import figures
from dashboard.access import StudioRequest, in_studio
from dashboard.paging import turn_to
from dashboard.proof import proofs


@require_safe
@in_studio
def purchases(request: StudioRequest) -> HttpResponse:
    """All purchases, or with `show=unattributed` those that belong to nobody."""
    creator = request.creator
    is_unattributed = request.GET.get("show") == "unattributed"
    found = creator.purchases.unattributed() if is_unattributed else creator.purchases.all()
    page = turn_to(
        figures.listed(found), request.GET.get("after", ""), order=("-occurred_at", "-id")
    )
    context = {
        "page": page,
        "is_unattributed": is_unattributed,
        "proofs": proofs(creator) if page.is_first and not is_unattributed else [],
        "income": figures.income(creator, now=timezone.now()),
    }
    return render(request, "dashboard/income.html", context)
