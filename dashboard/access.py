"""Into a creator's studio come only those who may, and every query starts there."""

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from fans.models import Creator, Role, User
from truefans.languages import written_in
from truefans.signing_in import SAFE, signed_in_only

View = Callable[..., HttpResponseBase]


class SignedInRequest(HttpRequest):
    """A request of somebody known."""

    user: User
    htmx: HtmxDetails


class StudioRequest(SignedInRequest):
    """A request of somebody who may see the books of `creator`, in their `role`."""

    creator: Creator
    role: Role


def in_studio(view: View) -> View:
    """Give `view` the creator of the address as `request.creator`, with the creator's own clock
    and way to write numbers.

    Strangers are asked to sign in; the handle of another's creator is not found, nor that of one
    who leaves, whose owners are led to where it is opened again. Who may only look is told so when
    they send something.
    """
    return _guarded(view, lambda request: request.method in SAFE or request.role.may_edit)


def owners_only(view: View) -> View:
    """As `in_studio`, for what only an owner may change; the others of the team may look."""
    return _guarded(view, lambda request: request.method in SAFE or request.role.may_own)


def editors_only(view: View) -> View:
    """As `in_studio`, for pages that are of no use but to change something."""
    return _guarded(view, lambda request: request.role.may_edit)


def owners_alone(view: View) -> View:
    """As `owners_only`, for what the others of the team may not even see."""
    return _guarded(view, lambda request: request.role.may_own)


def for_everybody(view: View) -> View:
    """As `in_studio`, for what is sent and is no change of the studio: it asks for something, or is
    what everybody in a team decides for themselves."""
    return _guarded(view, lambda request: True)


def _guarded(view: View, may: Callable[[StudioRequest], bool]) -> View:
    @signed_in_only
    @wraps(view)
    def authorised(request: HttpRequest, handle: str, **parts: int) -> HttpResponseBase:
        studio = cast(StudioRequest, request)
        creators = Creator.objects.of(studio.user).select_related("recount")
        creator = creators.filter(handle=handle).first()
        if creator is None:
            return _way_back_into(studio, handle)
        studio.creator = creator
        studio.role = Role(studio.creator.role)
        with timezone.override(studio.creator.zone), written_in(studio.creator.language):
            if may(studio):
                return view(studio, **parts)
            return render(request, "dashboard/not_yours.html", status=403)

    return authorised


def _way_back_into(request: StudioRequest, handle: str) -> HttpResponseBase:
    """To the page on which a closed studio is opened again, for its owners; raises Http404."""
    closed = Creator.objects.known_to(request.user).exclude(leaves_at=None)
    creator = get_object_or_404(closed, handle=handle)
    if not Role(creator.role).may_own or request.method not in SAFE:
        raise Http404
    stay = reverse("dashboard:stay", args=[handle])
    return HttpResponseClientRedirect(stay) if request.htmx else redirect(stay)
