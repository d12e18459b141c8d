"""All addresses. Apps are wired by string; the public pages of creators come last."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from truefans import machines
from truefans.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("favicon.ico", machines.favicon, name="favicon"),
    path("robots.txt", machines.robots, name="robots"),
    path("admin/", admin.site.urls),
    path("accounts/", include("supporters.account_urls")),
    path("studio/", include("dashboard.urls")),
    path("webhooks/", include("revenue.urls")),
    path("", include("supporters.urls")),
]
if settings.DEMO:
    urlpatterns.insert(0, path("demo/", include("demo.urls")))
