"""Files of other platforms: their import against only reading and storing their rows."""

import csv
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from bench.database import empty, vacuum
from bench.importer import STATUS
from bench.ratio import Medians, NotMeasured, Ratio, Row
from bench.server import PROJECT
from fans.models import Creator, Fan, Identity, User
from revenue.looking import look_through
from revenue.models import Movement, PaymentLink, Purchase, Return, Source, Statement, Upload
from revenue.spend import recompute_due_fans
from revenue.uploading import begin_import, import_rows, keep

PIECE = 2**20
FOREVER = timedelta(days=1)
BEGINNING = datetime(2021, 1, 1, tzinfo=UTC)
#: What a record, a membership and a shirt cost, in major units.
PRICES = ("5.00", "9.00", "12.50", "25.00", "49.00", "100.00")
#: So many payments come from one person.
EACH = 8
STRIPE = (
    "id,Description,Created date (UTC),Amount,Amount Refunded,Currency,Converted Amount,"
    "Converted Amount Refunded,Fee,Converted Currency,Mode,Status,Customer ID,"
    "Customer Description,Customer Email,Captured,Card Name,Invoice ID,PaymentIntent ID"
)
TABLE = "customer,date,amount"
#: What a creator says of the columns of that table.
MEANT = {"customer": "email", "date": "date", "amount": "amount"}

#: Where the rows of a file end up.
LEFT = (Fan, Identity, Statement, PaymentLink, Movement, Return, Purchase)
NULL = "\\N"
COLUMNS = """
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""


def ratios(*, quick: bool) -> Iterator[Row]:
    rows, rounds = (10_000, 3) if quick else (100_000, 3)
    yield from _compared("Stripe's payments", STRIPE, stripe_row, rows, rounds)
    yield from _compared("customer, date, amount", TABLE, table_row, rows, rounds)
    yield from _memory(*((1, 20) if quick else (2, 200)))


def _memory(few: int, many: int) -> Iterator[Row]:
    """What a worker needs at its peak for so many megabytes."""
    what = f"a file of {many} MB, looked through and read to its end: MB more at its peak"
    if not STATUS.exists():
        yield NotMeasured(what, "this system does not tell a process its peak")
        return
    small, _ = _peak(few)
    large, seconds = _peak(many)
    yield Ratio(what, f"of {few} MB, {small:.0f} MB", large - small, 20, seconds)


def _peak(megabytes: int) -> tuple[float, float]:
    """The peak (MB) and the seconds of a process that reads a file of this size."""
    with tempfile.TemporaryDirectory(prefix="tf-files-") as folder:
        path = Path(folder) / "payments.csv"
        write_file(path, STRIPE, stripe_row, megabytes * PIECE // len(stripe_row(0)))
        kept(path, STRIPE)
    begin = time.perf_counter()
    command = [sys.executable, "-m", "bench.file_reader"]
    done = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, check=True)
    return int(done.stdout) / 1024, time.perf_counter() - begin


def _compared(
    name: str, header: str, row: Callable[[int], str], rows: int, rounds: int
) -> Iterator[Ratio]:
    took = Medians()
    with tempfile.TemporaryDirectory(prefix="tf-files-") as folder:
        path = Path(folder) / "payments.csv"
        write_file(path, header, row, rows)
        for _ in range(rounds):
            upload = kept(path, header)
            vacuum()
            took.time("look", look_through, upload=upload, now=timezone.now())
            took.time("import", bring_in, upload)
            check_all_is_there(rows)
            unload(Path(folder))
            took.time("bare", read_and_store, Path(folder))
            check_all_is_there(rows)
    bare = f"csv and COPY of what it leaves, {took['bare']:.2f} s"
    yield Ratio(
        f"import of a file of {rows:,} rows, {name}",
        bare,
        took["import"] / took["bare"],
        4,
        took["import"],
    )
    yield Ratio("the look through it before", bare, took["look"] / took["bare"], 1, took["look"])


def write_file(path: Path, header: str, row: Callable[[int], str], rows: int) -> None:
    with path.open("w") as file:
        file.write(header + "\n")
        file.writelines(row(number) + "\n" for number in range(rows))


def stripe_row(number: int) -> str:
    at, fan = _moment(number), number // EACH
    price = PRICES[number % len(PRICES)]
    refunded, status = (price, "Refunded") if number % 100 == 0 else ("0.00", "Paid")
    return (
        f"ch_{number:024},Subscription update,{at:%Y-%m-%d %H:%M:%S},{price},{refunded},gbp,"
        f"{price},{refunded},0.{number % 90 + 10},gbp,Live,{status},"
        f"cus_{fan:014},Fan {fan},fan{fan}@example.org,true,Fan {fan},in_{number:024},"
        f"pi_{number:024}"
    )


def table_row(number: int) -> str:
    at, price = _moment(number), PRICES[number % len(PRICES)]
    return f"fan{number // EACH}@example.org,{at:%Y-%m-%d},{price}"


def _moment(number: int) -> datetime:
    return BEGINNING + timedelta(minutes=25 * number)


def unload(folder: Path) -> None:
    """Move what an import left from its tables to files."""
    names = [model._meta.db_table for model in LEFT]
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(COLUMNS, [name])
            (columns,) = cursor.fetchone()
            with (folder / name).open("wb") as file:
                out = f"COPY {name} ({columns}) TO STDOUT (FORMAT csv, HEADER, NULL '{NULL}')"
                with cursor.copy(out) as copy:
                    file.writelines(copy)
        cursor.execute(f"TRUNCATE {', '.join(names)} CASCADE")


def read_and_store(folder: Path) -> None:
    """The yardstick: rows that need no thought, from Python's csv module into the same tables, with
    their keys and indexes, by COPY."""
    with transaction.atomic(), connection.cursor() as cursor:
        for model in LEFT:
            name = model._meta.db_table
            with (folder / name).open(newline="") as file:
                reader = csv.reader(file)
                columns = ", ".join(f'"{column}"' for column in next(reader))
                with cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
                    for row in reader:
                        copy.write_row([None if cell == NULL else cell for cell in row])


def kept(path: Path, header: str) -> Upload:
    """The file as it is kept when it comes in, of a creator who has nothing else."""
    empty()
    owner = User.objects.create_user("bench@example.org")
    creator = Creator.objects.create(
        owner=owner, handle="bench", name="Bench", currency="GBP", target_spend=100_00
    )
    # A second source, because what two sources tell of one payment is looked for.
    creator.sources.create(kind=Source.Kind.FILE, account_id="gumroad", livemode=True)
    with path.open("rb") as file:
        pieces = iter(lambda: file.read(PIECE), b"")
        upload = keep(creator=creator, by=None, name=path.name, chunks=pieces, now=timezone.now())
    if header == TABLE:
        columns: dict[str, Any] = {"columns": MEANT, "header": list(MEANT), "name": "Till"}
        upload.mapping, upload.decisions = columns, {"currency": "GBP"}
        upload.save(update_fields=["mapping", "decisions"])
    return upload


def bring_in(upload: Upload) -> None:
    """From the first row to every fan's spend."""
    now = timezone.now()
    begin_import(upload=upload, now=now)
    import_rows(upload=upload, until=now + FOREVER)
    recompute_due_fans(creator=upload.creator, now=timezone.now())


def check_all_is_there(rows: int) -> None:
    """Only what was done counts as fast."""
    there = Purchase.objects.filter(fan__purchases__gt=0).count(), Fan.objects.count()
    if there != (rows, rows // EACH):
        raise RuntimeError(f"Purchases and fans of {rows} rows: {there}")
