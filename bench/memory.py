"""What an import needs at its peak, of many charges against few: it must not grow with them."""

import subprocess
import sys
import time
from collections.abc import Iterator

from bench.importer import STATUS
from bench.importing import check_all_is_there, fresh_source
from bench.ratio import NotMeasured, Ratio, Row
from bench.server import PROJECT, serving


def ratios(*, quick: bool) -> Iterator[Row]:
    few, many = (1_000, 20_000) if quick else (2_000, 200_000)
    what = f"import of {many:,} charges: MB more at its peak"
    if not STATUS.exists():
        yield NotMeasured(what, "this system does not tell a process its peak")
        return
    small, _ = _import(few)
    large, seconds = _import(many)
    yield Ratio(what, f"of {few:,} charges, {small:.0f} MB", abs(large - small), 20, seconds)


def _import(charges: int) -> tuple[float, float]:
    """The peak (MB) and the seconds of a process that does nothing but import so much."""
    with serving(charges=charges) as server:
        fresh_source(server)
        begin = time.perf_counter()
        command = [sys.executable, "-m", "bench.importer"]
        done = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, check=True)
        seconds = time.perf_counter() - begin
    check_all_is_there(charges)
    return int(done.stdout) / 1024, seconds
