"""A creator leaves: the owners are told, and in time everything is deleted."""

import structlog
from celery import shared_task
from django.utils import timezone

from fans.models import Creator
from revenue import leaving
from revenue.models import Departure
from revenue.queueing import TURN, queue_on_commit

log = structlog.get_logger(__name__)


@shared_task
def tell_owners(creator_id: int) -> None:
    """Write to the owners of a studio that was closed, if that is due."""
    leaving.tell(creator_id, now=timezone.now())


@shared_task
def tell_all_owners() -> None:
    """The safety net: mails whose task got lost, or that could not be sent."""
    untold = Departure.objects.untold(timezone.now())
    for creator_id in untold.values_list("creator", flat=True):
        queue_on_commit(tell_owners.delay, creator_id)


@shared_task
def delete_who_left() -> None:
    """Have everything deleted of those whose time to change their mind is over."""
    left = Creator.objects.filter(leaves_at__lte=timezone.now())
    for pk in left.values_list("pk", flat=True):
        queue_on_commit(delete_creator.delay, pk)


@shared_task
def delete_creator(creator_id: int) -> None:
    """Delete everything of a creator; queue the rest."""
    creator = Creator.objects.filter(pk=creator_id).first()
    if creator is None:
        return
    if leaving.delete_everything(creator=creator, until=timezone.now() + TURN):
        log.info("creator_deleted", creator=creator_id)
    else:
        queue_on_commit(delete_creator.delay, creator_id)
