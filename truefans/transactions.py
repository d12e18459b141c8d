"""Transactions of work that remembers how far it is."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def lazily_committed() -> Iterator[None]:
    """A transaction that does not wait for the disk.

    Only for what is stored together with how far it is: what a crash of the database takes back is
    then done again. A later transaction that waits makes this one safe as well.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        yield
