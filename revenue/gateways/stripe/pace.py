"""A polite rate: Stripe allows 25 requests a second to each of its lists (docs: rate limits)."""

import threading
import time
from collections.abc import Callable

PER_SECOND = 25.0
#: Whoever was told to slow down asks this much more rarely from then on.
SLOWER = 2.0
SLOWEST = 1.0
#: And a little sooner again after each good answer; of many at once, one refusal counts.
SOONER = 0.97
MEANWHILE = 0.5
#: Shorter waits than this are none.
BARELY = 0.005


class Pace:
    """Spaces requests out: `per_second` for each path, with a second's worth at once.

    Shared by the threads of one gateway. `per_second` 0 means as fast as it goes, until somebody
    is told to slow down. Good answers bring the old rate back bit by bit.
    """

    def __init__(
        self,
        per_second: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._least_gap = self._gap = 1 / per_second if per_second else 0.0
        self._told_at = float("-inf")
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._free_at: dict[str, float] = {}

    def wait(self, path: str) -> None:
        """Return when a request to `path` may be sent."""
        if not self._gap:
            return
        with self._lock:
            now = self._clock()
            # The moment up to which requests are paid for, a second behind at the most.
            free_at = max(self._free_at.get(path, 0.0), now - 1.0) + self._gap
            self._free_at[path] = free_at
        if free_at > now:
            self._sleep(free_at - now)

    def slow_down(self) -> None:
        """Somebody was told that it is too much: all ask more rarely for a while."""
        with self._lock:
            now = self._clock()
            if now - self._told_at >= MEANWHILE:
                self._told_at = now
                self._gap = min(self._gap * SLOWER, SLOWEST) or 1 / PER_SECOND

    def go_on(self) -> None:
        """Somebody was answered."""
        if self._gap > self._least_gap:
            with self._lock:
                gap = self._gap * SOONER
                self._gap = gap if gap > max(self._least_gap, BARELY) else self._least_gap
