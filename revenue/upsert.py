"""Many rows in one statement: insert what is new, update what differs, leave the rest untouched.

`bulk_create(update_conflicts=True)` writes every conflicting row anew, which turns a second look
at the same page into as much work as the first; here an unchanged row costs a comparison. The rows
travel as one JSON document: quoting an array of documents costs more than all the rest.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

from truefans.text import storable_json


def upsert(
    model: type[models.Model],
    rows: Sequence[dict[str, Any]],
    *,
    unique: Sequence[str],
    update: Iterable[str] = (),
) -> list[int]:
    """Insert `rows` (attname → value, all with the same keys) and return the ids written.

    On a conflict in the `unique` columns those of `update` are set, but only where one of them
    differs. Rows are written in the order of their unique columns, so that two writers never wait
    for each other crosswise.
    """
    if not rows:
        return []
    rows = sorted(rows, key=lambda row: tuple(str(row[column]) for column in unique))
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    columns = ", ".join(quote(column) for column in rows[0])
    types = ", ".join(f"{quote(column)} {_db_type(model, column)}" for column in rows[0])
    # Every name in it is a model's own, every value is in the one parameter.
    sql = (
        f"INSERT INTO {table} ({columns}) "
        f"SELECT {columns} FROM json_to_recordset(%s::json) AS given ({types}) "
        f"ON CONFLICT ({', '.join(map(quote, unique))}) "
        f"{_on_conflict(table, list(update))} RETURNING id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [storable_json(rows)])
        return [pk for (pk,) in cursor.fetchall()]


def _on_conflict(table: str, update: list[str]) -> str:
    if not update:
        return "DO NOTHING"
    quote = connection.ops.quote_name
    sets = ", ".join(f"{quote(c)} = excluded.{quote(c)}" for c in update)
    old = ", ".join(f"{table}.{quote(c)}" for c in update)
    new = ", ".join(f"excluded.{quote(c)}" for c in update)
    return f"DO UPDATE SET {sets} WHERE ({old}) IS DISTINCT FROM ({new})"


def _db_type(model: type[models.Model], attname: str) -> str | None:
    field = next(field for field in model._meta.concrete_fields if field.attname == attname)
    return field.rel_db_type(connection) if field.is_relation else field.db_type(connection)
