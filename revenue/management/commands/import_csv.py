"""`manage.py import_csv HANDLE FILE`: import a file that a platform lets its creators download.

Ends with 0 where it was imported, 1 where it cannot be, 2 where an option must say what only the
creator knows; then nothing of it was kept.
"""

import itertools
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from fans.handles import add_handle, creator_by
from fans.models import Creator
from revenue.files.deciding import About
from revenue.files.mapping import Mapping, Meaning
from revenue.files.problems import FileProblem, TooLarge
from revenue.files.reading import MEGABYTE, MOST_BYTES
from revenue.files.skipping import Why
from revenue.looking import look_through
from revenue.models import Upload
from revenue.spend import recompute_due_fans
from revenue.uploading import begin_import, import_rows, keep
from truefans.money import display

PIECE = 2**20
FOREVER = timedelta(days=365)
#: How the process ends where something must be said.
ASKED = 2
OPTIONS = {
    About.DATE_ORDER: "--date-order",
    About.MARK: "--decimal-mark",
    About.CURRENCY: "--currency",
    About.UNIT: "--unit",
}


class Command(BaseCommand):
    help = "Import a file of payments: recognised by its header, previewed, imported, reported."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_handle(parser)
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--format",
            default="",
            metavar="SLUG",
            help="Refuse the file unless it is of this platform, as gumroad or stripe.",
        )
        parser.add_argument("--currency", default="", help="Of amounts that name none, as EUR.")
        parser.add_argument("--date-order", default="", choices=["", "day", "month"])
        parser.add_argument("--decimal-mark", default="", choices=["", ".", ","])
        parser.add_argument("--unit", default="", choices=["", "major", "minor"])
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="NAME=MEANING",
            help="What a column of a table means that no platform is known to write: "
            + ", ".join(Meaning),
        )
        parser.add_argument("--name", default="", help="Where such a table is from, as a till.")
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
            if options["column"] and "header" in upload.summary:
                upload.mapping = mapping_of(upload.summary["header"], options)
                upload.save(update_fields=["mapping"])
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
        self.stdout.write(f"Imported: {upload.rows:,} rows.")
        if waiting := upload.statements.waiting().count():
            self.stdout.write(f"  {waiting:,} refunds or disputes wait for their payments.")

    def _kept(self, creator: Creator, options: dict[str, Any]) -> Upload:
        if options["file"].stat().st_size > MOST_BYTES:
            raise TooLarge(MOST_BYTES // MEGABYTE)
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
            "unit": options["unit"],
        }
        upload.save(update_fields=["decisions"])
        return upload

    def _tell(self, upload: Upload, options: dict[str, Any]) -> None:
        """What would come of it; CommandError where it cannot be imported as it is."""
        found = upload.summary
        if upload.state == Upload.State.FAILED:
            raise CommandError(upload.problem)
        if options["format"] and not is_of(options["format"], upload.platform):
            raise CommandError(f"This is a file of {upload.platform or 'no platform known'}.")
        if upload.state == Upload.State.ASKS:
            raise CommandError(what_is_asked(found), returncode=ASKED)
        self.stdout.write(
            f"{found['name']}: {found['rows']:,} rows; {found['people']:,} people, "
            f"{found['people_known']:,} of them known; {found['unknown']:,} payments of nobody."
        )
        for code, sums in (found["currencies"] | found["totals"]).items():
            gross, returned = (display(sums[key], code) for key in ("gross", "returned"))
            self.stdout.write(f"  {gross} in {sums['payments']:,} payments, {returned} returned")
        if found["repeated"]:
            self.stdout.write(f"  {found['repeated']:,} rows came twice: each counts once")
        if found["warning"]:
            self.stdout.write(f"  {found['warning']}")
        for why, count in found["skipped"].items():
            self.stdout.write(f"  {count:,} rows left out: {Why(why).label}")


def is_of(said: str, slug: str) -> bool:
    """Whether the platform with this slug is meant: “stripe_payments”, all of “stripe”, “ko-fi”."""
    family = itertools.accumulate(slug.split("_"))
    return said == slug or "".join(filter(str.isalnum, said.lower())) in family


def mapping_of(header: list[str], options: dict[str, Any]) -> dict[str, Any]:
    """What the options say of the columns; CommandError for what they cannot."""
    columns: dict[str, str] = {}
    for said in options["column"]:
        name, _, meaning = said.rpartition("=")
        if name not in header:
            raise CommandError(f"There is no column “{name}”. Known: {', '.join(header)}.")
        if meaning not in set(Meaning) or meaning in columns.values():
            raise CommandError(f"“{said}”: say each of these once: {', '.join(Meaning)}.")
        columns[name] = meaning
    if missing := Mapping(columns).missing():
        needed = " and ".join(f"--column NAME={meaning}" for meaning in missing)
        raise CommandError(f"Still to be said: {needed}.", returncode=ASKED)
    if not options["name"]:
        raise CommandError("Say where the table is from: --name NAME.", returncode=ASKED)
    return {"name": options["name"], "header": header, "columns": columns}


def what_is_asked(found: dict[str, Any]) -> str:
    """Which options answer what the file leaves open, with its own cells."""
    if "questions" in found:
        return "Say how this file is meant:" + "".join(map(_question, found["questions"]))
    guessed = [f'--column "{name}={meaning}"' for name, meaning in found["guess"].items()]
    asked = (
        "TrueFans does not know this kind of file. Say what its columns mean, perhaps:\n"
        f"  {' '.join(guessed)} --name NAME\nIts columns: {', '.join(found['header'])}."
    )
    meanings = set(found["guess"].values())
    if Meaning.NAME in meanings and not meanings & {Meaning.EMAIL, Meaning.CUSTOMER}:
        asked += "\nA name joins nobody; where no two people share one, say =customer of it."
    return asked


def _question(question: dict[str, Any]) -> str:
    option = OPTIONS[question["about"]]
    cells = f"“{question['column']}” has {', '.join(question['texts'])}"
    if not question["choices"]:
        return f"\n  {option} CODE: {cells}"
    readings = [
        f"\n  {option} {choice['value']}: {', '.join(meant for _text, meant in choice['readings'])}"
        for choice in question["choices"]
    ]
    return f"\n  {cells}" + "".join(readings)
