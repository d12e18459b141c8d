"""Whether somebody has shown lately that it is they: before what can never be undone.

Who has a second lock shows it again, by allauth's own page. Who has none signs in anew, by a code.
"""

from datetime import datetime
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect

from dashboard.access import SignedInRequest
from truefans.signing_in import ADDRESS, IS_IT_YOU, sign_in_url

#: Seconds for which a sign-in is fresh.
FRESH = 10 * 60


def is_fresh(request: SignedInRequest, *, now: datetime) -> bool:
    """Whether the one who asks has signed in, or proved themselves again, a moment ago."""
    records = get_authentication_records(request, request.user)
    return any(now.timestamp() - record["at"] < FRESH for record in records)


def prove(request: SignedInRequest, *, then: str) -> HttpResponse:
    """To where one shows that it is oneself, and from there to the path `then`."""
    ways = get_adapter().get_reauthentication_methods(request.user)
    locks = [way["url"] for way in ways if way["id"] != "reauthenticate"]  # that is by a password
    if locks:
        return redirect(f"{locks[0]}?{urlencode({'next': then})}")
    address = request.user.email
    logout(request)
    request.session[ADDRESS] = address
    return redirect(sign_in_url(then=then, why=IS_IT_YOU))
