"""What every act in a workshop needs: the clock, ids, objects, the ledger, events, the books.

Objects are kept as they ought to be; what is malformed about one is laid over it when it is shown.
No object is changed in place, so that events can keep it as it was.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial, wraps
from heapq import heappop, heappush
from typing import Any, Concatenate, ParamSpec, TypeVar

from sandbox.account import Account, Key
from sandbox.books import Books, Json, balance_of
from sandbox.expand import unasked
from sandbox.ids import Mint
from sandbox.shapes.money import movement
from sandbox.shapes.people import account, event
from sandbox.workshop.record import Bill, Payout, Sale, Thing, insist
from sandbox.workshop.truth import Truth, truth_of

DAY = 86_400
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
_EVENTS_KEPT = 30 * DAY  # as long as Stripe shows them
_AVAILABLE_AFTER = 2  # days until a payment is available, at midnight UTC

P = ParamSpec("P")
T = TypeVar("T")
D = TypeVar("D", bound="Desk")


def act(method: Callable[Concatenate[D, P], T]) -> Callable[Concatenate[D, P], T]:
    """Lets nobody read the books in the middle of an act, nor the old ones after it."""

    @wraps(method)
    def alone(self: D, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with self._lock:
            self._books = None
            return method(self, *args, **kwargs)

    return alone


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong with an object: fields it lacks, and fields that hold something absurd."""

    without: frozenset[str]
    wrong: Mapping[str, Any]

    def on(self, row: Json) -> Json:
        return {k: v for k, v in row.items() if k not in self.without} | {**self.wrong}


