"""Where people come in after they have signed in, and where a creator begins."""

from typing import cast

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.access import SignedInRequest
from dashboard.forms import TAKEN, NewCreatorForm
from fans.models import Creator, Fan, Role
from truefans.signing_in import signed_in_only


@require_safe
@signed_in_only
def entrance(request: HttpRequest) -> HttpResponse:
    """To the one studio there is, a choice of several (or of what is closed), one's page as a fan,
    or the beginning. With `choose` in the address the choice, if there is any."""
    user = cast(SignedInRequest, request).user
    known = list(Creator.objects.known_to(user).select_related("departure").order_by("name", "pk"))
    creators = [(creator, Role(creator.role)) for creator in known if not creator.is_leaving]
    closed = [c for c in known if c.is_leaving and Role(c.role).may_own]
    if len(creators) == 1 and not closed and "choose" not in request.GET:
        return redirect("dashboard:home", creators[0][0].handle)
    if creators or closed:
        context = {"creators": creators, "closed": closed, "now": timezone.now()}
        return render(request, "dashboard/chooser.html", context)
    if Fan.objects.of(user).exists():
        return redirect("supporters:mine")
    return redirect("dashboard:new")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_only
def new(request: HttpRequest) -> HttpResponse:
    """A creator begins: the form, and the three tiers that follow from the target."""
    user = cast(SignedInRequest, request).user
    form = NewCreatorForm(request.POST or None)
    if form.is_valid():
        creator = form.save(commit=False)
        creator.owner = user
        try:
            with transaction.atomic():
                creator.save()
                creator.create_default_tiers()
        except IntegrityError:  # somebody took the handle at the same moment
            form.add_error("handle", TAKEN)
        else:
            return redirect("dashboard:home", creator.handle)
    # Who has none may be a fan, whose payments are not here or were made with another address.
    is_first = not Creator.objects.known_to(user).exists()
    context = {"form": form, "is_first": is_first}
    return render(request, "dashboard/new.html", context, status=422 if form.errors else 200)
