"""Write one row a person, with what they gave and where they stand, to standard output."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from fans.handles import add_handle, creator_by
from fans.window import midnight
from revenue.exports import FAN_COLUMNS, fan_rows, write
from revenue.spend import is_recounted, recompute_due_fans


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_handle(parser)
        parser.add_argument("--format", choices=["csv", "json"], default="csv")
        parser.add_argument(
            "--as-of",
            metavar="YYYY-MM-DD",
            help="as everything stood when this day began in the creator's time zone",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        creator = creator_by(options["handle"])
        now = timezone.now()
        if is_recounted(creator):
            raise CommandError(
                f"Everything is being counted in {creator.currency} right now. Export when that is"
                " done."
            )
        recompute_due_fans(creator=creator, now=now)
        if options["as_of"]:
            try:
                now = midnight(date.fromisoformat(options["as_of"]), creator.zone)
            except ValueError:
                raise CommandError(
                    f"“{options['as_of']}” is not a date. Write it like 2026-01-31."
                ) from None
        self.stdout.ending = ""
        write(
            fan_rows(creator=creator, now=now),
            columns=FAN_COLUMNS,
            form=options["format"],
            to=self.stdout,
        )
