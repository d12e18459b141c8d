"""Asking Stripe's API (or a server that speaks it) on behalf of one creator.

Reading needs nothing of Stripe's SDK but GET, and its objects cost ten times what the parsed JSON
does: see docs/decisions. Waiting and trying again are ours, because only we know that a run may
take its time.
"""

import math
import random
import re
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import count
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import certifi
import urllib3
from django.conf import settings

from revenue.gateways.problems import (
    CursorGone,
    KeyRefused,
    NotExpandable,
    NotGiven,
    NotThere,
    PermissionMissing,
    SourceProblem,
    UnexpectedAnswer,
    Unreachable,
)
from revenue.gateways.stripe.lines import Line, last_name, line_of, lines_of, modes_of
from revenue.gateways.stripe.pace import PER_SECOND, Pace
from truefans.text import from_json

API_VERSION = "2026-10-28.endive"
SANDBOX_KEY = "rk_test_sandbox_"
PAGE = 100
TIMEOUT = urllib3.Timeout(connect=10, read=60)
#: Seconds after which an answer that comes drop by drop is given up.
LONGEST_ANSWER = 120.0
#: Bytes that are taken at once, if there are so many.
PIECE = 2**18
ATTEMPTS = 6
LONGEST_WAIT = 30.0
#: Refusals that waiting may mend, beside all faults of the server's.
PASSING = (408, 409, 424, 425, 429)
OF_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
#: What Stripe calls a permission when it refuses, and what its dashboard calls it.
PERMISSION_OF = {
    b"rak_charge_read": "Charges",
    b"rak_customer_read": "Customers",
    b"rak_dispute_read": "Disputes",
}
#: Requests that are under way at the same time, at most.
IN_FLIGHT = 8

Json = dict[str, Any]
T = TypeVar("T")
#: A page, and whether more follows.
Rows = tuple[list[Json], bool]
Lines = tuple[list[Line], bool]


def api_base(key: str) -> str:
    """Where `key` is spoken to: the demo's keys at the demo's sandbox, all others at Stripe."""
    if settings.SANDBOX_URL and key.startswith(SANDBOX_KEY):
        return settings.SANDBOX_URL
    return settings.STRIPE_API_BASE


def polite_rate(base: str) -> float:
    """How many requests a second may go to each list at `base`; 0 for as many as it answers."""
    if settings.STRIPE_REQUESTS_PER_SECOND is not None:
        return float(settings.STRIPE_REQUESTS_PER_SECOND)
    return 0 if urlsplit(base).hostname in OF_THIS_MACHINE else PER_SECOND


class NotAPage(ValueError):
    """An answer that cannot be what was asked for; the message says why, for people."""


