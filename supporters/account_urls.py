"""The addresses of accounts: allauth's, without passwords and with one way in for everybody."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views.generic import RedirectView


def no_such_page(request: HttpRequest) -> HttpResponse:
    raise Http404


to_sign_in = RedirectView.as_view(pattern_name="account_login", query_string=True)

urlpatterns = [
    path("signup/", to_sign_in),
    path("login/code/", to_sign_in),
    re_path(r"^password/", no_such_page),
    path("", include("allauth.urls")),
]
