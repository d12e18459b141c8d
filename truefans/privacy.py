"""Pages made for one person must not stay in a cache that another may read.

A picture that says itself that it is private may stay in its reader's own browser, which asks each
time whether it still holds.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers, patch_vary_headers

KEPT_PRIVATELY = "private, no-cache"


def private_pages_are_not_cached(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        is_kept_privately = response.get("Cache-Control") == KEPT_PRIVATELY
        if request.user.is_authenticated and not is_kept_privately:
            add_never_cache_headers(response)
        return response

    return middleware
