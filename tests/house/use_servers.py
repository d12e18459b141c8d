"""Uses the embedded servers until its standard input ends, without loading the application."""

import os
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "truefans"))
import embedded

started = time.perf_counter()
try:
    embedded.ensure()
except embedded.Unavailable as problem:
    sys.exit(str(problem))
seconds = time.perf_counter() - started
print(os.environ["DATABASE_URL"], os.environ["REDIS_URL"], seconds, flush=True)  # noqa: T201
for line in sys.stdin:
    if line == "tend\n":
        embedded.tend()
        print("tended", flush=True)  # noqa: T201
    if line == "fork\n":
        child = os.fork()
        if not child:
            os.closerange(0, 3)
            time.sleep(60)
            os._exit(0)
        print(child, flush=True)  # noqa: T201
