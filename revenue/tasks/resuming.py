"""Long work whose worker was lost is taken up where it stands."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from revenue.models import Departure, Recount, Removal, Sync, Upload
from revenue.queueing import queue_on_commit
from revenue.tasks.currencies import recount_creator
from revenue.tasks.files import NEXT
from revenue.tasks.leaving import delete_creator
from revenue.tasks.sources import read_source, remove_source

#: Longer than a page takes. A run that is only slow may be taken up twice, which does no harm.
SILENCE = 60


@shared_task
def resume_syncs(silent_for: int = SILENCE) -> None:
    """Take up runs whose worker has not been heard of for `silent_for` seconds."""
    silent_since = timezone.now() - timedelta(seconds=silent_for)
    for sync in Sync.objects.filter(state=Sync.State.RUNNING, heard_at__lt=silent_since):
        queue_on_commit(read_source.delay, sync.pk)


@shared_task
def resume_changes(silent_for: int = SILENCE) -> None:
    """Take up removals, recounts, files and deletions whose worker has not been heard of for
    `silent_for` seconds. Where everything will be deleted, nothing else is done."""
    silent_since = timezone.now() - timedelta(seconds=silent_for)
    removals = Removal.objects.filter(heard_at__lt=silent_since, source__creator__leaves_at=None)
    for source_id in removals.values_list("source", flat=True):
        queue_on_commit(remove_source.delay, source_id)
    unfinished = Recount.objects.under_way().filter(creator__leaves_at=None)
    for recounted in unfinished.filter(heard_at__lt=silent_since):
        queue_on_commit(recount_creator.delay, recounted.creator_id)
    uploads = Upload.objects.under_way().filter(creator__leaves_at=None)
    for upload in uploads.filter(heard_at__lt=silent_since):
        queue_on_commit(NEXT[Upload.State(upload.state)].delay, upload.pk)
    for departure in Departure.objects.filter(heard_at__lt=silent_since):
        queue_on_commit(delete_creator.delay, departure.creator_id)
