"""Connecting to a served account and reading it, for tests."""

from datetime import UTC, datetime

from revenue.gateways.stripe.client import StripeGateway
from revenue.gateways.stripe.connecting import connect
from revenue.models import Source, Sync
from revenue.spend import recompute_due_fans
from revenue.syncing import run_sync, start_sync
from sandbox.workshop import Workshop
from tests.factories import CreatorFactory


def connected(shop: Workshop, **creator) -> Source:
    """A newly connected source of a new creator."""
    made = CreatorFactory(**{"currency": "USD", "time_zone": "UTC"} | creator)
    made.create_default_tiers()
    return connect(creator=made, key=shop.key)


def sync(source: Source, *, full: bool = False, **options) -> Sync:
    """A whole run, and what follows from it; without the waiting between two attempts."""
    gateway = StripeGateway(source.key, sleep=lambda seconds: None)
    run = start_sync(source=source, full=full, now=datetime.now(UTC))
    run = run_sync(sync=run, gateway=gateway, **options)
    recompute_due_fans(creator=source.creator, now=datetime.now(UTC))
    source.refresh_from_db()
    return run


def bought(source: Source, sale):
    """The purchase that a sale of the workshop became."""
    return source.purchases.get(external_id=sale.id)