class StripeGateway:
    """Reads one creator's account; raises the exceptions of `revenue.gateways.problems`.

    Threads may share it. After `patience` seconds nothing more is asked.
    """

    def __init__(
        self,
        key: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        timeout: urllib3.Timeout = TIMEOUT,
        patience: float = math.inf,
    ) -> None:
        #: Held by the thread that works on an answer. Python lets only one of them work anyway, and
        #: several that take turns at it cost a fifth of the time of an import.
        self.at_work = Lock()
        #: Whether what came so far is live or play money: all of it is the one or the other.
        self._modes: set[bool | None] = set()
        #: What else was asked beside a list or an object, as JSON, that this server does not give.
        self.refused: set[bytes] = set()
        self._base = api_base(key)
        self._sleep = sleep
        self._ends_at = time.monotonic() + patience
        self._pace = Pace(polite_rate(self._base), sleep=sleep)
        self._http = urllib3.PoolManager(
            maxsize=IN_FLIGHT,
            retries=False,
            timeout=timeout,
            ssl_context=_trusted(),
            headers={"Authorization": f"Bearer {key}", "Stripe-Version": API_VERSION},
        )

    def get(
        self, path: str, *, permission: str, attempts: int | None = None, **params: Any
    ) -> Json:
        """The parsed answer to GET `path`; `permission` is what Stripe's dashboard calls it.

        It is asked so many times at most, where that is said; else ATTEMPTS times, and whether
        anybody is there at all before that is believed, or that the key is refused.
        """
        return self._get(path, _parsed, permission=permission, params=params, attempts=attempts)

    def _get(
        self,
        path: str,
        read: Callable[[bytes], T],
        *,
        permission: str,
        params: Json,
        attempts: int | None = None,
    ) -> T:
        """What `read` makes of the answer, which is asked for again while it raises ValueError."""
        url = f"{self._base}{path}"
        if params:
            url += f"?{urlencode(list(_flat(params)))}"
        for attempt in count(1):
            if time.monotonic() > self._ends_at:
                raise Unreachable("it takes too long")
            self._pace.wait(path.split("/", 3)[2])
            try:
                answer = self._http.request("GET", url, preload_content=False)
                body = _read(answer)
                if answer.status == 200:
                    with self.at_work:
                        found = read(body)
                    self._pace.go_on()
                    return found
            except urllib3.exceptions.HTTPError as error:
                reason, pause = "no connection", _pause(attempt)
                cause: Exception | None = error
            except ValueError as error:
                reason = str(error) if isinstance(error, NotAPage) else "broken answers"
                pause, cause = _pause(attempt), error
            else:
                if not (answer.status == 401 and attempts is None and self.answers()):
                    _refuse(answer.status, body, path, permission)
                reason, cause = f"HTTP {answer.status}", None
                pause = _pause(attempt, answer.headers.get("retry-after", ""))
                if answer.status == 429:
                    self._pace.slow_down()
            if attempt == (attempts or ATTEMPTS):
                # Of a provider that is there it is this question that gets no answer.
                lost = NotGiven if attempts is None and self.answers() else Unreachable
                raise lost(reason) from cause
            self._sleep(pause)
        raise AssertionError("the loop ends by return or raise")

    def answers(self) -> bool:
        """Whether the account can be read at all right now, asked once."""
        try:
            self.get("/v1/balance", permission="Balance", attempts=1)
        except SourceProblem:
            return False
        return True

    def list(self, path: str, *, permission: str, after: str = "", **params: Any) -> Rows:
        """One page of `path`, newest first, after the object `after`; and whether more follow."""
        return self._list(path, self._rows, permission=permission, after=after, params=params)

    def lines(self, path: str, *, permission: str, after: str = "", **params: Any) -> Lines:
        """The same of the ledger, whose lines are left as they came."""
        return self._list(path, self._lines, permission=permission, after=after, params=params)

    def list_all(self, path: str, *, permission: str, **params: Any) -> Iterator[Json]:
        after, more = "", True
        while more:
            found, more = self.list(path, permission=permission, after=after, **params)
            yield from found
            after = cursor_of(found)

    def _list(
        self,
        path: str,
        read: Callable[[bytes, str], T],
        *,
        permission: str,
        after: str,
        params: Json,
    ) -> T:
        params = params | {"limit": PAGE} | ({"starting_after": after} if after else {})
        return self._get(path, lambda body: read(body, after), permission=permission, params=params)

    def _rows(self, body: bytes, after: str) -> Rows:
        answer = _parsed(body)
        found, more = answer.get("data"), answer.get("has_more")
        if not isinstance(found, list) or (found and not any(isinstance(r, dict) for r in found)):
            raise NotAPage("broken answers")
        rows = [row if isinstance(row, dict) else {"row": row} for row in found]
        modes = (mode for row in rows for mode in modes_of(row))
        return rows, self._checked(rows, more, last=cursor_of(rows), modes=modes, after=after)

    def _lines(self, body: bytes, after: str) -> Lines:
        page = lines_of(body)
        if page is None:
            rows, is_more = self._rows(body, after)
            return [line_of(row) for row in rows], is_more
        lines, more = page
        modes = (mode for line in lines for mode in line.modes)
        return lines, self._checked(lines, more, last=last_name(lines), modes=modes, after=after)

    def _checked(
        self,
        rows: Sequence[Any],
        more: Any,
        *,
        last: str,
        modes: Iterable[bool | None],
        after: str,
    ) -> bool:
        """Whether more follows; raises NotAPage for what cannot be the page after the object
        `after`.

        Taken for one, it would end the list too early, or never, or mix play money with real money.
        """
        if more is None and len(rows) >= PAGE:
            raise NotAPage("a full page that does not say whether more follows")
        if more and not last:
            raise NotAPage("a page that says that more follows, but not after what")
        if after and last == after:
            raise NotAPage("the same page again and again")
        found = {*modes, *self._modes} - {None}
        if len(found) > 1:
            raise NotAPage("live and test objects side by side")
        self._modes = found
        return bool(more)


