"""One timeline of a person: what they bought, what was said, what was reached; newest first.

Entries come from several tables and are merged by time. A page begins behind the last entry of the
one before, so that it is as quick at any depth: each table is asked for one page at most.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.figures import listed
from fans.models import Creator, Fan
from fans.window import months_before
from revenue.crossings import crossings
from revenue.models import Membership, Purchase, Recount, Return, Source
from revenue.traces import Traces
from revenue.values import MembershipState

SIZE = 40

#: Of what happened at one moment, the later in this list stands above the others.
KINDS = ("purchase", "return", "joined", "decided", "ended", "milestone", "touch", "note")


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened at a moment: a `row` of a table, or `words`. `key` tells apart what
    is of the same kind."""

    at: datetime
    kind: str
    key: int
    row: Any = None
    words: str = ""

    @property
    def place(self) -> tuple[datetime, int, int]:
        return self.at, KINDS.index(self.kind), self.key


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of entries; `after` is the address of the next one, "" on the last."""

    entries: list[Entry]
    after: str
    is_first: bool


def timeline(
    fan: Fan, traces: Traces, memberships: Iterable[Membership], after: str, *, now: datetime
) -> Timeline:
    """The page of what happened with `fan`, who has left `traces`, behind the entry that `after`
    names; two to five queries."""
    place = _read(after)
    creator = fan.creator
    found = [
        *_rows(listed(creator.purchases.filter(fan=fan)), "purchase", place),
        *_behind([*_of_memberships(memberships, now), *_milestones(fan, now)], place),
    ]
    if traces.returns:
        found += _rows(_returns(creator, fan), "return", place)
    if traces.touches:
        found += _rows(creator.touch_set.filter(fan=fan).select_related("by"), "touch", place)
    if traces.notes:
        found += _rows(creator.note_set.filter(fan=fan).select_related("by"), "note", place)
    found.sort(key=attrgetter("place"), reverse=True)
    entries = found[:SIZE]
    return Timeline(
        entries=entries,
        after=_address(entries[-1]) if len(found) > SIZE else "",
        is_first=place is None,
    )


Place = tuple[datetime, int, int]


def _address(entry: Entry) -> str:
    return f"{entry.at.isoformat()}_{entry.kind}_{entry.key}"


def _read(after: str) -> Place | None:
    """The place that an address names; None for what means nothing, which is the beginning."""
    try:
        at, kind, key = after.split("_")
        moment = datetime.fromisoformat(at)
        return (moment, KINDS.index(kind), int(key)) if moment.tzinfo else None
    except ValueError:
        return None


def _behind(entries: Iterable[Entry], place: Place | None) -> list[Entry]:
    return [entry for entry in entries if place is None or entry.place < place]


def _rows(rows: QuerySet, kind: str, place: Place | None) -> list[Entry]:
    """The first page of `rows` behind `place`."""
    field = "created_at" if kind == "note" else "occurred_at"
    if place:
        rows = rows.filter(_earlier(field, kind, place))
    rows = rows.order_by(f"-{field}", "-pk")[: SIZE + 1]
    return [Entry(getattr(row, field), kind, row.pk, row) for row in rows]


def _earlier(field: str, kind: str, place: Place) -> Q:
    at, rank, key = place
    own = KINDS.index(kind)
    if own == rank:
        same = Q(**{field: at, "pk__lt": key})
        # The first condition lets an index find the place.
        return Q(**{f"{field}__lte": at}) & (Q(**{f"{field}__lt": at}) | same)
    return Q(**{f"{field}__lte" if own < rank else f"{field}__lt": at})


def _returns(creator: Creator, fan: Fan) -> QuerySet[Return]:
    """What was given back of what `fan` paid."""
    paid = Purchase.objects.filter(
        creator=creator,
        fan=fan,
        source=OuterRef("source"),
        external_id=OuterRef("payment_id"),
    )
    return Return.objects.filter(Exists(paid), source__in=Source.objects.filter(creator=creator))


def _of_memberships(memberships: Iterable[Membership], now: datetime) -> Iterable[Entry]:
    for membership in memberships:
        if membership.state == MembershipState.INCOMPLETE:
            continue
        yield Entry(membership.since, "joined", membership.pk, membership)
        if membership.cancelled_at and membership.reason == Membership.Reason.OWN_CHOICE:
            yield Entry(membership.cancelled_at, "decided", membership.pk, membership)
        if (
            membership.state == MembershipState.ENDED
            and membership.ends_at
            and membership.ends_at <= now
        ):
            yield Entry(membership.ends_at, "ended", membership.pk, membership)


def _milestones(fan: Fan, now: datetime) -> Iterable[Entry]:
    """What was reached; amounts in two currencies tell nothing of tiers."""
    reached: list[tuple[datetime, str]] = []
    if fan.first_purchase_at:
        reached.append((fan.first_purchase_at, _("Bought something for the first time")))
        reached += _anniversaries(fan, fan.first_purchase_at, now)
    if fan.crossed_at:
        reached.append((fan.crossed_at, _became_true(fan)))
    if not Recount.under_way_of(fan.creator):
        told = _("Reached “%(tier)s” for the first time")
        reached += [(at, told % {"tier": tier}) for tier, at in crossings(fan=fan, now=now)]
    for key, (at, words) in enumerate(reached):
        yield Entry(at, "milestone", key, words=words)


def _became_true(fan: Fan) -> str:
    if fan.seat is None:
        return _("Became a true %(fan)s") % {"fan": fan.creator.fan_word}
    return _("Became a true %(fan)s: No. %(seat)d") % {
        "fan": fan.creator.fan_word,
        "seat": fan.seat,
    }


def _anniversaries(fan: Fan, first: datetime, now: datetime) -> list[tuple[datetime, str]]:
    local = first.astimezone(fan.creator.zone)
    found = []
    for years in range(1, now.astimezone(fan.creator.zone).year - local.year + 1):
        day = months_before(local.date(), -12 * years)
        at = datetime.combine(day, local.timetz())
        if at <= now:
            words = ngettext("One year with you", "%(count)d years with you", years)
            found.append((at, words % {"count": years}))
    return found
