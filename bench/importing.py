"""An import of many charges from a local server, against only reading and parsing its pages."""

from django.conf import settings
from django.utils import timezone

import sandbox
from bench.ratio import Ratio, compare
from fans.models import Creator, User
from revenue.gateways.stripe.client import StripeGateway
from revenue.gateways.stripe.connecting import connect
from revenue.models import Source
from revenue.spend import recompute_due_fans
from revenue.syncing import gateway_of, run_sync, start_sync
from sandbox.generate import KEY, history


def ratios(*, charges: int = 20_000, rounds: int = 5) -> list[Ratio]:
    with sandbox.serve([history(charges)]) as url:
        settings.STRIPE_API_BASE = url
        reading = f"reading the pages of {charges:,} charges"
        first = compare(
            what="import, pages to purchases, fans and movements",
            work=lambda: _import(_source(), full=True),
            unit=reading,
            yardstick=_read,
            limit=3,
            rounds=rounds,
            before=_forget,
        )
        source = Source.objects.get()
        again = compare(
            what="a second full sync, nothing changed",
            work=lambda: _import(source, full=True),
            unit=reading,
            yardstick=_read,
            limit=3,
            rounds=rounds,
        )
        overlap = compare(
            what="an incremental sync, nothing changed",
            work=lambda: _import(source, full=False),
            unit=reading,
            yardstick=_read,
            limit=0.1,
            rounds=rounds,
        )
    return [first, again, overlap]


def _read() -> None:
    gateway = StripeGateway(KEY)
    for path in ("/v1/customers", "/v1/balance_transactions"):
        for _ in gateway.list_all(path, permission=path, expand=["data.source"]):
            pass


def _forget() -> None:
    Creator.objects.all().delete()


def _source() -> Source:
    owner, _ = User.objects.get_or_create(email="bench@example.org")
    creator = Creator.objects.create(
        owner=owner, handle="bench", name="Bench", currency="GBP", target_spend=100_00
    )
    return connect(creator=creator, key=KEY)


def _import(source: Source, *, full: bool) -> None:
    sync = start_sync(source=source, full=full, now=timezone.now())
    run_sync(sync=sync, gateway=gateway_of(source))
    recompute_due_fans(creator=source.creator, now=timezone.now())
