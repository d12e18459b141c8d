"""Our books against the provider's balance: compared, and where they differ, found and mended.

The balance is the sum of every line of the ledger, so a single line that was lost or changed shows
in it. Which line that is, is found month by month from the newest back, until what was found is all
of the difference. Lines that are missing here are read again and come in like any other.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Count, Max, Min, Sum

from revenue.gateways.problems import SourceProblem
from revenue.gateways.stripe.client import StripeGateway
from revenue.gateways.stripe.reading import (
    Question,
    account_balance,
    ask,
    ledger_nets,
    newest_movement_id,
    oldest_movement_at,
)
from revenue.ingest import ingest, lock_open
from revenue.models import Reconciliation, Source, Sync
from revenue.syncing import OVERLAP
from revenue.values import Listing

log = structlog.get_logger(__name__)

#: How often we look for a moment at which no money moves, reading what is new in between.
LOOKS = 3
#: Results of a source, and lines of a result, that are kept.
KEPT = 100
LINES_KEPT = 50

Difference = Reconciliation.Difference
Outcome = Reconciliation.Outcome
#: Lines of a ledger by their outside id: currency, and net in minor units (None: no sense in it).
Ledger = dict[str, tuple[str, int | None]]
#: A line that differs, as `Reconciliation.lines` keeps it.
Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sums at one moment: `figures` are [currency, ours, theirs] in minor units.

    Ours is the net of all `lines` that are stored, theirs the balance that the provider states.
    """

    figures: list[list[Any]]
    lines: int

    @property
    def drift(self) -> dict[str, int]:
        """By how much theirs is more than ours, for every currency in which they differ."""
        return {
            currency: theirs - ours for currency, ours, theirs in self.figures if theirs != ours
        }

    def with_all_of_it(self, lines: int) -> "Comparison":
        """The same moment, had the `lines` that come to all of the drift been there already."""
        figures = [[currency, theirs, theirs] for currency, _ours, theirs in self.figures]
        return Comparison(figures, self.lines + lines)


@dataclass(slots=True)
class Found:
    """Lines that differ: how many, the newest month of them (its first day), and some of them."""

    month: date | None = None
    count: int = 0
    lines: list[Line] = field(default_factory=list)

    def add(self, month: date, lines: list[Line]) -> None:
        if lines:
            self.month = self.month or month
            self.count += len(lines)
            self.lines += lines[: LINES_KEPT - len(self.lines)]


@dataclass(slots=True)
class Search:
    """What a walk through the months found: lines that were missing and are read now, and lines
    that still differ. `is_explained`: together they were all of the difference."""

    mended: Found = field(default_factory=Found)
    left: Found = field(default_factory=Found)
    is_explained: bool = False


def reconcile(*, source: Source, gateway: StripeGateway, now: datetime) -> Reconciliation:
    """Compare the books of `source` with its balance, and store what came of it.

    Where they differ, the lines are looked for, those that are missing here are read, and it is
    compared once more. A problem of the source is a result too; it is not raised. Raises
    SourceClosed if `source` was disconnected or removed meanwhile.
    """
    try:
        result = _reconciled(source, gateway, now)
    except SourceProblem as problem:
        result = Reconciliation(outcome=Outcome.FAILED, problem=str(problem))
    with transaction.atomic():
        result.source, result.checked_at = lock_open(source), now
        result.save()
        source.reconciliations.keep_newest(KEPT)
    tell = log.warning if result.outcome == Outcome.DRIFT else log.info
    tell("reconciled", source=source.pk, outcome=result.outcome, differing=result.differing)
    return result


