"""The admin as this project has it."""

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class AdminConfig(DjangoAdminConfig):
    default_site = "truefans.admin_site.AdminSite"

    def ready(self) -> None:
        super().ready()
        # Second factors and sessions are keys to other people's accounts: nobody's to look at.
        from allauth.mfa.models import Authenticator
        from allauth.usersessions.models import UserSession

        admin.site.unregister([Authenticator, UserSession])
