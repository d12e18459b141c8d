"""The body of a delivery, made plain: texts, lists and tables, whatever it was written in.

Numbers stay as they are written, so that no amount goes through a float; what the database could
not hold is not let in.
"""

import json
from typing import Any, NoReturn
from urllib.parse import parse_qsl

import orjson
from django.utils.translation import gettext as _

from truefans.text import storable_json

Payload = dict[str, Any]

#: Of a form; the largest that any platform sends has about a hundred.
MOST_FIELDS = 1000


class NotUnderstood(Exception):
    """A body that is nothing a platform sends; the message says why."""


def from_json(text: str | bytes) -> Payload:
    """The table that the JSON `text` is. Raises NotUnderstood."""
    try:
        decoded = text.decode() if isinstance(text, bytes) else text
        found = json.loads(decoded, parse_float=str, parse_int=str, parse_constant=_refuse_constant)
        # Written and read once more: without what cannot be stored, and not nested without end.
        found = orjson.loads(storable_json(found))
    except UnicodeDecodeError:
        raise NotUnderstood(_("This is not written in UTF-8.")) from None
    except RecursionError:
        raise NotUnderstood(_("This is nested too deeply.")) from None
    except (ValueError, TypeError):
        raise NotUnderstood(_("This is no JSON that could be read.")) from None
    if not isinstance(found, dict):
        raise NotUnderstood(_("This is no delivery: there are no named fields in it."))
    return found


def from_form(body: bytes) -> Payload:
    """The fields of a form; of several with one name the last. Raises NotUnderstood."""
    try:
        fields = parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"
        )
    except UnicodeDecodeError:
        raise NotUnderstood(_("This is not written in UTF-8.")) from None
    except ValueError:
        raise NotUnderstood(_("This has far more fields than any delivery.")) from None
    found: Payload = orjson.loads(storable_json(dict(fields)))
    if not any(found.values()):
        raise NotUnderstood(_("This is no delivery: there are no named fields in it."))
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def text_of(table: object, *names: str) -> str:
    """The first of these fields of `table` that says something, as one text; else ""."""
    if isinstance(table, dict):
        for name in names:
            value = table.get(name)
            if isinstance(value, str) and value.strip():
                return value.strip()
    return ""


def is_true(table: object, name: str) -> bool:
    """Whether a field says yes, in whatever way a platform may write that."""
    value = table.get(name) if isinstance(table, dict) else None
    return value is True or (isinstance(value, str) and value.strip().lower() in {"true", "1"})


def table_of(table: object, name: str) -> Payload:
    """The table in a field, empty if there is none."""
    value = table.get(name) if isinstance(table, dict) else None
    return value if isinstance(value, dict) else {}


def tables_of(table: object, name: str) -> list[Payload]:
    """The tables in the list in a field."""
    value = table.get(name) if isinstance(table, dict) else None
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
