"""Into a creator's studio come only those who may: one decorator, and every query starts there."""

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from fans.models import Creator, User


class SignedInRequest(HttpRequest):
    """A request of somebody known."""

    user: User
    htmx: HtmxDetails


class StudioRequest(SignedInRequest):
    """A request of somebody who may see the books of `creator`."""

    creator: Creator


def in_studio(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give `view` the creator of the address as `request.creator`, and the creator's own clock.

    Strangers are asked to sign in; the handle of another's creator is not found.
    """

    @login_required
    @wraps(view)
    def authorised(request: HttpRequest, handle: str, **parts: int) -> HttpResponse:
        studio = cast(StudioRequest, request)
        creators = Creator.objects.of(studio.user).select_related("recount")
        studio.creator = get_object_or_404(creators, handle=handle)
        with timezone.override(studio.creator.zone):
            return view(studio, **parts)

    return authorised
