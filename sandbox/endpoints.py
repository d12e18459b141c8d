"""Webhook endpoints: the one thing that can be written here."""

import secrets
import time
from collections.abc import Mapping

from sandbox import errors
from sandbox.account import Account
from sandbox.books import Json

PATH = "/v1/webhook_endpoints"

Form = Mapping[str, list[str]]


def answer(account: Account, method: str, path: str, form: Form) -> Json:
    identifier = path.removeprefix(PATH).strip("/")
    if method == "POST" and not identifier:
        return _create(account, form)
    if method == "GET" and not identifier:
        rows = [_public(row) for row in reversed(account.endpoints.values())]
        return {"object": "list", "url": PATH, "has_more": False, "data": rows}
    if method not in {"GET", "DELETE"}:
        raise errors.unknown_url(method, path)
    if identifier not in account.endpoints:
        raise errors.missing("webhook_endpoint", identifier)
    if method == "GET":
        return _public(account.endpoints[identifier])
    del account.endpoints[identifier]
    return {"id": identifier, "object": "webhook_endpoint", "deleted": True}


def _create(account: Account, form: Form) -> Json:
    for name in ("url", "enabled_events"):
        if not form.get(name):
            raise errors.bad_request(f"Missing required param: {name}.", name, "parameter_missing")
    endpoint: Json = {
        "id": f"we_1{secrets.token_hex(12)[:23]}",
        "object": "webhook_endpoint",
        "api_version": form.get("api_version", [None])[0],
        "application": None,
        "created": int(time.time()),
        "description": form.get("description", [None])[0],
        "enabled_events": form["enabled_events"],
        "livemode": False,
        "metadata": {},
        "secret": f"whsec_{secrets.token_hex(16)}",
        "status": "enabled",
        "url": form["url"][0],
    }
    account.endpoints[endpoint["id"]] = endpoint
    return endpoint


def _public(endpoint: Json) -> Json:
    """Stripe shows the secret once, when the endpoint is made."""
    return {name: value for name, value in endpoint.items() if name != "secret"}
