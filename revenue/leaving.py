"""A creator leaves with everything: closed at once, deleted two weeks later unless they stay.

Closing forgets every key and every open invitation in its own transaction. The deletion goes table
by table in batches, each a transaction of its own, and goes on where it stopped whenever a worker
is killed: what is left of a table says how far it is. The creator goes with the last one.
"""

from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cache
from graphlib import TopologicalSorter
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import SET_NULL, F, Model, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from fans.models import Creator, Role, User
from fans.sending import Outcome, try_to_send
from revenue.models import Departure
from revenue.removing import disconnect

#: How long one may change one's mind.
GRACE = timedelta(days=14)
BATCH = 2000
#: What the planner knows of a table that is being emptied is what it was: it would read all of it,
#: rows that are gone included, for the next batch.
PLAN = "SET LOCAL enable_seqscan = off"


def close(*, creator: Creator, by: User, now: datetime) -> None:
    """Close the studio of `creator` for everybody, and forget every key of its sources."""
    with transaction.atomic():
        # The sources before their creator, as whoever imports does.
        list(creator.sources.order_by("pk").select_for_update(no_key=True).values_list("pk"))
        creator = Creator.objects.select_for_update(no_key=True).get(pk=creator.pk)
        if creator.is_leaving:
            return
        creator.leaves_at = now + GRACE
        creator.save(update_fields=["leaves_at"])
        Departure.objects.create(creator=creator, asked_by=by, asked_at=now, due_at=now)
        creator.invitations.all().delete()
        for source in creator.sources.open():
            disconnect(source=source, now=now)


def stay(*, creator: Creator, now: datetime) -> bool:
    """Open the studio again; whether it was not too late. The keys stay forgotten."""
    with transaction.atomic():
        creator = Creator.objects.select_for_update(no_key=True).get(pk=creator.pk)
        if creator.leaves_at is None or creator.leaves_at <= now:
            return False
        creator.leaves_at = None
        creator.save(update_fields=["leaves_at"])
        Departure.objects.filter(creator=creator).delete()
    return True


def owners(creator: Creator) -> QuerySet[User]:
    """All who may undo it."""
    by_role = Q(memberships__creator=creator, memberships__role=Role.OWNER)
    return User.objects.filter(by_role | Q(creators=creator)).distinct().order_by("pk")


def tell(creator_id: int, *, now: datetime) -> None:
    """Write to every owner that the studio is closed, if that is due; each by themselves, and each
    once, whatever becomes of the mails to the others. A worker that is killed between a mail and
    the note of it has that one mail sent twice."""
    untold = Departure.objects.untold(now).select_related("creator", "asked_by")
    departure = untold.filter(creator=creator_id).take(now)
    if departure is None:
        return
    subject, body = _words_of(departure)
    same = Departure.objects.filter(pk=departure.pk)
    is_over = True
    for owner in owners(departure.creator).exclude(pk__in=departure.told):
        outcome = try_to_send(EmailMessage(subject, body, to=[owner.email]), departure)
        if outcome is Outcome.LATER:
            is_over = False
        else:
            departure.told.append(owner.pk)
            same.update(told=departure.told)
    if is_over:
        same.update(told_at=now)


def _words_of(departure: Departure) -> tuple[str, str]:
    """Subject and text of the mail to the owners."""
    creator = departure.creator
    context = {
        "creator": creator,
        "departure": departure,
        "link": f"{settings.PUBLIC_URL}{reverse('dashboard:stay', args=[creator.handle])}",
        "public_url": settings.PUBLIC_URL,
    }
    name = " ".join(creator.name.split())
    subject = _("The studio of %(creator)s is closed") % {"creator": name}
    return subject, render_to_string("fans/mail/leaving.txt", context)


def delete_everything(
    *, creator: Creator, until: datetime, clock: Callable[[], datetime] = timezone.now
) -> bool:
    """Delete what is left of `creator`, batch by batch, until the time is `until`; whether all of
    it is gone. Several workers at one creator do no harm. Nothing goes before `leaves_at`."""
    if not _begin(creator, now=clock()):
        return True
    for table in tables():
        while _delete_some(table, creator, now=clock()):
            if clock() >= until:
                return False
    return _end(creator, now=clock())


@cache
def _paths() -> dict[type[Model], str]:
    """The way from each table that belongs to a creator to that creator, the shortest there is."""
    found: dict[type[Model], str] = {Creator: ""}
    waiting: deque[type[Model]] = deque([Creator])
    while waiting:
        parent = waiting.popleft()
        relations: Iterable[Any] = parent._meta.get_fields(include_hidden=True)
        for relation in relations:
            child = relation.related_model
            belongs = relation.auto_created and not relation.concrete and not relation.many_to_many
            if belongs and relation.on_delete is not SET_NULL and child not in found:
                way = found[parent]
                found[child] = f"{relation.field.name}__{way}" if way else relation.field.name
                waiting.append(child)
    del found[Creator], found[Departure]
    return found


@cache
def tables() -> list[type[Model]]:
    """All that belongs to a creator; what points at something comes before it."""
    order: TopologicalSorter[type[Model]] = TopologicalSorter()
    for table in _paths():
        order.add(table)
        for field in table._meta.concrete_fields:
            if field.related_model in _paths() and field.related_model is not table:
                order.add(field.related_model, table)
    return list(order.static_order())


def rows_of(table: type[Model], creator: Creator) -> QuerySet[Any]:
    """What is left of `creator` in one of `tables`."""
    return table._base_manager.filter(**{_paths()[table]: creator})


def _locked(creator: Creator, now: datetime) -> Creator | None:
    """The creator, if it is still there and to be deleted."""
    late = Creator.objects.filter(pk=creator.pk, leaves_at__lte=now)
    return late.select_for_update(no_key=True).first()


def _begin(creator: Creator, *, now: datetime) -> bool:
    """Count what there is to do, if nobody has yet; whether there is anything to do at all."""
    with transaction.atomic():
        if _locked(creator, now) is None:
            return False
        departure, _created = Departure.objects.get_or_create(
            creator=creator, defaults={"asked_at": now, "due_at": now}
        )
        if departure.begun_at is None:
            departure.begun_at = departure.heard_at = now
            departure.total = sum(rows_of(table, creator).count() for table in tables())
            departure.save()
    return True


def _delete_some(table: type[Model], creator: Creator, *, now: datetime) -> bool:
    """Delete up to `BATCH` rows of one table; whether there were any."""
    with transaction.atomic(), connection.cursor() as planner:
        if _locked(creator, now) is None:
            return False  # another worker had the last batch
        planner.execute(PLAN)
        ids = list(rows_of(table, creator).values_list("pk", flat=True)[:BATCH])
        if ids:
            _delete(table, ids)
            departure = Departure.objects.filter(creator=creator)
            departure.update(done=F("done") + len(ids), heard_at=now)
    return bool(ids)


def _delete(table: type[Model], ids: list[int]) -> None:
    """Delete rows that nothing points at, and what admins did to them, which has their names."""
    LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(table), object_id__among=map(str, ids)
    ).delete()
    rows = table._base_manager.filter(pk__among=ids)
    rows._raw_delete(rows.db)


def _end(creator: Creator, *, now: datetime) -> bool:
    """Delete the creator; whether they are gone."""
    with transaction.atomic():
        locked = _locked(creator, now)
        if locked is None:
            return True
        if any(rows_of(table, creator).exists() for table in tables()):
            return False  # something came in behind us
        _delete(
            Departure, list(Departure.objects.filter(creator=creator).values_list("pk", flat=True))
        )
        _delete(Creator, [creator.pk])
    return True
