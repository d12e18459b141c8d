"""The forms of sales by hand, what stands on their buttons, and the sales of a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import Count, F, Sum
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from dashboard.days import day_field
from dashboard.forms import AmountField, in_minor
from dashboard.somebody import SomebodyForm
from fans.identity import normalise_email
from fans.models import Creator
from fans.window import midnight
from revenue.models import Claim, Purchase, SaleEntry, Source
from revenue.models.selling import SaleEntryQuerySet
from revenue.selling import Sale
from truefans.money import exponent, to_major
from truefans.text import clean

#: So many of the things that were sold last stand on buttons; they are found among so many sales.
PRODUCTS, LOOKED_AT = 6, 200
#: So many sales of a day are listed; all of them are in its sum.
LISTED = 100


@dataclass(frozen=True, slots=True)
class Product:
    """What was sold before, at what price; `key` is how a form names it."""

    amount: int
    description: str

    @property
    def key(self) -> str:
        return f"{self.amount}:{self.description}"


def till_of(creator: Creator) -> Source | None:
    """The source of the sales by hand, once there was one."""
    kept = creator.sources.filter(kind=Source.Kind.HAND).exclude(state=Source.State.REMOVING)
    return kept.without_secrets().first()


def entries_of(creator: Creator) -> SaleEntryQuerySet:
    return SaleEntry.objects.filter(source__creator=creator, source__kind=Source.Kind.HAND)


def last_products(creator: Creator) -> list[Product]:
    """What was sold last in the creator's currency, each thing once; one query. The dearest stand
    first, so that a button stays where it is from one sale to the next."""
    first = entries_of(creator).first_words().filter(currency=creator.currency)
    sold = first.order_by("-created_at").values_list("amount", "description")[:LOOKED_AT]
    newest = list(dict.fromkeys(Product(*row) for row in sold))[:PRODUCTS]
    return sorted(newest, key=lambda product: (-product.amount, product.description))


def amount_field(currency: str, **kwargs: Any) -> AmountField:
    """An amount of `currency` in major units, for the number keys of a phone."""
    step = Decimal(1).scaleb(-exponent(currency))
    attributes = {"inputmode": "decimal", "step": str(step), "autocomplete": "off"}
    return AmountField(widget=forms.NumberInput(attrs=attributes), **kwargs)


def paid_in_minor(amount: Decimal, currency: str) -> int:
    """`in_minor` of what somebody paid: raises ValidationError for nothing, too."""
    minor = in_minor(amount, currency)
    if not minor:
        raise forms.ValidationError(_("It must be more than nothing."))
    return minor


class DayForm(forms.Form):
    """Something of a day that is not still to come."""

    day = day_field(_("Sold on"), required=False)

    def __init__(self, *args: Any, creator: Creator, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.creator, self.now = creator, now
        self.today: date = now.astimezone(creator.zone).date()

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"] or self.today
        if day > self.today:
            raise forms.ValidationError(_("That day is still to come."))
        return day


class SellForm(DayForm, SomebodyForm):
    """A sale: a button or an amount, and what else is known of it. What is typed goes before what
    the button says.

    `sale` is drawn when the form is made, so that a form that is sent twice is one sale.
    """

    sale = forms.UUIDField(widget=forms.HiddenInput(attrs={"autocomplete": "off"}))
    pick = forms.CharField(required=False, max_length=200)
    what = forms.CharField(
        label=_("What was it?"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"list": "sold-before", "autocomplete": "off"}),
    )
    q = forms.CharField(required=False, max_length=200)

    def __init__(self, data: Any = None, *, on: date | None = None, **kwargs: Any) -> None:
        self.is_search = bool(data) and "search" in data
        super().__init__(data, **kwargs)
        self.fields["amount"] = amount_field(
            self.creator.currency, label=_("Amount"), required=False
        )
        self.initial = {"sale": uuid4(), "day": on or self.today}

    def draw_anew(self) -> None:
        """Have what is typed be another sale than that of this form."""
        self.data = {name: self.data.get(name) for name in self.data} | {"sale": str(uuid4())}

    @cached_property
    def products(self) -> Sequence[Product]:
        return last_products(self.creator)

    @property
    def sought(self) -> str:
        """What was typed."""
        return self["q"].value() or ""

    def clean_pick(self) -> Product | None:
        amount, is_named, description = self.cleaned_data["pick"].partition(":")
        if not is_named:
            return None
        if not (amount.isdecimal() and 0 < int(amount) < 10**15):
            raise forms.ValidationError(_("Choose again what was sold."))
        return Product(int(amount), clean(description))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        picked: Product | None = cleaned.get("pick")
        typed = cleaned.get("amount")
        if typed is not None:
            try:
                cleaned["amount"] = paid_in_minor(typed, self.creator.currency)
            except forms.ValidationError as problem:
                self.add_error("amount", problem)
        elif picked:
            cleaned["amount"] = picked.amount
        elif "amount" not in self.errors:
            self.add_error("amount", _("Tap what was sold, or type an amount."))
        cleaned["what"] = clean(cleaned.get("what")) or (picked.description if picked else "")
        return cleaned

    def as_sale(self) -> Sale:
        cleaned = self.cleaned_data
        typed = "" if cleaned["fan"] else clean(cleaned["q"])
        email = normalise_email(typed)
        return Sale(
            external_id=f"sale_{cleaned['sale'].hex}",
            occurred_at=moment_of(cleaned["day"], creator=self.creator, now=self.now),
            currency=self.creator.currency,
            amount=cleaned["amount"],
            description=cleaned["what"],
            email=email,
            name="" if email else typed,
        )


class ChangeSaleForm(DayForm):
    """What was sold, for how much and when, said anew."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    what = forms.CharField(label=_("What was it?"), required=False, max_length=120)

    def __init__(self, *args: Any, last: SaleEntry, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.last = last
        self.fields["amount"] = amount_field(last.currency, label=_("Amount"))
        self.initial = {
            "seen": last.number,
            "what": last.description,
            "amount": to_major(last.amount, last.currency),
            "day": last.occurred_at.astimezone(self.creator.zone).date(),
        }

    def clean_amount(self) -> int:
        return paid_in_minor(self.cleaned_data["amount"], self.last.currency)

    def said(self) -> dict[str, Any]:
        """Columns of SaleEntry."""
        cleaned, last = self.cleaned_data, self.last
        at = last.occurred_at
        if cleaned["day"] != self.initial["day"]:
            at = moment_of(cleaned["day"], creator=self.creator, now=self.now)
        return {
            "amount": cleaned["amount"],
            "description": clean(cleaned["what"]),
            "occurred_at": at,
        }


class GiveBackForm(forms.Form):
    """How much of a sale was given back, now."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, last: SaleEntry, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.last = last
        rest = last.amount - last.returned
        self.fields["amount"] = amount_field(
            last.currency,
            label=_("Give back"),
            help_text=_("All of it, or the part that you gave back."),
        )
        self.initial = {"seen": last.number, "amount": to_major(rest, last.currency)}

    def clean_amount(self) -> int:
        amount = paid_in_minor(self.cleaned_data["amount"], self.last.currency)
        if amount > self.last.amount - self.last.returned:
            raise forms.ValidationError(_("That is more than is left of it."))
        return amount

    def said(self) -> dict[str, Any]:
        """Columns of SaleEntry."""
        return {"returned": self.last.returned + self.cleaned_data["amount"]}


def moment_of(day: date, *, creator: Creator, now: datetime) -> datetime:
    """This moment, or noon of another day by the creator's clock."""
    if day == now.astimezone(creator.zone).date():
        return now
    return datetime.combine(day, time(12), tzinfo=creator.zone)


@dataclass(frozen=True, slots=True)
class Sold:
    """A line of a day: what was said last, the purchase that it makes (None: it was taken back) and
    whether its code waits to be scanned."""

    entry: SaleEntry
    purchase: Purchase | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class Day:
    """The sales by hand of a day by the creator's clock, the newest first, up to `LISTED`; `count`
    and `sums` (currency, minor units) are of all that still count."""

    day: date
    sales: Sequence[Sold]
    count: int
    sums: Sequence[tuple[str, int]]


def day_of(creator: Creator, day: date, *, now: datetime) -> Day:
    """Four queries."""
    since, until = (midnight(d, creator.zone) for d in (day, day + timedelta(1)))
    said = entries_of(creator).last_words().filter(occurred_at__gte=since, occurred_at__lt=until)
    counted = said.filter(is_undone=False)
    parts = counted.values_list("currency").order_by("currency")
    sums = list(parts.annotate(sum=Sum(F("amount") - F("returned")), count=Count("pk")))
    entries = list(said.order_by("-occurred_at", "-id")[:LISTED])
    names = [entry.external_id for entry in entries]
    hand = {"source__creator": creator, "source__kind": Source.Kind.HAND}
    sold = creator.purchases.filter(external_id__among=names, source__kind=Source.Kind.HAND)
    purchases = {one.external_id: one for one in sold.select_related("fan").defer("raw")}
    claims = Claim.objects.filter(
        external_id__among=names, claimed_at=None, expires_at__gt=now, **hand
    )
    waiting = set(claims.values_list("external_id", flat=True))
    return Day(
        day=day,
        sales=[
            Sold(entry, purchases.get(entry.external_id), entry.external_id in waiting)
            for entry in entries
        ],
        count=sum(count for *_sum, count in sums),
        sums=[(currency, amount) for currency, amount, _count in sums],
    )
