"""Who goes astray with a form is told what happened, instead of seeing nothing or a bare error.

That happens to people who were signed out before they pressed a button, and signed in again: they
open an address that only takes what a form sends, or send a form from before the sign-in.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils.translation import gettext as _

from truefans.signing_in import page_one_is_on


def forms_have_a_page(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_read = request.method == "GET" and request.accepts("text/html")
        if not (isinstance(response, HttpResponseNotAllowed) and is_read):
            return response
        page = render(request, "405.html", status=response.status_code)
        page["Allow"] = response["Allow"]
        return page

    return middleware


def form_is_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Whoever sends a form whose token no longer holds; Django has logged the `reason`."""
    if request.headers.get("HX-Request"):
        words = _(
            "You signed in again meanwhile; nothing was saved. What you typed is still here: copy"
            " it, reload the page and press once more."
        )
        return HttpResponse(words, status=403, content_type="text/plain; charset=utf-8")
    # Otherwise the browser keeps no cookies, or this is not the address of the installation.
    context = {"is_old": reason.startswith("CSRF token"), "page": page_one_is_on(request)}
    return render(request, "403_csrf.html", context, status=403)
