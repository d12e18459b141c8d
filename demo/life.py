"""What the demo's creators did beside selling: words with some of their people, what they noted of
them, tags, perks. It is made of what the import found, so that it fits whatever the story tells.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from demo.cast import FAN
from demo.manners import MANNERS, Manner
from fans.attention import today_of
from fans.models import Creator, Fan, Note, Perk, Touch
from fans.perks import deliver
from fans.tags import put_tag
from fans.touches import record_touch
from revenue.attribution import know
from revenue.models import Purchase
from revenue.values import PurchaseKind

#: They know those who gave most; of every so many of them …
KNOWN = 160
ONE_IN_NOTED, ONE_IN_TAGGED, ONE_IN_MET = 5, 3, 4
#: Of each, so many of the last purchases are remembered when they write.
REMEMBERED = 3
JUST_CAME = timedelta(days=14)
#: Somebody has a birthday today, tomorrow and in some days.
BIRTHDAYS = (0, 1, 4)


@dataclass(frozen=True, slots=True)
class Bought:
    what: str
    at: datetime


@transaction.atomic
def live(*, creator: Creator, now: datetime) -> bool:
    """Give `creator`, whose payments are read, a past with their people; whether they had none."""
    creator = Creator.objects.select_for_update(no_key=True).get(pk=creator.pk)
    manner = MANNERS.get(creator.handle)
    if manner is None or creator.touch_set.exists():
        return False
    chance = random.Random(creator.handle)  # noqa: S311 - a story, the same every time
    known = list(creator.fans.filter(purchases__gt=0).order_by("-spend", "pk")[:KNOWN])
    bought = _bought_by(creator, known, now)
    for place, fan in enumerate(known):
        fan.creator = creator
        _be_in_touch(fan, bought[fan.pk], manner, chance, now)
        _notice(fan, place, manner, chance, now)
    _celebrate(known, manner, now)
    _give(creator, manner, now)
    return True


def _bought_by(creator: Creator, people: Sequence[Fan], now: datetime) -> dict[int, list[Bought]]:
    """What each of `people` bought last, the newest first, but for what just came."""
    paid = creator.purchases.filter(fan__in=people, occurred_at__lt=now - JUST_CAME)
    found: dict[int, list[Bought]] = defaultdict(list)
    rows = paid.exclude(state__in=Purchase.NOTHING_PAID).order_by("-occurred_at", "-pk")
    for fan_id, what, kind, at in rows.values_list("fan", "description", "kind", "occurred_at"):
        if len(found[fan_id]) < REMEMBERED:
            # What a member pays says nothing of what it is for.
            found[fan_id].append(Bought("" if kind == PurchaseKind.MEMBERSHIP else what, at))
    return found


def _be_in_touch(
    fan: Fan, bought: Sequence[Bought], manner: Manner, chance: random.Random, now: datetime
) -> None:
    """A word some days after some of what they bought; sometimes they answered."""
    for purchase in bought:
        at = purchase.at + timedelta(days=chance.randint(1, 12), minutes=chance.randint(-300, 300))
        kind = chance.choice(manner.ways)
        # With the one fan whom everybody looks at they have been in touch in any case.
        is_silent = chance.random() < manner.silence and fan.email != FAN
        if at >= now or is_silent:
            continue
        text = chance.choice(manner.words[kind]).format(what=purchase.what or manner.something)
        record_touch(fan=fan, kind=kind, occurred_at=at, text=text, by=fan.creator.owner)
        answered_at = at + timedelta(days=2, minutes=chance.randint(0, 900))
        if chance.random() < manner.answers and answered_at < now:
            answer = chance.choice(manner.words[Touch.Kind.THEY_WROTE])
            record_touch(fan=fan, kind=Touch.Kind.THEY_WROTE, occurred_at=answered_at, text=answer)


def _notice(fan: Fan, place: int, manner: Manner, chance: random.Random, now: datetime) -> None:
    if place % ONE_IN_MET == 1:
        facts = {
            "how_we_met": chance.choice(manner.how_we_met),
            "cares_about": chance.choice(manner.cares_about),
        }
        know(fan=fan, facts=facts, now=now)
    if place % ONE_IN_NOTED == 2:
        text = chance.choice(manner.notes)
        Note.objects.create(creator=fan.creator, fan=fan, text=text, by=fan.creator.owner)
    if place % ONE_IN_TAGGED == 0:
        put_tag(fan, chance.choice(manner.tags))


def _celebrate(people: Sequence[Fan], manner: Manner, now: datetime) -> None:
    """Birthdays of the next days, and two who live together."""
    for fan, days in zip(people[4::7], BIRTHDAYS, strict=False):
        day: date = today_of(fan.creator, now) + timedelta(days=days)
        know(fan=fan, facts={"birth_month": day.month, "birth_day": day.day}, now=now)
    for fan in people[10:12]:
        know(fan=fan, facts={"household": manner.household}, now=now)


def _give(creator: Creator, manner: Manner, now: datetime) -> None:
    """Perks for the tiers, each of which half of those who should have it were given."""
    tiers = list(creator.tiers.order_by("threshold"))
    for tier, (name, about, every) in zip(tiers, manner.perks, strict=False):
        tier.creator = creator
        perk = Perk.objects.create(tier=tier, name=name, about=about, every=every)
        reached = creator.fans.at_or_above(tier).order_by("-spend", "pk")
        owed = list(reached.values_list("pk", flat=True))
        deliver(
            perk=perk,
            period=perk.period(now),
            fan_ids=owed[: len(owed) // 2],
            by=creator.owner,
            now=now - timedelta(days=3),
        )
