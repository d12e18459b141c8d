"""The forms of tiers and of what they give; another threshold is looked at before it is saved."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from dashboard.forms import AmountField, in_minor
from dashboard.measure import written
from fans.models import Creator, Perk, Tier


class TierForm(forms.ModelForm):
    """A tier; `threshold` in major units as typed, in minor units once it is clean."""

    threshold = AmountField(
        label=_("Begins at"),
        error_messages={
            "required": _("Say from which amount on somebody is in this tier."),
            "min_value": _("A tier begins above nothing."),
        },
    )

    class Meta:
        model = Tier
        fields = ["name", "threshold", "rhythm_days", "about"]
        labels = {
            "name": _("Name"),
            "rhythm_days": _("In touch every so many days"),
            "about": _("What it gives"),
        }
        help_texts = {
            "rhythm_days": _("How often each of them should hear from you."),
            "about": _(
                "In your own words; everybody reads it on your public page. What is handed out by"
                " name is a perk of its own."
            ),
        }
        widgets = {"about": forms.Textarea(attrs={"rows": 3})}
        error_messages = {"name": {"required": _("Every tier has a name.")}}

    def __init__(self, data: QueryDict | None = None, *, tier: Tier, creator: Creator) -> None:
        self.creator, self.was = creator, tier.threshold
        shown = written(tier.threshold, creator.currency) if tier.pk else ""
        super().__init__(data, instance=tier, initial={"threshold": shown})
        self.fields["threshold"].help_text = _(
            "In %(currency)s, spent within %(months)s months."
        ) % {"currency": creator.currency, "months": creator.window_months}

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if self._others.filter(name__iexact=name).exists():
            raise forms.ValidationError(_("You have a tier of that name already."))
        return name

    def clean_threshold(self) -> int:
        minor = in_minor(self.cleaned_data["threshold"], self.creator.currency)
        if not minor:
            raise forms.ValidationError(_("A tier begins above nothing."))
        if other := self._others.filter(threshold=minor).first():
            taken = _("“%(name)s” begins there already.")
            raise forms.ValidationError(taken, params={"name": other.name})
        return minor

    @property
    def _others(self) -> QuerySet[Tier]:
        return self.creator.tiers.exclude(pk=self.instance.pk)

    @property
    def moves_people(self) -> bool:
        """Whether the threshold is another one than is stored."""
        return self.cleaned_data["threshold"] != self.was

    @property
    def is_seen(self) -> bool:
        """Whether nobody could be surprised by what the threshold does: it was shown before."""
        seen = self.data.get("seen")
        return not self.moves_people or str(self.cleaned_data["threshold"]) == seen

    @property
    def tiers_after(self) -> list[Tier]:
        """All tiers as they would be."""
        return [*self._others, self.instance]


class PerkForm(forms.ModelForm):
    """Something that a tier gives."""

    class Meta:
        model = Perk
        fields = ["name", "every", "about"]
        labels = {"name": _("What they get"), "every": _("How often"), "about": _("Notes")}
        help_texts = {
            "name": _("A postcard, a name in the booklet, a song before everybody else…"),
            "about": _("For yourself: how it is made, where it lies."),
        }
        widgets = {"about": forms.Textarea(attrs={"rows": 3})}
        error_messages = {"name": {"required": _("Say what it is that they get.")}}

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        others = self.instance.tier.perks.exclude(pk=self.instance.pk)
        if others.filter(name__iexact=name).exists():
            raise forms.ValidationError(_("This tier gives something of that name already."))
        return name


class RemoveTierForm(forms.Form):
    """What becomes of the perks of a tier that goes: the id of another tier, or `END`."""

    END = "end"

    perks_to = forms.ChoiceField(
        label=_("What becomes of its perks?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what becomes of its perks.")},
    )

    def __init__(
        self, data: QueryDict | None = None, *, tier: Tier, others: Sequence[Tier]
    ) -> None:
        super().__init__(data)
        self.tier, self.others = tier, {str(other.pk): other for other in others}
        move = _("“%(name)s” gives them from now on, with all that is noted of them.")
        moves = [(key, move % {"name": other.name}) for key, other in self.others.items()]
        end = _("They end, and what is noted of them is forgotten.")
        choices = cast(forms.ChoiceField, self.fields["perks_to"])
        choices.choices = [*moves, (self.END, end)]
        if not tier.perks.exists():
            del self.fields["perks_to"]

    @property
    def heir(self) -> Tier | None:
        return self.others.get(self.cleaned_data.get("perks_to", self.END))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.heir:
            same = Q()
            for perk in self.tier.perks.all():
                same |= Q(name__iexact=perk.name)
            if twice := self.heir.perks.filter(same).first():
                text = _("“%(tier)s” gives “%(perk)s” already. Rename one of them first.")
                names = {"tier": self.heir.name, "perk": twice.name}
                self.add_error("perks_to", forms.ValidationError(text, params=names))
        return cleaned
