"""Purchases counted anew: in another currency, or at rates that were not known."""

from contextlib import suppress
from datetime import date

import structlog
from celery import shared_task
from django.conf import settings
from django.utils import timezone
from urllib3.exceptions import HTTPError

from fans.models import Creator
from revenue import central_bank
from revenue.queueing import TURN, queue_on_commit
from revenue.rating import LOOKED_BACK, count_at_new_rates, creators_since
from revenue.recounting import recount
from revenue.tasks.figures import recompute_creator

log = structlog.get_logger(__name__)


@shared_task
def recount_creator(creator_id: int) -> None:
    """Count the purchases of a creator in another currency; queue the rest."""
    with suppress(Creator.DoesNotExist):
        creator = Creator.objects.open().get(pk=creator_id)
        is_done = recount(creator=creator, until=timezone.now() + TURN)
        follow = recompute_creator if is_done else recount_creator
        queue_on_commit(follow.delay, creator_id)


@shared_task
def update_rates() -> None:
    """Fetch the bank's newest rates; have what they may change counted anew."""
    now = timezone.now()
    since = (now - LOOKED_BACK).date()
    try:
        since = min(central_bank.update_rates(url=settings.ECB_RATES_URL, now=now) or since, since)
    except (central_bank.BadRates, HTTPError) as problem:
        log.warning("rates_not_updated", problem=str(problem))
    for pk in creators_since(since):
        queue_on_commit(count_at_new_rates_of.delay, pk, since.isoformat())


@shared_task
def count_at_new_rates_of(creator_id: int, since: str, after: int = 0) -> None:
    """Count the purchases of a creator anew that new rates may change; queue the rest."""
    with suppress(Creator.DoesNotExist):
        creator = Creator.objects.open().get(pk=creator_id)
        day, until = date.fromisoformat(since), timezone.now() + TURN
        reached = count_at_new_rates(creator=creator, since=day, after=after, until=until)
        queue_on_commit(recompute_creator.delay, creator_id)
        if reached is not None:
            queue_on_commit(count_at_new_rates_of.delay, creator_id, since, reached)
