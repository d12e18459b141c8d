"""Money of nobody, put together as far as payments look alike, and the form that says whose it is.

Looking alike is only a help to the eye: nothing is assigned because of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Case, Count, F, Max, Min, Q, QuerySet, Sum, TextField, Value, When
from django.db.models.functions import Lower
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from dashboard.somebody import SomebodyForm
from fans.models import Creator, Fan
from revenue.models import Purchase
from truefans.text import clean

#: So many groups are shown.
GROUPS = 50


@dataclass(frozen=True, slots=True)
class Alike:
    """Payments of nobody that look as if one person had made them: the same name and country or,
    of those without a name, the same description. `newest` is the row id of one of them, `gross`
    what they count in the creator's currency."""

    name: str
    country: str
    description: str
    purchases: int
    gross: int
    first: datetime
    last: datetime
    newest: int


def groups_of(purchases: QuerySet[Purchase]) -> list[Alike]:
    """`purchases` in groups, the largest first, one more than `GROUPS` where there are more; one
    query."""
    is_named = ~Q(payer_name="")
    rows = (
        purchases.order_by()
        .annotate(
            who=Lower("payer_name"),
            country=Case(
                When(is_named, F("payer_country")), default=Value(""), output_field=TextField()
            ),
            what=Case(
                When(is_named, Value("")), default=F("description"), output_field=TextField()
            ),
        )
        .values("who", "country", "what")
        .annotate(
            name=Max("payer_name"),
            purchases=Count("pk"),
            gross=Sum("counted_gross", default=0),
            first=Min("occurred_at"),
            last=Max("occurred_at"),
            newest=Max("pk"),
        )
        .order_by("-purchases", "-last", "-newest")[: GROUPS + 1]
    )
    return [
        Alike(
            name=row["name"],
            country=row["country"],
            description=row["what"],
            **{key: row[key] for key in ("purchases", "gross", "first", "last", "newest")},
        )
        for row in rows
    ]


def like(one: Purchase) -> Q:
    """What other payments have to be in the same group with `one`."""
    if one.payer_name:
        return Q(payer_name__iexact=one.payer_name, payer_country=one.payer_country)
    return Q(payer_name="", description=one.description)


def row_ids(values: Iterable[str]) -> list[int]:
    """Those of `values` that can be the id of a row."""
    return [int(value) for value in values if value.isdecimal() and len(value) < 19]


class AssignForm(SomebodyForm):
    """Which payments, and whose they are: a person of the creator's, or the name of a new one.

    Without scripts a search is sent like the rest (`is_search`): then nothing is wrong with what is
    not chosen yet.
    """

    everything = forms.BooleanField(required=False)
    name = forms.CharField(
        label=_("Or somebody new, by name"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: QueryDict, *, creator: Creator, payer: str = "") -> None:
        self.typed = data.get("q", "")
        self.payer = payer
        #: The row ids that were ticked; whose they are is for the books to say.
        self.chosen = row_ids(data.getlist("purchase"))
        self.is_sent = bool(data)
        self.is_search = "search" in data and bool(self.typed or not data.get("name"))
        is_whole = self.is_sent and not self.is_search
        super().__init__(data if is_whole else None, initial=data.dict())
        self.creator = creator

    @property
    def sought(self) -> str:
        """What was typed or, at first, how the payer is called."""
        return self.typed if self.is_sent else self.payer

    def clean_name(self) -> str:
        return clean(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.chosen and not cleaned.get("everything"):
            self.add_error(None, _("Tick the payments that are theirs."))
        if not self.errors and not (cleaned.get("fan") or cleaned.get("name")):
            self.add_error("name", _("Choose a person, or name somebody new."))
        if cleaned.get("fan") and cleaned.get("name"):
            self.add_error("name", _("Either the person chosen above or somebody new, not both."))
        return cleaned

    def is_ticked(self, purchase: Purchase) -> bool:
        """Whether a payment is ticked: as it was sent or, at first, if the payer has a name."""
        return purchase.pk in self.chosen if self.is_sent else bool(purchase.payer_name)

    @property
    def to(self) -> Fan | str:
        return self.cleaned_data["fan"] or self.cleaned_data["name"]