class Desk:
    """`start` is aware. `name` tells workshops apart: the same name and acts give the same ids.

    `account` is what `sandbox.serve` takes, and `key` opens it.
    """

    def __init__(
        self, *, currency: str = "usd", start: datetime = START, name: str = "workshop"
    ) -> None:
        if start.tzinfo is None:
            raise ValueError("The start of a workshop needs a time zone")
        self.currency = currency
        self._now = int(start.timestamp())
        self._mint = Mint(f"workshop/{name}")
        self._minted = 0
        self._lock = threading.RLock()
        self._books: Books | None = None
        self._objects: dict[str, Json] = {}
        self._gone: list[Json] = []
        self._events: list[Json] = []
        self._sales: list[Sale] = []
        self._bills: list[Bill] = []
        self._payouts: list[Payout] = []
        self._damage: dict[str, Damage] = {}
        self._hiding = 0
        self._seen_at: dict[str, int] = {}
        self._due: list[tuple[int, int, Callable[[], object]]] = []
        self._waiting: dict[str, list[str]] = defaultdict(list)
        self._paid_out: dict[str, str] = {}
        self.key = f"rk_test_workshop_{self._mint.account.removeprefix('acct_')}"
        profile = account(
            self._mint.account,
            name=f"The {name}",
            email=f"{name}@example.com",
            country="US",
            currency=currency,
            created=self._now,
        )
        self.account = Account(profile, self._read, (Key(self.key),))

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self._now, UTC)

    @act
    def pass_time(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> datetime:
        """Moves the clock on, and returns what it says then.

        What was only waiting for its time happens at that time: money becomes available, payouts
        arrive, memberships that were asked to end do so, hidden lines come to light.
        """
        length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        insist(length >= timedelta(0), "Time does not go back")
        until = self._now + int(length.total_seconds())
        while self._due and self._due[0][0] <= until:
            self._now, _, happen = heappop(self._due)
            happen()
        self._now = until
        return self.now

    @contextmanager
    def hidden_for(self, minutes: float) -> Iterator[None]:
        """Lines of the ledger made meanwhile are nowhere to be seen until so long after."""
        before, self._hiding = self._hiding, int(minutes * 60)
        try:
            yield
        finally:
            self._hiding = before

    @property
    def events(self) -> list[Json]:
        """Every event since the start, oldest first; the server lists those of the last 30 days."""
        with self._lock:
            return [self._shown(told) for told in self._events]

    def look(self, thing: Thing | str) -> Json:
        """The object behind a record or an id, as it is served now; KeyError for no object."""
        with self._lock:
            found = self._read().find(thing if isinstance(thing, str) else thing.id)
        if found is None:
            raise KeyError(thing)
        return unasked(found)

    def truth(self, *, remembering: bool = False) -> Truth:
        """What a right importer must find now; see `sandbox.workshop.truth` for the rules.

        `remembering`: it has read every customer before they were deleted, and goes on by that.
        """
        with self._lock:
            return truth_of(self._sales, self._bills, self._damage, seen=remembering)

    # For the acts, all of which are decorated with `act`:

    def _letters(self) -> str:
        self._minted += 1
        return self._mint.letters(str(self._minted))

    def _id(self, prefix: str) -> str:
        return self._mint.timed(prefix, self._now, self._letters())

    def _put(self, row: Json) -> Json:
        self._objects[row["id"]] = row
        return row

    def _change(self, identifier: str, **fields: Any) -> Json:
        return self._put(self._objects[identifier] | fields)

    def _tell(self, kind: str, identifier: str, **before: Any) -> None:
        """An event about the object as it is now; `before` is what it had in other fields."""
        data: Json = {"object": unasked(self._objects[identifier])}
        if before:
            data["previous_attributes"] = before
        self._events.append(event(self._id("evt_1"), created=self._now, kind=kind, data=data))

    def _later(self, at: int, happen: Callable[[], object]) -> None:
        self._minted += 1  # what is due in one second happens in the order in which it was put off
        heappush(self._due, (max(at, self._now), self._minted, happen))

    def _line(
        self,
        kind: str,
        amount: int,
        *,
        source: str | None,
        currency: str | None = None,
        category: str | None = None,
        description: str | None = None,
        fees: Sequence[tuple[str, int]] = (),
        application_fee: int = 0,
        rate: float | None = None,
        waits: bool = False,
    ) -> str:
        """A line on the ledger, available at once unless it `waits`; returns its id."""
        due = (self._now // DAY + _AVAILABLE_AFTER) * DAY if waits else self._now
        row = movement(
            self._id("txn_3"),
            created=self._now,
            amount=amount,
            currency=currency or self.currency,
            kind=kind,
            source=source,
            available_on=due,
            status="pending" if waits else "available",
            fees=fees,
            application_fee=application_fee,
            category=category,
            description=description,
            exchange_rate=rate,
        )
        line: str = self._put(row)["id"]
        self._waiting[row["currency"]].append(line)
        if waits:
            self._later(due, partial(self._change, line, status="available"))
        if self._hiding:
            self._seen_at[line] = self._now + self._hiding
        return line

    # What the server reads:

    def _read(self) -> Books:
        with self._lock:
            if self._books is None:
                self._books = self._bound()
            return self._books

    def _bound(self) -> Books:
        objects: dict[str, list[Json]] = defaultdict(list)
        for identifier, row in self._objects.items():
            if self._seen_at.get(identifier, 0) <= self._now:
                objects[row["object"]].append(row)
        objects["event"] = [e for e in self._events if e["created"] >= self._now - _EVENTS_KEPT]
        return Books(
            {kind: map(self._shown, rows) for kind, rows in objects.items()},
            currency=self.currency,
            # The money is not damaged where its line is.
            balance=balance_of(objects["balance_transaction"], self.currency),
            gone=self._gone,
            payout_of=dict(self._paid_out),
            moments={row["id"]: row["created"] for row in self._damaged()},
        )

    def _damaged(self) -> list[Json]:
        """The malformed objects that are still there, as they ought to be."""
        return [self._objects[name] for name in self._damage if name in self._objects]

    def _shown(self, row: Json) -> Json:
        if not self._damage:
            return row
        if row["object"] == "event" and row["data"]["object"]["id"] in self._damage:
            row = row | {"data": row["data"] | {"object": self._shown(row["data"]["object"])}}
        damage = self._damage.get(row["id"])
        return damage.on(row) if damage else row
