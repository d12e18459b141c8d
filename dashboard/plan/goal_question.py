"""How many, how much each? Whichever of people, spend and goal is to be worked out."""

from typing import Any, NamedTuple, cast

from django import forms
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from dashboard.measure import written
from dashboard.plan.fields import REQUIRED, Amount, Count
from dashboard.plan.goal import Goal, people_for, spend_for
from dashboard.plan.question import Question


class Preset(NamedTuple):
    """A plan that somebody spoke of: so many people and whole dollars a year."""

    people: int
    spend: int
    who: str
    when: int


PRESETS = (
    Preset(1_000, 100, "Kevin Kelly", 2008),
    Preset(100, 1_000, "Li Jin", 2020),
    Preset(5_000, 20, "Brian Austin Whitney", 2004),
)
TERMS = ("people", "spend", "goal")


class GoalQuestion(Question):
    key = "goal"
    name = _("Goal")
    title = _("How many, how much each?")
    beside = "dashboard/plan/goal_presets.html"

    solve = forms.ChoiceField(
        label=_("Work out"),
        choices=[("goal", _("the goal")), ("people", _("how many")), ("spend", _("how much"))],
        widget=forms.RadioSelect,
    )
    people = Count(required=False)
    spend = Amount(label=_("Each spends"), required=False)
    goal = Amount(label=_("The goal"), required=False)
    currency = forms.ChoiceField(label=_("Currency"))
    months = Count(label=_("Within months"), most=120, help_text=_("12 are a year."))
    team = Count(label=_("How many of you"), most=1000, help_text=_("A duet is 2."))

    def __init__(self, typed: QueryDict, **about: Any) -> None:
        super().__init__(typed, **about)
        self.fields["people"].label = capfirst(self.creator.fans_word)

    def defaults(self) -> dict[str, str]:
        creator = self.creator
        return {
            "solve": "goal",
            "people": str(creator.target_count),
            "spend": written(creator.target_spend, creator.currency),
            "goal": written(creator.goal, creator.currency),
            "currency": creator.currency,
            "months": str(creator.window_months),
            "team": str(creator.team_size),
        }

    def clean(self) -> dict[str, Any]:
        """What is worked out may say anything, or nothing; the other two are needed."""
        cleaned = super().clean()
        solved = cleaned.get("solve", "goal")
        self.errors.pop(solved, None)
        for name in TERMS:
            if name != solved and name not in self.errors and cleaned.get(name) is None:
                self.add_error(name, REQUIRED)
        if not self.errors:
            self.filled[solved] = self._in_writing(solved)
        return cleaned

    @cached_property
    def answer(self) -> Goal:
        typed = self.cleaned_data
        people, spend, goal = (cast(int, typed.get(term)) for term in TERMS)
        match typed["solve"]:
            case "people":
                people = people_for(goal, spend)
            case "spend":
                spend = spend_for(goal, people)
        return Goal(people, spend, typed["months"], typed["team"])

    def _in_writing(self, name: str) -> str:
        """One of the terms of the answer, as it is typed."""
        if name == "people":
            return str(self.answer.people)
        return written(self.answer.spend if name == "spend" else self.answer.money, self.unit)

    @property
    def solved(self) -> forms.BoundField:
        """The field that is worked out."""
        return self[self.cleaned_data["solve"]]

    @property
    def wanted(self) -> int:
        """The goal that was typed, or what people and spend come to."""
        is_typed = self.cleaned_data["solve"] != "goal"
        wanted: int = self.cleaned_data["goal"] if is_typed else self.answer.money
        return wanted

    @property
    def beyond(self) -> int:
        """What the answer is more than what was wanted, as people and pennies are whole."""
        return self.answer.money - self.wanted

    def same_with_others(self) -> list[tuple[int, int]]:
        """(spend, how many people) that come to the same goal."""
        spend = self.answer.spend
        others = filter(None, (spend // 2, spend * 2, spend * 10))
        return [(other, people_for(self.wanted, other)) for other in others]

    def is_target(self) -> bool:
        """Whether the answer is what the creator's settings say."""
        goal, creator = self.answer, self.creator
        return (self.unit, goal.all_people, goal.spend, goal.months) == (
            creator.currency,
            creator.target_count,
            creator.target_spend,
            creator.window_months,
        )

    def presets(self) -> list[tuple[Preset, str]]:
        """Each with its address."""
        said = {"solve": "goal", "currency": "USD", "months": "12", "team": "1"}
        return [
            (
                preset,
                self.address(self.key, people=str(preset.people), spend=str(preset.spend), **said),
            )
            for preset in PRESETS
        ]


def planned(question: Question) -> Goal | None:
    """What was typed for the goal, in the currency of `question`; None if that cannot be told."""
    asked = GoalQuestion(question.typed, creator=question.creator, now=question.now)
    if not asked.is_valid():
        return None
    is_typed = not {"spend", "goal"}.isdisjoint(question.typed)
    return asked.answer if is_typed or asked.unit == question.creator.currency else None


def target_of(question: Question) -> Goal:
    """The goal that was typed, or else the creator's own."""
    creator = question.creator
    own = Goal(creator.target_count, creator.target_spend, creator.window_months)
    return planned(question) or own
