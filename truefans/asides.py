"""Who opens an address that only takes what a form sends is told so, instead of seeing nothing.

That happens to people who were signed out before they pressed a button, and signed in again.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render


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
