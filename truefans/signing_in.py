"""Who is not signed in goes to sign in, is told why, and comes back to the page they were on.

That happens most to people whose session ended while a page stood open.
"""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

View = Callable[..., HttpResponseBase]

SAFE = ("GET", "HEAD", "OPTIONS")
#: Why one is asked to sign in; account/login.html has the words.
NOTHING_NOTED, SIGNED_OUT, IS_IT_YOU = "nothing-noted", "signed-out", "is-it-you"
#: Where the session keeps the address that the next sign-in page begins with.
ADDRESS = "sign_in_address"


def signed_in_only(view: View) -> View:
    """As Django's `login_required`, for pages whose parts htmx asks for and for forms, too."""

    @wraps(view)
    def asked(request: HttpRequest, *args: object, **parts: object) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **parts)
        return _from_here(request)

    return asked


def _from_here(request: HttpRequest) -> HttpResponse:
    is_htmx, is_read = bool(getattr(request, "htmx", False)), request.method in SAFE
    if is_read and not is_htmx:
        return redirect(sign_in_url(then=request.get_full_path()))
    then = page_one_is_on(request) or request.get_full_path()
    address = sign_in_url(then=then, why=SIGNED_OUT if is_read else NOTHING_NOTED)
    # A redirect would be followed by htmx, which then puts the sign-in page into a part of this.
    return HttpResponseClientRedirect(address) if is_htmx else redirect(address)


def sign_in_url(*, then: str, why: str = "") -> str:
    """Where one signs in, told `why`, and from there goes on to the path `then`."""
    query = {"next": then} | ({"why": why} if why else {})
    return f"{reverse('account_login')}?{urlencode(query, safe='/')}"


def page_one_is_on(request: HttpRequest) -> str | None:
    """The path of the page that `request` was sent from, if it is one of ours."""
    address = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}):
        return None
    path = urlsplit(address)._replace(scheme="", netloc="", fragment="").geturl()
    return path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else None
