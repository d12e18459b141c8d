"""A creator changes their tiers: everybody's place is worked out anew, in the background."""

from datetime import datetime

from django.db import transaction

from fans.models import Creator, Tier
from revenue.queueing import queue_on_commit
from revenue.tasks.figures import recompute_creator


def save_tier(*, tier: Tier, now: datetime) -> bool:
    """Store `tier`, which may be a new one; whether people may have to move for it.

    Raises IntegrityError if another tier has its threshold or its name.
    """
    with transaction.atomic():
        creator = Creator.objects.select_for_update(no_key=True).get(pk=tier.creator_id)
        stays = creator.tiers.filter(pk=tier.pk, threshold=tier.threshold).exists()
        tier.save()
        if not stays:
            _place_everybody(creator, now=now)
    return not stays


def remove_tier(*, tier: Tier, perks_to: Tier | None, now: datetime) -> None:
    """Take `tier` away. Its perks go to `perks_to` with all that is noted of them; None: they end.

    Raises IntegrityError if `perks_to` has a perk of the same name.
    """
    with transaction.atomic():
        creator = Creator.objects.select_for_update(no_key=True).get(pk=tier.creator_id)
        if perks_to:
            tier.perks.update(tier=perks_to)
        # First, because it locks the people in the order of every other writer.
        _place_everybody(creator, now=now)
        tier.delete()


def _place_everybody(creator: Creator, *, now: datetime) -> None:
    creator.fans.mark_everybody_due(now=now)
    queue_on_commit(recompute_creator.delay, creator.pk)
