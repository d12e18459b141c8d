"""Platforms that tell at once, in process: signed as each does it, and read as by a worker."""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import HttpResponse
from django.test import Client

from fans.models import Creator
from revenue.live.inboxes import open_inbox
from revenue.live.platforms import BY_FILES, BY_SLUG
from revenue.live.reading import read_messages
from revenue.models import Inbox, Source
from revenue.spend import recompute_due_fans
from tests.factories import NOW

FOLDER = Path(__file__).parent.parent / "data" / "live"
SECRET = "a-secret-of-theirs-0123456789"
SELLER = "seller-1=="


def sample(name: str) -> dict[str, Any]:
    """A delivery of our own making: "kofi/tip"."""
    return orjson.loads((FOLDER / f"{name}.json").read_bytes())


def inbox_of(creator: Creator, slug: str, **fields: str) -> Inbox:
    """An inbox that is set up."""
    inbox = open_inbox(creator=creator, platform=BY_SLUG[slug], now=NOW - timedelta(days=400))
    for name, value in ({"secret": SECRET} | fields).items():
        setattr(inbox, name, value)
    inbox.save()
    return inbox


def address(inbox: Inbox) -> str:
    return f"/webhooks/{BY_FILES[inbox.source.account_id].slug}/{inbox.address}"


def wire(slug: str, payload: Any, *, topic: str = "", secret: str = SECRET) -> dict[str, Any]:
    """How `payload` comes: the body, its type and headers. Bytes are signed as they are."""
    body = payload if isinstance(payload, bytes) else orjson.dumps(payload)
    key = secret.encode()
    kind, headers = "application/json", {}
    if slug == "kofi":
        if isinstance(payload, dict):
            body = orjson.dumps({"verification_token": secret} | payload)
        body, kind = urlencode({"data": body}).encode(), "application/x-www-form-urlencoded"
    elif slug == "gumroad":
        if isinstance(payload, dict):
            body = urlencode({"seller_id": SELLER} | payload).encode()
        kind = "application/x-www-form-urlencoded"
    elif slug == "buymeacoffee":
        headers["X-Signature-Sha256"] = hmac.new(key, body, hashlib.sha256).hexdigest()
    elif slug == "patreon":
        headers["X-Patreon-Signature"] = hmac.new(key, body, hashlib.md5).hexdigest()
        headers["X-Patreon-Event"] = topic or "members:update"
    else:
        mac = hmac.new(key, body, hashlib.sha256).digest()
        headers["X-Shopify-Hmac-Sha256"] = base64.b64encode(mac).decode()
        headers["X-Shopify-Topic"] = topic or "orders/updated"
    return {"data": body, "content_type": kind, "headers": headers}


def tell(inbox: Inbox, payload: Any, **how: str) -> HttpResponse:
    slug = BY_FILES[inbox.source.account_id].slug
    return Client(enforce_csrf_checks=True).post(address(inbox), **wire(slug, payload, **how))


def work_off(creator: Creator, *, now: datetime | None = None) -> None:
    """As a worker does, as of all that has arrived."""
    now = now or datetime.now(NOW.tzinfo)
    for source in Source.objects.filter(creator=creator):
        while read_messages(source=source, now=now):
            pass
    recompute_due_fans(creator=creator, now=now + timedelta(seconds=1))
