"""What every question of the plan is: a form that is always filled in, and its answer.

Everything typed is in the address, of all questions together, so that any state of the plan can be
kept and sent. What is missing there has its default, which follows from the creator's own target.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise, cached_property

from dashboard.forms import currencies, with_own
from dashboard.plan.fields import count_in
from fans.models import Creator
from truefans.text import clean

#: The fields of the rows that one may add: what is empty there need not be in the address.
OF_ROW = re.compile(r"o(\d{1,2})-\w+")


class Problem(NamedTuple):
    """What is wrong with one field, for the list that leads to it."""

    field_id: str
    label: str
    message: str


def problems_of(form: forms.Form, where: str = "") -> list[Problem]:
    """What is wrong with the fields of `form`, which stands at `where`."""
    return [
        Problem(field.id_for_label, f"{where}{field.label}", str(message))
        for field in form
        for message in field.errors
    ]


class Question(forms.Form):
    """One question about the plan of `creator`, as `typed` in the address.

    Amounts are in minor units of `unit`, once they are cleaned.
    """

    key: ClassVar[str]
    name: ClassVar[str | Promise]
    title: ClassVar[str | Promise]
    #: The template of what stands below the answer and does not depend on it.
    beside: ClassVar[str] = ""
    #: Whether it has sliders: it is asked as often as it can be answered then, and does not wait
    #: for a rest, as it does where one types.
    is_dragged: ClassVar[bool] = False

    use_required_attribute = False

    def __init__(self, typed: QueryDict, *, creator: Creator, now: datetime) -> None:
        self.typed, self.creator, self.now = typed, creator, now
        self.today = now.astimezone(creator.zone).date()
        defaults = self.defaults()
        self.filled = {name: clean(typed.get(name, defaults[name])) for name in self.base_fields}
        super().__init__(self.filled)
        if "currency" in self.fields:
            self.fields["currency"] = forms.ChoiceField(
                label=self.fields["currency"].label,
                choices=partial(with_own, currencies, creator.currency),
            )

    def defaults(self) -> dict[str, str]:
        """What stands in each field until something else is typed."""
        raise NotImplementedError

    @cached_property
    def answer(self) -> Any:
        """What follows from all that was typed, once that is found to be right."""
        raise NotImplementedError

    @property
    def unit(self) -> str:
        """The currency that was chosen, or the creator's."""
        currency: str = self.cleaned_data.get("currency", self.creator.currency)
        return currency

    def clean(self) -> dict[str, Any]:
        count_in(self.unit, self)
        return self.cleaned_data

    @property
    def form_template(self) -> str:
        return f"dashboard/plan/{self.key}.html"

    @property
    def answer_template(self) -> str:
        return f"dashboard/plan/{self.key}_answer.html"

    @property
    def lesson(self) -> str:
        """The template that stands here while the books have no answer; "" when they have."""
        return ""

    @property
    def problems(self) -> list[Problem]:
        return problems_of(self)

    def owns(self, name: str) -> bool:
        """Whether `name` in the address is a field of this question."""
        return name in self.fields

    def kept(self) -> Iterator[tuple[str, str]]:
        """What was typed for the other questions, and stays in the address."""
        for name, values in self.typed.lists():
            if name != "ask" and not self.owns(name):
                yield from ((name, value) for value in values)

    def address(self, ask: str, **changed: str) -> str:
        """The query of the question `ask`: everything typed as it stands now, or is `changed`."""
        query = self.typed.copy()
        stands = {name: self.filled[name] for name in self.fields if name in query}
        for name, value in {"ask": ask, **stands, **changed}.items():
            query[name] = value
        for name in [name for name in query if OF_ROW.fullmatch(name) and not query[name]]:
            del query[name]
        return f"?{query.urlencode()}"
