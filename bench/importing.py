"""An import of many charges from a local server, against only reading and parsing its pages."""

import os
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils import timezone

from bench.database import empty, vacuum
from bench.ratio import Medians, Ratio
from bench.reading import read
from bench.server import Served, serving
from fans.models import Creator, Fan, User
from revenue.gateways.stripe.connecting import connect
from revenue.models import Customer, Movement, Purchase, Source
from revenue.spend import recompute_due_fans
from revenue.syncing import gateway_of, run_sync, start_sync
from sandbox.generate import KEY


def ratios(*, quick: bool) -> Iterator[Ratio]:
    charges, rounds = (4_000, 3) if quick else (20_000, 5)
    took = Medians()
    with serving(charges=charges) as server:
        for _ in range(rounds):
            source = fresh_source(server)
            took.time("first", store, source)
            pages = server.asked
            rows = took.time("its pages", read, server.url, pages)
            recompute(source)
            check_all_is_there(charges)
            if rows < Customer.objects.count() + Movement.objects.count():
                raise RuntimeError(f"The bare reading saw {rows} rows, the import others")
            vacuum()  # nobody reads everything twice within minutes
            server.forget()
            took.time("second", bring_in, source)
            took.time("the second's pages", read, server.url, server.asked)
            server.forget()
            took.time("incremental", bring_in, source, full=False)
            calls = server.calls
    for name, what, of, limit in (
        ("first", "import, pages to purchases, fans and movements", "its pages", 3),
        ("second", "a second full sync, nothing changed", "the second's pages", 1.2),
        ("incremental", "an incremental sync, nothing changed", "its pages", 0.1),
    ):
        reading = f"reading the {len(pages)} pages of {charges:,} charges"
        yield Ratio(what, reading, took[name] / took[of], limit, took[name])
    yield Ratio("API calls of the import", "1,000 charges", len(pages) / charges * 1_000, 15)
    yield Ratio("API calls of the incremental sync", "lists, a page each", calls, 9)


def fresh_source(server: Served, *, per_second: float | None = None) -> Source:
    """A newly connected source of `server`, the only one in the database; calls count from now.

    It is asked as often as it answers, or so many times a second.
    """
    settings.STRIPE_REQUESTS_PER_SECOND = per_second
    # In the environment for processes that are started from here.
    settings.STRIPE_API_BASE = os.environ["STRIPE_API_BASE"] = server.url
    empty()
    owner = User.objects.create_user("bench@example.org")
    creator = Creator.objects.create(
        owner=owner, handle="bench", name="Bench", currency="GBP", target_spend=100_00
    )
    source = connect(creator=creator, key=KEY)
    server.forget()
    return source


def bring_in(source: Source, *, full: bool = True, **pace: Any) -> None:
    """From the first page to every fan's spend; `pace` is handed on to `run_sync`."""
    store(source, full=full, **pace)
    recompute(source)


def store(source: Source, *, full: bool = True, **pace: Any) -> None:
    """From the first page to the last purchase, fan and movement that is stored."""
    sync = start_sync(source=source, full=full, now=timezone.now())
    run_sync(sync=sync, gateway=gateway_of(source), **pace)


def recompute(source: Source) -> None:
    """The spend of everybody whom an import made due, which is a task of its own."""
    recompute_due_fans(creator=source.creator, now=timezone.now())


def check_all_is_there(charges: int) -> None:
    """Only what was done counts as fast."""
    there = (
        Purchase.objects.filter(fan__purchases__gt=0).count(),
        Fan.objects.count(),
        Movement.objects.count() - charges,
    )
    if there != (charges, charges // 8, (charges + 49) // 100):
        raise RuntimeError(f"Purchases, fans and refunds of {charges} charges: {there}")
