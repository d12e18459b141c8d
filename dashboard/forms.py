"""What creators type in."""

import unicodedata
import zoneinfo
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any, cast

from django import forms
from django.core.validators import RegexValidator
from django.utils.choices import flatten_choices
from django.utils.translation import gettext_lazy as _

from fans.models import Creator
from revenue.models import Source
from truefans.money import NotMoney, currency_name, legal_tender, to_minor

#: What most people pay in stands first; the other currencies follow by their names.
OFTEN = ("GBP", "EUR", "USD", "CAD", "AUD", "NZD", "JPY", "CHF", "SEK", "NOK", "DKK", "INR")

TAKEN = _("This handle is taken. Please choose another.")


def currencies() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every currency that is legal tender somewhere today, as the groups of a <select>."""
    tender = legal_tender()
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


def with_own(listed: Callable[[], list[Any]], own: str) -> list[Any]:
    """The choices of `listed`, and `own` in front where it is none of them."""
    choices = listed()
    is_known = not own or own in dict(flatten_choices(choices))
    return choices if is_known else [(own, own), *choices]


def in_minor(amount: Decimal, currency: str) -> int:
    """Minor units of an `amount` that was typed in major ones; raises ValidationError for more
    decimals than `currency` has."""
    try:
        return to_minor(amount, currency)
    except NotMoney:
        raise forms.ValidationError(_("That has more decimals than the currency.")) from None


class AmountField(forms.DecimalField):
    """Money as people write it, in major units; the form makes minor units of it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_digits=12, **kwargs)


class CreatorForm(forms.ModelForm):
    """What the forms about a creator share: lists to choose from, and amounts in a currency."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("currency", currencies, initial="GBP")
        self._choose("time_zone", time_zones, initial="Europe/London")

    def _choose(self, name: str, listed: Callable[[], list[Any]], *, initial: str) -> None:
        """Have `name`, where it is asked for, chosen from a list, and from what it is already."""
        if name not in self.fields:
            return
        own = getattr(self.instance, name) if self.instance.pk else ""
        self.fields[name] = forms.ChoiceField(
            label=self.fields[name].label,
            help_text=self.fields[name].help_text,
            choices=partial(with_own, listed, own),
            initial=initial,
        )

    def clean(self) -> dict[str, Any]:
        """The amounts in minor units, which only the currency can tell."""
        cleaned = super().clean() or self.cleaned_data
        if currency := cleaned.get("currency"):
            for name, field in self.fields.items():
                if isinstance(field, AmountField) and cleaned.get(name) is not None:
                    self._clean_amount(name, currency)
        return cleaned

    def _clean_amount(self, name: str, currency: str) -> None:
        try:
            minor = in_minor(self.cleaned_data[name], currency)
        except forms.ValidationError as error:
            self.add_error(name, error)
            return
        if minor:
            self.cleaned_data[name] = minor
        else:
            self.add_error(name, _("It must be more than nothing."))


class NewCreatorForm(CreatorForm):
    """A new creator: who they are, their clock and their money, and what makes a true fan."""

    target_spend = AmountField(
        label=_("A true fan’s spend in a year"),
        initial=100,
        help_text=_("About what a day’s work earns. In the currency above."),
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
            "name": _("Your name, or your band’s"),
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
        error_messages = {"handle": {"unique": TAKEN}}
        widgets = {
            "handle": forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
        }


def pasted(placeholder: str) -> forms.TextInput:
    """A field for a code, which no browser may remember or correct."""
    return forms.TextInput(
        attrs={
            "class": "is-code",
            "autocomplete": "off",
            "autocapitalize": "none",
            "spellcheck": "false",
            "placeholder": placeholder,
        }
    )


class StripeKeyForm(forms.Form):
    """A restricted key, as pasted; what is wrong with it is for Stripe to say."""

    key = forms.CharField(
        label=_("Restricted key"),
        max_length=500,
        help_text=_("It begins “rk_live_”, or “rk_test_” for a test account."),
        widget=pasted("rk_live_…"),
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
        widget=pasted("whsec_…"),
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


class DisconnectForm(forms.Form):
    """Whether the money of a source stays or goes, which takes the source's name to be typed.

    What was brought or typed has no key to forget: there is only to remove it.
    """

    KEEP, REMOVE = "keep", "remove"

    money = forms.ChoiceField(
        choices=[(KEEP, KEEP), (REMOVE, REMOVE)],
        error_messages={"required": _("Choose whether its money stays or goes.")},
    )
    typed = forms.CharField(
        label=_("To be sure, type its name"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, source: Source, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source = source
        if source.kind != Source.Kind.STRIPE:
            money = cast(forms.ChoiceField, self.fields["money"])
            money.choices = [(self.REMOVE, self.REMOVE)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        is_removal = cleaned.get("money") == self.REMOVE
        if is_removal and _plainly(cleaned.get("typed", "")) != _plainly(str(self.source)):
            self.add_error("typed", _("That is not its name. Nothing has been removed."))
        return cleaned


def _plainly(name: str) -> str:
    """Without what nobody means when they type a name: capitals, and spaces more or less."""
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold()
