"""Two records become one person's by the creator's word, and two again if they take it back.

Whose a payment is follows from what its payer is known by (`revenue.attribution`). A merge has both
people's identities belong to one of the two, and so whatever is read later lands there, however
often and in whatever order. What else belongs to somebody is moved row by row, and what cannot be
there twice is set aside; all of that is kept with the merge. The other record is gone.

Locks: the creator, turns, acquaintances, and the people themselves, as whoever notes something
takes them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q

from fans.acquaintance import acquaintance_of, known_of, learn
from fans.models import (
    Acquaintance,
    Creator,
    Delivery,
    Fan,
    Identity,
    Letter,
    Merge,
    NamePart,
    Note,
    Proposal,
    Tagging,
    Touch,
    Turn,
    User,
)
from fans.rows import Kept, kept, put_back, value_of
from fans.touches import follow
from revenue.attribution import (
    Payer,
    assigned,
    attribute,
    forget,
    introduce,
    show_as_known,
)
from revenue.members import owners_of_memberships
from revenue.models import Assignment, Customer, Membership, Purchase, Source
from revenue.refusing import forget_refusal, mark_refused, refuse
from revenue.spend import recompute_these_fans

#: Moved row by row.
MOVED: tuple[type[Model], ...] = (Touch, Note, Letter, Assignment, Merge)
#: Moved, too, unless who stays has one with the same of these columns: then it is set aside.
ONCE: dict[type[Model], tuple[str, ...]] = {
    Tagging: ("tag_id",),
    Delivery: ("perk_id", "period"),
    Turn: ("circle",),
}
#: These follow: from what people are known by, and from their names.
FOLLOWING: tuple[type[Model], ...] = (Purchase, Membership, NamePart)
#: These have a function of their own below.
APART: tuple[type[Model], ...] = (Identity, Acquaintance, Proposal)
#: What of a payment or a membership tells whose it is.
PAYER = ("source_id", "external_id", "customer_id")
#: Columns of who stays that a merge may fill.
FILLED = ("name", "email", "country")
#: Columns of what is known that follow from touches, or say whose it is.
NO_FACTS = {"id", "creator_id", "fan_id", "last_touch_at", "last_word_at", "last_thanked_at"}


class NotTheLast(Exception):
    """Somebody else became the same person later; that has to be taken back first."""


def who_stays(one: Fan, other: Fan) -> tuple[Fan, Fan]:
    """Who stays, and who is taken in: the earlier seat stays, else the older record."""
    first, second = sorted((one, other), key=lambda fan: (fan.seat is None, fan.seat, fan.pk))
    return first, second


def merge(
    *,
    creator: Creator,
    people: tuple[int, int],
    reasons: Sequence[int] = (),
    by: User | None,
    now: datetime,
) -> Merge:
    """Have two of the people of `creator` (row ids) be one.

    Raises Fan.DoesNotExist if one of them is not there any more.
    """
    with transaction.atomic():
        creator = Creator.objects.select_for_update(no_key=True).get(pk=creator.pk)
        # Seats are given, and people are taken away, under this lock alone.
        fan, gone = who_stays(*(creator.fans.get(pk=pk) for pk in people))
        _lock(fan, gone)
        forget_refusal(creator=creator, people=(fan.pk, gone.pk))
        merged = Merge.objects.create(
            creator=creator,
            fan=fan,
            gone=gone.pk,
            name=str(gone),
            seat=gone.seat,
            reasons=list(reasons),
            by=by,
            merged_at=now,
        )
        merged.before = {
            "gone": kept(gone),
            "filled": {"was": _columns(fan, FILLED)},
            "identities": _join_identities(merged, fan, gone),
            "moved": _move(merged, fan, gone),
            "aside": _set_aside(fan, gone),
            "proposals": _join_proposals(fan, gone),
        }
        for table in (Purchase, Membership):
            table._default_manager.filter(creator=creator, fan=gone).update(fan=fan)
        merged.before["known"] = _join_what_is_known(fan, gone, now)
        merged.before["filled"]["is"] = _columns(fan, FILLED)
        merged.save(update_fields=["before"])
        # Not by way of the models, which would take everything along that was forgotten above.
        row = Fan.objects.filter(pk=gone.pk)
        row._raw_delete(row.db)
        _recompute(creator, [fan.pk], now)
    return merged


def part(*, merged: Merge, by: User | None, now: datetime) -> list[Fan]:
    """Have two people again, each with exactly what was theirs, and with what came in since by what
    they are known by; returns those of whom there is something.

    They are two: nobody proposes them again. What the creator noted since stays with who stayed.
    Raises Merge.DoesNotExist if that was done already, and NotTheLast.
    """
    with transaction.atomic():
        creator = Creator.objects.select_for_update(no_key=True).get(pk=merged.creator_id)
        merged = Merge.objects.get(pk=merged.pk)
        fan, before = creator.fans.get(pk=merged.fan_id), merged.before
        _lock(fan)
        if Merge.objects.filter(creator=creator, fan=merged.fan_id, pk__gt=merged.pk).exists():
            raise NotTheLast
        put_back(Fan, before["gone"])
        gone = creator.fans.get(pk=merged.gone)
        _tell_apart(fan, before["identities"])
        for table in (*MOVED, *ONCE):
            ids = before["moved"].get(table._meta.label, [])
            table._default_manager.filter(pk__among=ids, fan=fan).update(fan=gone)
            for columns in before["aside"].get(table._meta.label, []):
                put_back(table, columns)
        _know_apart(fan, gone, before["known"])
        _fill_back(fan, before["filled"])
        merged.delete()
        _propose_apart(creator, fan, before["proposals"], said_at=merged.merged_at)
        refuse(creator=creator, people=(fan.pk, gone.pk), by=by, now=now)
        others = _share_out(creator, fan, now)
        both = {fan.pk, gone.pk}
        forget(both)
        _recompute(creator, both | others, now)
        return list(creator.fans.filter(pk__in=both).order_by("pk"))


def _lock(fan: Fan, gone: Fan | None = None) -> None:
    """Let nobody else write what there is of these people until the transaction ends; nor, of who
    will be `gone`, anything new. New rows of who stays may come: whoever stores one does not wait
    for us then, as we may for them."""
    people = [fan, gone] if gone else [fan]
    for table in (Turn, Acquaintance):
        rows = table._default_manager.filter(creator=fan.creator_id, fan__in=people)
        list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    for person in sorted(people, key=lambda person: person.pk):
        is_kept = person is fan
        Fan.objects.select_for_update(no_key=is_kept).get(pk=person.pk)


def _columns(row: Model, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _join_identities(merged: Merge, fan: Fan, gone: Fan) -> list[Kept]:
    """Both are known by all of it; returns the rows as they were.

    What was said of a customer without an address stands when they turn out to have one.
    """
    known = Identity.objects.filter(creator=merged.creator, fan__in=[fan, gone]).order_by("pk")
    rows = [kept(row) for row in known]
    addressed = Customer.objects.filter(
        source__creator=merged.creator, external_id=OuterRef("value")
    ).exclude(email="")
    customers = known.exclude(kind=Identity.Kind.EMAIL)
    customers.filter(~Exists(addressed)).order_by().update(stands=True)
    known.filter(fan=gone).order_by().update(fan=fan, merge=merged)
    return rows


def _tell_apart(fan: Fan, rows: list[Kept]) -> None:
    """Each is known by what they were known by, unless that is somebody else's by now."""
    groups: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for columns in rows:
        groups[columns["fan_id"], columns["merge_id"], columns["stands"]].append(columns["id"])
    for (whose, merge_id, stands), ids in groups.items():
        known = Identity.objects.filter(pk__in=ids, fan=fan)
        known.update(fan=whose, merge=merge_id, stands=stands == str(True))


