"""A file that somebody brings: kept, looked through, imported, and taken back if they want.

The web only keeps it; everything else is a worker's, in turns, and goes on where it stopped when a
worker dies. Nothing of it counts before the creator has seen what would come of it and said so.
"""

from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import datetime
from hashlib import sha256
from itertools import chain, islice
from typing import Any, cast

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from fans.models import Creator, User
from revenue.files.outcomes import Outcome, Skipped
from revenue.files.problems import FileProblem, TooLarge
from revenue.files.reading import MEGABYTE, MOST_BYTES
from revenue.grown import look_at_the_grown
from revenue.hearsay import own_names
from revenue.ingest import lock, lock_open
from revenue.looking import open_upload
from revenue.models import PaymentLink, SkippedRow, Source, Statement, Upload, UploadPart
from revenue.statements import links_of, restate, statement_of
from revenue.upsert import Row, upsert
from truefans.garbage import seldom_collected
from truefans.transactions import lazily_committed

State = Upload.State
#: So many rows are stored in one transaction.
BATCH = 5_000
#: What a file says at most once of each.
SAID_ONCE = ["upload_id", "kind", "external_id"]
LINKED_ONCE = ["upload_id", "external_id", "kind", "value"]
Clock = Callable[[], datetime]
#: So many files of a creator may wait to be imported, and so many bytes of them: twice the largest.
MOST_WAITING = 20
MOST_BYTES_WAITING = 2 * MOST_BYTES


