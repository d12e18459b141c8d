"""What the demo does in the background, once its payments are read."""

from celery import shared_task
from django.utils import timezone

from demo.life import live
from fans.models import Creator

#: Seconds between two looks whether everything is read, and how often it is looked.
PAUSE, LOOKS = 3, 200


@shared_task
def live_along(creator_id: int, looks: int = LOOKS) -> None:
    """Give a creator a past with their people, as soon as these are there."""
    now = timezone.now()
    creator = Creator.objects.get(pk=creator_id)
    if not (creator.sources.filter(synced_at=None).exists() or creator.fans.due(now).exists()):
        live(creator=creator, now=now)
    elif looks:
        live_along.apply_async((creator_id, looks - 1), countdown=PAUSE)
