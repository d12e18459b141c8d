"""Text from outside, made storable: PostgreSQL knows neither NUL nor half a surrogate pair."""

from typing import Any

import orjson


def clean(text: str | None) -> str:
    """`text` without what cannot be stored, trimmed; None gives ""."""
    if not text:
        return ""
    if "\0" in text or not text.isascii():
        text = text.replace("\0", "").encode("utf-8", "replace").decode()
    return text.strip()


def storable_json(value: Any) -> str:
    """`value` as JSON that PostgreSQL accepts; decimals become strings."""
    try:
        text = orjson.dumps(value, default=str).decode()
    except TypeError:  # half a surrogate pair somewhere
        text = "\\u0000"
    return orjson.dumps(_cleaned(value), default=str).decode() if "\\u0000" in text else text


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(item) for key, item in value.items()}
    return [_cleaned(item) for item in value] if isinstance(value, list) else value
