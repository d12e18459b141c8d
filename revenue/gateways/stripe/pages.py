"""Pages of Stripe's objects as pages of values; what cannot be understood is set aside whole.

Objects are dispatched on what they are, never on where they were found or on the name of an event
(`charge.refund.updated` is about a refund).
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from revenue.gateways.stripe.billing import to_invoice, to_membership
from revenue.gateways.stripe.lines import Line
from revenue.gateways.stripe.translate import (
    id_of,
    kind_of,
    to_customer,
    to_movement,
    to_order,
    to_payment,
    to_return,
)
from revenue.packed import pack
from revenue.values import MovementKind, Nudge, Page, SetAside
from truefans.text import clean, to_json

Json = dict[str, Any]

#: What an object that no version of Stripe would send makes a translation raise.
NOT_UNDERSTOOD = (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, OSError)
#: Where an object holds the lines of the ledger that it caused.
LINES = ("balance_transaction", "failure_balance_transaction", "balance_transactions")
#: Fields that differ from answer to answer though nothing happened, and big ones nobody needs.
UNKEPT = {"charge": ("receipt_url",), "dispute": ("evidence",)}


def kept(row: Json) -> bytes:
    """`row` as it is kept: packed, without what means nothing."""
    _strip(row)
    _strip(row.get("source"))
    return pack(to_json(row))


def to_page(rows: Iterable[Json], *, read_at: datetime) -> Page:
    """Objects of any kind as one page."""
    maker = PageMaker(read_at)
    for row in rows:
        maker.add(row)
    return maker.page()


class PageMaker:
    """Collects objects that Stripe sent in answer to one question, asked at `read_at`."""

    def __init__(self, read_at: datetime) -> None:
        self._read_at = read_at
        self._values: dict[str, dict[str, Any]] = {}
        self._rows = 0

    def page(self, *, cursor: str | None = None, reached_at: datetime | None = None) -> Page:
        values = {of: list(found.values()) for of, found in self._values.items()}
        return Page(cursor=cursor, rows=self._rows, reached_at=reached_at, **values)

    def lines(self, lines: Iterable[Line], known: Mapping[str, int]) -> None:
        """Lines of the ledger; those whose digest is `known` (by outside id) are only counted."""
        for line in lines:
            self._rows += 1
            if known.get(line.name) != line.digest:
                self._try(line.row, self._line, line.digest)

    def add(self, row: Json) -> None:
        """Any object at all; of a kind that says nothing about money it is only counted."""
        self._rows += 1
        self._try(row, self._object)

    def _try(self, row: Json, take: Callable[..., None], *more: Any) -> None:
        try:
            take(row, *more)
        except NOT_UNDERSTOOD as problem:
            body = to_json(row)
            name = id_of(row) or hashlib.blake2b(body, digest_size=12).hexdigest()
            self._keep(
                "set_aside",
                SetAside(
                    external_id=name,
                    kind=str(row.get("object") or ""),
                    problem=f"{type(problem).__name__}: {problem}"[:500],
                    raw=pack(body),
                ),
            )

    def _keep(self, of: str, value: Any) -> None:
        self._values.setdefault(of, {})[value.external_id] = value

    def _line(self, row: Json, digest: int | None = None) -> None:
        movement = to_movement(row, raw=kept(row), digest=digest)
        self._keep("movements", movement)
        about: Any = row.get("source")
        is_told = isinstance(about, dict) and movement.payment_id != ""
        if is_told and movement.kind != MovementKind.UNCAPTURED:
            self._try(about, self._source)

    def _source(self, row: Json) -> None:
        """What a line is about; kept as it came with the line."""
        if kind_of(row) == "charge":
            self._keep("payments", to_payment(row, read_at=self._read_at))
            self._refunds_of(row)
        else:
            self._keep("returns", to_return(row, read_at=self._read_at))

    def _object(self, row: Json) -> None:
        match kind_of(row):
            case "balance_transaction":
                self._line(row)
            case "charge":
                self._charge(row)
            case "refund":
                self._refund(row)
            case "dispute":
                self._dispute(row)
            case "customer":
                self._keep("customers", to_customer(row, read_at=self._read_at))
            case "invoice":
                self._keep("invoices", to_invoice(row, raw=kept(row), read_at=self._read_at))
            case "subscription":
                self._keep("memberships", to_membership(row, raw=kept(row), read_at=self._read_at))
            case "checkout.session":
                if order := to_order(row):
                    self._keep("orders", order)
            case "event" | "v2.core.event":
                if nudge := to_nudge(row):
                    self._keep("nudges", nudge)
            case "":
                raise ValueError("nobody knows what it is")

    def _charge(self, row: Json) -> None:
        lines = [row.get("balance_transaction"), row.get("failure_balance_transaction")]
        came_with_line = self._lines_of(row, lines)
        raw = b"" if came_with_line else kept(row)
        self._keep("payments", to_payment(row, raw=raw, read_at=self._read_at))
        self._refunds_of(row)

    def _refunds_of(self, charge: Json) -> None:
        """What of its refunds a charge brings along, on servers of an older version."""
        for refund in (charge.get("refunds") or {}).get("data") or []:
            self._try(refund, self._refund)

    def _refund(self, row: Json) -> None:
        lines = [row.get("balance_transaction"), row.get("failure_balance_transaction")]
        self._lines_of(row, lines)
        self._with_charge(row)
        if not _is_uncaptured(lines):
            raw = kept(row)
            self._keep("returns", to_return(row, raw=raw, read_at=self._read_at))

    def _dispute(self, row: Json) -> None:
        lines = row.get("balance_transactions") or []
        self._lines_of(row, lines)
        self._with_charge(row)
        raw = kept({k: v for k, v in row.items() if k != "balance_transactions"})
        self._keep("returns", to_return(row, raw=raw, read_at=self._read_at))

    def _with_charge(self, row: Json) -> None:
        if kind_of(row.get("charge")) == "charge":
            self._try(row["charge"], self._charge)

    def _lines_of(self, row: Json, lines: Iterable[Json | str | None]) -> bool:
        """Keep the lines that came inside `row`; without a digest, so that the list is looked at
        once more. Says whether any came."""
        found = [line for line in lines if isinstance(line, dict)]
        about = {field: value for field, value in row.items() if field not in LINES}
        for line in found:
            self._try({**line, "source": about}, self._inner_line)
        return bool(found)

    def _inner_line(self, row: Json) -> None:
        self._keep("movements", to_movement(row, raw=kept(row)))


def to_nudge(event: Json) -> Nudge | None:
    """What an event is about, in its snapshot and in its thin form; None if about nothing."""
    about = event.get("related_object") or (event.get("data") or {}).get("object")
    if not isinstance(event.get("id", ""), str) or not isinstance(about, dict | None):
        raise TypeError("no event")
    name, event_id = id_of(about), id_of(event)
    if not name or not event_id:
        return None
    return Nudge(external_id=event_id, kind=clean(event.get("type")), object_id=name)


def _is_uncaptured(lines: Iterable[Json | str | None]) -> bool:
    return any(
        isinstance(line, dict) and line.get("reporting_category") == "partial_capture_reversal"
        for line in lines
    )


def _strip(row: Any) -> None:
    for field in UNKEPT.get(kind_of(row), ()):
        row.pop(field, None)
