"""What a delivery needs of the database: a single statement, since a burst of them comes at once.

What deliveries are signed with is remembered from one to the next. The statement that stores a
nudge looks whether it is still so, so that every process heeds a change at once.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from revenue.models import Source
from revenue.secrets import cipher
from revenue.values import Nudge

State = Source.State

#: Whoever sends here may not hear of a source that was let go.
DEAF = [State.DISCONNECTED.value, State.REMOVING.value]

READ = """
SELECT livemode, webhook_secrets FROM revenue_source WHERE id = %s AND state <> ALL (%s)
"""
# The answer does not wait for the disk: what the database loses when its machine fails, the next
# poll finds. Where another nudge waits that was never tried, a worker was asked already; it looks
# again when it is through, and so does the beat. What pauses because nothing could be read is no
# reason to wait with it.
STORE = """
WITH source AS (
    SELECT id, delivered_at FROM revenue_source
    WHERE id = %(source)s AND webhook_secrets = %(encrypted)s AND state <> ALL (%(deaf)s)
), stored AS (
    INSERT INTO revenue_nudge
        (source_id, external_id, kind, object_id, way, arrived_at, attempts, problem)
    SELECT id, %(event)s, %(kind)s, %(object)s, 'delivery', %(now)s, 0, '' FROM source
    ON CONFLICT (external_id, source_id) DO NOTHING RETURNING id
)
SELECT EXISTS (SELECT FROM stored) AND NOT EXISTS (
           SELECT FROM revenue_nudge
           WHERE source_id = source.id AND done_at IS NULL AND attempts = 0 AND problem = ''
       ),
       delivered_at,
       set_config('synchronous_commit', 'off', true)
FROM source
"""


@dataclass(frozen=True, slots=True)
class Listener:
    """A source as its deliveries need to know it; `encrypted` is how its secrets are stored."""

    source_id: int
    livemode: bool
    encrypted: str
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stored:
    """`needs_worker`: it is new, and nobody was asked yet; `heard_at`: the last good delivery."""

    needs_worker: bool
    heard_at: datetime | None


_REMEMBERED: dict[int, Listener] = {}


def remembered(source_id: int) -> Listener | None:
    """The listener as it was when it was last read, by this process."""
    return _REMEMBERED.get(source_id)


def read(source_id: int) -> Listener | None:
    """The listener as it is now; None where nobody listens."""
    _REMEMBERED.pop(source_id, None)
    with connection.cursor() as cursor:
        cursor.execute(READ, [source_id, DEAF])
        row = cursor.fetchone()
    if row is None:
        return None
    livemode, encrypted = row
    secrets = cipher().decrypt(encrypted.encode()).decode().split() if encrypted else []
    listener = Listener(source_id, livemode, encrypted, tuple(secrets))
    _REMEMBERED[source_id] = listener
    return listener


def store(listener: Listener, nudge: Nudge, *, now: datetime) -> Stored | None:
    """Store `nudge` unless it is there; None, and nothing is stored, if `listener` is outdated."""
    with connection.cursor() as cursor:
        cursor.execute(
            STORE,
            {
                "source": listener.source_id,
                "encrypted": listener.encrypted,
                "deaf": DEAF,
                "event": nudge.external_id,
                "kind": nudge.kind,
                "object": nudge.object_id,
                "now": now,
            },
        )
        row = cursor.fetchone()
    return Stored(needs_worker=row[0], heard_at=row[1]) if row else None
