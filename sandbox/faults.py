"""Trouble on order, so that a test can see what an importer does about it."""

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from sandbox import errors


@dataclass(frozen=True)
class Fault:
    """What goes wrong with the `nth` request to `path` (counted from 1), and the `times - 1` after.

    `status` answers 429 or a 5xx instead of the page; `body` is sent with status 200 in its place;
    `repeats` gives the first page, whatever it was to begin after; `delay` waits so many seconds
    first; `cut` breaks the connection off in the middle of the body, `hangs_up` before the answer.
    """

    path: str
    nth: int = 1
    times: int = 1
    status: int | None = None
    retry_after: int | None = None
    body: bytes | None = None
    repeats: bool = False
    delay: float = 0.0
    cut: bool = False
    hangs_up: bool = False

    def strikes(self, path: str, count: int) -> bool:
        return path == self.path and self.nth <= count < self.nth + self.times

    def heard(self, query: str) -> str:
        """The query of a request as the server takes it."""
        if not self.repeats:
            return query
        asked = parse_qsl(query, keep_blank_values=True)
        return urlencode([(name, value) for name, value in asked if name != "starting_after"])

    def refusal(self) -> errors.ApiError | None:
        if self.status is None:
            return None
        if self.status == 429:
            return errors.rate_limited(self.retry_after)
        return errors.broken(self.status)


class FaultPlan:
    """Counts requests by path, from any thread, and says which fault strikes."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._faults = tuple(faults)
        self._lock = threading.Lock()
        self.hits: Counter[str] = Counter()

    def strike(self, path: str) -> Fault | None:
        with self._lock:
            self.hits[path] += 1
            count = self.hits[path]
        return next((fault for fault in self._faults if fault.strikes(path, count)), None)
