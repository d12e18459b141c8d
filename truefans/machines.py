"""What browsers and search engines ask for by themselves: /favicon.ico and /robots.txt."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe

#: A creator's page is there to be found. The rest is for the people whom it is about.
ROBOTS = "User-agent: *\nAllow: /@\nAllow: /static/\nDisallow: /\n"


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    return redirect(static("favicon.svg"))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")
