"""The form of a creator's measure; another currency is looked at before it is saved.

Amounts on a form are in one currency, which it names itself (`amounts_in`). When another one is
chosen, the form comes back with its amounts converted, and only then can it be saved.
"""

from copy import copy
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from dashboard.forms import AmountField, CreatorForm
from fans.models import Creator
from revenue.exchange import Rate, ecb_rate
from revenue.measure import follows_target, plain_amount, tiers_after
from truefans.money import NotMoney, share, to_major, to_minor

#: The amounts of the form, which are in the currency that it names.
AMOUNTS = ("target_spend", "living")


class MeasureForm(CreatorForm):
    """What a creator measures by; `was` is the creator as stored, `instance` a copy of it."""

    amounts_in = forms.CharField(required=False, widget=forms.HiddenInput)
    target_spend = AmountField(
        help_text=_("In the currency above, within the window."),
    )
    living = AmountField(
        label=_("What you need to live"),
        help_text=_("All of you together, within the window. Empty: the whole goal."),
        required=False,
    )

    class Meta:
        model = Creator
        fields = [
            "currency",
            "counts",
            "target_spend",
            "window_months",
            "target_count",
            "team_size",
            "living",
        ]
        labels = {
            "currency": _("Currency"),
            "counts": _("What counts towards it"),
            "window_months": _("The window, in months"),
            "target_count": _("How many of them you need"),
            "team_size": _("How many of you live from it"),
        }
        help_texts = {
            "currency": _("You live in this one; what is paid in others is converted."),
            "counts": _("Gross is what they paid, net is what reached you after fees."),
            "window_months": _("What was spent longer ago counts no more. Twelve is a year."),
            "target_count": _("The field of dots has a seat for each."),
            "team_size": _(
                "A duet needs twice as many people: their number follows, unless you type another."
            ),
        }

    def __init__(self, data: QueryDict | None = None, *, was: Creator) -> None:
        self.was = was
        initial = {
            name: written(minor, was.currency)
            for name in AMOUNTS
            if (minor := getattr(was, name)) is not None
        }
        super().__init__(data, instance=copy(was), initial=initial | {"amounts_in": was.currency})
        spend = _("What a true %(fan)s spends at least") % {"fan": was.fan_word}
        self.fields["target_spend"].label = spend
        paid = _("what %(fans)s paid") % {"fans": was.fans_word}
        counts = cast(forms.ChoiceField, self.fields["counts"])
        counts.choices = [(Creator.Counts.GROSS, paid), Creator.Counts.choices[1]]
        #: The currency that is about to be the creator's; "" if there is no other.
        self.new_currency = ""
        amounts_in = data.get("amounts_in") if data else None
        if amounts_in and amounts_in != was.currency:
            self.new_currency = str(amounts_in)
            self._ask_for_tiers()

    def _ask_for_tiers(self) -> None:
        """Tiers that follow from the target need no amounts of their own."""
        if not follows_target(self.was):
            for tier in self.was.tiers.all():
                label = _("“%(name)s” begins at") % {"name": tier.name}
                self.fields[f"tier_{tier.pk}"] = AmountField(label=label)

    @property
    def is_in_another_currency(self) -> bool:
        """Whether the amounts are not in the currency that was chosen."""
        return self.cleaned_data.get("amounts_in") != self.cleaned_data.get("currency")

    @property
    def tier_rows(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("tier_")]

    @property
    def thresholds(self) -> dict[int, int] | None:
        """Minor units by the id of the tier; None if the tiers were not asked for."""
        rows = {row.name: self.cleaned_data[row.name] for row in self.tier_rows}
        return {int(name.removeprefix("tier_")): at for name, at in rows.items()} or None

    def clean(self) -> dict[str, Any]:
        if self.is_in_another_currency:
            return self.cleaned_data
        cleaned = super().clean()
        taken: set[int] = set()
        for row in self.tier_rows:
            if cleaned.get(row.name) in taken:
                self.add_error(row.name, _("Another tier begins there already."))
            taken.add(cleaned.get(row.name, 0))
        team, count = cleaned.get("team_size"), cleaned.get("target_count")
        if team and count == self.was.target_count:
            cleaned["target_count"] = people_for(team, count=count, was=self.was.team_size)
        return cleaned

    def in_that_currency(self, *, today: date) -> "MeasureForm":
        """The form again, with its amounts in the currency that was chosen."""
        data = cast(QueryDict, self.data).copy()
        new = copy(self.was)
        new.currency = data["amounts_in"] = self.cleaned_data["currency"]
        for name in AMOUNTS:
            if amount := self._amount_in(new.currency, name, today):
                data[name] = written(amount, new.currency)
                setattr(new, name, amount)
            elif new.currency == self.was.currency:
                data[name] = ""
        for pk, at in tiers_after(was=self.was, creator=new, today=today).items():
            data[f"tier_{pk}"] = written(at, new.currency)
        return MeasureForm(data, was=self.was)

    def rate(self, *, today: date) -> Rate | None:
        return ecb_rate(self.was.currency, self.new_currency, today)

    def _amount_in(self, currency: str, name: str, today: date) -> int | None:
        """An amount in minor units of `currency`; None where only the creator can say it."""
        typed, amounts_in = self.cleaned_data[name], self.cleaned_data["amounts_in"]
        was: int | None = getattr(self.was, name)
        if currency == self.was.currency:
            return was
        if typed is None:
            return None
        try:
            if amounts_in == self.was.currency and typed != _major(was, self.was.currency):
                return to_minor(typed, currency)  # they thought of the new currency already
            minor = to_minor(typed, amounts_in)
        except NotMoney:
            return None
        return plain_amount(minor, source=amounts_in, target=currency, today=today)


def people_for(team: int, *, count: int, was: int) -> int:
    """How many people a team of `team` needs if one of `was` needed `count`, to the nearest."""
    return max(share(count, team, was), 1)


def _major(minor: int | None, currency: str) -> Decimal | None:
    return None if minor is None else to_major(minor, currency)


def written(minor: int, currency: str) -> str:
    """An amount as people type it: “100”, “12.50”."""
    major = to_major(minor, currency)
    return str(int(major) if major == int(major) else major)
