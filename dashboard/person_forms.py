"""What creators note about one person."""

import calendar
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from dashboard.days import FIRST_DAY, day_field
from dashboard.meanwhile import MeanwhileForm
from dashboard.touch_forms import LONGEST, words
from fans.attention import A_LEAP_YEAR
from fans.models import Acquaintance, Note, Tag, Touch

#: Nobody keeps more addresses of one person.
MOST_LINKS = 10

is_link = URLValidator(schemes=["http", "https"])


class AddForm(forms.Form):
    """A touch on some day, or a note."""

    NOTE = "note"

    text = words(_("What was said, or what is worth remembering"), rows=3)
    day = day_field(_("When"), required=False)
    what = forms.ChoiceField(choices=[(NOTE, NOTE), *Touch.Kind.choices])

    def __init__(self, *args: Any, now: datetime, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now, self.today = now, now.astimezone(zone).date()
        self.zone = zone
        self.initial["day"] = self.today

    def clean_day(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        if day and day > self.today:
            raise ValidationError(_("That day is still to come."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("what") == self.NOTE and "text" in cleaned and not cleaned["text"]:
            self.add_error("text", _("A note needs words."))
        return cleaned

    @property
    def occurred_at(self) -> datetime:
        """This moment, or noon of the day that was chosen."""
        day: date | None = self.cleaned_data["day"]
        if day is None or day == self.today:
            return self.now
        return datetime.combine(day, time(12), tzinfo=self.zone)


class NoteForm(MeanwhileForm):
    class Meta:
        model = Note
        fields = ["text"]
        labels = {"text": _("Note")}
        widgets = {"text": forms.Textarea(attrs={"rows": 6, "maxlength": LONGEST})}


class TagForm(forms.ModelForm):
    """A word; whether it is a new one is for `fans.tags` to find out."""

    class Meta:
        model = Tag
        fields = ["name"]
        labels = {"name": _("A word for them")}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "off"})}

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class KnowForm(MeanwhileForm):
    """What one knows of somebody."""

    birth_month = forms.TypedChoiceField(
        label=_("Month"),
        choices=[("", "–"), *MONTHS.items()],
        coerce=int,
        empty_value=None,
        required=False,
    )
    birth_day = forms.IntegerField(label=_("Day"), required=False, min_value=1, max_value=31)
    birth_year = forms.IntegerField(
        label=_("Year"), required=False, min_value=FIRST_DAY.year, help_text=_("If you know it.")
    )
    rhythm_days = forms.IntegerField(
        label=_("How often to be in touch, in days"),
        required=False,
        min_value=1,
        max_value=3650,
        help_text=_("Empty: as often as their tier says."),
    )

    class Meta:
        model = Acquaintance
        fields = [
            "called",
            "cares_about",
            "how_we_met",
            "birth_day",
            "birth_month",
            "birth_year",
            "household",
            "links",
            "rhythm_days",
        ]
        labels = {
            "called": _("What you call them"),
            "cares_about": _("What they care about"),
            "how_we_met": _("How you met"),
            "household": _("Household"),
            "links": _("Links"),
        }
        help_texts = {
            "called": _("Empty: the name that they pay by."),
            "household": _("A name that all who live together share, as you choose it."),
            "links": _("Addresses that begin https://, one a line."),
        }
        widgets = {
            "cares_about": forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST}),
            "how_we_met": forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST}),
            "links": forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        }

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_called(self) -> str:
        return " ".join(self.cleaned_data["called"].split())

    def clean_household(self) -> str:
        return " ".join(self.cleaned_data["household"].split())

    def clean_links(self) -> str:
        links = self.cleaned_data["links"].split()
        if len(links) > MOST_LINKS:
            raise ValidationError(_("Ten addresses are enough."))
        for link in links:
            try:
                is_link(link)
            except ValidationError:
                raise ValidationError(
                    _("“%(link)s” is not an address that begins https:// or http://."),
                    params={"link": link[:100]},
                ) from None
        return "\n".join(links)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        day, month = cleaned.get("birth_day"), cleaned.get("birth_month")
        if not {"birth_day", "birth_month", "birth_year"} & self.errors.keys():
            self._check_birthday(day, month, cleaned.get("birth_year"))
        return cleaned

    def _check_birthday(self, day: int | None, month: int | None, year: int | None) -> None:
        if not day and not month and not year:
            return
        if not day or not month:
            self.add_error("birth_day", _("A birthday has a day and a month."))
        elif day > calendar.monthrange(year or A_LEAP_YEAR, month)[1]:
            self.add_error("birth_day", _("That month has no such day."))
        elif year and date(year, month, day) > self.today:
            self.add_error("birth_year", _("That day is still to come."))


class LetterForm(forms.Form):
    """A mail to one person, begun with a greeting."""

    subject = forms.CharField(label=_("Subject"), max_length=200)
    text = words(_("What you write"), rows=12, required=True)

    def __init__(self, *args: Any, greeting: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.greeting = greeting

    def clean_subject(self) -> str:
        return " ".join(self.cleaned_data["subject"].split())

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if text.strip() == self.greeting.strip():
            raise ValidationError(_("There is nothing behind the greeting yet."))
        return text
