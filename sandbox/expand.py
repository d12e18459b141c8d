"""Puts objects in the place of ids, where a request asks for it with `expand[]`."""

from collections.abc import Callable
from typing import Any

from sandbox.books import Books, Json
from sandbox.errors import ApiError, bad_request

MAX_DEPTH = 4  # levels of a path, `data` included

# Fields that hold the id of another object.
POINTERS = frozenset(
    [
        "source",
        "charge",
        "customer",
        "balance_transaction",
        "failure_balance_transaction",
        "payment_intent",
        "latest_charge",
        "latest_invoice",
        "invoice",
        "subscription",
        "product",
        "price",
        "default_price",
        "refund",
        "payment_method",
        "destination",
        "default_payment_method",
    ]
)
# Lists that an object carries only when asked: (kind, field) -> (kind of the rows, their pointer).
_LISTS = {
    ("charge", "refunds"): ("refund", "charge"),
    ("invoice", "payments"): ("invoice_payment", "invoice"),
    ("customer", "subscriptions"): ("subscription", "customer"),
}
# Fields that an object has only when they are asked for: kind -> names.
_ONLY_ASKED = {"invoice": frozenset({"amount_paid_off_stripe"})}
_EXPANDABLE = POINTERS.union((field for _, field in _LISTS), *_ONLY_ASKED.values())
_NESTED_LIMIT = 10  # Stripe stops an inner list here, and says has_more

Tree = dict[str, "Tree"]


def tree(paths: list[str], *, of_list: bool) -> Tree:
    """`["data.source.charge"]` -> `{"data": {"source": {"charge": {}}}}`."""
    root: Tree = {}
    for path in paths:
        names = path.split(".")
        if len(names) > MAX_DEPTH:
            message = f"You cannot expand more than 4 levels of a property. Property: {path}"
            raise bad_request(message, "expand", "property_expansion_max_depth")
        if of_list and names[0] != "data":
            raise _cannot(path, f" You may want to try expanding 'data.{path}' instead.")
        if names[-1] not in _EXPANDABLE:
            raise _cannot(path)
        branch = root
        for name in names:
            branch = branch.setdefault(name, {})
    return root


def unasked(row: Json) -> Json:
    """The object as it is when nobody asks for more of it, also inside an event."""
    names = _ONLY_ASKED.get(row.get("object", ""))
    return {name: value for name, value in row.items() if name not in names} if names else row


def _cannot(path: str, advice: str = "") -> ApiError:
    return bad_request(f"This property cannot be expanded ({path}).{advice}", "expand")


class Expander:
    """`allow` is called with every object before it is shown, and may refuse it."""

    def __init__(self, books: Books, allow: Callable[[Json], None]) -> None:
        self._books = books
        self._allow = allow

    def apply(self, value: Any, branch: Tree) -> Any:
        if isinstance(value, str):
            return self._pointed(value, branch)
        if isinstance(value, list):
            return [self.apply(item, branch) for item in value] if branch else value
        if isinstance(value, dict):
            return self._object(value, branch) if branch else unasked(value)
        return value

    def _pointed(self, identifier: str, branch: Tree) -> Any:
        row = self._books.find(identifier)
        if row is None:
            return identifier
        self._allow(row)
        return self.apply(row, branch)

    def _object(self, row: Json, branch: Tree) -> Json:
        if row.get("object") == "event":  # an event is a snapshot: Stripe never expands it
            return row
        grown = dict(unasked(row))
        for name, below in branch.items():
            if (row.get("object"), name) in _LISTS:
                grown[name] = self.apply(self._children(row, name), below)
            elif name in row:
                grown[name] = self.apply(row[name], below)
        return grown

    def _children(self, row: Json, name: str) -> Json:
        kind, pointer = _LISTS[row["object"], name]
        found = self._books.shelf(kind).children(pointer, row["id"])
        for child in found:
            self._allow(child)
        return {
            "object": "list",
            "url": f"/v1/{kind}s?{pointer}={row['id']}",
            "has_more": len(found) > _NESTED_LIMIT,
            "data": found[:_NESTED_LIMIT],
        }
