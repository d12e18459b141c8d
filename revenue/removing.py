"""A source goes: its key is forgotten, and its money stays or goes with it.

What came from a source is taken away in batches, each a transaction of its own under the locks
that an import takes: purchases first, with the people of whom nothing is left, so that the books
are right after every batch, whenever a worker is killed. The source itself goes with the last one.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from fans.models import Creator, Identity
from revenue.doubles import told_twice
from revenue.gateways.problems import NotConnectable
from revenue.hearsay import own_names
from revenue.ingest import lock
from revenue.leave_taking import take_leave
from revenue.models import (
    Assignment,
    Customer,
    Inbox,
    Membership,
    Purchase,
    Removal,
    Source,
    Statement,
    Sync,
)
from revenue.purchases import payment_of, recount_counterparts
from revenue.statements import restate_others
from revenue.values import Payment

BATCH = 2000


def disconnect(*, source: Source, now: datetime) -> None:
    """Forget the key of `source`: nothing is asked of its provider any more. The money stays."""
    with transaction.atomic():
        source = lock(source)
        if not source.is_closed:
            _close(source, Source.State.DISCONNECTED, now=now)


def begin_removal(*, source: Source, now: datetime) -> Removal:
    """Forget the key of `source` and have all that came from it removed by `remove`."""
    with transaction.atomic():
        source = lock(source)
        total = sum(table._default_manager.filter(source=source).count() for table in _tables())
        removal, _created = Removal.objects.get_or_create(
            source=source, defaults={"total": total, "started_at": now, "heard_at": now}
        )
        # What is there is not complete any more, so nobody is given a seat by it.
        source.synced_at = None
        _close(source, Source.State.REMOVING, now=now)
    return removal


def remove(
    *, source: Source, until: datetime, clock: Callable[[], datetime] = timezone.now
) -> bool:
    """Take away what came from `source`, batch by batch, until the time is `until`; whether all of
    it is gone. Several workers at one source do no harm."""
    while _remove_batch(source, now=clock()):
        if clock() >= until:
            return False
    return True


def refuse_while_removing(source: Source) -> None:
    """For who has just stored a key for `source`, in the same transaction.

    Raises NotConnectable if what came from it is still being taken away, or its studio was closed
    meanwhile.
    """
    if Creator.objects.select_for_update(no_key=True).get(pk=source.creator_id).is_leaving:
        raise NotConnectable(_("This studio is closed, and no key is kept for it."))
    if Removal.objects.filter(source=source).exists():
        raise NotConnectable(
            _("This account is being removed right now. Connect it again when that is done.")
        )


def _close(source: Source, state: Source.State, *, now: datetime) -> None:
    source.keep_secrets([], now=now)
    Inbox.objects.filter(source=source).delete()
    source.state, source.key, source.problem, source.lacks = state, "", "", []
    source.save(update_fields=["state", "key", "problem", "lacks", "synced_at"])
    source.syncs.filter(state=Sync.State.RUNNING).update(
        state=Sync.State.FAILED,
        finished_at=now,
        problem=_("The source was disconnected before this run had ended. What it read is kept."),
    )


def _tables() -> list[type[models.Model]]:
    """What is kept of a source, in the order in which it goes; what it is counted by is last."""
    first = [Statement, Purchase, Membership, Customer]
    others = [relation.related_model for relation in Source._meta.related_objects]
    return [*first, *(table for table in others if table not in (*first, Removal))]


def _remove_batch(source: Source, *, now: datetime) -> bool:
    """Take away up to `BATCH` rows, or the source if there are none; whether it is still there."""
    with transaction.atomic():
        try:
            source = lock(source)
        except Source.DoesNotExist:
            return False  # another worker had the last batch
        for table in _tables():
            if ids := _some_of(source, table):
                _take_away(source, table, ids, now=now)
                progress = Removal.objects.filter(source=source)
                progress.update(done=F("done") + len(ids), heard_at=now)
                return True
        # What was found in the books before is said of rows that are gone.
        source.creator.books_checks.all().delete()
        source.delete()
    return False


def _some_of(source: Source, table: type[models.Model]) -> list[int]:
    """Row ids of what is left of `source` in `table`, up to `BATCH` of them."""
    if table is Purchase:  # it has no index by the source alone
        rows = source.creator.purchases.filter(source=source).newest()
        return list(rows.values_list("pk", flat=True)[:BATCH])
    return list(table._default_manager.filter(source=source).values_list("pk", flat=True)[:BATCH])


def _take_away(source: Source, table: type[models.Model], ids: list[int], *, now: datetime) -> None:
    rows = table._default_manager.filter(pk__among=ids)
    people: set[int] = set()
    if table in (Purchase, Membership, Assignment):
        people = set(rows.exclude(fan=None).values_list("fan", flat=True))
    if table is Customer:
        _forget_customers(source, list(rows.values_list("external_id", flat=True)))
    told: dict[str, Payment] = {}
    if table is Purchase and told_twice(source.creator_id):
        gone = Purchase.objects.filter(pk__among=ids)
        told = {purchase.external_id: payment_of(purchase) for purchase in gone}
    called: dict[str, str] = {}
    if table is Statement:
        said = set(rows.values_list("subject", flat=True))
        called = own_names(source, said) | {name: name for name in said}
    rows.delete()
    recount_counterparts(source=source, payments=told, now=now)
    restate_others(source=source, names=called, now=now)
    if people:
        take_leave(source, people, now=now)


def _forget_customers(source: Source, external_ids: list[str]) -> None:
    """People are no longer known as these customers, unless by another source, by nothing else, or
    because the creator said so."""
    known = Identity.objects.filter(creator=source.creator, value__among=external_ids, stands=False)
    elsewhere = Customer.objects.filter(
        source__creator=source.creator, external_id=OuterRef("value")
    ).exclude(source=source)
    address = Identity.objects.filter(fan=OuterRef("fan"), kind=Identity.Kind.EMAIL)
    known.filter(Exists(address), ~Exists(elsewhere), kind=Identity.Kind.STRIPE_CUSTOMER).delete()
