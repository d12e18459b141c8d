"""Lines of the ledger as they came: whether one is known shows before it is taken apart.

Taking a line apart costs more than its fingerprint does, and in most readings all but a few lines
are known.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from revenue.gateways.stripe.translate import id_of, kind_of
from truefans.text import clean, from_json, to_json

Json = dict[str, Any]

#: The address of a charge's receipt is new in every answer.
RECEIPT = re.compile(rb'"receipt_url":\s*"[^"]*"')


class _About(msgspec.Struct):
    """Of what a line is about, what has to be known of each."""

    object: str = ""
    livemode: bool | None = None
    charge: Any = None


class _Head(msgspec.Struct):
    """The same of a line."""

    id: str
    created: int = 0
    livemode: bool | None = None
    source: _About | str | None = None


class _Rows(msgspec.Struct):
    data: list[msgspec.Raw]
    has_more: bool | None = None


_head = msgspec.json.Decoder(_Head)
_rows = msgspec.json.Decoder(_Rows)


class Line(msgspec.Struct, frozen=True):
    """A line with its outside id, as JSON, and the `digest` of that (64 bits, signed).

    `lacks`: what it is about is only named, or may not say of which payment it is; `modes`: whether
    it is live, and whether what it is about is, None where that is not said.
    """

    name: str
    created: Any
    json: bytes
    digest: int
    lacks: bool
    modes: tuple[bool | None, bool | None]

    @property
    def row(self) -> Json:
        """The line, taken apart."""
        row: Json = from_json(self.json)
        return row


def line_of(row: Json) -> Line:
    """A line that is taken apart already."""
    about: Any = row.get("source")
    is_return = kind_of(about) in ("refund", "dispute")
    lacks = isinstance(about, str) or (is_return and not about.get("charge"))
    json = to_json(row)
    return Line(id_of(row), row.get("created"), json, _digest(json), lacks, modes_of(row))


def lines_of(body: bytes) -> tuple[list[Line], bool | None] | None:
    """The lines of a page, and whether more follow if it says so; None for what is not as Stripe
    writes it."""
    try:
        body.decode()
        page = _rows.decode(body)
        return [_as_it_came(bytes(row)) for row in page.data], page.has_more
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def last_name(lines: Sequence[Line]) -> str:
    """The id after which the ledger goes on: that of the last of `lines` which has one."""
    return next((line.name for line in reversed(lines) if line.name), "")


def modes_of(row: Json) -> tuple[bool | None, bool | None]:
    """Whether an object is live, and whether what it is about is; None where that is not said."""
    return _mode(row), _mode(row.get("source"))


def _mode(row: Any) -> bool | None:
    said = row.get("livemode") if isinstance(row, dict) else None
    return said if isinstance(said, bool) else None


def _as_it_came(json: bytes) -> Line:
    head = _head.decode(json)
    about = head.source
    if isinstance(about, _About):
        lacks = not about.charge and about.object in ("", "refund", "dispute")
        modes = head.livemode, about.livemode
    else:
        lacks = about is not None
        modes = head.livemode, None
    return Line(clean(head.id), head.created, json, _digest(json), lacks, modes)


def _digest(json: bytes) -> int:
    digest = hashlib.sha256(usedforsecurity=False)  # by the processor; blake2b takes twice as long
    at = json.find(b'"receipt_url"')
    receipt = RECEIPT.match(json, at) if at >= 0 else None
    if receipt:
        # Two short parts: for a long one Python lets other threads work, which costs more.
        digest.update(json[: receipt.start()])
        digest.update(json[receipt.end() :])
    else:
        digest.update(json)
    return int.from_bytes(digest.digest()[:8], "big", signed=True)
