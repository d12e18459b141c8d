"""TrueFans with two pages more, to hold others against: a view with one indexed query, and a page
of the studio with one query and nothing on it but its shell."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truefans.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.shortcuts import render  # noqa: E402
from django.urls import path  # noqa: E402

import truefans.urls  # noqa: E402
from dashboard.access import StudioRequest, in_studio  # noqa: E402
from revenue.models import Source  # noqa: E402
from truefans.garbage import settle_down  # noqa: E402


def one_query(request: HttpRequest, pk: int) -> HttpResponse:
    source = Source.objects.only("name").get(pk=pk)
    return HttpResponse(source.name, content_type="text/plain")


@in_studio
def shell(request: StudioRequest) -> HttpResponse:
    return render(request, "dashboard/base.html", {"tiers": list(request.creator.tiers.all())})


urlpatterns = [
    path("one-query/<int:pk>", one_query),
    path("shell/<slug:handle>", shell),
    *truefans.urls.urlpatterns,
]
settings.ROOT_URLCONF = "bench.web"
application = WSGIHandler()
settle_down()
