"""Asking Stripe's API (or a server that speaks it) on behalf of one creator.

Reading needs nothing of Stripe's SDK but GET, and its objects cost ten times what the parsed JSON
does: see docs/decisions. Waiting and trying again are ours, because only we know that a run may
take its time.
"""

import random
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from typing import Any
from urllib.parse import urlencode

import urllib3
from django.conf import settings

from revenue.gateways.problems import (
    KeyRefused,
    NotThere,
    PermissionMissing,
    UnexpectedAnswer,
    Unreachable,
)
from revenue.gateways.stripe.pace import Pace
from truefans.text import from_json

API_VERSION = "2026-10-28.endive"
SANDBOX_KEY = "rk_test_sandbox_"
PAGE = 100
TIMEOUT = urllib3.Timeout(connect=10, read=60)
ATTEMPTS = 6
LONGEST_WAIT = 30.0
#: Requests that are under way at the same time, at most.
IN_FLIGHT = 8

Json = dict[str, Any]


def api_base(key: str) -> str:
    """Where `key` is spoken to: the demo's keys at the demo's sandbox, all others at Stripe."""
    if settings.SANDBOX_URL and key.startswith(SANDBOX_KEY):
        return settings.SANDBOX_URL
    return settings.STRIPE_API_BASE


class StripeGateway:
    """Reads one creator's account; raises the exceptions of `revenue.gateways.problems`.

    Threads may share it.
    """

    def __init__(self, key: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._base = api_base(key)
        self._sleep = sleep
        self._pace = Pace(settings.STRIPE_REQUESTS_PER_SECOND, sleep=sleep)
        self._http = urllib3.PoolManager(
            maxsize=IN_FLIGHT,
            retries=False,
            timeout=TIMEOUT,
            headers={"Authorization": f"Bearer {key}", "Stripe-Version": API_VERSION},
        )

    def get(self, path: str, *, permission: str, **params: Any) -> Json:
        """The parsed answer to GET `path`; `permission` is what Stripe's dashboard calls it."""
        url = f"{self._base}{path}"
        if params:
            url += f"?{urlencode(list(_flat(params)))}"
        for attempt in count(1):
            self._pace.wait(path.split("/", 3)[2])
            try:
                answer = self._http.request("GET", url)
                if answer.status == 200:
                    parsed: Json = from_json(answer.data)
                    return parsed
            except (urllib3.exceptions.HTTPError, ValueError) as error:
                reason, pause = "no connection", _pause(attempt)
                cause: Exception | None = error
            else:
                _refuse(answer.status, path, permission)
                reason, cause = f"HTTP {answer.status}", None
                pause = _pause(attempt, answer.headers.get("retry-after", ""))
                if answer.status == 429:
                    self._pace.slow_down()
            if attempt == ATTEMPTS:
                raise Unreachable(reason) from cause
            self._sleep(pause)
        raise AssertionError("the loop ends by return or raise")

    def list(
        self, path: str, *, permission: str, after: str = "", **params: Any
    ) -> tuple[list[Json], bool]:
        """One page of `path`, newest first, after the object `after`; and whether more follow."""
        if after:
            params["starting_after"] = after
        answer = self.get(path, permission=permission, limit=PAGE, **params)
        found = answer.get("data") or []
        return found, bool(answer.get("has_more") and found)

    def list_all(self, path: str, *, permission: str, **params: Any) -> Iterator[Json]:
        after, more = "", True
        while more:
            found, more = self.list(path, permission=permission, after=after, **params)
            yield from found
            after = found[-1]["id"] if found else ""


def span(since: datetime | None, until: datetime | None) -> dict[str, dict[str, int]]:
    """The parameter for since <= created < until, by the whole seconds that Stripe knows."""
    bounds = {}
    if since:
        bounds["gte"] = int(since.timestamp())
    if until:
        bounds["lt"] = int(until.timestamp())
    return {"created": bounds} if bounds else {}


def _flat(params: Json) -> Iterator[tuple[str, Any]]:
    """`{"created": {"gte": 1}, "expand": ["x"]}` → `created[gte]=1`, `expand[]=x`."""
    for name, value in params.items():
        if isinstance(value, dict):
            yield from ((f"{name}[{key}]", item) for key, item in value.items())
        elif isinstance(value, (list, tuple)):
            yield from ((f"{name}[]", item) for item in value)
        else:
            yield name, value


def _refuse(status: int, path: str, permission: str) -> None:
    """Raise what waiting cannot mend: everything but too many requests and faults of theirs."""
    if status == 401:
        raise KeyRefused
    if status == 403:
        raise PermissionMissing(permission)
    if status == 404:
        raise NotThere(path)
    if status not in (409, 429) and status < 500:
        raise UnexpectedAnswer(f"HTTP {status} at {path}")


def _pause(attempt: int, asked: str = "") -> float:
    """Seconds to wait: what the server asks for, else exponential with full jitter."""
    if asked.isdigit():
        return min(float(asked), LONGEST_WAIT) + random.random()  # noqa: S311
    return random.uniform(0.2, min(0.5 * 2 ** (attempt - 1), LONGEST_WAIT))  # noqa: S311
