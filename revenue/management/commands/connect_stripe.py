"""Connect a creator's Stripe account by a restricted key, after testing what it may read."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fans.handles import add_handle, creator_by
from revenue.gateways.problems import NotConnectable, SourceProblem
from revenue.gateways.stripe.connecting import connect
from revenue.gateways.stripe.lacking import in_sentences


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_handle(parser)
        parser.add_argument("--key", required=True, help="a restricted key; it begins rk_")

    def handle(self, *args: Any, **options: Any) -> None:
        creator = creator_by(options["handle"])
        try:
            source = connect(creator=creator, key=options["key"])
        except (NotConnectable, SourceProblem) as problem:
            raise CommandError(str(problem)) from None
        mode = "live" if source.livemode else "test mode"
        self.stdout.write(f"Connected {source} ({source.account_id}, {mode}) to @{creator.handle}.")
        for sentence in in_sentences(source):
            self.stdout.write(sentence)
        self.stdout.write(f"Next: manage.py sync_stripe {creator.handle}")
