"""The rooms of the admins: our name on the door, and the same way in as for everybody."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _


class AdminSite(admin.AdminSite):
    site_header = _("TrueFans admin")
    site_title = _("TrueFans admin")
    index_title = _("Everything that is kept")

    # By e-mailed code and second factor, within the rate limits, as on every other page.
    @method_decorator(secure_admin_login)
    def login(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        return super().login(request, extra_context)
