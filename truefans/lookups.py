"""`field__among=values`: as `field__in`, with all values in one parameter.

`IN` makes a parameter of every value, and binding a thousand of them costs more than the query.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Field
from django.db.models.lookups import Lookup


@Field.register_lookup
class Among(Lookup):
    lookup_name = "among"
    prepare_rhs = False
    rhs: Iterable[Any]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s)", (*parameters, list(self.rhs))
