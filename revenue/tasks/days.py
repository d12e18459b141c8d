"""A creator's day begins: it is chosen whose turn it is."""

from contextlib import suppress
from zoneinfo import ZoneInfo

from celery import shared_task
from django.utils import timezone

from fans.models import Creator
from revenue.choosing import open_day
from revenue.queueing import queue_on_commit


@shared_task
def open_days() -> None:
    """Have it chosen whose turn it is, for every creator whose day has just begun."""
    now = timezone.now()
    zones = Creator.objects.order_by().values_list("time_zone", flat=True).distinct()
    new = [zone for zone in zones if now.astimezone(ZoneInfo(zone)).hour == 0]
    for pk in Creator.objects.open().filter(time_zone__in=new).values_list("pk", flat=True):
        queue_on_commit(open_day_of.delay, pk)


@shared_task
def open_day_of(creator_id: int) -> None:
    """Choose whose turn it is today, if that is not done yet."""
    with suppress(Creator.DoesNotExist):
        open_day(creator=Creator.objects.get(pk=creator_id), now=timezone.now())
