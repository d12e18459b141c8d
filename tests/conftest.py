"""What every test has: real PostgreSQL, Valkey, and (where asked for) Celery workers."""

import contextlib
import os
import string
from collections.abc import Callable, Iterator
from datetime import datetime
from queue import Empty

import pytest

from tests.services import SET, start_for_tests

os.environ["READ_ENV_FILE"] = "0"  # a developer's own settings are no concern of the tests
os.environ.setdefault("DEMO", "1")
start_for_tests()

from celery import current_app  # noqa: E402
from django.conf import settings as project  # noqa: E402
from django.middleware import csrf  # noqa: E402

import sandbox  # noqa: E402
from tests.factories import NOW  # noqa: E402

# A random token may hold any short name that a test says is not on the page: none in small letters.
csrf.CSRF_ALLOWED_CHARS = string.ascii_lowercase + string.digits
# Threads of the live server would keep the database busy beyond their test.
project.DATABASES["default"]["CONN_MAX_AGE"] = 0
# Nothing is collected for a test; the live server finds the static files itself.
project.MIDDLEWARE.remove("whitenoise.middleware.WhiteNoiseMiddleware")
project.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """A server of our own is thrown away with all that is in it. To drop the database before, which
    a thread of the browser's server may still be using, would gain nothing."""
    return "DATABASE_URL" in os.environ.get(SET, "").split()


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


@pytest.fixture
def queued() -> Iterator[Callable[[], list[tuple[str, list]]]]:
    """(task, arguments) of what has been put into the queue; asking takes it out."""
    with current_app.connection_for_read() as connection:
        queue = connection.SimpleQueue(project.CELERY_TASK_DEFAULT_QUEUE)
        queue.clear()

        def take() -> list[tuple[str, list]]:
            found = []
            while True:
                try:
                    message = queue.get(block=False)
                except Empty:
                    return found
                message.ack()
                found.append((message.headers["task"], message.payload[0]))

        yield take
        queue.close()
