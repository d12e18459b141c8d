"""The same done to many people at once: one statement, however many they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from fans.models import Creator, Tag, User
from fans.models.fans import FanQuerySet


def put_tag(people: FanQuerySet, *, tag: Tag) -> list[int]:
    """Put `tag` on `people`, who are its creator's; the ids of those who did not have it."""
    chosen, parameters = _ids(people)
    return _changed(
        f"""
        INSERT INTO fans_tagging (creator_id, fan_id, tag_id)
        SELECT %s, chosen.id, %s FROM ({chosen}) AS chosen (id) ORDER BY chosen.id
        ON CONFLICT (tag_id, fan_id) DO NOTHING RETURNING fan_id
        """,  # noqa: S608 - the ORM's own SQL
        [tag.creator_id, tag.pk, *parameters],
    )


def take_tag(people: FanQuerySet, *, tag: Tag) -> list[int]:
    """Take `tag` from `people`; the ids of those who had it."""
    chosen, parameters = _ids(people)
    return _changed(
        f"DELETE FROM fans_tagging WHERE tag_id = %s AND fan_id IN ({chosen}) RETURNING fan_id",  # noqa: S608
        [tag.pk, *parameters],
    )


def write_note(
    people: FanQuerySet, *, creator: Creator, text: str, by: User, now: datetime
) -> list[int]:
    """Write the same note of each of `people`, who are the creator's; their ids."""
    chosen, parameters = _ids(people)
    return _changed(
        f"""
        INSERT INTO fans_note (creator_id, fan_id, text, by_id, created_at, changed_at)
        SELECT %s, chosen.id, %s, %s, %s, %s FROM ({chosen}) AS chosen (id) ORDER BY chosen.id
        RETURNING fan_id
        """,  # noqa: S608 - the ORM's own SQL
        [creator.pk, text, by.pk, now, now, *parameters],
    )


def _ids(people: FanQuerySet) -> tuple[str, Sequence[Any]]:
    """The statement that finds the ids of `people`, and its parameters."""
    sql, parameters = people.order_by().values("pk").query.sql_with_params()
    return sql, parameters


def _changed(statement: str, parameters: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [fan_id for (fan_id,) in cursor.fetchall()]
