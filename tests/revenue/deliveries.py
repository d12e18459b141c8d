"""Delivering to the webhook as Stripe does, in process."""

import time
from typing import Any

import orjson
from django.http import HttpResponse
from django.test import Client

from revenue.models import Source
from sandbox.webhooks import signature

SECRET = "whsec_0123456789abcdef0123456789abcdef"


def address(source: Source) -> str:
    return f"/webhooks/stripe/{source.pk}"


def event(number: int = 1, about: str = "ch_1", **fields: Any) -> dict[str, Any]:
    """A snapshot event about the object `about`."""
    return {
        "id": f"evt_{number}",
        "object": "event",
        "type": "charge.updated",
        "created": 1_790_000_000,
        "livemode": False,
        "data": {"object": {"id": about, "object": "charge", "amount": 99_999}},
    } | fields


def deliver(
    client: Client, source: Source, what: Any, *, secret: str = SECRET, ago: int = 0
) -> HttpResponse:
    """Post `what` (bytes as they are, anything else as JSON), signed `ago` seconds before now."""
    body = what if isinstance(what, bytes) else orjson.dumps(what)
    header = signature(body, secret, int(time.time()) - ago)
    return client.post(
        address(source), body, "application/json", headers={"Stripe-Signature": header}
    )
