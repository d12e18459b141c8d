"""What every test has: real PostgreSQL, Valkey, and (where asked for) Celery workers."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.factories import NOW


@pytest.fixture(autouse=True)
def _settings_for_tests(settings):
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def stripe(settings) -> Iterator:
    """Serves sandbox accounts as Stripe for the length of a test: `stripe(account)` → its url."""
    import contextlib

    import sandbox

    with contextlib.ExitStack() as stack:

        def serve(*accounts, **options) -> str:
            url = stack.enter_context(sandbox.serve(list(accounts), **options))
            settings.STRIPE_API_BASE = url
            return url

        yield serve