def compare(*, source: Source, gateway: StripeGateway) -> Comparison | None:
    """Both sums of one moment, or None: money moves, or lines are only just being read.

    The ledger's last line is asked for before and after. It must be the same and known here, or
    the balance would hold money that our books cannot have yet.
    """
    if is_being_read(source):
        return None
    newest = newest_movement_id(gateway)
    if not _is_known(source, newest):
        return None
    theirs = account_balance(gateway)
    rows = source.movements.values("currency").annotate(net=Sum("net"), lines=Count("pk"))
    ours = {row["currency"]: row["net"] for row in rows}
    if newest_movement_id(gateway) != newest:
        return None
    return Comparison(
        figures=[
            [currency, ours.get(currency, 0), theirs.get(currency, 0)]
            for currency in sorted(ours.keys() | theirs.keys())
        ],
        lines=sum(row["lines"] for row in rows),
    )


def is_being_read(source: Source) -> bool:
    """Whether lines are still to come: a run is under way, or none has ever ended."""
    has_run = Sync.objects.filter(source=source, state=Sync.State.RUNNING).exists()
    return has_run or source.synced_at is None


def net_by_currency(source: Source) -> dict[str, int]:
    """Σ net of everything that moved, in minor units by currency."""
    rows = source.movements.values("currency").annotate(total=Sum("net")).order_by("currency")
    return {row["currency"]: row["total"] for row in rows}


def _is_known(source: Source, newest: str) -> bool:
    """Whether the ledger's last line has come in. Where nothing ever has, it is not just late."""
    return (
        not newest
        or source.movements.filter(external_id=newest).exists()
        or source.set_aside.filter(external_id=newest).exists()
        or not source.movements.exists()
    )


def _reconciled(source: Source, gateway: StripeGateway, now: datetime) -> Reconciliation:
    first = _at_rest(source, gateway, now)
    if first is None:
        return Reconciliation(outcome=Outcome.MOVING)
    if not first.drift:
        return _adds_up(source, first, Found())
    search = _search(source, gateway, first.drift, now)
    last = _at_rest(source, gateway, now)
    if last is None and search.is_explained and not search.left.count:
        last = first.with_all_of_it(search.mended.count)  # it adds up without another look
    if last is None:
        return Reconciliation(outcome=Outcome.MOVING)
    if last.drift or search.left.count:
        is_explained = search.is_explained and search.left.count > 0
        return _result(Outcome.DRIFT, last, search.left, is_explained=is_explained)
    return _adds_up(source, last, search.mended)


def _adds_up(source: Source, compared: Comparison, mended: Found) -> Reconciliation:
    """The sums are equal; so are the books if every line of a payment is counted for somebody."""
    if (nobodys := _nobodys(source)).count:
        return _result(Outcome.DRIFT, compared, nobodys)
    return _result(Outcome.REPAIRED if mended.count else Outcome.EQUAL, compared, mended)


def _nobodys(source: Source) -> Found:
    """The lines of payments, refunds and disputes that reach no purchase."""
    lines = source.movements.nobodys().defer("raw").order_by("-occurred_at", "-pk")
    found = Found(count=lines.count())
    if not found.count:
        return found
    newest = list(lines[:LINES_KEPT])
    aside = source.set_aside.filter(external_id__among={line.payment_id for line in newest})
    names = set(aside.values_list("external_id", flat=True))
    for line in newest:
        found.month = found.month or line.occurred_at.astimezone(UTC).date().replace(day=1)
        what = Difference.OF_SET_ASIDE if line.payment_id in names else Difference.NOBODYS
        sides = {"currency": line.currency, "ours": line.net, "theirs": line.net}
        found.lines.append({"id": line.external_id, "what": what.value, **sides})
    return found


def _result(
    outcome: Reconciliation.Outcome,
    compared: Comparison,
    found: Found | None = None,
    *,
    is_explained: bool = True,
) -> Reconciliation:
    found = found or Found()
    return Reconciliation(
        outcome=outcome,
        figures=compared.figures,
        compared=compared.lines,
        month=found.month,
        differing=found.count,
        lines=found.lines,
        is_explained=is_explained,
    )


def _at_rest(source: Source, gateway: StripeGateway, now: datetime) -> Comparison | None:
    """The two sums, at the first moment out of some at which no money moves."""
    for _ in range(LOOKS - 1):
        compared = compare(source=source, gateway=gateway)
        if compared or is_being_read(source):
            return compared
        newest = source.movements.aggregate(at=Max("occurred_at"))["at"]
        if newest:
            _read(source, gateway, since=newest - OVERLAP, until=None, now=now)
    return compare(source=source, gateway=gateway)


