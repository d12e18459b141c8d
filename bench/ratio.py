"""Measuring: rounds side by side, medians, and what they are relative to."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """`what` took `seconds`, which is `times` what `unit` took; at most `limit` is wanted."""

    what: str
    unit: str
    seconds: float
    times: float
    limit: float

    @property
    def holds(self) -> bool:
        return self.times <= self.limit


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


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
    yards, works = [], []
    for _ in range(rounds):
        yards.append(seconds(yardstick))
        before()
        works.append(seconds(work))
    yard, took = statistics.median(yards), statistics.median(works)
    return Ratio(what, unit, took, took / yard, limit)


def table(ratios: list[Ratio]) -> str:
    """The ratios as a Markdown table."""
    lines = [
        "| what | seconds | ratio | of | wanted | holds |",
        "|---|---:|---:|---|---:|:-:|",
    ]
    for ratio in ratios:
        lines.append(
            f"| {ratio.what} | {ratio.seconds:.3f} | {ratio.times:.2f} | {ratio.unit}"
            f" | ≤ {ratio.limit:g} | {'yes' if ratio.holds else 'no'} |"
        )
    return "\n".join(lines)
