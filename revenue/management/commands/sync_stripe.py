"""Read a creator's Stripe accounts in the foreground; the exit status tells whether all went well.

The first time all of the history is read, later what is new since then (with an overlap), or all
of it again with --full. Interrupted at any point, the next call goes on where this one was.
"""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from fans.handles import add_handle, creator_by
from revenue.gateways.stripe.lacking import in_sentences
from revenue.ingest import SourceClosed
from revenue.models import Source, Sync
from revenue.nudging import work_off
from revenue.reconciling import reconcile
from revenue.run import Overtaken
from revenue.spend import recompute_due_fans
from revenue.syncing import gateway_of, run_sync, start_sync


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
        syncs = [self._sync(source, full=options["full"]) for source in sources]
        recompute_due_fans(creator=creator, now=timezone.now())
        problems = [sync.problem for sync in syncs if sync.state != Sync.State.DONE]
        if problems:
            raise CommandError(" ".join(problems))

    def _sync(self, source: Source, *, full: bool) -> Sync:
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

            sync = _run(sync, show)
        while sync.state == Sync.State.DONE and _work_off(source):
            pass  # until nothing of what has changed is left
        self.stdout.write(f"{source}: {sync.get_state_display()}; {_counts(sync)}.")
        for sentence in in_sentences(sync.source):
            self.stdout.write(sentence)
        if sync.is_full and sync.state == Sync.State.DONE:
            source.refresh_from_db()
            check = reconcile(source=source, gateway=gateway_of(source), now=timezone.now())
            self.stdout.write(f"{source}: books and balance: {check.get_outcome_display()}.")
        return sync


def _run(sync: Sync, show: Any) -> Sync:
    """Read to the end, taking turns with a worker that may be at the same run."""
    while sync.is_running:
        try:
            sync = run_sync(sync=sync, gateway=gateway_of(sync.source), after_page=show)
        except SourceClosed:
            raise CommandError(f"{sync.source} was disconnected meanwhile.") from None
        except Overtaken:
            time.sleep(0.5)
            sync = Sync.objects.select_related("source").get(pk=sync.pk)
            show(sync)
    return sync


def _work_off(source: Source) -> int:
    return work_off(source=source, gateway=gateway_of(source), now=timezone.now())


def _counts(sync: Sync) -> str:
    rate = sync.rate(timezone.now())
    return (
        f"{sync.customers_read:,} customers, {sync.movements_read:,} movements "
        f"({sync.movements_new:,} new), {sync.purchases_changed:,} purchases new or changed, "
        f"{rate:,.0f} rows/s"
    )
