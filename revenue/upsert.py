"""Many rows in one statement: insert what is new, update what differs, leave the rest untouched.

`bulk_create(update_conflicts=True)` writes every conflicting row anew, which turns a second look
at the same page into as much work as the first; here an unchanged row costs a comparison. The rows
travel as one JSON document: quoting an array of documents costs more than all the rest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import Any

from django.db import connection, models

from truefans.text import storable_json

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upserted:
    """The ids of the rows that were inserted, and of those that were changed; `told`: what the
    column that was to be told holds in them; `former`: what the one that was to be recalled held
    before, by the id of a changed row."""

    new: list[int]
    changed: list[int]
    told: set[Any] = field(default_factory=set)
    former: dict[int, Any] = field(default_factory=dict)

    @property
    def written(self) -> list[int]:
        return self.new + self.changed


def upsert(
    model: type[models.Model],
    rows: Sequence[Row],
    *,
    unique: Sequence[str],
    update: Iterable[str] = (),
    quietly: Iterable[str] = (),
    newest_by: str = "",
    tell: str = "",
    recall: str = "",
) -> Upserted:
    """Insert `rows` (attname → value, all with the same keys).

    On a conflict in the `unique` columns those of `update` are set, but only where one of them
    differs; those of `quietly` are set with them and cause nothing by themselves. With `newest_by`
    a row that has an older value there than the stored one changes nothing. Of the rows that are
    written, what the column `tell` holds is told, or of those that are changed what `recall` held
    before. Rows are written in the order of their unique columns, so that two writers never wait
    for each other crosswise.
    """
    if not rows:
        return Upserted([], [])
    rows = sorted(rows, key=itemgetter(*unique))
    sql = _statement(model, tuple(rows[0]), tuple(unique), tuple(update), tuple(quietly), newest_by)
    if tell:
        sql = f"{sql}, {connection.ops.quote_name(tell)}"
    elif recall:
        sql = _recalling(model, sql, recall)
    done = Upserted([], [])
    with connection.cursor() as cursor:
        cursor.execute(sql, [storable_json(rows)])
        for pk, is_new, *more in cursor.fetchall():
            (done.new if is_new else done.changed).append(pk)
            if tell:
                done.told.update(more)
            elif more and not is_new:
                done.former[pk] = more[0]
    return done


def _recalling(model: type[models.Model], sql: str, column: str) -> str:
    """The rest of a statement does not see what a part of it has written."""
    quote = connection.ops.quote_name
    return (
        f"WITH written (id, is_new) AS ({sql}) "
        f"SELECT written.id, is_new, former.{quote(column)} "
        f"FROM written LEFT JOIN {quote(model._meta.db_table)} AS former ON former.id = written.id"
    )


@lru_cache(maxsize=100)
def _statement(
    model: type[models.Model],
    columns: tuple[str, ...],
    unique: tuple[str, ...],
    update: tuple[str, ...],
    quietly: tuple[str, ...],
    newest_by: str,
) -> str:
    """Every name in it is a model's own, every value is in the one parameter."""
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    fields = {field.attname: field for field in model._meta.concrete_fields}
    names = ", ".join(map(quote, columns))
    types = ", ".join(f"{quote(column)} {_type(fields[column])}" for column in columns)
    values = ", ".join(_value(fields[column], quote(column)) for column in columns)
    return (
        f"INSERT INTO {table} ({names}) "
        f"SELECT {values} FROM json_to_recordset(%s::json) AS given ({types}) "
        f"ON CONFLICT ({', '.join(map(quote, unique))}) "
        f"{_on_conflict(table, update, quietly, newest_by)} "
        # A row version that nobody has locked or replaced yet is a new one.
        "RETURNING id, xmax = 0"
    )


def _on_conflict(
    table: str, update: tuple[str, ...], quietly: tuple[str, ...], newest_by: str
) -> str:
    if not update:
        return "DO NOTHING"
    quote = connection.ops.quote_name
    sets = ", ".join(f"{quote(c)} = excluded.{quote(c)}" for c in (*update, *quietly))
    old = ", ".join(f"{table}.{quote(c)}" for c in update)
    new = ", ".join(f"excluded.{quote(c)}" for c in update)
    where = f"({old}) IS DISTINCT FROM ({new})"
    if newest_by:
        by = quote(newest_by)
        where += f" AND ({table}.{by} > excluded.{by}) IS NOT TRUE"
    return f"DO UPDATE SET {sets} WHERE {where}"


def _type(field: "models.Field[Any, Any]") -> str:
    if isinstance(field, models.BinaryField):
        return "text"
    kind = field.rel_db_type(connection) if field.is_relation else field.db_type(connection)
    return str(kind)


def _value(field: "models.Field[Any, Any]", name: str) -> str:
    return f"decode({name}, 'base64')" if isinstance(field, models.BinaryField) else name
