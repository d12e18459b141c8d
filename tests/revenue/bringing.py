"""Files that are brought and imported as by a worker."""

from datetime import datetime, timedelta

from fans.models import Creator
from revenue.models import Upload
from revenue.spend import recompute_due_fans
from revenue.uploading import begin_import, begin_undoing, import_rows, keep, undo_rows
from tests.factories import NOW

FOREVER = NOW + timedelta(days=9999)

#: The columns of Stripe's payments export that matter here.
STRIPE = "id,Created date (UTC),Amount,Amount Refunded,Currency,Customer Email,Status,Fee"


def stripe_file(*rows: str) -> str:
    return "\n".join([STRIPE, *rows]) + "\n"


def bring(creator: Creator, text: str, *, name: str = "export.csv", now: datetime = NOW) -> Upload:
    """Keep and import a file, whole."""
    upload = keep(creator=creator, by=None, name=name, chunks=[text.encode()], now=now)
    begin_import(upload=upload, now=now)
    assert import_rows(upload=upload, until=FOREVER, clock=lambda: now)
    recompute_due_fans(creator=creator, now=now + timedelta(seconds=1))
    upload.refresh_from_db()
    return upload


def take_back(upload: Upload, *, now: datetime = NOW) -> Upload:
    assert begin_undoing(upload=upload, now=now)
    assert undo_rows(upload=upload, until=FOREVER, clock=lambda: now)
    recompute_due_fans(creator=upload.creator, now=now + timedelta(seconds=1))
    upload.refresh_from_db()
    return upload
