"""When would they be there, and what if each of those who are bought one more?"""

from datetime import date, datetime
from decimal import Decimal

from django import forms
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from dashboard.measure import written
from dashboard.plan.fields import REQUIRED, Amount, Count, Number, Percent
from dashboard.plan.goal_question import target_of
from dashboard.plan.growth import (
    MOST_YEARS,
    WEEK,
    Forecast,
    a_week,
    a_year,
    shortened,
)
from dashboard.plan.line import Line, draw
from dashboard.plan.question import Question
from dashboard.plan.reality import WhatIf, groups, what_if
from fans.arrival import growth_of
from fans.growth import YEAR, Growth
from fans.models import Creator
from fans.templatetags.amounts import whole_money
from revenue.summary import figures_at_hand

#: How many years are drawn when the target is never reached, or is reached at once.
YEARS = 10
#: As far as the slider goes.
MOST_TIMES = 12
#: What stands there until somebody knows better.
EXAMPLE = {"arrivals": "1", "every": "1", "loss": "20"}
EVERY = {1: _("day"), WEEK: _("week"), YEAR: _("year")}


class GrowthQuestion(Question):
    key = "growth"
    name = _("Growth")
    title = _("When would they be there?")

    arrivals = Number(label=_("New ones"), decimal_places=4)
    every = forms.TypedChoiceField(label=_("each"), coerce=int, choices=list(EVERY.items()))
    loss = Percent(label=_("Lost a year, %"), help_text=_("Two of ten are 20."))
    start = Count(label=_("At the start"), least=0)
    since = forms.DateField(
        label=_("on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": REQUIRED, "invalid": _("Write a date like 2026-01-31.")},
    )
    reach = Count(label=_("To reach"))

    def defaults(self) -> dict[str, str]:
        start = "" if "start" in self.typed else str(self.creator.fans.true().count())
        is_typed = not EXAMPLE.keys().isdisjoint(self.typed)
        rate = EXAMPLE if is_typed else self.last_year or EXAMPLE
        return rate | {
            "start": start,
            "since": self.today.isoformat(),
            "reach": str(target_of(self).all_people),
        }

    @cached_property
    def last_year(self) -> dict[str, str] | None:
        """Who really came and was lost, as one would type it; None where nobody can tell."""
        figures = figures_at_hand(creator=self.creator, now=self.now)
        if figures is None:
            return None
        turned = figures.turnover
        grown = growth_of(true_fans=turned.true_now, arrived=turned.arrived, lost=turned.lost)
        if grown is None:
            return None
        short = shortened(grown)
        return {
            "arrivals": plainly(short.arrivals),
            "every": str(YEAR),
            "loss": plainly(short.loss * 100),
        }

    def clean_since(self) -> date:
        since: date = self.cleaned_data["since"]
        if abs(since.year - self.today.year) > MOST_YEARS:
            raise forms.ValidationError(_("Choose a day that is less than a hundred years away."))
        return since

    @cached_property
    def answer(self) -> Forecast:
        typed = self.cleaned_data
        growth = Growth(
            people=typed["start"],
            arrivals=a_year(typed["arrivals"], typed["every"]),
            loss=typed["loss"] / 100,
        )
        return Forecast(growth, typed["reach"], typed["since"])

    @property
    def years(self) -> int:
        """How many are shown."""
        return self.answer.year or YEARS

    def line(self) -> Line:
        return draw(self.answer, self.years)

    def ends(self) -> list[tuple[int, date, int]]:
        return self.answer.at_ends(self.years)

    @property
    def end(self) -> int:
        """How many there are at the end of the years shown."""
        return self.ends()[-1][2]

    @property
    def arrivals_a_week(self) -> Decimal:
        return a_week(self.answer.growth.arrivals)

    @property
    def holding_a_week(self) -> Decimal:
        return a_week(self.answer.holding)


class MoreQuestion(Question):
    key = "more"
    name = _("What if")
    title = _("What if each bought one more?")
    is_dragged = True

    group = forms.ChoiceField(label=_("Each of"))
    extra = Amount(label=_("buys something for"))
    times = Count(label=_("how many times more"), most=1000)

    def __init__(self, typed: QueryDict, *, creator: Creator, now: datetime) -> None:
        self.groups = {group.key: group for group in groups(creator)}
        super().__init__(typed, creator=creator, now=now)
        choices = [(group.key, group.name) for group in self.groups.values()]
        self.fields["group"] = forms.ChoiceField(label=self.fields["group"].label, choices=choices)
        target, step = creator.target_spend, self.step
        self._slide("extra", *(written(at, creator.currency) for at in (step, target, step)))
        self._slide("times", "1", str(MOST_TIMES), "1")

    @property
    def step(self) -> int:
        """By how much the price goes up: a round amount, about a hundredth of the target."""
        return round_up(self.creator.target_spend // 100)

    def _slide(self, name: str, least: str, most: str, step: str) -> None:
        """Have the field `name` be a slider."""
        attrs = {"type": "range", "min": least, "max": most, "step": step}
        self.fields[name].widget = forms.TextInput(attrs=attrs)

    def defaults(self) -> dict[str, str]:
        creator, step = self.creator, self.step
        return {
            "group": next(iter(self.groups)),
            "extra": written(max(creator.target_spend // 5 // step, 1) * step, creator.currency),
            "times": "1",
        }

    @cached_property
    def answer(self) -> WhatIf:
        typed = self.cleaned_data
        group = self.groups[typed["group"]]
        return what_if(self.creator, group, price=typed["extra"], times=typed["times"])

    @property
    def lesson(self) -> str:
        nobody = self.is_valid() and not self.answer.known
        return "dashboard/plan/more_lesson.html" if nobody else ""

    @property
    def shown(self) -> dict[str, str]:
        """What the sliders say."""
        if not self.is_valid():
            return {}
        price = whole_money(self.answer.price, self.creator.currency)
        return {"extra": price, "times": str(self.answer.times)}


def round_up(amount: int) -> int:
    """The first of 1, 2, 5, 10, 20, 50… that is at least `amount`."""
    power = 10 ** (len(str(amount)) - 1)
    return next(step * power for step in (1, 2, 5, 10) if step * power >= amount)


def plainly(number: Decimal) -> str:
    """As one types it, without noughts behind the point."""
    return f"{number.normalize():f}"
