"""A second step of signing in, for who wants one: keys (passkeys) and apps that show codes."""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.forms import ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

#: How long who has just set up a step is not asked to show it again.
JUST_NOW = timedelta(minutes=5)
SHOWN_AT = "second_step_shown_at"


class PasswordForm(ReauthenticateForm):  # type: ignore[misc]
    """For administrators, the only ones who have a password. They set it anew with a command."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""


class SetUpAppForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an app, typed where it was scanned."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("The code that it shows now")
        self.fields["code"].widget.attrs = {"autocomplete": "one-time-code", "inputmode": "numeric"}


class AddKeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A key with a name, which is enough to sign in unless its owner says otherwise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("What is it called?")
        alone = self.fields["passwordless"]
        alone.initial = True
        alone.label = _("It is enough to sign in")
        alone.help_text = _(
            "It asks for your fingerprint, your face or a PIN. Otherwise it is asked for after the "
            "code by mail."
        )


# A signal of the library's own, which it sends for whatever is set up.
@receiver(authenticator_added)
def note_that_it_was_shown(request: HttpRequest, authenticator: Authenticator, **_: Any) -> None:
    """Setting up an app takes a code of it, setting up a key a touch of it."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        request.session[SHOWN_AT] = timezone.now().isoformat()


def was_just_set_up(request: HttpRequest) -> bool:
    """Whether this browser showed a few minutes ago whose it is, by setting up a second step."""
    at = request.session.get(SHOWN_AT)
    return at is not None and timezone.now() - datetime.fromisoformat(at) < JUST_NOW