def _move(merged: Merge, fan: Fan, gone: Fan) -> dict[str, list[int]]:
    """Move what there may be any number of; the ids of the rows by their table."""
    moved: dict[str, list[int]] = {}
    for table in (*MOVED, *ONCE):
        rows = table._default_manager.filter(fan=gone)
        if table in ONCE:
            same = {name: OuterRef(name) for name in ONCE[table]}
            rows = rows.filter(~Exists(table._default_manager.filter(fan=fan, **same)))
        ids = list(rows.order_by("pk").values_list("pk", flat=True))
        table._default_manager.filter(pk__among=ids).update(fan=fan)
        moved[table._meta.label] = ids
    return moved


def _set_aside(fan: Fan, gone: Fan) -> dict[str, list[Kept]]:
    """Take away what is left after `_move`; the rows by their table."""
    aside: dict[str, list[Kept]] = {}
    for table in ONCE:
        left = table._default_manager.filter(fan=gone)
        aside[table._meta.label] = [kept(row) for row in left.order_by("pk")]
        left.delete()
    return aside


def _join_proposals(fan: Fan, gone: Fan) -> list[Kept]:
    """Who was not one of the two is not this person either; the rest is proposed anew by whoever
    looks. Returns the rows as they were."""
    about = Proposal.objects.about(fan.pk, gone.pk)
    rows = list(about.order_by("pk"))
    about.filter(Q(first=gone) | Q(second=gone)).delete()
    for row in rows:
        other = ({row.first_id, row.second_id} - {fan.pk, gone.pk}) or {fan.pk}
        if row.refused_at and gone.pk in (row.first_id, row.second_id) and fan.pk not in other:
            people = (fan.pk, *other)
            mark_refused(creator=fan.creator, people=people, by=row.by, now=row.refused_at)
    return [kept(row) for row in rows]


