"""Days that creators type in, or that an address names."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

#: None before or after can be asked for: each of them has a next one, and a midnight in any zone.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)


def day_field(label: Any = None, *, css: str = "", **kwargs: Any) -> forms.DateField:
    """A day, asked for by the browser's own calendar; `css` is the class of its input."""
    attributes = {"type": "date"} | ({"class": css} if css else {})
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs=attributes, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
        error_messages={
            "min_value": _("That is too long ago."),
            "max_value": _("That is too far ahead."),
        },
        **kwargs,
    )


def day_in(text: str) -> date | None:
    """The day that `text` names as an address does; None for what means nothing."""
    try:
        return day_field(required=False).clean(text)
    except forms.ValidationError:
        return None
