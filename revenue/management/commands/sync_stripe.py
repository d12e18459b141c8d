"""Read a creator's Stripe accounts in the foreground; the exit status tells whether all was read.

The first time all of the history is read, later what is new since then (with an overlap), or all
of it again with --full. Interrupted at any point, the next call goes on where this one was. After
all of it the books are held against the balance, for which `check_books` has an exit status.
"""

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from fans.handles import add_handle, creator_by
from revenue.books import check_balance
from revenue.gateways.stripe.lacking import in_sentences
from revenue.ingest import SourceClosed
from revenue.models import Nudge, Reconciliation, Source, Sync
from revenue.nudging import work_off
from revenue.reconciling import reconcile
from revenue.run import Overtaken
from revenue.spend import recompute_due_fans
from revenue.syncing import gateway_of, run_sync, start_sync

Outcome = Reconciliation.Outcome


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_handle(parser)
        parser.add_argument("--full", action="store_true", help="read all of the history again")

    def handle(self, *args: Any, **options: Any) -> None:
        creator = creator_by(options["handle"])
        sources = list(creator.sources.open().filter(kind=Source.Kind.STRIPE))
        if not sources:
            raise CommandError(
                f"@{creator.handle} has no Stripe account connected. "
                f"First: manage.py connect_stripe {creator.handle} --key rk_…"
            )
        problems = [
            problem for source in sources for problem in self._read(source, full=options["full"])
        ]
        recompute_due_fans(creator=creator, now=timezone.now())
        if problems:
            raise CommandError(" ".join(dict.fromkeys(problems)))

    def _read(self, source: Source, *, full: bool) -> Iterator[str]:
        """Read `source` and see that it is right; what did not go well, in sentences."""
        try:
            sync = self._sync(source, full=full)
            self.stdout.write(f"{source}: {sync.get_state_display()}; {_counts(sync)}.")
            if sync.state != Sync.State.DONE:
                yield sync.problem
                return
            for sentence in in_sentences(sync.source):
                self.stdout.write(sentence)
            yield from self._follow_news(source)
            if sync.is_full:
                self._compare(source)
        except (SourceClosed, ObjectDoesNotExist):
            yield f"{source} was disconnected meanwhile."

    def _sync(self, source: Source, *, full: bool) -> Sync:
        """Read to the end, with a bar where there is somebody to see it."""
        sync = start_sync(source=source, full=full, now=timezone.now())
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[counts]}"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, disable=not self.stderr.isatty()) as progress:
            bar = progress.add_task(str(source), total=1.0, counts="")

            def show(sync: Sync) -> None:
                progress.update(bar, completed=sync.fraction() or 0.0, counts=_counts(sync))

            return _run(sync, show)

    def _follow_news(self, source: Source) -> Iterator[str]:
        """Read until nothing of what has changed is left; what stands in the way of that. What is
        wrong with single objects is said, and asked for again by a worker."""
        gateway = gateway_of(source)
        while work_off(source=source, gateway=gateway, now=timezone.now()):
            pass
        failed = source.nudges.filter(done_at=None, attempts__range=(1, Nudge.ATTEMPTS - 1))
        for problem in failed.order_by("problem").values_list("problem", flat=True).distinct():
            self.stdout.write(problem)
        source.refresh_from_db()
        if source.problem:
            yield source.problem

    def _compare(self, source: Source) -> None:
        """Hold the books against the balance, and say what is wrong with them."""
        check = reconcile(source=source, gateway=gateway_of(source), now=timezone.now())
        self.stdout.write(f"{source}: books and balance: {check.get_outcome_display()}.")
        if check.outcome == Outcome.FAILED:
            self.stdout.write(check.problem)
        elif check.outcome == Outcome.DRIFT:
            for finding in check_balance(source=source, ask=False):
                self.stdout.write(str(finding))
            self.stdout.write(
                "Everything that was read is kept, and nothing was made to fit. TrueFans looks"
                " again every night; if it stays, tell whoever runs this TrueFans."
            )


def _run(sync: Sync, show: Any) -> Sync:
    """Read to the end, taking turns with a worker that may be at the same run."""
    while sync.is_running:
        try:
            sync = run_sync(sync=sync, gateway=gateway_of(sync.source), after_page=show)
        except Overtaken:
            time.sleep(0.5)
            sync = Sync.objects.select_related("source").get(pk=sync.pk)
            show(sync)
    return sync


def _counts(sync: Sync) -> str:
    rate = sync.rate(timezone.now())
    return (
        f"{sync.customers_read:,} customers and {sync.movements_read:,} lines of the ledger read; "
        f"{sync.movements_new:,} movements newly stored, "
        f"{sync.purchases_changed:,} purchases new or changed; {rate:,.0f} rows/s"
    )