def _join_what_is_known(fan: Fan, gone: Fan, now: datetime) -> dict[str, Kept]:
    """What one knew of the two is known of the one; returns it as it was, and as it is."""
    mine, theirs = known_of(fan), known_of(gone)
    was = {"mine": kept(mine), "theirs": kept(theirs) if theirs.pk else {}}
    if theirs.pk:
        theirs.delete()
    show_as_known(fan, now)
    named = Fan.objects.get(pk=fan.pk)
    known = acquaintance_of(fan)
    learn(known, theirs)
    if not (named.name or known.called):
        # Neither paid by a name, and one of them was given one by hand.
        known.called = fan.name or gone.name
    follow(known)
    fan.name, fan.country = known.called or named.name, named.country
    fan.email = fan.email or gone.email
    fan.save(update_fields=FILLED)
    return was | {"is": kept(known)}


def _know_apart(fan: Fan, gone: Fan, before: dict[str, Kept]) -> None:
    """Know of each what one knew, and of who stayed what was changed since."""
    known = acquaintance_of(fan)
    for column in before["is"].keys() - NO_FACTS:
        if getattr(known, column) == value_of(Acquaintance, column, before["is"]):
            setattr(known, column, value_of(Acquaintance, column, before["mine"]))
    follow(known)
    if before["theirs"]:
        put_back(Acquaintance, before["theirs"])
    follow(acquaintance_of(gone))


def _fill_back(fan: Fan, filled: dict[str, dict[str, str]]) -> None:
    for column in FILLED:
        if getattr(fan, column) == filled["is"][column]:
            setattr(fan, column, filled["was"][column])
    fan.save(update_fields=FILLED)


def _propose_apart(creator: Creator, fan: Fan, rows: list[Kept], *, said_at: datetime) -> None:
    """The proposals are what they were, but for what was decided since."""
    decided = Q(refused_at__gt=said_at)
    Proposal.objects.about(fan.pk).exclude(decided).delete()
    for columns in rows:
        first, second = int(columns["first_id"]), int(columns["second_id"])
        is_there = creator.fans.filter(pk__in=(first, second)).count() == 2
        if is_there and not Proposal.objects.filter(first=first, second=second).exists():
            put_back(Proposal, columns)


def _share_out(creator: Creator, fan: Fan, now: datetime) -> set[int]:
    """Have the purchases and memberships of `fan` belong to whom they belong by what is known now;
    returns whose they have become."""
    purchases, memberships = defaultdict(list), defaultdict(list)
    for purchase in Purchase.objects.filter(creator=creator, fan=fan).only(*PAYER, "payer_email"):
        purchases[purchase.source_id].append(purchase)
    for membership in Membership.objects.filter(creator=creator, fan=fan).only(*PAYER):
        memberships[membership.source_id].append(membership)
    whose: set[int] = set()
    sources = Source.objects.without_secrets().filter(creator=creator).order_by("pk")
    for source in sources.filter(pk__in={*purchases, *memberships}):
        source.creator, source.may_be_assigned = creator, True
        bought, joined = purchases[source.pk], memberships[source.pk]
        whose |= _give_back(bought, _buyers(source, bought))
        # Who has a membership may follow from who pays for it.
        members = [Payer(row.external_id, row.customer_id) for row in joined]
        whose |= _give_back(joined, owners_of_memberships(source=source, members=members))
        introduce(
            source=source,
            purchases=[purchase.pk for purchase in bought],
            memberships=[membership.pk for membership in joined],
            customers=(),
            people=(),
            now=now,
        )
    return whose - {fan.pk}


def _buyers(source: Source, purchases: Sequence[Purchase]) -> dict[str, int | None]:
    """Whose each of `purchases` is, by its outside id."""
    by_hand = assigned(source=source, external_ids=[row.external_id for row in purchases])
    payers = [
        Payer(row.external_id, row.customer_id, row.payer_email)
        for row in purchases
        if row.external_id not in by_hand
    ]
    return attribute(source=source, payers=payers) | by_hand


def _give_back(
    rows: Sequence[Purchase] | Sequence[Membership], owners: Mapping[str, int | None]
) -> set[int]:
    """Have each of `rows` belong to whom it is of (by outside ids); returns whose they are."""
    theirs = defaultdict(list)
    for row in rows:
        theirs[owners[row.external_id]].append(row.pk)
    for owner, ids in theirs.items():
        type(rows[0])._default_manager.filter(pk__among=ids).update(fan=owner)
    return {owner for owner in theirs if owner}


def _recompute(creator: Creator, people: Collection[int], now: datetime) -> None:
    """Work out these people at once, and have a worker do it again, with what follows for everybody
    together; while purchases are being recounted they wait for that."""
    recompute_these_fans(creator=creator, ids=people, now=now)
    Fan.objects.mark_due(people, now=now)
