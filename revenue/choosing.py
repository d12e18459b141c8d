"""Whom to write to today: three people of the circle, and why each of them.

One is somebody to whom something happened, one is owed thanks, one has waited longest by their
rhythm; where one of these is missing, the others take the place. Who heard from the creator within
the last days is left in peace.

The three are chosen by the clock: a worker does it soon after the creator's midnight, and whoever
opens the page first where it has not. Choosing twice changes nothing. So a GET may do it: it brings
about no more than the hour does without it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.db import models, transaction
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, ExtractDay, ExtractMonth
from django.utils.translation import gettext_lazy as _

from fans.attention import WHOLE, kept_on, today_of, with_rhythm
from fans.circle import A_DAY, circle_of, number_of, without_turn
from fans.models import Creator, Turn
from fans.models.fans import FanQuerySet
from fans.turns import bring_back, lock_turns
from fans.window import midnight
from revenue.models import Purchase, Recount, Source
from revenue.thanks import with_owed

#: So long after the creator's last word nobody's turn comes, whatever happens.
QUIET = timedelta(days=7)
#: What happened within this time has happened lately.
LATELY = timedelta(days=14)
#: The first anniversary cannot come sooner.
HALF_A_YEAR = timedelta(days=183)


class Reason(models.TextChoices):
    """Why somebody's turn comes."""

    LEAVING = "leaving", _("decided to leave")
    BIRTHDAY = "birthday", _("birthday")
    TRUE = "true", _("became true")
    TIER = "tier", _("reached a tier")
    SLIPPING = "slipping", _("slipping away")
    ANNIVERSARY = "anniversary", _("anniversary")
    THANKS = "thanks", _("thanks owed")
    RHYTHM = "rhythm", _("it is time")


Chosen = tuple[int, Reason]


def open_day(*, creator: Creator, now: datetime) -> None:
    """Have three people on the creator's day, if nobody is on it yet and the books can tell whom.

    Who was not served yesterday, and who was put off until today, come before anybody new.
    """
    day = today_of(creator, now)
    with transaction.atomic():
        lock_turns(creator)
        turns = creator.turn_set.filter(day=day)
        if turns.exists() or not is_told(creator):
            return
        bring_back(creator=creator, day=day, circle=number_of(creator))
        _give(creator, A_DAY - turns.count(), now=now)


def one_more(*, creator: Creator, now: datetime) -> Turn | None:
    """One more turn today: of somebody who waits, or else of whoever waited most of their rhythm.

    None: everybody of the circle has been on this day.
    """
    with transaction.atomic():
        lock_turns(creator)
        given = _give(creator, 1, now=now) or _give(creator, 1, now=now, is_asked_for=True)
    return given[0] if given else None


def is_told(creator: Creator) -> bool:
    """Whether the books say who the people are: all history is read, and counted in one
    currency."""
    unread = Source.objects.filter(creator=creator, synced_at=None)
    if unread.exclude(state=Source.State.DISCONNECTED).exists():
        return False
    return not Recount.objects.under_way().filter(creator=creator).exists()


def _give(creator: Creator, count: int, *, now: datetime, is_asked_for: bool = False) -> list[Turn]:
    """So many new turns today, as far as there is anybody. The caller holds the lock."""
    if count < 1:
        return []
    day, number = today_of(creator, now), _circle(creator)
    people = without_turn(circle_of(creator), creator=creator, number=number)
    people = people.exclude(pk__in=creator.turn_set.filter(day=day).values("fan"))
    people = with_rhythm(people, creator=creator, today=day)
    found = chosen(people, count, creator=creator, now=now, is_asked_for=is_asked_for)
    return Turn.objects.bulk_create(
        Turn(creator=creator, fan_id=fan, circle=number, day=day, reason=reason)
        for fan, reason in found
    )


def _circle(creator: Creator) -> int:
    """Which circle turns are given in: the next one as soon as everybody had theirs in this."""
    number = number_of(creator)
    is_over = not (
        creator.turn_set.open().exists()
        or without_turn(circle_of(creator), creator=creator, number=number).exists()
    )
    return number + 1 if is_over and creator.turn_set.exists() else number


