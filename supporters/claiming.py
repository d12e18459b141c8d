"""Is this yours? Who scans the code of a cash sale makes it theirs, by signing in."""

from datetime import timedelta

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fans.models import Fan
from revenue.beginning import begin_claiming
from revenue.claiming import NoAddress, NotClaimable, held_by, sale_of
from revenue.models import Claim, Purchase
from truefans.digests import digest_of
from truefans.languages import written_in
from truefans.limits import counted

#: So many looks in a minute from one network, which may be that of a whole concert.
MOST, MINUTE = 120, timedelta(minutes=1)


@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, code: str) -> HttpResponse:
    """What was sold, and whether it is yours; who is signed in says so by a POST."""
    if _is_too_much(request):
        return render(request, "429.html", status=429)
    held = held_by(code)
    if held is None:
        return render(request, "supporters/claim_gone.html", {"why": "unknown"}, status=404)
    with timezone.override(held.source.creator.zone), written_in(held.source.creator.language):
        if request.method == "POST":
            return _claim(request, held)
        return _page(request, held)


def _page(request: HttpRequest, held: Claim) -> HttpResponse:
    sale = sale_of(held)
    context = {"creator": held.source.creator, "sale": sale}
    if sale and sale.fan_id and _is_mine(request, sale.fan_id):
        return render(request, "supporters/claim_gone.html", context | {"why": "yours"})
    if why := _why_not(held, sale):
        return render(request, "supporters/claim_gone.html", context | {"why": why}, status=410)
    return render(request, "supporters/claim.html", context)


def _claim(request: HttpRequest, held: Claim) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(request.path)
    try:
        begin_claiming(held=held, by=request.user, now=timezone.now())
    except NotClaimable:
        held.refresh_from_db()
        return _page(request, held)
    except NoAddress:
        messages.warning(request, _("Confirm an address first; then scan the code again."))
        return redirect("account_email")
    name = held.source.creator.name
    messages.success(request, _("It is yours, and %(name)s knows it.") % {"name": name})
    return redirect("supporters:mine")


def _is_mine(request: HttpRequest, fan_id: int) -> bool:
    if not request.user.is_authenticated:
        return False
    return Fan.objects.of(request.user).filter(pk=fan_id).exists()


def _why_not(held: Claim, sale: Purchase | None) -> str:
    """Why the sale cannot be claimed; "" where it can."""
    if sale is None:
        return "undone"
    if held.claimed_at or sale.fan_id:
        return "taken"
    return "" if held.is_open(timezone.now()) else "expired"


def _is_too_much(request: HttpRequest) -> bool:
    """Whether that many looks came from one address within a minute. It is kept by a digest."""
    address = str(get_adapter().get_client_ip(request))
    return counted(f"claims-{digest_of(address)}", MINUTE) > MOST
