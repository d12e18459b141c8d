"""The rooms of the admins: our name on the door, and the same way in as for everybody."""

from allauth.account.decorators import secure_admin_login
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class AdminSite(admin.AdminSite):
    site_header = gettext_lazy("TrueFans admin")
    site_title = gettext_lazy("TrueFans admin")
    index_title = gettext_lazy("Everything that is kept")

    def has_permission(self, request: HttpRequest) -> bool:
        """Only with a second step: whoever reads an admin's mail would read everybody's books."""
        return super().has_permission(request) and not _lacks_second_step(request)

    # By e-mailed code and second step, within the rate limits, as on every other page.
    @method_decorator(secure_admin_login)
    def login(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        if _lacks_second_step(request):
            text = _(
                "The admin opens for those with a second step of signing in. Set up a key or an"
                " app here, then open the admin again."
            )
            messages.warning(request, text)
            return redirect("mfa_index")
        return super().login(request, extra_context)


def _lacks_second_step(request: HttpRequest) -> bool:
    """A demo and a developer's own machine have nothing to guard."""
    return not (settings.DEMO or settings.DEBUG or is_mfa_enabled(request.user))
