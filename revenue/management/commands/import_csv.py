"""`manage.py import_csv HANDLE FILE`: import a file that a platform lets its creators download."""

from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from fans.handles import add_handle, creator_by
from fans.models import Creator
from revenue.files.problems import FileProblem
from revenue.files.skipping import Why
from revenue.looking import look_through
from revenue.models import Upload
from revenue.spend import recompute_due_fans
from revenue.uploading import begin_import, import_rows, keep
from truefans.money import display

PIECE = 2**20
FOREVER = timedelta(days=365)


class Command(BaseCommand):
    help = "Import a file of payments: recognised by its header, previewed, imported, reported."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_handle(parser)
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--format",
            default="",
            metavar="SLUG",
            help="Refuse the file unless it is of this platform, as gumroad.",
        )
        parser.add_argument("--currency", default="", help="Of amounts that name none, as EUR.")
        parser.add_argument("--date-order", default="", choices=["", "day", "month"])
        parser.add_argument("--decimal-mark", default="", choices=["", ".", ","])
        parser.add_argument("--dry-run", action="store_true", help="Only say what would come.")

    def handle(self, *args: Any, **options: Any) -> None:
        creator = creator_by(options["handle"])
        try:
            self._import(creator, options)
        except (FileProblem, OSError) as problem:
            raise CommandError(str(problem)) from problem

    def _import(self, creator: Creator, options: dict[str, Any]) -> None:
        now = timezone.now()
        with transaction.atomic():
            upload = self._kept(creator, options)
            look_through(upload=upload, now=now)
            self._tell(upload, options)
            if options["dry_run"]:
                transaction.set_rollback(True)
                self.stdout.write("Nothing was stored.")
                return
            begin_import(upload=upload, now=now)
        import_rows(upload=upload, until=now + FOREVER)
        recompute_due_fans(creator=creator, now=timezone.now())
        upload.refresh_from_db()
        if upload.problem:
            raise CommandError(upload.problem)
        self.stdout.write(f"Imported: {upload.rows_done:,} rows.")
        if waiting := upload.statements.waiting().count():
            self.stdout.write(f"  {waiting:,} refunds or disputes wait for their payments.")

    def _kept(self, creator: Creator, options: dict[str, Any]) -> Upload:
        with options["file"].open("rb") as file:
            chunks = iter(lambda: file.read(PIECE), b"")
            now = timezone.now()
            upload = keep(
                creator=creator, by=None, name=options["file"].name, chunks=chunks, now=now
            )
        upload.decisions = {
            "currency": options["currency"].upper(),
            "date_order": options["date_order"],
            "mark": options["decimal_mark"],
        }
        upload.save(update_fields=["decisions"])
        return upload

    def _tell(self, upload: Upload, options: dict[str, Any]) -> None:
        """What would come of it; CommandError where it cannot be imported as it is."""
        found = upload.summary
        if upload.state == Upload.State.FAILED:
            raise CommandError(upload.problem)
        if options["format"] and options["format"] != upload.platform:
            raise CommandError(f"This is a file of {upload.platform or 'no platform known'}.")
        if upload.state == Upload.State.ASKS:
            raise CommandError(_what_is_asked(found))
        self.stdout.write(
            f"{found['name']}: {found['rows']:,} rows; {found['people']:,} people, "
            f"{found['people_known']:,} of them known; {found['unknown']:,} payments of nobody."
        )
        for code, sums in (found["currencies"] | found["totals"]).items():
            gross, returned = (display(sums[key], code) for key in ("gross", "returned"))
            self.stdout.write(f"  {gross} in {sums['payments']:,} payments, {returned} returned")
        for why, count in found["skipped"].items():
            self.stdout.write(f"  {count:,} rows left out: {Why(why).label}")


def _what_is_asked(found: dict[str, Any]) -> str:
    if "questions" not in found:
        return "TrueFans does not know this kind of file. Say what its columns mean in the studio."
    about = ", ".join(
        f"{question['about']} of “{question['column']}” ({', '.join(question['texts'])})"
        for question in found["questions"]
    )
    return f"Say how this file is meant: {about}."
