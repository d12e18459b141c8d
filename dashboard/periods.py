"""The spans of time that lists and sums can be asked for, by the creator's own clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.functional import Promise, cached_property
from django.utils.timezone import localtime, override
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from dashboard.days import day_field
from fans.models import Creator
from fans.templatetags.dates import day
from fans.window import midnight

WINDOW, DATES = "window", "dates"
#: By the name of a period in an address, what it is called.
NAMED: dict[str, str | Promise] = {
    "month": _("This month"),
    "last-month": _("Last month"),
    "year": _("This year"),
    "last-year": _("Last year"),
}


@dataclass(frozen=True, slots=True)
class Period:
    """since <= t < until; None is open. `key` is its name in an address."""

    key: str
    since: datetime | None
    until: datetime | None

    @property
    def last(self) -> datetime | None:
        """The last moment of it, to be named by its day."""
        return self.until - timedelta(microseconds=1) if self.until else None

    def within(self, field: str = "occurred_at") -> Q:
        """The condition that a moment lies inside."""
        bounds = {f"{field}__gte": self.since, f"{field}__lt": self.until}
        return Q(**{name: value for name, value in bounds.items() if value})


def named(creator: Creator, key: str, *, now: datetime) -> Period:
    """The period that an address calls `key`; the window for a name that means nothing."""
    today = now.astimezone(creator.zone).date()
    if key not in NAMED:
        return Period(WINDOW, creator.window_start(now), now)
    if key.endswith("month"):
        first = today.replace(day=1)
        if key == "last-month":
            first = (first - timedelta(days=1)).replace(day=1)
        after = (first + timedelta(days=31)).replace(day=1)
    else:
        first = date(today.year - (key == "last-year"), 1, 1)
        after = date(first.year + 1, 1, 1)
    return Period(key, midnight(first, creator.zone), midnight(after, creator.zone))


def year_of(creator: Creator, year: int) -> Period:
    """A calendar year by the clock of `creator`."""
    first, after = date(year, 1, 1), date(year + 1, 1, 1)
    return Period(str(year), midnight(first, creator.zone), midnight(after, creator.zone))


@dataclass(frozen=True, slots=True)
class Link:
    """A choice in the address of a list."""

    label: str | Promise
    url: str
    is_on: bool = False


class PeriodForm(forms.Form):
    """What of a list is asked for in an address; a value that means nothing is not applied.

    `since` and `until` are days, both included; with one of them the named period says nothing.
    """

    since = day_field(_("From"), required=False, css="input")
    until = day_field(_("Until"), required=False, css="input")

    def __init__(self, data: QueryDict, *, creator: Creator, now: datetime) -> None:
        super().__init__(data)
        self.creator, self.now, self.asked = creator, now, data

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("That is before the first day."))
        return cleaned

    @cached_property
    def applied(self) -> Mapping[str, Any]:
        """What is asked for and understood, by the name of its field."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}

    @property
    def is_narrowed(self) -> bool:
        """Whether less than all of the period is asked for."""
        return bool(self.applied.keys() - {"since", "until"})

    @property
    def period(self) -> Period:
        since, until = self.applied.get("since"), self.applied.get("until")
        if not since and not until:
            return named(self.creator, self.asked.get("period", ""), now=self.now)
        zone = self.creator.zone
        return Period(
            DATES,
            midnight(since, zone) if since else None,
            midnight(until + timedelta(days=1), zone) if until else None,
        )

    @property
    def span(self) -> str:
        """The period in words: “from 1 March 2026 to 5 March 2026”."""
        with override(self.creator.zone):
            since, last = (
                day(localtime(moment)) if moment else ""
                for moment in (self.period.since, self.period.last)
            )
        days = {"since": since, "last": last}
        if since and last:
            return _("from %(since)s to %(last)s") % days
        return (_("since %(since)s") if since else _("until %(last)s")) % days

    @property
    def periods(self) -> list[Link]:
        """The named periods as links, of which one may be on."""
        months = self.creator.window_months
        window = ngettext("%(months)d month", "%(months)d months", months) % {"months": months}
        here = self.period.key
        keep = {"since": None, "until": None}
        return [Link(window, self.address(period=None, **keep), here == WINDOW)] + [
            Link(label, self.address(period=key, **keep), here == key)
            for key, label in NAMED.items()
        ]

    @property
    def chips(self) -> list[Link]:
        """What is applied, in words; each link takes it away."""
        return [
            Link(f"{self.fields[name].label}: {self.in_words(name)}", self.address(**{name: None}))
            for name in self.applied
        ]

    @property
    def rows(self) -> list[forms.BoundField]:
        """The fields in the order in which they are asked for: the days come last."""
        return sorted(self, key=lambda field: field.name in ("since", "until"))

    @property
    def bare(self) -> str:
        """The address of everything in the same named period."""
        return self.address(**dict.fromkeys(self.fields))

    def in_words(self, name: str) -> str:
        """What is applied of the field `name`."""
        value, field = self.applied[name], self.fields[name]
        if isinstance(field, forms.ChoiceField):
            return str(dict(field.choices)[value])  # type: ignore[arg-type]
        return day(value) if isinstance(value, date) else str(value)

    def address(self, **changes: str | None) -> str:
        """The query of this list with `changes`, from its first page on, without what is empty."""
        asked = self.asked.dict() | {"after": None} | changes
        return f"?{urlencode({name: value for name, value in asked.items() if value})}"
