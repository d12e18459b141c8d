"""Files: looked through, imported and taken back."""

from collections.abc import Callable
from contextlib import suppress

from celery import Task, shared_task
from django.utils import timezone

from revenue.ingest import SourceClosed
from revenue.looking import look_through
from revenue.models import Source, Upload
from revenue.queueing import TURN, queue_on_commit
from revenue.tasks.figures import recompute_creator
from revenue.uploading import import_rows, undo_rows


@shared_task
def look_through_upload(upload_id: int) -> None:
    """Find out what a file is and what would come of it, unless that is found out already."""
    with suppress(Upload.DoesNotExist):
        upload = Upload.objects.get(pk=upload_id, state=Upload.State.RECEIVED)
        look_through(upload=upload, now=timezone.now())


@shared_task
def import_upload(upload_id: int) -> None:
    """Import the next rows of a file; queue the rest."""
    _work_on(upload_id, import_rows, import_upload)


@shared_task
def undo_upload(upload_id: int) -> None:
    """Take back the next rows of a file; queue the rest."""
    _work_on(upload_id, undo_rows, undo_upload)


def _work_on(upload_id: int, work: Callable[..., bool], task: Task) -> None:
    with suppress(Upload.DoesNotExist, Source.DoesNotExist, SourceClosed):
        upload = Upload.objects.get(pk=upload_id)
        is_done = work(upload=upload, until=timezone.now() + TURN)
        queue_on_commit(recompute_creator.delay, upload.creator_id)
        if not is_done:
            queue_on_commit(task.delay, upload_id)


#: What is next for a file in each state in which a worker is at it.
NEXT = {
    Upload.State.RECEIVED: look_through_upload,
    Upload.State.IMPORTING: import_upload,
    Upload.State.UNDOING: undo_upload,
}


@shared_task
def forget_files() -> None:
    """Files that were looked through and never imported are not kept for longer than a week."""
    Upload.objects.forgotten(timezone.now()).forget()
