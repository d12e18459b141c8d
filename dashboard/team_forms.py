"""Who is invited into a team."""

from typing import Any

from django import forms
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from fans.identity import normalise_email
from fans.models import Creator, Role, User

#: What the columns of addresses hold.
EMAIL_MAX_LENGTH = 254


class InviteForm(forms.Form):
    """The address of somebody who is not in the team of `creator` yet, and their role."""

    email = forms.CharField(
        label=_("E-mail address"),
        help_text=_("They sign in with this very address."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.EDITOR)

    def __init__(self, *args: Any, creator: Creator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.creator = creator

    def clean_email(self) -> str:
        address = normalise_email(self.cleaned_data["email"])
        if not address or len(address) > EMAIL_MAX_LENGTH:
            raise forms.ValidationError(
                _("This is not an e-mail address that mail can be sent to.")
            )
        if is_in_team(self.creator, address):
            raise forms.ValidationError(_("Who reads this address is in the team already."))
        return address


def is_in_team(creator: Creator, address: str) -> bool:
    """Whether `address` (normalised) is a confirmed one of somebody in the team, or their first."""
    team = User.objects.filter(memberships__creator=creator) | User.objects.filter(creators=creator)
    confirmed = team.filter(emailaddress__verified=True, emailaddress__email__iexact=address)
    return confirmed.exists() or team.alias(first=Lower("email")).filter(first=address).exists()
