"""Tiers and their perks: who is in which, who is owed what now, and what they were given."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Q

from fans.models import Creator, Delivery, Perk, Tier, User


@dataclass(frozen=True, slots=True)
class PerkNow:
    """How many are owed `perk` in the `period` of now, and how many were given it for that."""

    perk: Perk
    period: date
    due: int
    delivered: int


@dataclass(frozen=True, slots=True)
class TierNow:
    """A tier, how many people are in it and in no higher one, and what it gives."""

    tier: Tier
    people: int
    perks: Collection[PerkNow]


def tiers_now(creator: Creator, *, now: datetime) -> list[TierNow]:
    """All tiers as they are at `now`, the highest first; four queries."""
    tiers = list(creator.tiers.order_by("-threshold"))
    reached = _reached(creator, tiers)
    perks = _perks_now(creator, tiers, reached, now)
    above = [0, *(reached[tier.pk] for tier in tiers)]
    return [
        TierNow(
            tier=tier,
            people=reached[tier.pk] - higher,
            perks=[one for one in perks if one.perk.tier_id == tier.pk],
        )
        for tier, higher in zip(tiers, above, strict=False)
    ]


def perk_now(perk: Perk, *, now: datetime) -> PerkNow:
    """One perk as it is at `now`; two queries."""
    creator = perk.tier.creator
    [one] = _stand([perk], _reached(creator, [perk.tier]), now)
    return one


def _reached(creator: Creator, tiers: Collection[Tier]) -> dict[int, int]:
    """How many people are at or above each of `tiers`, by its id."""
    if not tiers:
        return {}
    fans = creator.fans.filter(spend__gte=min(tier.threshold for tier in tiers))
    counts = {f"t{t.pk}": Count("pk", filter=Q(spend__gte=t.threshold)) for t in tiers}
    return {int(name[1:]): count for name, count in fans.aggregate(**counts).items()}


def _perks_now(
    creator: Creator, tiers: Collection[Tier], reached: dict[int, int], now: datetime
) -> list[PerkNow]:
    own = {tier.pk: tier for tier in tiers}
    perks = list(Perk.objects.filter(tier__in=own))
    for perk in perks:
        perk.tier = own[perk.tier_id]
        perk.tier.creator = creator
    return _stand(perks, reached, now)


def _stand(perks: Collection[Perk], reached: dict[int, int], now: datetime) -> list[PerkNow]:
    """How `perks` stand at `now`; who was given one and fell below its tier is owed nothing."""
    periods = {perk.pk: perk.period(now) for perk in perks}
    this_time = Q()
    for pk, period in periods.items():
        this_time |= Q(perk=pk, period=period)
    given = Delivery.objects.filter(this_time) if perks else Delivery.objects.none()
    counts = given.values("perk").annotate(
        delivered=Count("pk"),
        still_there=Count("pk", filter=Q(fan__spend__gte=F("perk__tier__threshold"))),
    )
    by_perk = {row["perk"]: row for row in counts}
    nobody = {"delivered": 0, "still_there": 0}
    return [
        PerkNow(
            perk=perk,
            period=periods[perk.pk],
            due=reached[perk.tier_id] - by_perk.get(perk.pk, nobody)["still_there"],
            delivered=by_perk.get(perk.pk, nobody)["delivered"],
        )
        for perk in perks
    ]


def deliver(
    *, perk: Perk, period: date, fan_ids: Collection[int], by: User, now: datetime
) -> list[int]:
    """Note that `perk` reached `fan_ids` for `period`; the ids of the deliveries that are noted by
    this. What was noted before stays as it was, and people of other creators are left out."""
    fans = perk.tier.creator.fans.filter(pk__among=fan_ids).order_by("pk")
    Delivery.objects.bulk_create(
        (
            Delivery(perk=perk, fan_id=pk, period=period, delivered_at=now, by=by)
            for pk in fans.values_list("pk", flat=True)
        ),
        ignore_conflicts=True,
    )
    noted = perk.deliveries.filter(period=period, fan__pk__among=fan_ids, delivered_at=now, by=by)
    return list(noted.values_list("pk", flat=True))


def take_back(*, perk: Perk, delivery_ids: Collection[int]) -> int:
    """Forget some deliveries of `perk`; how many they were."""
    return perk.deliveries.filter(pk__among=delivery_ids).delete()[0]
