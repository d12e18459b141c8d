"""Forms that two people, or two tabs, may have open at once."""

from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _

LONGEST = 200


class MeanwhileForm(forms.ModelForm):
    """Saves what was changed in it, and takes nothing back that somebody else saved meanwhile.

    Every field brings along, hidden, what it said when the form was opened. What was not touched
    since stays as it is by now; what both changed is asked about, and what was typed stays there.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.show_hidden_initial = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for field in self:
            if field.html_initial_name in self.data and field.name in cleaned:
                self._compare(field, cleaned)
        return cleaned

    def _compare(self, field: BoundField, cleaned: dict[str, Any]) -> None:
        opened = _plain(self.data[field.html_initial_name])
        typed, stored = _plain(self.data.get(field.html_name)), _plain(field.initial)
        if typed == opened:
            cleaned[field.name] = field.initial
        elif stored not in (opened, typed):
            self.add_error(field.name, _asked(stored))
            # Whoever saves again has seen what is there by now.
            self.data = dict(self.data.items()) | {field.html_initial_name: stored}


def _asked(stored: str) -> str:
    if not stored:
        return _("This was emptied meanwhile. Save again to have what stands here.")
    said = stored if len(stored) <= LONGEST else f"{stored[:LONGEST]}…"
    return _(
        "This was changed meanwhile, to “%(said)s”. Save again to put what stands here in its"
        " place."
    ) % {"said": said}


def _plain(value: Any) -> str:
    """`value` as it is typed, with the line ends of any browser."""
    return "" if value is None else str(value).replace("\r\n", "\n").strip()
