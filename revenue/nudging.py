"""Working off nudges: what deliveries and polls have named is read anew and comes in by `ingest`.

A nudge is claimed by a lease, so that no lock is held while Stripe is asked. It is done in the
transaction that stores what was read; a killed worker's nudges are free again when the lease ends.
Nothing follows from the order in which nudges come, because nothing is taken from them but a name.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from revenue.ahead import Ahead
from revenue.gateways.problems import (
    KeyRefused,
    PermissionMissing,
    SourceProblem,
    UnexpectedAnswer,
    Unforeseen,
    Unreachable,
)
from revenue.gateways.stripe.client import StripeGateway
from revenue.gateways.stripe.connecting import PERMISSIONS
from revenue.gateways.stripe.pages import NOT_UNDERSTOOD, to_page
from revenue.gateways.stripe.reading import ask_for
from revenue.ingest import SourceClosed, ingest
from revenue.models import Nudge, Source
from revenue.values import Page

log = structlog.get_logger(__name__)

BATCH = 100
IN_FLIGHT = 4
#: Seconds after which no more is asked for: others wait for the worker.
TURN = 30
#: Longer than a turn whose last question is asked again and again.
LEASE = timedelta(minutes=3)
#: While nothing can be read, each is asked for again after this time.
PAUSE = timedelta(seconds=20)
#: A failed nudge rests so long, then twice as long, and so on.
REST = timedelta(minutes=1)
#: Without these there are no books; without any other permission reading goes on.
NEEDED = {name for name, _path, _params in PERMISSIONS}
EMPTY = Page()


@dataclass(frozen=True, slots=True)
class Finding:
    """What an object is, with what belongs to it; or why nobody can tell."""

    page: Page = EMPTY
    problem: SourceProblem | None = None

    @property
    def is_failure(self) -> bool:
        return isinstance(self.problem, UnexpectedAnswer)

    @property
    def ends_all(self) -> bool:
        """Whether no other object of the source could be read either."""
        if isinstance(self.problem, PermissionMissing):
            return self.problem.permission in NEEDED
        return isinstance(self.problem, KeyRefused | Unreachable)


def work_off(*, source: Source, gateway: StripeGateway, now: datetime, at_most: int = BATCH) -> int:
    """Read and ingest what `at_most` open nudges of `source` are about; how many are done by it.

    A key that is refused, a permission without which there are no books or a provider that cannot
    be reached is told by the state of the source, and its nudges stay open. An answer that makes
    no sense, or none about one object while others are answered, counts against the nudges of
    that object alone. Raises SourceClosed if `source` was disconnected or removed meanwhile.
    """
    nudges = _claim(source, at_most, now)
    findings = _read(gateway, {nudge.object_id for nudge in nudges})
    _bring_customers(source, gateway, findings)
    end = next((finding.problem for finding in findings.values() if finding.ends_all), None)
    unread = [n for n in nudges if n.object_id not in findings or findings[n.object_id].ends_all]
    if end:
        _end(source, end, unread, now=now)
    else:
        _let_go(unread)
    good = []
    for nudge in nudges:
        finding = findings.get(nudge.object_id)
        if finding and finding.is_failure:
            _note_failure(nudge, str(finding.problem), now=now)
        elif finding and not finding.ends_all:
            good.append(nudge)
    return _store(source, good, findings, now=now) if good else 0


def _claim(source: Source, at_most: int, now: datetime) -> list[Nudge]:
    with transaction.atomic():
        free = source.nudges.open(now).order_by("pk").select_for_update(skip_locked=True)
        nudges = list(free[:at_most])
        mine = Nudge.objects.filter(pk__in=[nudge.pk for nudge in nudges])
        mine.update(rests_until=now + LEASE, problem="")
    return nudges


def _let_go(nudges: list[Nudge]) -> None:
    """They were not asked for, because time was up: whoever comes next may."""
    Nudge.objects.filter(pk__in=[nudge.pk for nudge in nudges]).update(rests_until=None)


def _read(gateway: StripeGateway, object_ids: Collection[str]) -> dict[str, Finding]:
    """Findings by object id; not of all, where time is up or the source cannot be read."""
    waiting = sorted(object_ids, reverse=True)
    findings: dict[str, Finding] = {}
    until = time.monotonic() + TURN
    with Ahead[str, str, Finding](partial(_find, gateway), in_flight=IN_FLIGHT) as ahead:
        while True:
            while waiting and ahead.free and time.monotonic() < until:
                object_id = waiting.pop()
                ahead.put(object_id, object_id)
            arrivals = ahead.take()
            if not arrivals:
                return findings
            findings.update((arrival.key, arrival.answer) for arrival in arrivals)
            if any(arrival.answer.ends_all for arrival in arrivals):
                waiting.clear()


def _bring_customers(source: Source, gateway: StripeGateway, findings: dict[str, Finding]) -> None:
    """Read with payments and memberships the customers of whom nothing is known yet, so that a
    delivery says at once who it was. What does not come now is read with the next run."""
    named = {name: _customers(finding.page) for name, finding in findings.items()}
    wanted = set().union(*named.values()) - findings.keys()
    known = source.customers.filter(external_id__among=wanted)
    found = _read(gateway, wanted.difference(known.values_list("external_id", flat=True)))
    for name, customers in named.items():
        if pages := [found[customer].page for customer in customers if customer in found]:
            page = Page.of([findings[name].page, *pages])
            findings[name] = replace(findings[name], page=page)


def _customers(page: Page) -> set[str]:
    payers = {payment.customer_id for payment in page.payments}
    return (payers | {membership.customer_id for membership in page.memberships}) - {""}


def _find(gateway: StripeGateway, object_id: str) -> Finding:
    read_at = timezone.now()
    try:
        return Finding(to_page(ask_for(gateway, object_id), read_at=read_at))
    except SourceProblem as problem:
        return Finding(problem=problem)
    except NOT_UNDERSTOOD as error:
        return Finding(problem=UnexpectedAnswer(type(error).__name__))


def _end(
    source: Source, problem: SourceProblem, nudges: Collection[Nudge], *, now: datetime
) -> None:
    """Say what is the matter with `source`; `nudges`, which nobody could ask for, pause."""
    is_open = Source.objects.open().filter(pk=source.pk)
    if is_open.update(state=problem.state, problem=str(problem)):
        paused = Nudge.objects.filter(pk__in=[nudge.pk for nudge in nudges])
        paused.update(rests_until=now + PAUSE, problem=str(problem))
    log.warning("nudging_ended", source=source.pk, state=problem.state)


def _note_failure(nudge: Nudge, problem: str, *, now: datetime) -> None:
    attempts = nudge.attempts + 1
    rests_until = now + REST * 2 ** (attempts - 1)
    # It may have gone with its source.
    Nudge.objects.filter(pk=nudge.pk).update(
        attempts=attempts, rests_until=rests_until, problem=problem
    )


def _store(
    source: Source, nudges: list[Nudge], findings: dict[str, Finding], *, now: datetime
) -> int:
    """Ingest what `nudges` are about, and call them done in the same transaction; how many.

    Should one of them be more than `ingest` can take, the others are stored without it.
    """
    pages = {nudge.object_id: findings[nudge.object_id].page for nudge in nudges}
    try:
        with transaction.atomic():
            ingest(source=source, page=Page.of(pages.values()), now=now)
            return _end_well(nudges, findings, now=now)
    except (SourceClosed, OperationalError, InterfaceError):
        raise  # no fault of theirs
    except Exception:
        if len(nudges) == 1:
            log.exception("nudge_failed", nudge=nudges[0].pk, kind=nudges[0].kind)
            _note_failure(nudges[0], str(Unforeseen()), now=now)
            return 0
    middle = len(nudges) // 2
    halves = nudges[:middle], nudges[middle:]
    return sum(_store(source, half, findings, now=now) for half in halves)


def _end_well(nudges: list[Nudge], findings: dict[str, Finding], *, now: datetime) -> int:
    for nudge in nudges:
        finding = findings[nudge.object_id]
        nudge.done_at, nudge.rests_until = now, None
        nudge.problem = str(finding.problem or "")
        if not finding.page.rows:
            log.info("nudge_about_nothing", source=nudge.source_id, kind=nudge.kind)
    return Nudge.objects.bulk_update(nudges, ["done_at", "rests_until", "problem"])
