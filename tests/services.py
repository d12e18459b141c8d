"""One embedded PostgreSQL and Valkey for a run of the tests, in a home that is thrown away."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from truefans import embedded


def start_for_tests() -> None:
    """Start them, and set up Django on them; to be called at the top of the root conftest.

    That is before anything reads the settings. DATABASE_URL and REDIS_URL of the environment are
    honoured. A short path, so that the socket can be in it.
    """
    home = Path(tempfile.mkdtemp(prefix="tf-", dir="/tmp")).resolve()
    atexit.register(shutil.rmtree, home, ignore_errors=True)  # runs after `join`'s own goodbye
    embedded.join(home, durable=False)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truefans.settings")

    import django

    django.setup()
