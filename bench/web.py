"""TrueFans with one page more, to hold others against: a view with one indexed query."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truefans.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402

import truefans.urls  # noqa: E402
from revenue.models import Source  # noqa: E402


def one_query(request: HttpRequest, pk: int) -> HttpResponse:
    source = Source.objects.only("name").get(pk=pk)
    return HttpResponse(source.name, content_type="text/plain")


urlpatterns = [path("one-query/<int:pk>", one_query), *truefans.urls.urlpatterns]
settings.ROOT_URLCONF = "bench.web"
application = WSGIHandler()
