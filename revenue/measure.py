"""A creator changes how they measure: everything that follows from it is worked out anew.

Another window, target, time zone or way to count has everybody recomputed; another currency has
every purchase counted anew first (`revenue.recounting`). All of it happens in the background.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from fans.models import Creator, Tier
from revenue.exchange import ecb_rate
from revenue.models import Recount
from revenue.recounting import begin_recount
from truefans.money import convert, share

#: Settings that every fan's standing follows from, apart from the currency.
RULES = ("target_spend", "window_months", "counts", "time_zone")
#: Above every threshold, and far below what the column can hold.
OUT_OF_THE_WAY = 10**17


@dataclass(frozen=True, slots=True)
class Remeasured:
    """What a change set going: `recount` for another currency, else whether everybody is due."""

    recount: Recount | None
    everybody_is_due: bool
    tiers_moved: bool


def change_measure(
    *,
    creator: Creator,
    fields: Collection[str],
    thresholds: Mapping[int, int] | None = None,
    now: datetime,
) -> Remeasured:
    """Store `fields` of `creator` as they now are there, and mark what follows from the change.

    All else of `creator` becomes what is stored: somebody may have changed it meanwhile.
    `thresholds` are those of the tiers by their id, in minor units of the creator's (new)
    currency; by default `tiers_after` says them.
    """
    with transaction.atomic():
        was = Creator.objects.select_for_update(no_key=True).get(pk=creator.pk)
        for field in Creator._meta.concrete_fields:
            if field.name not in fields:
                setattr(creator, field.attname, getattr(was, field.attname))
        if thresholds is None:
            thresholds = tiers_after(was=was, creator=creator, today=now.date())
        creator.save(update_fields=fields)
        tiers_moved = _move_tiers(creator, thresholds)
        if creator.currency != was.currency:
            return Remeasured(begin_recount(creator=creator, now=now), True, tiers_moved)
        is_other = tiers_moved or any(getattr(creator, r) != getattr(was, r) for r in RULES)
        if is_other:
            creator.fans.mark_everybody_due(now=now)
        return Remeasured(None, is_other, tiers_moved)


def follows_target(creator: Creator) -> bool:
    """Whether the tiers are still those that a creator begins with."""
    thresholds = list(creator.tiers.values_list("threshold", flat=True))
    return thresholds == [at for at, _name in creator.default_steps()]


def tiers_after(*, was: Creator, creator: Creator, today: date) -> dict[int, int]:
    """The thresholds of all tiers, by their id, in minor units of `creator`'s currency, once `was`
    is `creator`.

    Tiers that follow from the target go with it. Those that the creator chose keep their amounts,
    or are converted with the currency and rounded, without ever falling together.
    """
    tiers = list(was.tiers.all())
    steps = [at for at, _name in creator.default_steps()]
    if len(tiers) == len(steps) and follows_target(was):
        return {tier.pk: at for tier, at in zip(tiers, steps, strict=True)}
    if was.currency == creator.currency:
        return {tier.pk: tier.threshold for tier in tiers}
    after: dict[int, int] = {}
    last = 0
    for tier in tiers:
        at = creator.target_spend
        if tier.threshold != was.target_spend:
            at = _converted(tier.threshold, was, creator, today)
        last = after[tier.pk] = max(at, last + 1)
    return after


def plain_amount(minor: int, *, source: str, target: str, today: date) -> int | None:
    """About `minor` of `source` in minor units of `target`, at the ECB's last rate, with two digits
    that are not nought; None where there is no rate."""
    rate = ecb_rate(source, target, today)
    return None if rate is None else plain(convert(minor, rate.value, source, target))


def plain(amount: int) -> int:
    """`amount` rounded to its first two digits; at least 1."""
    step = 10 ** max(len(str(amount)) - 2, 0)
    return max((amount + step // 2) // step * step, 1)


def _converted(threshold: int, was: Creator, creator: Creator, today: date) -> int:
    """By the ECB's rate or, where there is none, in proportion to the target."""
    found = plain_amount(threshold, source=was.currency, target=creator.currency, today=today)
    return found or plain(share(creator.target_spend, threshold, was.target_spend))


def _move_tiers(creator: Creator, thresholds: Mapping[int, int]) -> bool:
    """Give the tiers their thresholds; whether any moved."""
    tiers = creator.tiers.all()
    moved = [tier for tier in tiers if thresholds.get(tier.pk, tier.threshold) != tier.threshold]
    if not moved:
        return False
    # One may take the place of another, and no two may stand in one place at any time.
    Tier.objects.filter(pk__in=[tier.pk for tier in moved]).update(
        threshold=F("threshold") + OUT_OF_THE_WAY
    )
    for tier in moved:
        tier.threshold = thresholds[tier.pk]
    Tier.objects.bulk_update(moved, ["threshold"])
    return True
