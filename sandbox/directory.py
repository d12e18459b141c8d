"""Loads a recorded history: a folder of JSON files, one a kind, as Stripe's lists gave them.

`charges.json`, `refunds.json.gz`, ... hold an array of objects (or `{"data": [...]}`), newest
first. A missing file is an empty list. `balance_transactions_expanded` stands in for
`balance_transactions`; the sources inside it are used where they have no file of their own.
`balance.json` and `account.json` are served as they are.
"""

import gzip
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from sandbox.account import Account
from sandbox.books import Books, Json
from sandbox.expand import POINTERS
from sandbox.shapes.people import account

_FILES = {
    "balance_transaction": ("balance_transactions_expanded", "balance_transactions"),
    "charge": ("charges",),
    "customer": ("customers",),
    "refund": ("refunds",),
    "dispute": ("disputes",),
    "invoice": ("invoices",),
    "invoice_payment": ("invoice_payments",),
    "subscription": ("subscriptions",),
    "payout": ("payouts",),
    "event": ("events",),
    "payment_intent": ("payment_intents",),
    "credit_note": ("credit_notes",),
    "product": ("products",),
    "price": ("prices",),
}
# Lists that Stripe shows only when they are expanded; recordings may carry them all the same.
_ONLY_EXPANDED = {"charge": "refunds", "invoice": "payments", "customer": "subscriptions"}


def load(folder: Path | str) -> Account:
    """The recorded account; any key beginning with rk_ or sk_ opens it.

    Raises FileNotFoundError when the folder does not exist.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    found: dict[str, dict[str, Json]] = {}
    for kind, names in _FILES.items():
        for row in _rows(folder, names):
            _flatten(kind, row, found)
    # Files are newest first, shelves oldest first: reversed, so that a second keeps its order.
    objects = {kind: list(reversed(rows.values())) for kind, rows in found.items()}
    profile = _read(folder, "account") or _plausible(objects)
    books = Books(
        objects,
        currency=profile["default_currency"],
        balance=_read(folder, "balance"),
        gone=_gone(objects),
    )
    return Account(profile, lambda: books, any_key=True)


def _read(folder: Path, name: str) -> Any:
    plain, packed = folder / f"{name}.json", folder / f"{name}.json.gz"
    if plain.exists():
        return orjson.loads(plain.read_bytes())
    if packed.exists():
        return orjson.loads(gzip.decompress(packed.read_bytes()))
    return None


def _rows(folder: Path, names: Iterable[str]) -> list[Json]:
    for name in names:
        content = _read(folder, name)
        if content is not None:
            return list(content["data"] if isinstance(content, dict) else content)
    return []


def _flatten(kind: str, row: Json, found: dict[str, dict[str, Json]]) -> None:
    """Files the object under its kind with ids for the objects inside it, and files those too.

    An object with a file of its own, read later, replaces the copy found inside another.
    """
    flat = dict(row)
    flat.pop(_ONLY_EXPANDED.get(kind, ""), None)
    for name in POINTERS & flat.keys():
        inner = flat[name]
        if isinstance(inner, dict) and "id" in inner:
            flat[name] = inner["id"]
            if inner["id"] not in found.get(inner["object"], {}):
                _flatten(inner["object"], inner, found)
    found.setdefault(kind, {})[flat["id"]] = flat


def _gone(objects: dict[str, list[Json]]) -> list[Json]:
    """Customers that charges point to and no list has: they were deleted."""
    known = {row["id"] for row in objects.get("customer", [])}
    asked = {row["customer"] for row in objects.get("charge", []) if row["customer"]}
    return [
        {"id": identifier, "object": "customer", "deleted": True}
        for identifier in sorted(asked - known)
    ]


def _plausible(objects: dict[str, list[Json]]) -> Json:
    """An account that could have had this history, when the recording has none."""
    everything = [row for rows in objects.values() for row in rows]
    currencies = Counter(row["currency"] for row in objects.get("balance_transaction", []))
    return account(
        "acct_1Recorded00000000",
        name="Recorded account",
        email="recorded@example.com",
        country="US",
        currency=max(currencies, key=currencies.__getitem__, default="usd"),
        created=min((row["created"] for row in everything), default=0),
    )
