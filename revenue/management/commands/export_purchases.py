"""Write one row a purchase, newest first, to standard output."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from fans.handles import add_handle, creator_by
from revenue.exports import PURCHASE_COLUMNS, purchase_rows, write


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_handle(parser)
        parser.add_argument("--format", choices=["csv", "json"], default="csv")

    def handle(self, *args: Any, **options: Any) -> None:
        creator = creator_by(options["handle"])
        self.stdout.ending = ""
        write(
            purchase_rows(creator=creator),
            columns=PURCHASE_COLUMNS,
            form=options["format"],
            to=self.stdout,
        )
