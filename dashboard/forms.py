"""What creators type in."""

import zoneinfo
from typing import Any

from babel.core import get_global
from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from fans.models import Creator
from revenue.models import Source
from truefans.money import NotMoney, currency_name, to_minor

#: What most people pay in stands first; the other currencies follow by their names.
OFTEN = ("GBP", "EUR", "USD", "CAD", "AUD", "NZD", "JPY", "CHF", "SEK", "NOK", "DKK", "INR")


def currencies() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every currency that is legal tender somewhere today, as the groups of a <select>."""
    tender = {
        code
        for uses in get_global("territory_currencies").values()
        for code, _since, until, is_tender in uses
        if is_tender and until is None
    }
    names = {code: f"{currency_name(code)} ({code})" for code in tender}
    others = sorted(tender - set(OFTEN), key=lambda code: names[code])
    return [
        (str(_("Often used")), [(code, names[code]) for code in OFTEN]),
        (str(_("All others")), [(code, names[code]) for code in others]),
    ]


def time_zones() -> list[tuple[str, str]]:
    """The places whose clock one can go by, by name; without the technical ones."""
    names = (name for name in zoneinfo.available_timezones() if "/" in name)
    places = sorted(name for name in names if not name.startswith(("Etc/", "SystemV/")))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in places)]


class NewCreatorForm(forms.ModelForm):
    """A new creator: who they are, their clock and their money, and what makes a true fan."""

    target_spend = forms.DecimalField(
        label=_("A true fan’s spend in a year"),
        initial=100,
        min_value=0,
        max_digits=12,
        help_text=_("About what a day's work earns. In the currency above."),
    )

    class Meta:
        model = Creator
        fields = [
            "name",
            "handle",
            "currency",
            "time_zone",
            "target_spend",
            "target_count",
            "fan_word",
            "fans_word",
        ]
        labels = {
            "name": _("Your name, or your band's"),
            "handle": _("Handle"),
            "currency": _("Currency"),
            "time_zone": _("Time zone"),
            "target_count": _("How many of them you need"),
            "fan_word": _("What you call one of them"),
            "fans_word": _("And more than one"),
        }
        help_texts = {
            "handle": _("Your page will be /@handle. Small letters, digits and hyphens."),
            "currency": _("You live in this one; what is paid in others is converted."),
            "fan_word": _("friend, reader, listener… It stands everywhere in place of “fan”."),
        }
        widgets = {
            "handle": forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"] = forms.ChoiceField(
            label=self.fields["currency"].label,
            help_text=self.fields["currency"].help_text,
            choices=currencies,
            initial="GBP",
        )
        self.fields["time_zone"] = forms.ChoiceField(
            label=self.fields["time_zone"].label, choices=time_zones, initial="Europe/London"
        )

    def clean(self) -> dict[str, Any]:
        """The target in minor units, which only the currency can tell."""
        cleaned = super().clean() or self.cleaned_data
        spend, currency = cleaned.get("target_spend"), cleaned.get("currency")
        if spend is None or not currency:
            return cleaned
        try:
            cleaned["target_spend"] = to_minor(spend, currency)
        except NotMoney:
            self.add_error("target_spend", _("That has more decimals than the currency."))
        else:
            if not cleaned["target_spend"]:
                self.add_error("target_spend", _("It must be more than nothing."))
        return cleaned


class StripeKeyForm(forms.Form):
    """A restricted key, as pasted; what is wrong with it is for Stripe to say."""

    key = forms.CharField(
        label=_("Restricted key"),
        max_length=500,
        help_text=_("It begins “rk_live_”, or “rk_test_” for a test account."),
        widget=forms.TextInput(
            attrs={
                "class": "is-code",
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "placeholder": "rk_live_…",
            }
        ),
    )


class WebhookSecretForm(forms.Form):
    """What Stripe signs the deliveries to one source with, as pasted."""

    secret = forms.CharField(
        label=_("Signing secret"),
        max_length=200,
        help_text=_("It begins “whsec_”. It is stored encrypted and never shown again."),
        validators=[
            RegexValidator(
                r"^whsec_[A-Za-z0-9_+/=-]{16,}$",
                _("This is not a signing secret. One begins “whsec_”; copy all of it."),
            )
        ],
        widget=forms.TextInput(
            attrs={
                "class": "is-code",
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "placeholder": "whsec_…",
            }
        ),
    )

    def __init__(self, *args: Any, source: Source, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"auto_id": f"id_%s_{source.pk}"})
        self.source = source

    def clean_secret(self) -> str:
        secret: str = self.cleaned_data["secret"]
        if len({*self.source.secrets, secret}) > Source.MOST_SECRETS:
            raise forms.ValidationError(
                _("Two are stored already. Remove the one that Stripe no longer uses.")
            )
        return secret