def cursor_of(rows: Sequence[Any]) -> str:
    """The id after which a list goes on: that of the last of `rows` which has one."""
    for row in reversed(rows):
        name = row.get("id") if isinstance(row, dict) else None
        if name and isinstance(name, str):
            return name
    return ""


def span(since: datetime | None, until: datetime | None) -> Json:
    """The parameter for since <= created < until, by the whole seconds that Stripe knows."""
    bounds = {}
    if since:
        bounds["gte"] = int(since.timestamp())
    if until:
        bounds["lt"] = int(until.timestamp())
    return {"created": bounds} if bounds else {}


@cache
def _trusted() -> ssl.SSLContext:
    """Whom the system trusts, and whom Mozilla does: some systems come with nobody."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _parsed(body: bytes) -> Json:
    """The object in an answer; ValueError for anything else, such as the HTML of some proxy."""
    answer = from_json(body)
    if not answer or not isinstance(answer, dict):
        raise ValueError("not an object")
    return answer


def _flat(params: Json) -> Iterator[tuple[str, Any]]:
    """`{"created": {"gte": 1}, "expand": ["x"]}` → `created[gte]=1`, `expand[]=x`."""
    for name, value in params.items():
        if isinstance(value, dict):
            yield from ((f"{name}[{key}]", item) for key, item in value.items())
        elif isinstance(value, (list, tuple)):
            yield from ((f"{name}[]", item) for item in value)
        else:
            yield name, value


def _read(answer: urllib3.BaseHTTPResponse) -> bytes:
    """The body, all of it; HTTPError for one that takes too long."""
    until = time.monotonic() + LONGEST_ANSWER
    parts = []
    while part := answer.read1(PIECE):
        parts.append(part)
        if time.monotonic() > until:
            answer.close()
            raise urllib3.exceptions.HTTPError("drop by drop")
    return b"".join(parts)


def _refuse(status: int, body: bytes, path: str, permission: str) -> None:
    """Raise what waiting cannot mend: everything but too many requests and faults of theirs."""
    if status == 401:
        raise KeyRefused
    if status == 403:
        # What a line of the ledger is about needs a permission of its own.
        named = next((name for word, name in PERMISSION_OF.items() if word in body), permission)
        raise PermissionMissing(named)
    if status in (400, 404) and b'"starting_after"' in body and b"resource_missing" in body:
        raise CursorGone(f"HTTP {status} at {path}")
    if status == 400 and b"expand" in body:
        raise NotExpandable(f"HTTP {status} at {path}")
    if status == 404:
        raise NotThere(path)
    if status not in PASSING and status < 500:
        raise UnexpectedAnswer(f"HTTP {status} at {path}")


def _pause(attempt: int, asked: str = "") -> float:
    """Seconds to wait: what the server asks for, else exponential with full jitter."""
    if re.fullmatch(r"\d+(\.\d+)?", asked, re.ASCII):
        return min(float(asked), LONGEST_WAIT) + random.random()  # noqa: S311
    return random.uniform(0.2, min(0.5 * 2 ** (attempt - 1), LONGEST_WAIT))  # noqa: S311
