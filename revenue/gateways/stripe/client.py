"""Talking to Stripe's API (or a server that speaks it) on behalf of one creator.

Raw pages through the SDK: it signs, pins the version and keeps the connection; its typed objects
are seven times slower than the plain parsed JSON. The SDK retries nothing here: it never retries
429, so all waiting is ours.
"""

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import stripe
from django.conf import settings

from revenue.gateways.problems import (
    KeyRefused,
    PermissionMissing,
    UnexpectedAnswer,
    Unreachable,
)

API_VERSION = "2026-10-28.endive"
SANDBOX_KEY = "rk_test_sandbox_"
PAGE = 100
TIMEOUT = 30
ATTEMPTS = 6
LONGEST_WAIT = 30.0

Json = dict[str, Any]


def api_base(key: str) -> str:
    """Where `key` is spoken to: the demo's keys at the demo's sandbox, all others at Stripe."""
    if settings.SANDBOX_URL and key.startswith(SANDBOX_KEY):
        return settings.SANDBOX_URL
    return settings.STRIPE_API_BASE


class StripeGateway:
    """Reads one creator's account; raises the exceptions of `revenue.gateways.problems`."""

    def __init__(self, key: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._client = stripe.StripeClient(
            key,
            stripe_version=API_VERSION,
            max_network_retries=0,
            base_addresses={"api": api_base(key)},
            http_client=stripe.RequestsClient(timeout=TIMEOUT),
        )

    def get(self, path: str, *, permission: str, **params: Any) -> Json:
        """The parsed answer to GET `path`; `permission` is what Stripe's dashboard calls it."""
        for attempt in range(ATTEMPTS):
            try:
                return self._client.raw_request("get", path, **params).data
            except stripe.AuthenticationError as error:
                raise KeyRefused from error
            except stripe.PermissionError as error:
                raise PermissionMissing(permission) from error
            except stripe.InvalidRequestError as error:
                raise UnexpectedAnswer(f"HTTP {error.http_status} at {path}") from error
            except (stripe.RateLimitError, stripe.APIConnectionError, stripe.APIError) as error:
                if not _passes(error) or attempt == ATTEMPTS - 1:
                    raise Unreachable(_reason(error)) from error
                self._sleep(_pause(error, attempt))
        raise AssertionError("unreachable: the last attempt returns or raises")

    def list(
        self, path: str, *, permission: str, after: str = "", **params: Any
    ) -> tuple[list[Json], bool]:
        """One page of `path`, newest first, after the object `after`; and whether more follow."""
        if after:
            params["starting_after"] = after
        answer = self.get(path, permission=permission, limit=PAGE, **params)
        return answer.get("data") or [], bool(answer.get("has_more"))

    def list_all(self, path: str, *, permission: str, **params: Any) -> Iterator[Json]:
        after, more = "", True
        while more:
            found, more = self.list(path, permission=permission, after=after, **params)
            yield from found
            more = more and bool(found)
            after = found[-1]["id"] if found else ""


def _passes(error: stripe.StripeError) -> bool:
    """Whether waiting may help: too many requests, a fault of theirs, a broken connection."""
    status = error.http_status
    return status is None or status in (200, 409, 429) or status >= 500


def _pause(error: stripe.StripeError, attempt: int) -> float:
    """Seconds to wait: what the server asks for, else exponential with full jitter."""
    asked = (error.headers or {}).get("retry-after", "")
    if asked.isdigit():
        return min(float(asked), LONGEST_WAIT) + random.random()  # noqa: S311
    return random.uniform(0.2, min(0.5 * 2**attempt, LONGEST_WAIT))  # noqa: S311


def _reason(error: stripe.StripeError) -> str:
    if error.http_status:
        return f"HTTP {error.http_status}"
    return "no connection"
