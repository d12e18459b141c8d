"""Objects as they came, small: a model field that holds JSON compressed against a typical line.

Two lines of a provider's ledger differ in a tenth of their bytes. Compressed against a dictionary
of the usual ones a line of 2.5 kB takes 300 bytes, and storing it a third of the time that
PostgreSQL needs to parse and compress the same as jsonb. What is short is kept as it is. Nothing is
ever searched for in there.
"""

import threading
from pathlib import Path
from typing import Any

import orjson
import zstandard
from django.db import models

# A dictionary can be replaced only by adding another: what is stored names the one it needs.
_DICTIONARIES = {
    1: zstandard.ZstdCompressionDict((Path(__file__).parent / "packed_1.ndjson").read_bytes())
}
_NEWEST = 1
_LEVEL = 1
_DICTIONARIES[_NEWEST].precompute_compress(level=_LEVEL)
#: Stands for the dictionary of what is not compressed.
_NONE = 0
#: Bytes of JSON: to compress less takes longer than to store what that saves.
_SHORT = 300


class _Press(threading.local):
    """Made once in each thread, because two must not use one at the same time."""

    def __init__(self) -> None:
        newest = _DICTIONARIES[_NEWEST]
        self.compressor = zstandard.ZstdCompressor(_LEVEL, dict_data=newest)
        self.decompressors = {
            number: zstandard.ZstdDecompressor(dict_data=dictionary)
            for number, dictionary in _DICTIONARIES.items()
        }


_press = _Press()


def pack(json: bytes) -> bytes:
    """The JSON text `json`, small."""
    if len(json) < _SHORT:
        return bytes([_NONE]) + json
    return bytes([_NEWEST]) + _press.compressor.compress(json)


def unpack(packed: bytes | memoryview) -> Any:
    """What `pack` was given, parsed; b"" gives None."""
    if not packed:
        return None
    dictionary, content = packed[0], packed[1:]
    if dictionary != _NONE:
        content = _press.decompressors[dictionary].decompress(content)
    return orjson.loads(content)


class PackedField(models.BinaryField):
    """Packed JSON; reads as bytes, which `unpack` opens where somebody looks."""

    def from_db_value(self, value: bytes | memoryview | None, *_: Any) -> bytes:
        return bytes(value or b"")
