"""Saved segments: ways to look at the people that were worth a name."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.people_list import Look
from fans.models import Creator, Segment


@dataclass(frozen=True, slots=True)
class Segments:
    """All that are saved; `open` is the one that is looked at, `is_changed` whether the filters
    are others by now than it was saved with."""

    all: list[Segment]
    open: Segment | None
    is_changed: bool


def segments_of(look: Look) -> Segments:
    """The segments of the creator of `look`; one query."""
    saved = list(look.everybody.creator.segments.all())
    query = look.query.urlencode()
    opened = next((segment for segment in saved if segment.pk == look.segment), None)
    opened = opened or next((s for s in saved if query and s.query == query), None)
    return Segments(saved, opened, is_changed=opened is not None and opened.query != query)


class SegmentForm(forms.ModelForm):
    """The name of a segment; one that is there already is only replaced if that is meant."""

    replace = forms.BooleanField(label=gettext_lazy("Replace it"), required=False)

    class Meta:
        model = Segment
        fields = ["name"]
        labels = {"name": gettext_lazy("Name")}

    def __init__(self, *args: Any, creator: Creator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"auto_id": "segment_%s"})
        self.creator = creator
        self.fields["name"].widget.attrs |= {"class": "input", "autocomplete": "off"}

    @property
    def is_taken(self) -> bool:
        """Whether another one has that name."""
        return "name" in self.errors and self.errors["name"].as_data()[0].code == "taken"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        same = self.creator.segments.exclude(pk=self.instance.pk).filter(
            name__iexact=cleaned.get("name", "")
        )
        other = same.first()
        if other and cleaned.get("replace") and not self.instance.pk:
            self.instance = other
        elif other:
            taken = _("“%(name)s” exists already.") % {"name": other.name}
            self.add_error("name", forms.ValidationError(taken, code="taken"))
        return cleaned

    def keep(self, query: str) -> Segment:
        """Store it as what `query` asks for."""
        segment = self.instance
        segment.creator, segment.query = self.creator, query
        segment.name = self.cleaned_data["name"]
        segment.save()
        return segment
