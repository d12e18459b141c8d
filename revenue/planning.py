"""What a run reads, and in which parts: from a sync to its stretches.

A whole history begins as one stretch a list. Whenever there is room for another question, the
longest stretch that is not read yet is cut in two by time, so that a long history is read from
several ends at once and a short one costs a single question a list.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Min, Q

from revenue.models import Purchase, Return, Source, Stretch, Sync
from revenue.upsert import upsert
from revenue.values import Listing, PaymentStatus, ReturnKind

#: Lists that are read whole, and may be cut by the time of what is in them.
WHOLE = (Listing.CUSTOMERS, Listing.MEMBERSHIPS, Listing.INVOICES, Listing.MOVEMENTS)
#: Lists of which a full run reads the newest part: what is older and without a line of the ledger
#: (a declined card, a hold that ran out) will never be money.
NEWEST = (Listing.PAYMENTS, Listing.REFUNDS, Listing.DISPUTES)
NEWEST_DAYS = timedelta(days=40)
NEWEST_ROWS = 2_000
#: Nothing waits longer than this for its money.
UNSETTLED_DAYS = timedelta(days=40)
#: So much may the provider's clock be ahead of ours.
CLOCKS_DIFFER = timedelta(days=1)
#: How many objects a run asks for one by one, at most.
ONE_BY_ONE = 200
#: An order is older than its payment by as long as a till stays open, at most.
TILL_IS_OPEN = timedelta(days=2)
#: What may change long after it was made, and moves no money: an address, a bill that is paid past
#: the provider, a membership that is cancelled.
CHANGING = (Listing.CUSTOMERS, Listing.MEMBERSHIPS, Listing.INVOICES)
#: Where nothing is heard of what changes, all of that is read again after so long.
UNHEARD_OF = timedelta(days=1)
#: A stretch is not cut where about so many rows are left of it: each piece costs a question.
FEWEST_ROWS = 400


def plan(sync: Sync, *, now: datetime) -> list[Stretch]:
    """Store and return the stretches of a run that has none."""
    if sync.is_full:
        stretches = [Stretch(sync=sync, listing=listing) for listing in (*WHOLE, *NEWEST)]
    else:
        lacked = lacked_before(sync)
        if Listing.NEWS in lacked and not _was_all_read(sync):
            lacked.update(CHANGING)
        stretches = [
            Stretch(sync=sync, listing=of, since=None if of in lacked else sync.since)
            for of in (*WHOLE, *NEWEST, Listing.NEWS)
        ]
        if ids := unsettled(sync.source, now=now):
            stretches.append(Stretch(sync=sync, listing=Listing.UNSETTLED, ids=ids))
    return Stretch.objects.bulk_create(stretches)


def lacked_before(sync: Sync) -> set[str]:
    """Lists that the source's last run could not read: whoever may read one now, reads it whole."""
    last = sync.source.syncs.filter(state=Sync.State.DONE).order_by("-started_at", "-pk").first()
    return (
        set(last.stretches.exclude(lacks="").values_list("listing", flat=True)) if last else set()
    )


def _was_all_read(sync: Sync) -> bool:
    """Whether what may change was read whole lately: no list says that something old has changed,
    so without events all of it has to be read, now and then."""
    lately = sync.started_at - UNHEARD_OF
    runs = sync.source.syncs.filter(state=Sync.State.DONE, started_at__gt=lately)
    # Customers are read by every run that ends well.
    return Stretch.objects.filter(sync__in=runs, listing=Listing.CUSTOMERS, since=None).exists()


def plan_nobodys(sync: Sync) -> list[Stretch]:
    """Stretches for lines that name a payment, refund or dispute which is not there: the server did
    not give it with the line, and the lists may have it.

    None where there is no such line, or where the lists were read for that already. Older lines are
    looked at, too, once a list can be read again.
    """
    if any(is_whole(stretch) for stretch in sync.stretches.filter(listing__in=NEWEST)):
        return []
    lines = sync.source.movements.nobodys().exclude(payment_id="")
    lacking = sync.stretches.exclude(lacks="").values_list("listing", flat=True)
    if sync.since and lacked_before(sync).difference(lacking).isdisjoint(NEWEST):
        lines = lines.filter(occurred_at__gte=sync.since)
    first = lines.aggregate(at=Min("occurred_at"))["at"]
    if first is None:
        return []
    since, until = first - UNSETTLED_DAYS, sync.started_at + CLOCKS_DIFFER
    return Stretch.objects.bulk_create(
        Stretch(sync=sync, listing=listing, since=since, until=until) for listing in NEWEST
    )


def is_whole(stretch: Stretch) -> bool:
    """Whether it is read for what has a line, too. Only those have an end."""
    return stretch.listing in NEWEST and stretch.until is not None


