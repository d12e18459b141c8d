"""`make bench`: measure on a database of its own, print a table; exit 1 if a ratio is missed.

The whole takes half an hour on two cores; `python -m bench --quick` measures a fifth of the size in
three rounds instead of five, in some minutes.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from truefans import embedded


def main() -> int:
    home = Path(tempfile.mkdtemp(prefix="tf-bench-", dir="/tmp")).resolve()
    try:
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(name, None)  # never on somebody's data
        embedded.join(home)
        return _measure()
    finally:
        embedded.leave(home)
        shutil.rmtree(home, ignore_errors=True)


def _measure() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truefans.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    # After the set-up, because they import models.
    from bench import importing, recomputing
    from bench.ratio import table

    if "--quick" in sys.argv:
        ratios = [
            *importing.ratios(charges=4_000, rounds=3),
            *recomputing.ratios(fans=20_000, purchases=200_000, rounds=3),
        ]
    else:
        ratios = [*importing.ratios(), *recomputing.ratios()]
    print(table(ratios))
    return 0 if all(ratio.holds for ratio in ratios) else 1


if __name__ == "__main__":
    sys.exit(main())
