"""The creator's own words, and where they are: what is typed on two pages of the settings."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dashboard.forms import TAKEN, CreatorForm
from dashboard.meanwhile import MeanwhileForm
from fans.models import Creator
from truefans.languages import LANGUAGES


class WordsForm(MeanwhileForm):
    """What a creator is called, and what the creator calls everybody else."""

    class Meta:
        model = Creator
        fields = ["fan_word", "fans_word", "community", "name", "handle", "about"]
        labels = {
            "fan_word": _("What you call one of them"),
            "fans_word": _("And more than one"),
            "community": _("All of them together"),
            "name": _("Your name, or your band’s"),
            "handle": _("Handle"),
            "about": _("About you"),
        }
        help_texts = {
            "fan_word": _("friend, reader, listener… It stands everywhere in place of “fan”."),
            "community": _("As “the Lantern Club”. Leave it empty if they have no name."),
            "about": _("Everybody reads it on your public page. An empty line begins a paragraph."),
        }
        error_messages = {"handle": {"unique": TAKEN}}
        widgets = {
            "handle": forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
            "about": forms.Textarea(attrs={"rows": 6}),
        }

    #: What the sentence of these words is made of.
    WORDS = ("fan_word", "fans_word", "community")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        handle = self.instance.handle
        self.fields["handle"].help_text = format_html(
            gettext(
                'Your public page is <a href="{address}">/@{handle}</a>, and it is in the address'
                " of this studio. With another handle the old addresses lead nowhere, and anybody"
                " may take the old one."
            ),
            address=reverse("supporters:page", args=[handle]),
            handle=handle,
        )


class PlaceForm(CreatorForm):
    """In which language numbers, money and dates are written, and by whose clock a day ends."""

    class Meta:
        model = Creator
        fields = ["language", "time_zone"]
        labels = {"language": _("Language"), "time_zone": _("Time zone")}
        help_texts = {
            "language": _("For numbers, money and dates, on your public page, too."),
            "time_zone": _("Whose midnight ends your day, and with it what falls into the window."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("language", languages, initial="en-gb")


def languages() -> list[tuple[str, str]]:
    return [(code, language.name) for code, language in LANGUAGES.items()]
