"""An embedded PostgreSQL and Valkey for a run of the tests, in a home that is thrown away."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from truefans import embedded

#: Where what hands out the tests notes which variables it has set for itself.
SET = "TESTS_SET"


def start_for_tests() -> None:
    """Start them, and set up Django on them; to be called at the top of the root conftest.

    That is before anything reads the settings. DATABASE_URL and REDIS_URL of the environment are
    honoured. Where several processes share the tests each has servers of its own, so that none sees
    what another keeps in a cache or a queue. A short path, so that the socket can be in it.
    """
    for name in os.environ.pop(SET, "").split():
        os.environ.pop(name, None)
    given = set(os.environ)
    home = Path(tempfile.mkdtemp(prefix="tf-", dir="/tmp")).resolve()
    atexit.register(shutil.rmtree, home, ignore_errors=True)  # runs after `join`'s own goodbye
    os.environ.setdefault("CELERY_QUEUE", f"tests-{os.getpid()}")
    embedded.join(home, durable=False)
    os.environ[SET] = " ".join(set(os.environ) - given)
    os.environ["DJANGO_SETTINGS_MODULE"] = "truefans.settings"

    import django

    django.setup()
    # Who found it set would set up Django before these lines, on the servers of who handed it on.
    del os.environ["DJANGO_SETTINGS_MODULE"]
