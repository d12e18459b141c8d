"""The state of the bench's own database before something is measured."""

from django.db import connection


def empty() -> None:
    """Forget everybody, and with them all that is theirs."""
    _execute("TRUNCATE fans_user CASCADE")


def vacuum() -> None:
    """What autovacuum does in the minutes after a big change."""
    _execute("VACUUM ANALYZE")


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
