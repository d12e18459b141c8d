"""Has PostgreSQL look again at tables that have grown.

It plans every statement by what it saw last, and by itself it looks once a minute. A first import
is half done by then, and until then each search for the lines of some payments would read all lines
of the source, because of a new source it believes that there are none: see docs/decisions.
"""

from django.db import connection

from fans.models import Fan, Identity, NamePart
from revenue.models import Customer, Movement, Purchase, Return, Statement

#: What imports search these by. That is soon looked at; the rest is left to when PostgreSQL does.
SEARCHED = {
    Customer: ("source_id", "external_id"),
    Fan: ("creator_id",),
    Identity: ("creator_id", "fan_id", "kind", "value"),
    Movement: ("source_id", "external_id", "payment_id"),
    NamePart: ("creator_id", "fan_id"),
    Purchase: ("creator_id", "source_id", "fan_id", "external_id", "customer_id", "intent_id"),
    Return: ("source_id", "external_id", "payment_id"),
    Statement: ("source_id", "upload_id", "external_id", "subject", "kind"),
}
LOOK = {
    model._meta.db_table: f"{model._meta.db_table} ({', '.join(columns)})"
    for model, columns in SEARCHED.items()
}
#: Blocks of a table that is so small that no plan for it is bad.
SMALL = 16
GROWN = """
SELECT relname FROM pg_class WHERE oid = ANY(%s::regclass[])
AND pg_relation_size(oid) > 2 * greatest(relpages, %s) * current_setting('block_size')::bigint
ORDER BY relname
"""


def look_at_the_grown() -> list[str]:
    """Have those tables looked at that are twice as large as when they last were; their names.

    For after a transaction that wrote much. A table that somebody else is at is left to them.
    """
    with connection.cursor() as cursor:
        cursor.execute(GROWN, [[*LOOK], SMALL])
        grown = [name for (name,) in cursor.fetchall()]
        if grown:
            cursor.execute("ANALYZE (SKIP_LOCKED) " + ", ".join(LOOK[name] for name in grown))
    return grown
