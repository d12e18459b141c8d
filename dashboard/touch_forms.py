"""What creators note about being in touch."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboard.days import day_field
from fans.models import Touch, Turn
from fans.window import months_before

#: As much as is kept of what was said, or of a note.
LONGEST = 20_000
#: Nobody is put off for longer.
YEARS = 5


def words(label: Any, *, rows: int, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class TurnForm(forms.Form):
    """Something that ends `turn`; several of them stand on a page."""

    def __init__(self, *args: Any, turn: Turn, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"auto_id": f"id_{turn.pk}_%s"})
        self.turn = turn


class WordForm(TurnForm):
    """One was in touch; what was said may stay unsaid."""

    kind = forms.ChoiceField(choices=Touch.Kind.choices)
    text = words(_("What was said, if you like"), rows=2)


class LaterForm(TurnForm):
    """Not today: not this time, or on another day."""

    SKIP, WEEK, MONTH, DATE = "skip", "week", "month", "date"

    later = forms.ChoiceField(choices=[(key, key) for key in (SKIP, WEEK, MONTH, DATE)])
    until = day_field(_("On another day"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("later") == self.DATE and "until" not in self.errors:
            self._check(cleaned.get("until"))
        return cleaned

    def _check(self, until: date | None) -> None:
        latest = months_before(self.turn.day, -12 * YEARS)
        if until is None:
            self.add_error("until", _("Choose a day."))
        elif until <= self.turn.day:
            self.add_error("until", _("Choose a day that is still to come."))
        elif until > latest:
            self.add_error("until", _("That is too far away to be remembered by."))

    @property
    def until_day(self) -> date | None:
        """The day on which they come back; None: not in this circle."""
        days = {
            self.SKIP: None,
            self.WEEK: self.turn.day + timedelta(days=7),
            self.MONTH: months_before(self.turn.day, -1),
            self.DATE: self.cleaned_data["until"],
        }
        return days[self.cleaned_data["later"]]
