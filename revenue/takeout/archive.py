"""The ZIP itself, written while it is sent: nothing is kept, and memory does not grow with it.

PostgreSQL writes the tables (COPY) as they all were at one moment; here they are only compressed.
"""

import csv
import io
import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.db import connection, transaction
from django.template.loader import render_to_string

from fans.models import Creator, Invitation, Letter, NamePart, Proposal, Refusal
from revenue.models import (
    BooksCheck,
    Claim,
    Inbox,
    Message,
    Nudge,
    PaymentLink,
    Reconciliation,
    Recount,
    Removal,
    SetAside,
    SkippedRow,
    Statement,
    Stretch,
    Summary,
    Sync,
    Upload,
    UploadPart,
)
from revenue.takeout.columns import Table
from revenue.takeout.money import MONEY
from revenue.takeout.people import PEOPLE
from truefans.money import to_major

TABLES = [*PEOPLE, *MONEY]
#: What is left out: how things were read, checked and worked out, what nobody has taken up, what is
#: only proposed or on its way, and the files that the creator brought.
LEFT_OUT = {
    BooksCheck,
    Inbox,
    Claim,
    Invitation,
    Letter,
    Message,
    NamePart,
    Nudge,
    PaymentLink,
    Proposal,
    Reconciliation,
    Recount,
    Refusal,
    Removal,
    SetAside,
    SkippedRow,
    Statement,
    Stretch,
    Summary,
    Sync,
    Upload,
    UploadPart,
}
#: Bytes that are handed on at a time.
BLOCK = 1 << 16
#: A third larger than at best, in a third of the time.
COMPRESSION = 1


def archive(*, creator: Creator, now: datetime) -> Generator[bytes, None, None]:
    """The ZIP, block by block; all of it as of the moment at which it begins."""
    sink = Sink()
    with ZipFile(sink, "w", ZIP_DEFLATED, compresslevel=COMPRESSION) as zipped, _snapshot():
        zipped.writestr(_entry("README.txt", now), readme(creator, now=now))
        zipped.writestr(_entry("creator.json", now), creator_json(creator, now=now))
        for table in TABLES:
            with zipped.open(_entry(f"{table.name}.csv", now), "w", force_zip64=True) as entry:
                for block in _csv(table, creator):
                    entry.write(block)
                    if sink.size >= BLOCK:
                        yield sink.take()
    yield sink.take()


class Sink(io.RawIOBase):
    """What a ZIP is written to that goes out at once: it cannot be read again, nor sought in."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._parts.append(bytes(data))
        self.size += len(data)
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts, self.size = [], 0
        return taken


def counts(creator: Creator) -> list[tuple[Any, int]]:
    """How many rows each table has, by its title; a query each."""
    return [(table.title, table.rows(creator).order_by().count()) for table in TABLES]


def readme(creator: Creator, *, now: datetime) -> str:
    """What each file and each of its columns is."""
    context = {"creator": creator, "now": now, "tables": TABLES}
    return render_to_string("revenue/takeout.txt", context)


def creator_json(creator: Creator, *, now: datetime) -> str:
    """The settings, amounts both in minor units and as decimals."""
    fields = [field.name for field in creator._meta.concrete_fields]
    settings = {name: getattr(creator, name) for name in fields if name not in ("id", "leaves_at")}
    settings |= {
        "owner": creator.owner.email,
        "target_spend": str(to_major(creator.target_spend, creator.currency)),
        "target_spend_minor": creator.target_spend,
        "living": creator.living and str(to_major(creator.living, creator.currency)),
        "living_minor": creator.living,
        "exported_at": now,
    }
    return json.dumps(
        settings, default=lambda at: at.isoformat(timespec="seconds"), indent=2, ensure_ascii=False
    )


def _csv(table: Table, creator: Creator) -> Iterator[bytes]:
    """The file, header first, in blocks."""
    head = io.StringIO()
    csv.writer(head, lineterminator="\n").writerow([column.name for column in table.columns])
    yield head.getvalue().encode()
    rows = table.rows(creator).values_list(*(column.value for column in table.columns))
    operations: Any = connection.ops
    query = operations.compose_sql(*rows.query.sql_with_params())
    statement = f"COPY ({query}) TO STDOUT (FORMAT csv)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        waiting = bytearray()
        for line in copy:
            waiting += line
            if len(waiting) >= BLOCK:
                yield bytes(waiting)
                waiting.clear()
        yield bytes(waiting)


def _entry(name: str, now: datetime) -> ZipInfo:
    entry = ZipInfo(name, now.timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


@contextmanager
def _snapshot() -> Iterator[None]:
    """All that is read in the block is as of one moment, whatever comes in meanwhile; unless the
    caller is in a transaction already."""
    is_outer = not connection.in_atomic_block
    with transaction.atomic():
        if is_outer:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
