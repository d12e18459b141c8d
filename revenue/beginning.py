"""What a creator decides and workers then do: stored at once, queued with it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from fans.models import Creator, Fan, Merge, User
from revenue import leaving
from revenue.assigning import assign, take_back
from revenue.claiming import claim
from revenue.likeness import say, unsay
from revenue.measure import Remeasured, change_measure
from revenue.merging import merge, part
from revenue.models import Claim, Double, Purchase, SaleEntry, Source, Summary, Upload
from revenue.queueing import queue_on_commit
from revenue.rating import say_rate, take_back_rate
from revenue.removing import begin_removal
from revenue.selling import Sale, change, sell
from revenue.summary import measure_of
from revenue.tasks.currencies import recount_creator
from revenue.tasks.figures import have_summarised, recompute_creator
from revenue.tasks.files import import_upload, look_through_upload, undo_upload
from revenue.tasks.leaving import tell_owners
from revenue.tasks.sources import remove_source
from revenue.uploading import begin_import, begin_undoing


@contextmanager
def _worked_out_after(creator_id: int) -> Iterator[None]:
    """Store what is done within, and have a worker work out what the creator's people spend now."""
    with transaction.atomic():
        queue_on_commit(recompute_creator.delay, creator_id)
        yield


def begin_removing(*, source: Source, now: datetime) -> None:
    """Forget the key of `source`, and have a worker take away all that came from it."""
    with transaction.atomic():
        begin_removal(source=source, now=now)
        queue_on_commit(remove_source.delay, source.pk)


def begin_leaving(*, creator: Creator, by: User, now: datetime) -> None:
    """Close the studio of `creator`, and have a worker tell its owners."""
    with transaction.atomic():
        leaving.close(creator=creator, by=by, now=now)
        queue_on_commit(tell_owners.delay, creator.pk)


def begin_measuring(
    *,
    creator: Creator,
    fields: Collection[str],
    thresholds: Mapping[int, int] | None = None,
    now: datetime,
) -> Remeasured:
    """Store `fields` of `creator`, and have a worker work out anew what follows from them.

    `fields` and `thresholds` are as in `change_measure`.
    """
    with transaction.atomic():
        was = measure_of(Creator.objects.get(pk=creator.pk))
        change = change_measure(creator=creator, fields=fields, thresholds=thresholds, now=now)
        if measure_of(creator) != was:
            Summary.objects.outdate(creator=creator.pk)
        if change.recount:
            queue_on_commit(recount_creator.delay, creator.pk)
        elif change.everybody_is_due:
            queue_on_commit(recompute_creator.delay, creator.pk)
        elif measure_of(creator) != was:
            queue_on_commit(have_summarised, creator.pk)
    return change


def begin_looking(*, upload: Upload) -> None:
    """Have a worker look through a file that is kept."""
    queue_on_commit(look_through_upload.delay, upload.pk)


def begin_importing(*, upload: Upload, now: datetime) -> None:
    """Let a file count, and have a worker import it. Raises FileProblem."""
    with transaction.atomic():
        begin_import(upload=upload, now=now)
        queue_on_commit(import_upload.delay, upload.pk)


def begin_taking_back(*, upload: Upload, now: datetime) -> bool:
    """Have a worker take back what a file said; whether there was anything to take back."""
    with transaction.atomic():
        begun = begin_undoing(upload=upload, now=now)
        if begun:
            queue_on_commit(undo_upload.delay, upload.pk)
    return begun


def begin_assigning(
    *, creator: Creator, purchases: Collection[int], to: Fan | str, by: User, now: datetime
) -> tuple[Fan, int]:
    """`assign`, and have a worker work out what those people spend now."""
    with _worked_out_after(creator.pk):
        return assign(creator=creator, purchases=purchases, to=to, by=by, now=now)


def begin_unassigning(*, creator: Creator, purchases: Collection[int], now: datetime) -> int:
    """`take_back`, and have a worker work out what those people spend now."""
    with _worked_out_after(creator.pk):
        return take_back(creator=creator, purchases=purchases, now=now)


def begin_rating(*, purchase: Purchase, value: Decimal, by: User, now: datetime) -> bool:
    """`say_rate`, and have a worker work out what its owner spends now."""
    with _worked_out_after(purchase.creator_id):
        return say_rate(purchase=purchase, value=value, by=by, now=now)


def begin_unrating(*, purchase: Purchase, now: datetime) -> bool:
    """`take_back_rate`, and have a worker work out what its owner spends now."""
    with _worked_out_after(purchase.creator_id):
        return take_back_rate(purchase=purchase, now=now)


def begin_merging(
    *, creator: Creator, people: tuple[int, int], reasons: Sequence[int], by: User, now: datetime
) -> Merge:
    """`merge`, and have a worker work out what follows for everybody together."""
    with _worked_out_after(creator.pk):
        return merge(creator=creator, people=people, reasons=reasons, by=by, now=now)


def begin_parting(*, merged: Merge, by: User, now: datetime) -> list[Fan]:
    """`part`, and have a worker work out what follows for everybody together."""
    with _worked_out_after(merged.creator_id):
        return part(merged=merged, by=by, now=now)


def begin_selling(
    *, creator: Creator, sale: Sale, to: Fan | None, by: User, now: datetime
) -> tuple[SaleEntry, bool]:
    """`sell`, and have a worker work out what its buyer spends now."""
    with _worked_out_after(creator.pk):
        return sell(creator=creator, sale=sale, to=to, by=by, now=now)


def begin_changing_sale(
    *, source: Source, external_id: str, by: User, now: datetime, **said: Any
) -> SaleEntry | None:
    """`change`, and have a worker work out what its buyer spends now."""
    with _worked_out_after(source.creator_id):
        return change(source=source, external_id=external_id, by=by, now=now, **said)


def begin_claiming(*, held: Claim, by: User, now: datetime) -> Fan:
    """`claim`, and have a worker work out what its buyer spends now."""
    with _worked_out_after(held.source.creator_id):
        return claim(held=held, by=by, now=now)


def begin_saying(*, double: Double, verdict: Double.Verdict, by: User, now: datetime) -> None:
    """`say`, and have a worker work out what follows from it."""
    with _worked_out_after(double.creator_id):
        say(double=double, verdict=verdict, by=by, now=now)


def begin_unsaying(*, double: Double, now: datetime) -> bool:
    """`unsay`, and have a worker work out what follows from it."""
    with _worked_out_after(double.creator_id):
        return unsay(double=double, now=now)
