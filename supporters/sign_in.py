"""Signing in by an e-mailed code, the same way for creators, fans and whoever is new.

There is one form, and it never tells whether an address is known: whoever has no account gets an
empty one, without a password, when the code is sent. It is theirs once they type the code; until
then its address is unconfirmed, so it opens nothing (`Fan.objects.of`), and after a day it is
forgotten.
"""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import AddEmailForm, LoginForm
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import Field
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fans.identity import normalise_email
from fans.models import User
from revenue.secrets import cipher
from supporters.second_step import was_just_set_up
from truefans.signing_in import ADDRESS

#: What the columns of addresses hold.
EMAIL_MAX_LENGTH = 254
#: How long after its last code an account that nobody came to own is kept.
PATIENCE = timedelta(days=1)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's rules, with addresses written as those of fans are."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": _(
            "Too many tries in a short time. Please wait a few minutes and try again."
        ),
        "rate_limited": _("Too many tries in a short time. Please wait a minute and try again."),
        "incorrect_code": _("This is not the code from the latest mail. Please look again."),
        "email_taken": _("This address belongs to another account."),
    }

    def clean_email(self, email: str) -> str:
        """`email` as `Identity` has it, so that a confirmed address finds its payments."""
        address = normalise_email(email)
        if not address or len(address) > EMAIL_MAX_LENGTH:
            raise ValidationError(_("This is not an e-mail address that mail can be sent to."))
        return address

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        needed: bool = super().is_reauthentication_required(app=app, **kwargs)
        return needed and not was_just_set_up(self.request)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of authenticator apps rest encrypted, like the keys of connected accounts."""

    def encrypt(self, text: str) -> str:
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return cipher().decrypt(encrypted_text.encode()).decode()


class SignInForm(LoginForm):  # type: ignore[misc]
    """An address and nothing else."""

    user: User | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        ask_for_address(self.fields["login"])
        if not self.is_bound:
            # Once only: whoever uses this browser next is not shown it.
            self.fields["login"].initial = self.request.session.pop(ADDRESS, None)

    def clean_login(self) -> str:
        return AccountAdapter().clean_email(super().clean_login())

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if not self.errors:
            self.user = account_for(cleaned["login"], found=self.user)
        return cleaned


class AddAddressForm(AddEmailForm):  # type: ignore[misc]
    """One more address, to be confirmed by a code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        ask_for_address(self.fields["email"])


def ask_for_address(field: Field) -> None:
    """Say what is asked for above the field, not inside it."""
    field.label = _("Your e-mail address")
    field.widget.attrs = {"type": "email", "autocomplete": "email"}


def account_for(address: str, *, found: User | None) -> User:
    """The account that a code sent to `address` (normalised) opens: `found`, or an empty one."""
    user = found
    if user is None:
        user, _created = User.objects.get_or_create(
            email=address, defaults={"password": make_password(None)}
        )
    # Typing the code confirms this row; accounts made by a command do not have one yet.
    EmailAddress.objects.get_or_create(user=user, email=address)
    # With every code the day begins anew: nobody is forgotten between asking and typing.
    User.objects.filter(pk=user.pk, last_login=None).update(date_joined=timezone.now())
    return user


def unconfirmed_accounts(now: datetime) -> QuerySet[User]:
    """Accounts that a code was once sent for and that nobody came to own."""
    return User.objects.filter(
        date_joined__lt=now - PATIENCE,
        last_login=None,
        is_staff=False,
        creators=None,
        emailaddress__isnull=False,
    ).exclude(emailaddress__verified=True)
