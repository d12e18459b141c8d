"""What every test has: real PostgreSQL, Valkey, and (where asked for) Celery workers."""

import contextlib
import os
from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.services import start_for_tests

os.environ["READ_ENV_FILE"] = "0"  # a developer's own settings are no concern of the tests
os.environ.setdefault("DEMO", "1")
os.environ.setdefault("CELERY_QUEUE", f"tests-{os.getpid()}")
start_for_tests()

from django.conf import settings as project  # noqa: E402

import sandbox  # noqa: E402
from tests.factories import NOW  # noqa: E402

# Threads of the live server would keep the database busy beyond their test.
project.DATABASES["default"]["CONN_MAX_AGE"] = 0
# Nothing is collected for a test; the live server finds the static files itself.
project.MIDDLEWARE.remove("whitenoise.middleware.WhiteNoiseMiddleware")
project.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def stripe(settings) -> Iterator:
    """Serves a sandbox account, or app, as Stripe for a test's length: `stripe(it)` → its url."""
    with contextlib.ExitStack() as stack:

        def serve(what: sandbox.Account | sandbox.App, **options) -> str:
            served = what if isinstance(what, sandbox.App) else [what]
            url = stack.enter_context(sandbox.serve(served, **options))
            settings.STRIPE_API_BASE = url
            return url

        yield serve
