"""Prove that stored numbers equal rebuilt ones, and that Σ net equals the provider's balance.

Exit status 1 and a line for each row that differs and for what could not be compared, if any.
"""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import ngettext
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from fans.handles import add_handle, creator_by
from fans.models import Creator
from revenue.books import check_books
from revenue.reconciling import net_by_currency
from truefans.money import to_major


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_handle(parser, optional=True)

    def handle(self, *args: Any, **options: Any) -> None:
        handle = options["handle"]
        creators = [creator_by(handle)] if handle else list(Creator.objects.order_by("handle"))
        findings = sum(self._check(creator) for creator in creators)
        if findings:
            self.stderr.write(ngettext("%s finding.", "%s findings.", findings) % f"{findings:,}")
            sys.exit(1)

    def _check(self, creator: Creator) -> int:
        rows = creator.purchases.count() + creator.fans.count()
        columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn())
        findings = 0
        with Progress(*columns, disable=not self.stderr.isatty(), transient=True) as progress:
            bar = progress.add_task(f"@{creator.handle}", total=rows)
            for finding in check_books(
                creator=creator,
                now=timezone.now(),
                on_step=lambda done: progress.advance(bar, done),
            ):
                findings += 1
                self.stdout.write(f"@{creator.handle}: {finding}")
        if not findings:
            self.stdout.write(f"@{creator.handle}: the books are right; {_totals(creator)}.")
        return findings


def _totals(creator: Creator) -> str:
    totals = [
        f"{source}: Σ net {to_major(net, currency)} {currency}"
        for source in creator.sources.all()
        for currency, net in net_by_currency(source).items()
    ]
    return f"{creator.purchases.count():,} purchases; " + ("; ".join(totals) or "no movements")
