"""Sends events to webhook endpoints, signed as Stripe signs them."""

import hashlib
import hmac
import time
from datetime import UTC, datetime
from http.client import HTTPConnection
from urllib.parse import urlsplit

import orjson

from sandbox.books import Json
from sandbox.resources import RESOURCES

_PATHS = {resource.kind: f"/v1/{resource.path}" for resource in RESOURCES}
_NEAR = {"127.0.0.1", "localhost"}


def signature(body: bytes, secret: str, at: int) -> str:
    """The value of the header `Stripe-Signature` at a Unix time."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={signed.hexdigest()}"


def thin(event: Json) -> Json:
    """The same event as a notification that only names its object, for `deliver`.

    `related_object` is None where the object has no address of its own.
    """
    about = event["data"]["object"]
    path = _PATHS.get(about["object"])
    at = datetime.fromtimestamp(event["created"], UTC)
    return {
        "object": "v2.core.event",
        "id": event["id"],
        "type": f"v1.{event['type']}",
        "created": f"{at:%Y-%m-%dT%H:%M:%S}.000Z",
        "livemode": event["livemode"],
        "related_object": path
        and {"id": about["id"], "type": about["object"], "url": f"{path}/{about['id']}"},
    }


def deliver(endpoint: Json, event: Json, *, at: int | None = None) -> int:
    """Posts the event, whole or thin, and returns the HTTP status that came back.

    `endpoint` needs `url` and `secret`. Only this machine is served: any other host is a
    ValueError, because a sandbox must not call out.
    """
    url = urlsplit(endpoint["url"])
    if url.scheme != "http" or url.hostname not in _NEAR:
        raise ValueError(f"Not an address of this machine: {endpoint['url']}")
    body = orjson.dumps(event)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature(body, endpoint["secret"], at or int(time.time())),
    }
    connection = HTTPConnection(url.hostname, url.port or 80, timeout=30)
    try:
        target = f"{url.path or '/'}{'?' + url.query if url.query else ''}"
        connection.request("POST", target, body=body, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()
