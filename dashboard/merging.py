"""Two records side by side, and the one person that would come of them."""

from collections import Counter
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Model
from django.utils.translation import gettext as _

from dashboard.person import birthday_of
from dashboard.person_forms import KnowForm
from fans.acquaintance import known_of, learn
from fans.models import (
    Acquaintance,
    Creator,
    Delivery,
    Fan,
    Letter,
    Note,
    Proposal,
    Tier,
    Touch,
)
from fans.models.merges import ProposalQuerySet
from fans.templatetags.dates import day
from revenue.merging import who_stays
from revenue.models import Membership

#: So many proposals stand on a person's own page.
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Both:
    """Something of `fan`, who stays, and of `gone`, and of the one they would be."""

    fan: Any
    gone: Any
    one: Any

    @property
    def is_something(self) -> bool:
        return bool(self.fan or self.gone)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the comparison."""

    label: str
    values: Both


@dataclass(frozen=True, slots=True)
class Preview:
    """What a merge would bring about. `proposal` is why, if anybody proposed it."""

    fan: Fan
    gone: Fan
    proposal: Proposal | None
    identities: Both
    tier: Tier | None
    sums: list[Line]
    counts: list[Line]
    tags: Both
    known: list[Line]

    @property
    def people(self) -> tuple[Fan, Fan]:
        return self.fan, self.gone

    @property
    def spend(self) -> int:
        return self.fan.spend + self.gone.spend

    @property
    def is_true(self) -> bool:
        return self.spend >= self.fan.creator.target_spend


def preview(one: Fan, other: Fan) -> Preview:
    """The two, who are of the same creator, and what becomes of them; a fixed number of queries.

    Every sum of the one is that of the two: no payment is in both.
    """
    fan, gone = who_stays(one, other)
    creator = fan.creator
    spend = fan.spend + gone.spend
    names = {
        person.pk: list(
            person.tagging_set.values_list("tag__name", flat=True).order_by("tag__name")
        )
        for person in (fan, gone)
    }
    identities = {
        person.pk: list(person.identities.order_by("kind", "value")) for person in (fan, gone)
    }
    return Preview(
        fan=fan,
        gone=gone,
        proposal=_pair(creator, fan, gone).first(),
        identities=_both(fan, gone, identities),
        tier=creator.tiers.filter(threshold__lte=spend).order_by("-threshold").first(),
        sums=[
            Line(label, Both(*values, sum(values)))
            for label, column in (
                (_("Ever, gross"), "lifetime_gross"),
                (_("Ever, net"), "lifetime_net"),
            )
            for values in [(getattr(fan, column), getattr(gone, column))]
        ],
        counts=_counts(fan, gone),
        tags=Both(names[fan.pk], names[gone.pk], sorted({*names[fan.pk], *names[gone.pk]})),
        known=_known(fan, gone),
    )


def _both(fan: Fan, gone: Fan, lists: dict[int, list[Any]]) -> Both:
    return Both(lists[fan.pk], lists[gone.pk], lists[fan.pk] + lists[gone.pk])


def _counts(fan: Fan, gone: Fan) -> list[Line]:
    kinds: Iterable[tuple[str, type[Model]]] = (
        (_("Memberships"), Membership),
        (_("Touches"), Touch),
        (_("Notes"), Note),
        (_("Mails on their way"), Letter),
        (_("Perks delivered"), Delivery),
    )
    found = [
        Line(
            _("Purchases"),
            Both(fan.purchases, gone.purchases, fan.purchases + gone.purchases),
        )
    ]
    for label, table in kinds:
        rows = table._default_manager.filter(fan__in=[fan, gone]).order_by()
        numbers = Counter(dict(rows.values_list("fan").annotate(count=Count("pk"))))
        both = Both(numbers[fan.pk], numbers[gone.pk], numbers.total())
        if table is Delivery:
            given = rows.values("perk", "period").distinct().count()
            both = Both(both.fan, both.gone, given)
        found.append(Line(label, both))
    return [line for line in found if line.values.is_something]


def _known(fan: Fan, gone: Fan) -> list[Line]:
    """What one knows of each, and what of it will stand there of the one."""
    mine, theirs = known_of(fan), known_of(gone)
    one = copy(mine)
    learn(one, theirs)
    labels = KnowForm.Meta.labels | {"rhythm_days": _("Rhythm, in days")}
    columns = ("called", "cares_about", "how_we_met", "household", "links", "rhythm_days")
    lines = [
        Line(
            str(labels[name]), Both(*(getattr(known, name) or "" for known in (mine, theirs, one)))
        )
        for name in columns
    ]
    lines.append(Line(_("Birthday"), Both(*map(_birthday, (mine, theirs, one)))))
    return [line for line in lines if line.values.is_something]


def _birthday(known: Acquaintance) -> str:
    shown = day(birthday_of(known), "yearless")
    return f"{shown} {known.birth_year}" if known.birth_year else shown


def _pair(creator: Creator, one: Fan, other: Fan) -> ProposalQuerySet:
    first, second = sorted((one.pk, other.pk))
    return Proposal.objects.filter(creator=creator, first=first, second=second)


def reasons_for(creator: Creator, one: Fan, other: Fan) -> list[int]:
    """Why it was proposed that these are one; nothing where the creator found it themselves."""
    found = _pair(creator, one, other).values_list("reasons", flat=True).first()
    return found or []


def others_of(fan: Fan) -> list[tuple[Proposal, Fan]]:
    """Who else this may be, as far as it is proposed and open, with why; one query."""
    proposals = fan.creator.proposals.about(fan.pk).open().select_related("first", "second")
    found = proposals.order_by("best", "pk")[:SHOWN]
    return [(row, row.second if row.first_id == fan.pk else row.first) for row in found]
