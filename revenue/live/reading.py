"""What becomes of deliveries: statements of payments, returns, totals and members, as of a file.

They are worked off under the lock of their source, oldest first; but nothing follows from the
order, because of several statements about one thing the greatest counts (`revenue.statements`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction

from revenue.files.outcomes import Outcome, Skipped
from revenue.files.skipping import Skip, Why
from revenue.ingest import SourceClosed, lock_open, store
from revenue.live.fields import ID
from revenue.live.platform import LivePlatform, Told
from revenue.live.platforms import BY_FILES
from revenue.models import Message, Source
from revenue.packed import unpack
from revenue.statements import links_of, restate, statement_of, tell
from revenue.upsert import Row
from revenue.values import Page, SetAside

log = structlog.get_logger(__name__)

BATCH = 100
#: One that could not be stored rests so long, then twice as long, and so on.
REST = timedelta(minutes=1)
#: What is no payment and needs nobody's eyes.
QUIET = frozenset(
    {Why.TEST, Why.PENDING, Why.AUTHORISED, Why.CANCELLED, Why.FAILED, Why.INCOMPLETE}
)


@dataclass(slots=True)
class Understood:
    """What some messages say, and what of them nobody understands."""

    said: list[Row] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)


def read_messages(*, source: Source, now: datetime, at_most: int = BATCH) -> int:
    """Store what `at_most` open messages of `source` say; how many are done by it.

    Raises SourceClosed if nothing may come from `source` any more.
    """
    waiting = source.messages.open(now).order_by("pk")
    return _store(source, list(waiting.values_list("pk", flat=True)[:at_most]), now)


def _store(source: Source, ids: Sequence[int], now: datetime) -> int:
    """Should one of them be more than can be stored, the others are stored without it."""
    if not ids:
        return 0
    try:
        with transaction.atomic():
            return _store_together(lock_open(source), ids, now)
    except (SourceClosed, OperationalError, InterfaceError):
        raise  # no fault of theirs
    except Exception as error:
        if len(ids) == 1:
            log.exception("message_failed", message=ids[0])
            _note_failure(ids[0], type(error).__name__, now)
            return 0
    middle = len(ids) // 2
    return _store(source, ids[:middle], now) + _store(source, ids[middle:], now)


def _store_together(source: Source, ids: Sequence[int], now: datetime) -> int:
    messages = list(source.messages.open(now).filter(pk__in=ids).order_by("pk"))
    found = Understood()
    for message in messages:
        _understand(source, message, found)
    tell(source=source, said=found.said, links=found.links)
    restate(source=source, subjects={row["subject"] for row in found.said}, now=now)
    if found.aside:
        page = Page.of([Page(set_aside=found.aside)])  # everything once
        store(source=source, page=page, now=now)
    for message in messages:
        message.done_at, message.problem = now, ""
    Message.objects.bulk_update(messages, ["done_at", "problem"])
    return len(messages)


def _understand(source: Source, message: Message, found: Understood) -> None:
    platform, said_at = BY_FILES[source.account_id], message.arrived_at
    told = Told(unpack(message.raw), message.topic, said_at, message.currency)
    outcomes, skip = understood(platform, told)
    for outcome in outcomes:
        kept = statement_of(outcome, source=source, upload=None, said_at=said_at)
        if kept:
            found.said.append(kept[0])
            found.links += links_of(outcome, source=source, upload=None)
    if skip and skip.why not in QUIET:
        # What is told of the same payment later, and understood, takes this away again.
        about = "" if skip.why == Why.PART_RETURNED else platform.about(told.payload)[:ID]
        found.aside.append(
            SetAside(
                external_id=about or message.external_id,
                kind=message.topic,
                problem=" ".join(filter(None, (str(skip.why.label), skip.detail))),
                raw=bytes(message.raw),
            )
        )


def understood(platform: LivePlatform, told: Told) -> tuple[list[Outcome], Skip | None]:
    """What `told` says, and why something of it could not be understood."""
    outcomes: list[Outcome] = []
    try:
        outcomes.extend(platform.read(told))
    except Skip as skip:
        if skip.external_id:
            outcomes.append(Skipped(0, skip.why, (), external_id=skip.external_id))
        return outcomes, skip
    return outcomes, None


def _note_failure(message_id: int, problem: str, now: datetime) -> None:
    message = Message.objects.filter(pk=message_id).first()
    if message:
        message.rests_until = now + REST * 2**message.attempts
        message.attempts, message.problem = message.attempts + 1, problem
        message.save(update_fields=["attempts", "rests_until", "problem"])
