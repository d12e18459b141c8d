"""An import has ended: what came, and where it leads."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard import figures
from fans.models import Creator
from revenue.models import Recount, Source, Sync, Upload

#: So long it is news that a history was read.
NEWS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Arrived:
    """How many `payments` of how many `people` came in, and how many true fans there are now; None
    while that is still being worked out."""

    payments: int
    people: int
    true_fans: int | None


def arrived_from(source: Source, runs: list[Sync], *, now: datetime) -> Arrived | None:
    """What the whole history of `source` brought, if one of its last `runs` has just read it."""
    ended = (run.finished_at for run in runs if run.is_full and run.state == Sync.State.DONE)
    if not any(at and now - at < NEWS for at in ended):
        return None
    brought = figures.brought(source)
    return Arrived(brought.purchases, brought.people, _true_fans(source.creator, now=now))


def arrived_with(upload: Upload, *, now: datetime) -> Arrived | None:
    """What a file brought that is imported."""
    if upload.state != Upload.State.DONE:
        return None
    found = upload.summary
    payments = sum(sums["payments"] for sums in found.get("currencies", {}).values())
    true_fans = _true_fans(upload.creator, now=now)
    return Arrived(payments, found.get("people", 0), true_fans)


def _true_fans(creator: Creator, *, now: datetime) -> int | None:
    if Recount.under_way_of(creator) or creator.fans.due(now).exists():
        return None
    return creator.fans.true().count()
