"""The demo's creators bring files as every creator does: kept, looked through, imported."""

from datetime import datetime

from django.db import transaction

from demo.elsewhere import FILES
from fans.models import Creator
from revenue.beginning import begin_importing, begin_looking
from revenue.models import Upload
from revenue.uploading import keep


@transaction.atomic
def bring_files(*, creator: Creator, now: datetime) -> bool:
    """Take each file of `creator`, whose payments are read, a step further; whether all of them
    are where they will stay. A worker takes the step, so ask again until it is so."""
    creator = Creator.objects.select_for_update(no_key=True).get(pk=creator.pk)
    brought = {upload.name: upload for upload in creator.uploads.all()}
    is_done = True
    for name, write in FILES.get(creator.handle, {}).items():
        upload = brought.get(name)
        if upload is None:
            chunks = [write(creator, now)]
            begin_looking(
                upload=keep(creator=creator, by=creator.owner, name=name, chunks=chunks, now=now)
            )
            is_done = False
        elif upload.state == Upload.State.READY:
            begin_importing(upload=upload, now=now)
            is_done = False
        elif upload.state in Upload.UNDER_WAY:
            is_done = False
    return is_done
