"""Text from outside, made storable: PostgreSQL knows neither NUL nor half a surrogate pair."""

import base64
import json
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
    """`value` as JSON that PostgreSQL accepts; decimals become strings, bytes base64."""
    text = to_json(value).decode()
    return orjson.dumps(_cleaned(value), default=_as_text).decode() if "\\u0000" in text else text


def from_json(body: bytes) -> Any:
    """`body` parsed; ValueError for what is no JSON."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(body)  # which takes half a surrogate pair in somebody's name, too
    except RecursionError as error:
        raise ValueError("one inside the other without end") from error


def to_json(value: Any) -> bytes:
    """`value` as JSON, without half surrogate pairs."""
    try:
        return orjson.dumps(value, default=_as_text)
    except TypeError:
        return orjson.dumps(_cleaned(value), default=_as_text)


def _as_text(value: Any) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(item) for key, item in value.items()}
    return [_cleaned(item) for item in value] if isinstance(value, list) else value
