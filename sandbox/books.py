"""What one account has to show at one moment: its objects, sorted by time and indexed.

Objects are plain dicts in the shape of Stripe's API. They are flat: a field that points to another
object holds its id, and `sandbox.expand` puts the object in its place when a request asks for it.
Money is in minor units of the object's own currency, times are Unix seconds.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

Json = dict[str, Any]


def dig(row: Json, path: str) -> Any:
    """The value at a dotted path (`payment.payment_intent`), or None where the path breaks off."""
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


class Shelf:
    """All objects of one kind, oldest first; those of the same second in the order given.

    A *place* is a row's position from the oldest. `extra` names fields that are no part of the
    object but can be asked for, such as the payout that a movement went out with. `moments` says
    when a row was made (by id) where its own `created` cannot be trusted.
    """

    def __init__(
        self,
        rows: Iterable[Json],
        extra: Mapping[str, Callable[[Json], Any]] | None = None,
        moments: Mapping[str, int] | None = None,
    ) -> None:
        known = moments or {}

        def made(row: Json) -> int:
            moment: int = known[row["id"]] if row["id"] in known else row["created"]
            return moment

        self.rows = sorted(rows, key=made)
        self.created = [made(row) for row in self.rows]
        self.place = {row["id"]: place for place, row in enumerate(self.rows)}
        self._extra = extra or {}
        self._indexes: dict[str, dict[Any, list[int]]] = {}

    def value(self, row: Json, field: str) -> Any:
        return self._extra[field](row) if field in self._extra else dig(row, field)

    def index(self, field: str) -> dict[Any, list[int]]:
        """Value of the field -> ascending places. Built when a field is first asked for."""
        if field not in self._indexes:
            index: dict[Any, list[int]] = defaultdict(list)
            for place, row in enumerate(self.rows):
                index[self.value(row, field)].append(place)
            self._indexes[field] = dict(index)
        return self._indexes[field]

    def places(self, field: str, values: Collection[Any]) -> list[int]:
        index = self.index(field)
        return sorted(place for value in values for place in index.get(value, ()))

    def children(self, field: str, value: Any) -> list[Json]:
        """Newest first, as Stripe lists them."""
        return [self.rows[place] for place in reversed(self.places(field, [value]))]

    def span(self, start: int | None, end: int | None) -> range:
        """The places of rows with start <= created < end."""
        low = 0 if start is None else bisect_left(self.created, start)
        high = len(self.rows) if end is None else bisect_left(self.created, end)
        return range(low, high)

    def walk(
        self, within: range, wanted: Mapping[str, Collection[Any]], *, forward: bool
    ) -> Iterator[Json]:
        """Rows of `within` that have a wanted value in each named field, newest first unless
        `forward`. The first field is looked up in its index, the others are compared."""
        fields = list(wanted.items())
        places: Sequence[int] = within
        if fields:
            found = self.places(*fields[0])
            places = found[bisect_left(found, within.start) : bisect_left(found, within.stop)]
        for place in places if forward else reversed(places):
            row = self.rows[place]
            if all(self.value(row, field) in values for field, values in fields[1:]):
                yield row


class Books:
    """The objects of an account by kind (`charge`, `balance_transaction`, ...).

    `gone` are stubs of deleted customers: found by id, in no list. `payout_of` says with which
    payout a movement went out. `balance` is served as it is; without one it is the sum of `net`.
    `moments` is as for a shelf.
    """

    def __init__(
        self,
        objects: Mapping[str, Iterable[Json]],
        *,
        currency: str,
        balance: Json | None = None,
        gone: Iterable[Json] = (),
        payout_of: Mapping[str, str] | None = None,
        moments: Mapping[str, int] | None = None,
    ) -> None:
        paid_out = payout_of or {}
        extra = {"payout": lambda row: paid_out.get(row["id"])}
        self.currency = currency
        self._balance = balance
        self._shelves = {
            kind: Shelf(rows, extra if kind == "balance_transaction" else None, moments)
            for kind, rows in objects.items()
        }
        self._by_id = {row["id"]: row for row in gone}
        for shelf in self._shelves.values():
            self._by_id.update((row["id"], row) for row in shelf.rows)

    def shelf(self, kind: str) -> Shelf:
        return self._shelves.get(kind) or Shelf(())

    def find(self, identifier: str) -> Json | None:
        return self._by_id.get(identifier)

    @cached_property
    def balance(self) -> Json:
        if self._balance is not None:
            return self._balance
        return balance_of(self.shelf("balance_transaction").rows, self.currency)


def balance_of(movements: Iterable[Json], currency: str) -> Json:
    """Sum of `net` by currency: what is available, and what is still on its way.

    Without any movement it is nothing in `currency`.
    """
    sums: dict[str, dict[str, int]] = {"available": {}, "pending": {}}
    for row in movements:
        for status, by_currency in sums.items():
            by_currency.setdefault(row["currency"], 0)
            if row["status"] == status:
                by_currency[row["currency"]] += row["net"]
    return {
        "object": "balance",
        "livemode": False,
        "available": _amounts(sums["available"], currency),
        "pending": _amounts(sums["pending"], currency),
    }


def _amounts(sums: Mapping[str, int], default: str) -> list[Json]:
    return [
        {"amount": amount, "currency": currency, "source_types": {"card": amount}}
        for currency, amount in sorted((sums or {default: 0}).items())
    ]
