"""What is asked of somebody who wants everything deleted."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fans.models import Creator


class LeaveForm(forms.Form):
    """The handle, typed by somebody who has just shown that it is they (`is_fresh`)."""

    typed = forms.CharField(
        label=_("To be sure, type your handle"),
        max_length=500,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, creator: Creator, is_fresh: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.creator = creator
        self.is_fresh = is_fresh

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"].removeprefix("@").casefold()
        if typed != self.creator.handle:
            raise forms.ValidationError(_("That is not your handle. Nothing has changed."))
        return typed

    def clean(self) -> dict[str, Any] | None:
        if not self.is_fresh:
            raise forms.ValidationError(
                _("It is a while since you signed in. Show once more that it is you.")
            )
        return super().clean()
