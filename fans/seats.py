"""Seats: the number of a true fan, by the order of first crossing, given once and for ever.

Who falls below the target again keeps the number; a number is never given to somebody else, nor is
one that is free because two records turned out to be one person's.
"""

from django.db import connection, transaction

from fans.models import Creator


def assign_seats(*, creator: Creator) -> int:
    """Give the next numbers to those who have crossed the target and have none; how many did."""
    with transaction.atomic(), connection.cursor() as cursor:
        Creator.objects.select_for_update(no_key=True).get(pk=creator.pk)
        cursor.execute(
            """
            -- Worked out once, not for each of them.
            WITH last AS MATERIALIZED (
                SELECT greatest(
                    (SELECT max(seat) FROM fans_fan WHERE creator_id = %(creator)s),
                    (SELECT max(seat) FROM fans_merge WHERE creator_id = %(creator)s),
                    0
                ) AS seat
            ), next AS (
                SELECT id, row_number() OVER (ORDER BY crossed_at, email, id) AS place
                FROM fans_fan
                WHERE creator_id = %(creator)s AND crossed_at IS NOT NULL AND seat IS NULL
            )
            UPDATE fans_fan SET seat = last.seat + next.place
            FROM last, next WHERE fans_fan.id = next.id
            """,
            {"creator": creator.pk},
        )
        return cursor.rowcount
