"""`field__among=values`: as `field__in`, with all values in one parameter.

`IN` makes a parameter of every value, and binding a thousand of them costs more than the query.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import CharField, Field, TextField
from django.db.models.lookups import Lookup


@Field.register_lookup
class Among(Lookup):
    """For texts and whole numbers, which go as one text: the driver would look at each by itself,
    and wrap it by itself. Django looks at each item of a list, too, and at none of a set."""

    lookup_name = "among"
    prepare_rhs = False
    rhs: Iterable[Any]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, parameters = self.process_lhs(compiler, connection)
        if isinstance(self.lhs.output_field, CharField | TextField):
            texts = set(self.rhs)
            sql, given = f"{left} = ANY(%s::text[])", (*parameters, array_of_texts(texts))
            if "" in texts:
                return sql, given
            # An index of what is not empty is used only where that is said: PostgreSQL looks for it
            # in no more than a hundred values.
            return f"({sql} AND {left} <> '')", (*given, *parameters)
        return f"{left} = ANY(%s::bigint[])", (*parameters, array_of_numbers(self.rhs))


def array_of_texts(values: Iterable[str]) -> str:
    """`values` as PostgreSQL writes an array of texts."""
    joined = "\0".join(values)
    if not joined:
        return "{}"
    if '"' in joined or "\\" in joined:
        joined = joined.replace("\\", "\\\\").replace('"', '\\"')
    return '{"' + joined.replace("\0", '","') + '"}'


def array_of_numbers(values: Iterable[int]) -> str:
    """`values` as PostgreSQL writes an array of whole numbers."""
    return "{" + ",".join(map(str, values)) + "}"
