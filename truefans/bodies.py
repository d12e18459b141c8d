"""A request that is larger than its page takes is refused unread, so that it fills no disk.

Django writes files to a temporary folder while it reads them, before any view is asked: whoever
has not signed in is sent to do so unread, too, and fills no disk with what no view would keep. A
server reads no more than the length that the request gives, and nothing of one that gives none.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

V = TypeVar("V", bound=Callable[..., HttpResponseBase])

MEGABYTE = 1024 * 1024
#: More than the largest of our forms.
USUALLY = 3 * MEGABYTE
#: What stands around a file.
AROUND = 64 * 1024


def takes_a_file(*, most_bytes: int) -> Callable[[V], V]:
    """Lets a view take a file of so many bytes from those who have signed in."""

    def mark(view: V) -> V:
        view.most_bytes = most_bytes + AROUND  # type: ignore[attr-defined]
        return view

    return mark


class LargeBodies:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], *_: Any
    ) -> HttpResponse | None:
        most = getattr(view, "most_bytes", USUALLY)
        length = str(request.META.get("CONTENT_LENGTH") or 0)
        if length.isdecimal() and int(length) <= most:
            # Who it is takes a query, and matters only to what no other page takes.
            if int(length) <= USUALLY or request.user.is_authenticated:
                return None
            return redirect_to_login(request.get_full_path())
        return render(request, "413.html", {"megabytes": most // MEGABYTE}, status=413)
