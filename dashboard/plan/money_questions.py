"""What would they buy, and what do fees cost?"""

from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dashboard.measure import written
from dashboard.plan.fields import Amount, Count, Number, Percent, count_in
from dashboard.plan.goal_question import planned, target_of
from dashboard.plan.keeping import NOTHING, Fees, Pattern
from dashboard.plan.offers import Mix, Offer
from dashboard.plan.question import OF_ROW, Problem, Question, problems_of
from dashboard.plan.reality import Kept, kept
from truefans.money import exponent

MOST_OFFERS = 12
#: Once a year, by the quarter, by the month, by the week.
WAYS = (1, 4, 12, 52)
ONCE = Decimal(1)


class FeesForm(forms.Form):
    """What others keep of a payment; where nothing is typed, nothing."""

    middleman = Percent(label=_("Label or shop, %"), required=False)
    platform = Percent(label=_("Platform, %"), required=False)
    percent = Percent(label=_("Fee, %"), required=False)
    fixed = Amount(label=_("plus, each"), required=False, may_be_nothing=True)

    def fees(self) -> Fees:
        typed = self.cleaned_data
        return Fees(
            percent=typed["percent"] or NOTHING,
            fixed=typed["fixed"] or 0,
            platform=typed["platform"] or NOTHING,
            middleman=typed["middleman"] or NOTHING,
        )


class OfferForm(FeesForm):
    """A row: something for sale. One without people and price is no offer."""

    use_required_attribute = False

    offer = forms.CharField(label=_("What"), required=False, max_length=60)
    people = Count(label=_("People"), least=0, required=False)
    price = Amount(label=_("Price"), required=False, may_be_nothing=True)
    times = Number(label=_("Times a year"), required=False, max_value=366, decimal_places=4)

    def __init__(self, typed: dict[str, str], *, number: int) -> None:
        super().__init__(typed, prefix=f"o{number}")
        self.number = number

    def clean(self) -> dict[str, Any]:
        """Both of people and price, or neither."""
        cleaned = self.cleaned_data
        for name, other in (("people", "price"), ("price", "people")):
            if name not in self.errors and cleaned.get(name) is None and cleaned.get(other):
                self.add_error(name, gettext("Type a number here, or empty the row."))
        return cleaned

    @property
    def where(self) -> str:
        return gettext("Offer %(number)d") % {"number": self.number + 1}

    @property
    def has_fees(self) -> bool:
        return any(self[name].value() for name in FeesForm.base_fields)

    @property
    def is_empty(self) -> bool:
        return not self.cleaned_data["people"] or not self.cleaned_data["price"]

    def sold(self) -> Offer:
        typed = self.cleaned_data
        return Offer(
            name=typed["offer"] or self.where,
            people=typed["people"],
            price=typed["price"],
            times=ONCE if typed["times"] is None else typed["times"],
            fees=self.fees(),
        )


class OffersQuestion(Question):
    key = "offers"
    name = _("Offers")
    title = _("What would they buy?")

    currency = forms.ChoiceField(label=_("Currency"))

    def __init__(self, typed: QueryDict, **about: Any) -> None:
        super().__init__(typed, **about)
        rows = self._typed() or self._examples()
        blank = [{"times": "1"}] if len(rows) < MOST_OFFERS else []
        self.rows = [
            OfferForm({f"o{n}-{name}": value for name, value in row.items()}, number=n)
            for n, row in enumerate(rows + blank)
        ]

    def defaults(self) -> dict[str, str]:
        return {"currency": self.creator.currency}

    def owns(self, name: str) -> bool:
        return super().owns(name) or bool(OF_ROW.fullmatch(name))

    def _typed(self) -> list[dict[str, str]]:
        """The rows in the address, without those in which nothing stands."""
        numbers = {int(found[1]) for name in self.typed if (found := OF_ROW.fullmatch(name))}
        names = OfferForm.base_fields
        rows = [
            {name: self.typed.get(f"o{n}-{name}", "") for name in names} for n in sorted(numbers)
        ]
        return [row for row in rows if row["offer"] or row["people"] or row["price"]][:MOST_OFFERS]

    def _examples(self) -> list[dict[str, str]]:
        """Something for everybody, some for the fond, one for the few; priced by the target."""
        target, currency = self.creator.target_spend, self.creator.currency
        examples = [
            (gettext("Album"), 5000, target // 10),
            (gettext("T-shirt"), 500, target // 5),
            (gettext("Box set"), 100, target * 5),
        ]
        return [
            {
                "offer": name,
                "people": str(people),
                "price": written(max(price, 1), currency),
                "times": "1",
            }
            for name, people, price in examples
        ]

    def clean(self) -> dict[str, Any]:
        """The rows too, whose amounts are in the currency chosen here."""
        cleaned = super().clean()
        for row in self.rows:
            row.full_clean()
            count_in(self.unit, row)
        return cleaned

    def is_valid(self) -> bool:
        return super().is_valid() and not any(row.errors for row in self.rows)

    @property
    def problems(self) -> list[Problem]:
        own = problems_of(self)
        return own + [p for row in self.rows for p in problems_of(row, f"{row.where}: ")]

    @cached_property
    def answer(self) -> Mix:
        return Mix([row.sold() for row in self.rows if not row.is_empty])

    @cached_property
    def goal(self) -> int | None:
        """The money that is needed in a year, by all of a team together."""
        plan = planned(self)
        return plan.a_year * plan.team if plan else None

    @property
    def lacks(self) -> int:
        """What is missing to the goal."""
        return (self.goal or 0) - self.answer.net


class FeesQuestion(Question, FeesForm):
    key = "fees"
    name = _("Fees")
    title = _("What do fees cost?")
    beside = "dashboard/plan/fees_kept.html"

    currency = forms.ChoiceField(label=_("Currency"))
    net = Amount(label=_("To keep a year"))
    payments = Count(label=_("Payments a year"), most=1000, help_text=_("12 is monthly."))
    price = Amount(label=_("Each payment"))

    def defaults(self) -> dict[str, str]:
        currency = self.creator.currency
        target = target_of(self)
        unit = self.typed.get("currency", currency)
        return {
            "currency": currency,
            "net": written(target.a_year * target.team, unit),
            "payments": "12",
            "price": written(max(target.spend // target.months, 1), unit),
            "middleman": "0",
            "platform": "0",
            "percent": "2.9",
            "fixed": "0.30" if exponent(unit) else "30",
        }

    @cached_property
    def answer(self) -> Pattern:
        return Pattern(self.cleaned_data["payments"], self.cleaned_data["price"], self.fees())

    def really_kept(self) -> Kept | None:
        """What is left of the creator's money as the books have it."""
        return kept(self.creator, now=self.now)

    @property
    def people(self) -> int | None:
        return self.answer.people_for(self.cleaned_data["net"])

    @property
    def people_more(self) -> int | None:
        return self.answer.people_more(self.cleaned_data["net"])

    def other_ways(self) -> list[tuple[Pattern, int | None]]:
        """About the same money in other numbers of payments, and how many people it then takes."""
        ways = [self.answer.split_into(payments) for payments in WAYS]
        return [(way, way.people_for(self.cleaned_data["net"])) for way in ways if way.price]
