"""One of the creator's people: found by what is typed, chosen in a form by the id of the row."""

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from fans.models import Creator, Fan
from fans.search import looked_for, typed_in

#: So many people who were searched for are shown.
PEOPLE = 8


def people_called(creator: Creator, typed: str) -> list[Fan]:
    """Some of whom every word of `typed` begins one of the name, or all of it an address, by what
    they spend."""
    if not (text := typed_in(typed)):
        return []
    called = looked_for(text, creator=creator)
    return list(creator.fans.filter(called).order_by("-spend", "pk")[:PEOPLE])


class SomebodyForm(forms.Form):
    """A form in which a person of `creator` may be chosen, who is searched for by `sought`."""

    fan = forms.IntegerField(required=False)
    creator: Creator

    @property
    def sought(self) -> str:
        raise NotImplementedError

    @cached_property
    def people(self) -> list[Fan]:
        """Whom one can choose: who was searched for, and who is chosen already."""
        found = people_called(self.creator, self.sought)
        if self.wanted.isdecimal() and self.wanted not in {str(fan.pk) for fan in found}:
            found = [*self.creator.fans.filter(pk=self.wanted), *found]
        return found

    @property
    def wanted(self) -> str:
        """The row id of who is chosen."""
        return str(self["fan"].value() or "")[:18]

    def clean_fan(self) -> Fan | None:
        pk = self.cleaned_data["fan"]
        fan = self.creator.fans.filter(pk=pk).first() if pk else None
        if pk and fan is None:
            raise forms.ValidationError(_("That person is not there any more."))
        return fan
