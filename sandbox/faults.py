"""Trouble on order, so that a test can see what an importer does about it."""

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sandbox import errors


@dataclass(frozen=True)
class Fault:
    """What goes wrong with the `nth` request to `path` (counted from 1), and the `times - 1` after.

    `status` answers 429 or a 5xx instead of the page; `delay` waits so many seconds first; `cut`
    breaks the connection off in the middle of the body.
    """

    path: str
    nth: int = 1
    times: int = 1
    status: int | None = None
    retry_after: int | None = None
    delay: float = 0.0
    cut: bool = False

    def strikes(self, path: str, count: int) -> bool:
        return path == self.path and self.nth <= count < self.nth + self.times

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
