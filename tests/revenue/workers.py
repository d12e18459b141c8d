"""Real Celery workers on the test's database and a queue of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection


def test_database_url() -> str:
    """DATABASE_URL of the database that this test writes to."""
    url = urlsplit(os.environ["DATABASE_URL"])
    return url._replace(path="/" + connection.settings_dict["NAME"]).geturl()


@contextmanager
def worker() -> Iterator[subprocess.Popen]:
    """A worker with two processes in a group of its own; killed at the end if it still lives."""
    process = subprocess.Popen(
        [
            sys.executable, "-m", "celery", "-A", "truefans", "worker",
            "--concurrency", "2", "--loglevel", "WARNING", "--without-gossip", "--without-mingle",
            "--hostname", f"test-{os.getpid()}-{time.monotonic_ns()}@localhost",
        ],
        env=os.environ
        | {"DATABASE_URL": test_database_url(), "STRIPE_API_BASE": settings.STRIPE_API_BASE},
        start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen) -> None:
    """kill -9 of the worker and of its pool."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def wait_until(what: Callable[[], bool], *, seconds: float = 150) -> None:
    """Poll until `what()`; an AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
