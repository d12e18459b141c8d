"""The creator says by hand whose a payment is that nothing else tells of.

What is said is stored beside the books and asked for whenever they are written
(`revenue.attribution`), so it holds however often a payment is read. Saying it, and taking it back,
is then no more than to count the payments anew. Both take the locks that an import takes.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from fans.models import Creator, Fan, User
from revenue.ingest import lock
from revenue.models import Assignment, Claim, Purchase, Source
from revenue.purchases import count_purchases

#: So many payments are said to be somebody's at once: they wait for each other, and imports do.
MOST = 2000


def assign(
    *, creator: Creator, purchases: Collection[int], to: Fan | str, by: User, now: datetime
) -> tuple[Fan, int]:
    """Have `purchases` (row ids) be those of `to`, or of somebody new of that name.

    Only those that are nobody's; the rest is left as it is. Returns whose they are and how many
    they were, at most `MOST`. Raises `Fan.DoesNotExist` if the person is gone by now; with nothing
    to assign nobody new is made, and the person returned is not stored.
    """
    wanted = creator.purchases.filter(pk__among=purchases)
    with transaction.atomic():
        sources = _locked(creator, wanted)
        found = _by_source(wanted.unattributed().filter(source__in=sources))
        fan = Fan(creator=creator, name=to) if isinstance(to, str) else creator.fans.get(pk=to.pk)
        if not found:
            return fan, 0
        if fan.pk is None:
            fan.save()
        Assignment.objects.bulk_create(
            [
                Assignment(creator=creator, source_id=source_id, external_id=name, fan=fan, by=by)
                for source_id, names in found.items()
                for name in names
            ],
            update_conflicts=True,
            unique_fields=["source", "external_id"],
            update_fields=["fan", "by"],
        )
        _count_anew(sources, found, now=now)
    return fan, sum(map(len, found.values()))


def take_back(*, creator: Creator, purchases: Collection[int], now: datetime) -> int:
    """Have `purchases` (row ids) belong to whom they belong by themselves; how many were assigned,
    at most `MOST`.

    People of whom nothing is left go: they were made for these payments.
    """
    wanted = creator.purchases.filter(pk__among=purchases)
    with transaction.atomic():
        sources = _locked(creator, wanted)
        found = _by_source(wanted.assigned().filter(source__in=sources))
        for source_id, names in found.items():
            Assignment.objects.filter(source=source_id, external_id__among=names).delete()
            # A code that was used up opens nothing; whoever it was taken back from needs another.
            Claim.objects.filter(source=source_id, external_id__among=names).delete()
        _count_anew(sources, found, now=now)
    return sum(map(len, found.values()))


def _locked(creator: Creator, purchases: QuerySet[Purchase]) -> list[Source]:
    """The sources of `purchases`, in the order in which everybody locks: all of them before the
    creator, whom `lock` locks with each."""
    kept = creator.sources.exclude(state=Source.State.REMOVING)
    wanted = kept.filter(pk__in=purchases.values("source")).order_by("pk")
    return [lock(source) for source in list(wanted.select_for_update(no_key=True))]


def _by_source(purchases: QuerySet[Purchase]) -> dict[int, list[str]]:
    """The outside ids of up to `MOST` of `purchases`, by the id of their source."""
    found: dict[int, list[str]] = defaultdict(list)
    for source_id, name in purchases.order_by("pk").values_list("source_id", "external_id")[:MOST]:
        found[source_id].append(name)
    return found


def _count_anew(
    sources: Iterable[Source], names: Mapping[int, Collection[str]], *, now: datetime
) -> None:
    for source in sources:
        source.may_be_assigned = True
        count_purchases(source=source, touched=names.get(source.pk, ()), now=now)
