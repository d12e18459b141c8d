"""Which purchases and lines of a ledger are asked for, and what those that are shown come to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Count, F, Q, QuerySet, Sum
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from dashboard.forms import OFTEN, in_minor
from dashboard.periods import PeriodForm
from fans.models import Creator
from fans.templatetags.amounts import money
from revenue.models import Movement, Purchase, Source
from revenue.models.sources import OfSourceQuerySet
from revenue.values import MovementKind, PurchaseKind
from truefans.money import is_currency

ANY = [("", _("any"))]


def text_input(**attrs: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "input", "autocomplete": "off"} | attrs)


def choice(label: Any, choices: list[tuple[str, Any]]) -> forms.ChoiceField:
    """A choice that may be left open."""
    widget = forms.Select(attrs={"class": "input"})
    return forms.ChoiceField(label=label, required=False, choices=ANY + choices, widget=widget)


class SourceFilter(PeriodForm):
    """A period, and one of the creator's sources."""

    source = choice(_("Source"), [])

    def __init__(self, data: QueryDict, *, creator: Creator, now: datetime) -> None:
        super().__init__(data, creator=creator, now=now)
        self.sources: list[Source] = list(
            creator.sources.without_secrets().order_by("connected_at", "pk")
        )
        names = [(str(source.pk), str(source)) for source in self.sources]
        self.fields["source"].choices = ANY + names  # type: ignore[attr-defined]

    def condition(self) -> Q:
        """Purchases of this period and source."""
        within = self.period.within()
        return within & Q(source=self.applied["source"]) if "source" in self.applied else within


class ProductFilter(SourceFilter):
    """And a part of what they say of themselves."""

    q = forms.CharField(
        label=_("What was bought"),
        required=False,
        max_length=200,
        widget=text_input(type="search", placeholder=_("Album, box, ticket…")),
    )

    def condition(self) -> Q:
        text = self.applied.get("q")
        return super().condition() & (Q(description__icontains=text) if text else Q())


class PurchaseFilter(ProductFilter):
    """Everything that purchases can be asked for by.

    Amounts are as paid where a currency is named, else what they count in the creator's.
    """

    SOMEBODY, NOBODY = "somebody", "nobody"

    kind = choice(_("Kind"), list(PurchaseKind.choices))
    state = choice(_("State"), list(Purchase.State.choices))
    whose = choice(_("Whose"), [(SOMEBODY, _("somebody’s")), (NOBODY, _("nobody’s yet"))])
    currency = forms.CharField(
        label=_("Paid in"),
        required=False,
        max_length=3,
        widget=text_input(list="currencies", placeholder="GBP", autocapitalize="characters"),
    )
    rate = choice(_("Rate"), list(Purchase.RateOrigin.choices))
    least = forms.DecimalField(label=_("At least"), required=False, min_value=0, max_digits=12)
    most = forms.DecimalField(label=_("At most"), required=False, min_value=0, max_digits=12)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("least", "most"):
            self.fields[name].widget.attrs["class"] = "input"

    #: What is offered where one is typed.
    currencies = OFTEN

    def clean_currency(self) -> str:
        code: str = self.cleaned_data["currency"].upper()
        if code and not is_currency(code):
            raise forms.ValidationError(_("That is not a currency. One looks like “EUR”."))
        return code

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name in ("least", "most"):
            if cleaned.get(name) is not None:
                try:
                    cleaned[name] = in_minor(cleaned[name], self._amounts_in(cleaned))
                except forms.ValidationError as error:
                    self.add_error(name, error)
        if (cleaned.get("least") or 0) > (cleaned.get("most") or cleaned.get("least") or 0):
            self.add_error("most", _("That is less than the least."))
        return cleaned

    def _amounts_in(self, cleaned: dict[str, Any]) -> str:
        return cleaned.get("currency") or self.creator.currency

    def in_words(self, name: str) -> str:
        if name in ("least", "most"):
            return money(self.applied[name], self._amounts_in(dict(self.applied)))
        return super().in_words(name)

    def condition(self) -> Q:
        asked, found = self.applied, super().condition()
        amount = "amount" if "currency" in asked else "counted_gross"
        lookups = {
            "kind": "kind",
            "state": "state",
            "rate": "rate_origin",
            "currency": "currency",
            "least": f"{amount}__gte",
            "most": f"{amount}__lte",
        }
        for name, lookup in lookups.items():
            if name in asked:
                found &= Q(**{lookup: asked[name]})
        if "whose" in asked:
            found &= Q(fan__isnull=asked["whose"] == self.NOBODY)
        return found


class MovementFilter(PeriodForm):
    """Lines of one ledger: each source has its own, and the first is shown unless one is named."""

    kind = choice(_("Kind"), list(MovementKind.choices))

    def __init__(self, data: QueryDict, *, creator: Creator, now: datetime) -> None:
        super().__init__(data, creator=creator, now=now)
        sources = creator.sources.without_secrets().order_by("connected_at", "pk")
        self.sources: list[Source] = list(sources)
        named = [source for source in self.sources if str(source.pk) == data.get("source")]
        self.source = next(iter(named or self.sources), None)

    def lines(self) -> OfSourceQuerySet[Movement]:
        kind = self.applied.get("kind")
        found = Movement.objects.filter(self.period.within(), source=self.source).defer("raw")
        return found.filter(kind=kind) if kind else found


@dataclass(frozen=True, slots=True)
class Sums:
    """What purchases come to, in minor units of the creator's currency.

    `gross` and `net` are of all of them; `cost` is what of the gross did not arrive, where the net
    is known. `tried` were never paid; `unconverted` count nothing for want of a rate, `settling`
    have no net yet.
    """

    purchases: int
    gross: int
    net: int
    cost: int
    tried: int
    unconverted: int
    settling: int


def sums_of(purchases: QuerySet[Purchase]) -> Sums:
    """The sums of `purchases`, all of which count in one currency; one query."""
    tried = Q(state__in=Purchase.NOTHING_PAID)
    found = purchases.aggregate(
        count=Count("*"),
        gross=Sum("counted_gross", default=0),
        net=Sum("counted_net", default=0),
        cost=Sum(F("counted_gross") - F("counted_net"), default=0),
        tried=Count("state", filter=tried),
        unconverted=Count("state", filter=Q(counted_gross=None) & ~tried),
        settling=Count("state", filter=Q(counted_gross__isnull=False, counted_net=None) & ~tried),
    )
    return Sums(
        purchases=found["count"] - found["tried"],
        **{name: int(found[name]) for name in ("gross", "net", "cost")},
        **{name: found[name] for name in ("tried", "unconverted", "settling")},
    )