def chosen(
    people: FanQuerySet,
    count: int,
    *,
    creator: Creator,
    now: datetime,
    is_asked_for: bool = False,
) -> list[Chosen]:
    """(id, why) of up to `count` of `people`, who have their rhythm (`with_rhythm`).

    If `is_asked_for`, who waited most of their rhythm, whether it is time or not. No more than nine
    queries.
    """
    longest = people.order_by(F("share").desc(nulls_last=True), "-spend", "pk")
    if is_asked_for:
        return list(_of(longest, Reason.RHYTHM, count))
    rested = Q(word_at=None) | Q(word_at__lte=now - QUIET)
    # As many of each as are needed when all the others begin with the same people.
    most = 2 * count
    owed = with_owed(people.filter(rested), creator=creator).filter(Q(owed__gt=0))
    return take_turns(
        [
            islice(_to_whom_something_happened(people.filter(rested), creator, now, most), most),
            _of(owed.order_by(F("owed").desc(), "pk"), Reason.THANKS, most),
            _of(longest.filter(rested, Q(share__gte=WHOLE)), Reason.RHYTHM, most),
        ],
        count,
    )


def take_turns(lists: Iterable[Iterable[Chosen]], count: int) -> list[Chosen]:
    """Up to `count` people, one after the other from each of `lists`, nobody twice."""
    picked: dict[int, Reason] = {}
    queues = [iter(people) for people in lists]
    while queues and len(picked) < count:
        queue = queues.pop(0)
        fresh = next((found for found in queue if found[0] not in picked), None)
        if fresh:
            picked.update([fresh])
            queues.append(queue)
    return list(picked.items())


def _of(people: FanQuerySet, reason: Reason, count: int) -> Iterator[Chosen]:
    return ((pk, reason) for pk in people.values_list("pk", flat=True)[:count])


def _to_whom_something_happened(
    people: FanQuerySet, creator: Creator, now: datetime, count: int
) -> Iterator[Chosen]:
    """Those of `people` with an event, the more pressing events first; who spent most of each."""
    people = people.order_by("-spend", "pk")
    for reason, those in _events(people, creator, now):
        yield from _of(those, reason, count)


def _events(
    people: FanQuerySet, creator: Creator, now: datetime
) -> Iterator[tuple[Reason, FanQuerySet]]:
    day, lately = today_of(creator, now), now - LATELY
    kept_today = Q(pk__in=[])
    for month, number in kept_on(day):
        kept_today |= Q(month=month, number=number)

    leaving = creator.memberships.leaving(now).order_by().values("fan")
    yield Reason.LEAVING, people.filter(pk__in=leaving)

    born = people.alias(month=F("known__birth_month"), number=F("known__birth_day"))
    yield Reason.BIRTHDAY, born.filter(kept_today)

    crossed = people.filter(is_true_fan=True, crossed_at__gte=lately)
    yield Reason.TRUE, crossed.filter(Q(word_at=None) | Q(word_at__lt=F("crossed_at")))

    bought = people.filter(tier__isnull=False, last_purchase_at__gte=lately)
    bought = bought.filter(Q(word_at=None) | Q(word_at__lt=F("last_purchase_at")))
    before = bought.alias(before=_spend_at(lately, creator))
    yield Reason.TIER, before.filter(before__lt=F("tier__threshold"))

    yield Reason.SLIPPING, people.slipping(now)

    first = people.filter(first_purchase_at__lt=midnight(day, creator.zone) - HALF_A_YEAR).alias(
        month=ExtractMonth("first_purchase_at", tzinfo=creator.zone),
        number=ExtractDay("first_purchase_at", tzinfo=creator.zone),
    )
    yield Reason.ANNIVERSARY, first.filter(kept_today)


def _spend_at(then: datetime, creator: Creator) -> Coalesce:
    """The spend of a fan in the window before `then`."""
    counted = f"counted_{creator.counts}"
    purchases = Purchase.objects.filter(
        creator=creator,
        fan=OuterRef("pk"),
        occurred_at__gte=creator.window_start(then),
        occurred_at__lt=then,
    )
    return Coalesce(Subquery(purchases.order_by().values("fan").values(sum=Sum(counted))), 0)
