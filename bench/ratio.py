"""Measuring: rounds side by side, medians, and what they are relative to."""

import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")

HEADER = """\
| what | seconds | ratio | of | wanted | holds |
|---|---:|---:|---|---:|:-:|"""


@dataclass(frozen=True)
class Ratio:
    """`what` is `times` as much as `unit`; at most `limit` is wanted, or `at_least` so much.

    `seconds` is how long `what` took, None where no time was measured.
    """

    what: str
    unit: str
    times: float
    limit: float
    seconds: float | None = None
    at_least: bool = False

    @property
    def holds(self) -> bool:
        return self.times >= self.limit if self.at_least else self.times <= self.limit

    def __str__(self) -> str:
        """A row of the Markdown table that begins with HEADER."""
        seconds = "–" if self.seconds is None else f"{self.seconds:.3f}"
        sign = "≥" if self.at_least else "≤"
        return (
            f"| {self.what} | {seconds} | {self.times:.2f} | {self.unit}"
            f" | {sign} {self.limit:g} | {'yes' if self.holds else 'no'} |"
        )


@dataclass(frozen=True)
class NotMeasured:
    """A row for what this machine cannot measure; nothing is missed by that."""

    what: str
    why: str
    holds: bool = True

    def __str__(self) -> str:
        return f"| {self.what} | – | – | not measured: {self.why} | – | – |"


Row = Ratio | NotMeasured


class Medians:
    """Seconds by name, over rounds: `took.time("name", work)` in each, then `took["name"]`."""

    def __init__(self) -> None:
        self._seconds: dict[str, list[float]] = defaultdict(list)

    def time(self, name: str, work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """What `work` returns."""
        begin = time.perf_counter()
        result = work(*args, **kwargs)
        self.add(name, time.perf_counter() - begin)
        return result

    def add(self, name: str, seconds: float) -> None:
        """Seconds that were measured elsewhere."""
        self._seconds[name].append(seconds)

    def __getitem__(self, name: str) -> float:
        return statistics.median(self._seconds[name])


def compare(
    *,
    what: str,
    work: Callable[[], object],
    unit: str,
    yardstick: Callable[[], object],
    limit: float,
    rounds: int = 5,
    before: Callable[[], object] = lambda: None,
) -> Ratio:
    """Run `yardstick` and `work` in turns (`before` each `work`, unmeasured) and relate medians."""
    took = Medians()
    for _ in range(rounds):
        took.time("yardstick", yardstick)
        before()
        took.time("work", work)
    return Ratio(what, unit, took["work"] / took["yardstick"], limit, took["work"])
