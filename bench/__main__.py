"""`make bench`: measure on a database of its own, print a table; exit 1 if a ratio is missed.

`python -m bench --quick` measures less, in fewer rounds; `python -m bench memory` one group only. A
group is a module here with a function `ratios(*, quick)` that yields rows.
"""

import argparse
import importlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from truefans import embedded

GROUPS = (
    "importing",
    "waiting",
    "memory",
    "dj_stripe",
    "recomputing",
    "webhooks",
    "files",
    "rooms",
    "comparing",
)


def main() -> int:
    options = parsed(sys.argv[1:])
    home = Path(tempfile.mkdtemp(prefix="tf-bench-", dir="/tmp")).resolve()
    try:
        for name in ("DATABASE_URL", "REDIS_URL", "CACHE_URL", "SANDBOX_URL"):
            os.environ.pop(name, None)  # never on somebody's data
        os.environ["READ_ENV_FILE"] = "0"
        embedded.join(home)
        return _measure(options.groups, quick=options.quick)
    finally:
        embedded.leave(home)
        shutil.rmtree(home, ignore_errors=True)


def parsed(arguments: list[str]) -> argparse.Namespace:
    """The groups to measure, all if none is named, and whether less of everything will do."""
    parser = argparse.ArgumentParser(prog="bench", description="How fast TrueFans is, as ratios.")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=" ".join(GROUPS))
    parser.add_argument("--quick", action="store_true", help="less of everything, in minutes")
    options = parser.parse_args(arguments)
    # Not by `choices`, to which older Pythons hold the list of none, too.
    if unknown := [name for name in options.groups if name not in GROUPS]:
        parser.error(f"no such group: {', '.join(unknown)}; there are {', '.join(GROUPS)}")
    options.groups = options.groups or list(GROUPS)
    return options


def _measure(groups: list[str], *, quick: bool) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truefans.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    # After the set-up, because they import models.
    from bench.database import empty
    from bench.ratio import HEADER

    print(HEADER, flush=True)
    hold = True
    for group in groups:
        empty()
        for row in importlib.import_module(f"bench.{group}").ratios(quick=quick):
            print(row, flush=True)
            hold &= row.holds
    return 0 if hold else 1


if __name__ == "__main__":
    sys.exit(main())
