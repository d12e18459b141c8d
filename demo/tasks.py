"""What the demo does in the background, once its payments are read."""

from celery import shared_task
from django.utils import timezone

from demo.bringing import bring_files
from demo.life import live
from fans.models import Creator

#: Seconds between two looks whether everything is read, and how often it is looked.
PAUSE, LOOKS = 2, 300


@shared_task
def live_along(creator_id: int, looks: int = LOOKS) -> None:
    """Bring a creator's files and then give them a past with their people, as soon as all that
    came before is read."""
    now = timezone.now()
    creator = Creator.objects.get(pk=creator_id)
    is_read = not (
        creator.sources.filter(synced_at=None).exists() or creator.fans.due(now).exists()
    )
    if is_read and bring_files(creator=creator, now=now):
        live(creator=creator, now=now)
    elif looks:
        live_along.apply_async((creator_id, looks - 1), countdown=PAUSE)