def plan_orders(sync: Sync) -> list[Stretch]:
    """A stretch for payments of nobody of which only the till may know who made them: one by one,
    or, where they are many, all orders of that time.

    None where there is no such payment, or where they have been asked about already.
    """
    if sync.stretches.filter(listing=Listing.ORDERS).exists():
        return []
    nobodys = sync.source.creator.purchases.unattributed().filter(source=sync.source)
    wanted = nobodys.exclude(intent_id="").exclude(state__in=Purchase.NOTHING_PAID)
    if sync.since and Listing.ORDERS not in lacked_before(sync):
        wanted = wanted.filter(occurred_at__gte=sync.since)
    ids = list(wanted.newest().values_list("intent_id", flat=True)[: ONE_BY_ONE + 1])
    if not ids:
        return []
    if len(ids) <= ONE_BY_ONE:
        orders = Stretch(sync=sync, listing=Listing.ORDERS, ids=sorted({*ids}))
    else:
        first = wanted.aggregate(at=Min("occurred_at"))["at"]
        orders = Stretch(sync=sync, listing=Listing.ORDERS, since=first - TILL_IS_OPEN)
    orders.save()
    return [orders]


def unsettled(source: Source, *, now: datetime) -> list[str]:
    """Outside ids of what may still change without a new line in the ledger, newest first."""
    open_purchases = source.creator.purchases.filter(
        Q(state__in=[Purchase.State.SETTLING, Purchase.State.AUTHORISED])
        | Q(status=PaymentStatus.PENDING),
        source=source,
        occurred_at__gte=now - UNSETTLED_DAYS,
        is_elsewhere=False,
    )
    open_returns = source.returns.filter(
        Q(kind=ReturnKind.DISPUTE) & ~Q(status__in=Return.CLOSED)
        | Q(kind=ReturnKind.REFUND, status__in=["pending", "requires_action"])
    )
    payments = open_purchases.order_by("-occurred_at").values_list("external_id", flat=True)
    returns = open_returns.order_by("-occurred_at").values_list("external_id", flat=True)
    return sorted({*payments[:ONE_BY_ONE], *returns[:ONE_BY_ONE]})


def is_enough(stretch: Stretch, *, sync: Sync) -> bool:
    """Whether a list of which only the newest part is read is read far enough."""
    return (
        stretch.listing in NEWEST
        and stretch.since is None
        and stretch.rows >= NEWEST_ROWS
        and stretch.reached_at is not None
        and stretch.reached_at < sync.started_at - NEWEST_DAYS
    )


def cut_longest(stretches: list[Stretch], *, pieces: int, sync: Sync) -> list[Stretch]:
    """Cut up to `pieces` off the longest of `stretches`, each half of what is left of one.

    `stretches` keep the newer ones, the older ones are returned; none is stored yet.
    """
    older: list[Stretch] = []
    while len(older) < pieces:
        longest = max(stretches, key=lambda stretch: _rows_left(stretch, sync), default=None)
        if longest is None or longest.reached_at is None:
            break
        if _rows_left(longest, sync) < FEWEST_ROWS:
            break
        middle = longest.reached_at - _time_left(longest, sync) / 2
        older.append(_cut(longest, middle.replace(microsecond=0)))
    return older


def _time_left(stretch: Stretch, sync: Sync) -> timedelta:
    """How much time of a stretch is not read yet; nothing for what cannot be cut."""
    since = stretch.since or sync.oldest_at
    if since is None or stretch.reached_at is None or stretch.listing not in WHOLE:
        return timedelta(0)
    return max(stretch.reached_at - since, timedelta(0))


def _rows_left(stretch: Stretch, sync: Sync) -> float:
    """About how many rows that time holds, if it is as busy as the last page was."""
    return stretch.busy * (_time_left(stretch, sync) / timedelta(days=1))


def _cut(stretch: Stretch, middle: datetime) -> Stretch:
    older = Stretch(
        sync_id=stretch.sync_id, listing=stretch.listing, since=stretch.since, until=middle
    )
    stretch.since = middle
    return older


def note_progress(stretches: Collection[Stretch], *, cut_off: list[Stretch]) -> None:
    """Store how far `stretches` are read, and what was `cut_off` them."""
    Stretch.objects.bulk_create(cut_off)
    progress = ("since", "cursor", "rows", "reached_at", "lacks", "is_done")
    columns = [field.attname for field in Stretch._meta.concrete_fields]
    rows = [{name: getattr(stretch, name) for name in columns} for stretch in stretches]
    upsert(Stretch, rows, unique=["id"], update=progress)


def span_read(stretches: list[Stretch], *, sync: Sync) -> timedelta:
    """How much of the ledger's time is read."""
    total = timedelta(0)
    for stretch in stretches:
        if stretch.listing != Listing.MOVEMENTS:
            continue
        top = stretch.until or sync.started_at
        bottom = stretch.since or sync.oldest_at or top
        if not stretch.is_done:
            bottom = stretch.reached_at or top
        total += max(top - bottom, timedelta(0))
    return total
