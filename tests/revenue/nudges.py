"""Nudges of a workshop, and who works them off."""

from datetime import UTC, datetime

from revenue.gateways.stripe.client import StripeGateway
from revenue.gateways.stripe.connecting import connect
from revenue.nudging import work_off
from tests.factories import CreatorFactory, NudgeFactory

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def connected(shop):
    """A source that reads the workshop `shop`."""
    return connect(creator=CreatorFactory(currency="USD", time_zone="UTC"), key=shop.key)


def told(source, *things):
    """An open nudge about each of `things`, which are ids or records of a workshop."""
    return [NudgeFactory(source=source, object_id=getattr(t, "id", t)) for t in things]


def work(source, *, now=NOW, sleep=lambda seconds: None, **options):
    """Work off what is open; how many nudges are done by that."""
    gateway = StripeGateway(source.key, sleep=sleep)
    done = work_off(source=source, gateway=gateway, now=now, **options)
    source.refresh_from_db()
    return done


def read_anew(*nudges):
    for nudge in nudges:
        nudge.refresh_from_db()
    return nudges


def charges_asked(app, *things):
    """How often each of these charges was asked for."""
    return [app.hits[f"/v1/charges/{thing.id}"] for thing in things]
