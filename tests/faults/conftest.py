"""A home of its own for what a test breaks, and Django at work in it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from tests.faults.house import House


@contextmanager
def at_work_in(house: House) -> Iterator[None]:
    """Django's connection is to the database of `house`."""
    connection.close()
    before = dict(connection.settings_dict)
    connection.settings_dict.update(house.connection)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


@pytest.fixture(scope="session")
def servers(django_db_blocker) -> Iterator[House]:
    # A short path, so that the database's socket can be in it.
    home = Path(tempfile.mkdtemp(prefix="tff-", dir="/tmp")).resolve()
    house = House(home)
    try:
        with django_db_blocker.unblock(), at_work_in(house):
            call_command("migrate", verbosity=0)
        yield house
    finally:
        house.leave()
        shutil.rmtree(home)


@pytest.fixture
def house(servers, monkeypatch, django_db_blocker) -> Iterator[House]:
    """Servers that a test may break: up, empty, and the ones that whoever it starts works on."""
    for name, value in servers.environment.items():
        monkeypatch.setenv(name, value)
    servers.bring_up()
    servers.lose_queued()
    with django_db_blocker.unblock(), at_work_in(servers):
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE fans_user CASCADE")
        yield servers