def _search(source: Source, gateway: StripeGateway, drift: dict[str, int], now: datetime) -> Search:
    """Walk from the newest month back until the lines that differ are all of `drift`."""
    search = Search()
    explained: Counter[str] = Counter()
    for since, until in _months(source, gateway, now):
        theirs = {
            name: (currency, net)
            for name, currency, net in ledger_nets(gateway, since=since, until=until)
        }
        differing = list(_differing(_ours(source, since, until), theirs))
        for line in differing:
            explained[line["currency"]] += (line["theirs"] or 0) - (line["ours"] or 0)
        left = differing
        if any(line["what"] == Difference.MISSING for line in differing):
            _read(source, gateway, since=since, until=until, now=now)
            left = list(_differing(_ours(source, since, until), theirs))
        search.mended.add(since.date(), _without(differing, left))
        search.left.add(since.date(), _with_set_aside(source, left))
        if {currency: amount for currency, amount in explained.items() if amount} == drift:
            search.is_explained = True
            break
    return search


def _months(
    source: Source, gateway: StripeGateway, now: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """since <= t < until of the calendar months (UTC) that either ledger goes back to, newest
    first. What comes after `now` is in neither."""
    theirs = oldest_movement_at(gateway, hint=source.account_created_at, now=now)
    ours = source.movements.aggregate(at=Min("occurred_at"))["at"]
    known = [at for at in (ours, theirs or source.account_created_at) if at]
    until = now.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)
    while until > min(known, default=until):
        last_day = until - timedelta(seconds=1)
        since = last_day.replace(day=1, hour=0, minute=0, second=0)
        yield since, until
        until = since


def _ours(source: Source, since: datetime, until: datetime) -> Ledger:
    lines = source.movements.filter(occurred_at__gte=since, occurred_at__lt=until)
    rows = lines.order_by("-occurred_at", "-pk").values_list("external_id", "currency", "net")
    return {name: (currency, net) for name, currency, net in rows}


def _differing(ours: Ledger, theirs: Ledger) -> Iterator[Line]:
    """Every line that is not the same on both sides; for each of its currencies, if they differ."""
    for name in dict.fromkeys((*theirs, *ours)):
        mine, other = ours.get(name), theirs.get(name)
        if mine == other:
            continue
        what = Difference.DIFFERENT if mine and other else Difference.MISSING
        for currency in dict.fromkeys(side[0] for side in (mine, other) if side):
            yield {
                "id": name,
                "what": (what if other else Difference.EXTRA).value,
                "currency": currency,
                "ours": mine[1] if mine and mine[0] == currency else None,
                "theirs": other[1] if other and other[0] == currency else None,
            }


def _without(lines: Iterable[Line], left: Iterable[Line]) -> list[Line]:
    names = {line["id"] for line in left}
    return [line for line in lines if line["id"] not in names]


def _with_set_aside(source: Source, lines: list[Line]) -> list[Line]:
    """`lines`, saying of those that are missing whether they came and were not understood."""
    missing = [line["id"] for line in lines if line["what"] == Difference.MISSING]
    came = source.set_aside.filter(external_id__among=missing)
    aside = set(came.values_list("external_id", flat=True))
    return [
        line | {"what": Difference.SET_ASIDE.value} if line["id"] in aside else line
        for line in lines
    ]


def _read(
    source: Source,
    gateway: StripeGateway,
    *,
    since: datetime,
    until: datetime | None,
    now: datetime,
) -> None:
    """Read a span of the ledger anew, as if nothing of it were known."""
    question = Question(Listing.MOVEMENTS, since=since, until=until)
    while True:
        answer = ask(gateway, question)
        ingest(source=source, page=answer.page({}), now=now)
        if answer.cursor is None:
            return
        question = replace(question, after=answer.cursor, reached_at=answer.reached_at)