class TooMuchWaits(FileProblem):
    def __init__(self) -> None:
        super().__init__(
            _(
                "With this file more would wait than the %(files)d files and %(megabytes)d MB that"
                " are kept. Import or forget one of those that are not imported yet, and bring it"
                " again."
            )
            % {"files": MOST_WAITING, "megabytes": MOST_BYTES_WAITING // MEGABYTE}
        )


def receive(
    *,
    creator: Creator,
    by: User | None,
    name: str,
    size: int,
    chunks: Iterable[bytes],
    now: datetime,
) -> Upload:
    """`keep` a file of `size` bytes that may wait for its creator, who has only so much room for
    what waits. Raises TooLarge or TooMuchWaits, and keeps nothing."""
    _refuse_beyond_room(creator, files=1, size=size)  # before anything of it is written
    with transaction.atomic():
        upload = keep(creator=creator, by=by, name=name, chunks=chunks, now=now)
        # Of two that come at once each has passed without the other: here they stand in a line.
        Creator.objects.select_for_update(no_key=True).get(pk=creator.pk)
        _refuse_beyond_room(creator)
    return upload


def _refuse_beyond_room(creator: Creator, *, files: int = 0, size: int = 0) -> None:
    """Raise TooMuchWaits if more than there is room for waits with `files` more of `size` bytes."""
    waiting, taken = creator.uploads.waiting().load()
    if waiting + files > MOST_WAITING or taken + size > MOST_BYTES_WAITING:
        raise TooMuchWaits


def keep(
    *, creator: Creator, by: User | None, name: str, chunks: Iterable[bytes], now: datetime
) -> Upload:
    """Store a file as it comes, in memory a part at a time. Raises TooLarge, and keeps nothing."""
    digest, size, waiting = sha256(), 0, b""
    with transaction.atomic():
        upload = Upload.objects.create(
            creator=creator, by=by, name=name, size=0, created_at=now, heard_at=now
        )
        number = 0
        for chunk in chain(chunks, [None]):
            waiting += chunk or b""
            size += len(chunk or b"")
            if size > MOST_BYTES:
                raise TooLarge(MOST_BYTES // MEGABYTE)
            digest.update(chunk or b"")
            while len(waiting) >= UploadPart.SIZE or (chunk is None and waiting):
                part, waiting = waiting[: UploadPart.SIZE], waiting[UploadPart.SIZE :]
                UploadPart.objects.create(upload=upload, number=number, content=part)
                number += 1
        upload.size, upload.digest = size, digest.hexdigest()
        upload.save(update_fields=["size", "digest"])
    return upload


def begin_import(*, upload: Upload, now: datetime) -> Source:
    """Let what the file says count from now on, row by row; its source is made if there is none.

    Said twice, it counts once. Raises FileProblem.
    """
    opened = open_upload(upload)
    with transaction.atomic():
        source, _is_new = Source.objects.get_or_create(
            creator_id=upload.creator_id,
            kind=Source.Kind.FILE,
            account_id=opened.slug,
            livemode=True,
            defaults={"name": opened.name},
        )
        if source.state == Source.State.DISCONNECTED:
            source.state = Source.State.OK
            source.save(update_fields=["state"])
        if _locked(upload).state in Upload.WAITING:
            upload.source, upload.platform = source, opened.slug
            upload.state, upload.rows_done, upload.heard_at = State.IMPORTING, 0, now
            upload.save(update_fields=["source", "platform", "state", "rows_done", "heard_at"])
    return source


def _locked(upload: Upload) -> Upload:
    """`upload` as it is now. Who writes to its source, too, has locked that before."""
    return Upload.objects.select_for_update(no_key=True).get(pk=upload.pk)


def import_rows(*, upload: Upload, until: datetime, clock: Clock = timezone.now) -> bool:
    """Store row after row until the time is `until`; whether all are stored.

    How far it is moves in the transaction of each batch. Two workers at one file do no harm: the
    one that finds itself overtaken leaves.
    """
    upload = Upload.objects.select_related("source").get(pk=upload.pk)
    if upload.state != State.IMPORTING:
        return True
    try:
        opened = open_upload(upload)
        with seldom_collected(), closing(cast(Any, opened.outcomes())) as outcomes:
            rest = islice(outcomes, upload.rows_done, None)
            while batch := list(islice(rest, BATCH)):
                if not _store(upload, batch, now=clock()):
                    return True
                if clock() >= until:
                    return False
    except FileProblem as problem:
        _give_up(upload, problem, now=clock())
        return undo_rows(upload=upload, until=until, clock=clock)
    _complete(upload, now=clock())
    return True


def _give_up(upload: Upload, problem: FileProblem, *, now: datetime) -> None:
    """Nothing is half-stored: what was read of the file is taken back, and it is said why."""
    running = Upload.objects.filter(pk=upload.pk, state=State.IMPORTING)
    running.update(state=State.UNDOING, problem=str(problem), heard_at=now)


def _store(upload: Upload, batch: list[Outcome], *, now: datetime) -> bool:
    """Keep what these rows say; whether this worker is still the one who does."""
    with lazily_committed():
        source, said_at = lock_open(upload.origin), upload.created_at
        locked = _locked(upload)
        if (locked.state, locked.rows_done) != (State.IMPORTING, upload.rows_done):
            return False
        found = (
            statement_of(outcome, source=source, upload=upload, said_at=said_at)
            for outcome in batch
        )
        said = [pair for pair in found if pair]
        upsert(Statement, [row for row, _outcome in said], unique=SAID_ONCE)
        links = [link for o in batch for link in links_of(o, source=source, upload=upload)]
        upsert(PaymentLink, links, unique=LINKED_ONCE)
        skipped = [_skipped(upload, row) for row in batch if isinstance(row, Skipped)]
        upsert(SkippedRow, skipped, unique=["upload_id", "line"])
        restate(
            source=source,
            subjects={row["subject"] for row, _outcome in said},
            heard={row["rank"]: outcome for row, outcome in said},
            now=now,
        )
        upload.rows_done += len(batch)
        upload.heard_at = now
        upload.save(update_fields=["rows_done", "heard_at"])
    look_at_the_grown()
    return True


def _skipped(upload: Upload, row: Skipped) -> Row:
    return {
        "upload_id": upload.pk,
        "line": row.line,
        "why": row.why,
        "detail": row.detail,
        "cells": row.cells,
    }


def begin_undoing(*, upload: Upload, now: datetime) -> bool:
    """Have all that `upload` says taken back; whether there was anything to take back."""
    whole = Upload.objects.filter(pk=upload.pk, state__in=[State.DONE, State.IMPORTING])
    return bool(whole.update(state=State.UNDOING, heard_at=now, finished_at=None))


def undo_rows(*, upload: Upload, until: datetime, clock: Clock = timezone.now) -> bool:
    """Take back what the file said, until the time is `until`; whether all of it is gone."""
    while _take_back(upload, now=clock()):
        if clock() >= until:
            return False
    return True


def _take_back(upload: Upload, *, now: datetime) -> bool:
    """Take back the next statements; whether there may be more."""
    with lazily_committed():
        source = lock(upload.origin)
        locked = _locked(upload)
        if locked.state != State.UNDOING:
            return False
        some = list(locked.statements.order_by("pk").values_list("pk", "subject")[:BATCH])
        if not some:
            locked.links.all().delete()
            locked.skipped.all().delete()
            _finish(locked, State.FAILED if locked.problem else State.UNDONE, now=now)
            return False
        subjects = {subject for _pk, subject in some}
        called = own_names(source, subjects)
        locked.statements.filter(pk__among=[pk for pk, _subject in some]).delete()
        locked.links.filter(external_id__among=subjects).delete()
        restate(source=source, subjects=subjects, taken_back=len(some), called=called, now=now)
        Upload.objects.filter(pk=upload.pk).update(heard_at=now)
    return True


def _complete(upload: Upload, *, now: datetime) -> None:
    """All rows are stored; where somebody wants them back meanwhile, that is next."""
    with transaction.atomic():
        lock(upload.origin)
        locked = _locked(upload)
        if locked.state == State.IMPORTING:
            _finish(locked, State.DONE, now=now)


def _finish(upload: Upload, state: Upload.State, *, now: datetime) -> None:
    """The caller holds the locks on the source and on `upload`."""
    upload.parts.all().delete()
    upload.state, upload.heard_at, upload.finished_at = state, now, now
    upload.save(update_fields=["state", "heard_at", "finished_at"])
    Source.objects.filter(pk=upload.origin.pk).update(synced_at=now)
