"""Two creators whose history goes on while one watches: the demo.

`band` is "The Lantern Quarter" (GB, pounds), `letters` is "Marguerite Aubert" (FR, euros). A story
begins thirty months before its *anchor*, a date, and has no end. The same seed and anchor give the
same objects; a later `now` adds objects and moves on the state of open ones, and changes nothing
else. Σ net of the balance transactions is the balance at any `now`.

`DEMO_FAN_EMAIL` is a true fan of the band: a member for over two years, with purchases over more
than two years and one within the last week, whenever one looks. `TWO_ADDRESSES` are the addresses
of one person who uses both.
"""

import gc
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from types import ModuleType

from sandbox.account import Account, Key
from sandbox.books import Books, Json
from sandbox.shapes.people import account as profile_of
from sandbox.story import band, letters
from sandbox.story.acts import Plan
from sandbox.story.chronicle import events
from sandbox.story.scribe import Clock, Scribe
from sandbox.story.shop import Shop
from sandbox.story.treasury import charge_for_billing, pay_out

DEFAULT_SEED = 1000

BAND_KEY = "rk_test_sandbox_band"
LETTERS_KEY = "rk_test_sandbox_letters"
REVOKED_KEY = "rk_test_sandbox_revoked"
NO_CUSTOMERS_KEY = "rk_test_sandbox_no_customers"

DEMO_FAN_NAME = band.DEMO_FAN.name
DEMO_FAN_EMAIL = band.DEMO_FAN.emails[0]
TWO_ADDRESSES = band.TWO_ADDRESSES.emails

_REBUILD_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class _Creator:
    """Who an account belongs to, and the module that tells its story."""

    name: str
    email: str
    country: str
    url: str
    time_zone: str
    teller: ModuleType
    keys: tuple[Key, ...]


_CREATORS = {
    "band": _Creator(
        "The Lantern Quarter",
        "hello@lanternquarter.example",
        "GB",
        "https://lanternquarter.example",
        "Europe/London",
        band,
        (
            Key(BAND_KEY),
            Key(REVOKED_KEY, state="revoked"),
            Key(NO_CUSTOMERS_KEY, missing=frozenset({"rak_customer_read"})),
        ),
    ),
    "letters": _Creator(
        "Marguerite Aubert",
        "marguerite@aubert.example",
        "FR",
        "https://aubert.example",
        "Europe/Paris",
        letters,
        (Key(LETTERS_KEY),),
    ),
}
NAMES = tuple(_CREATORS)


def build(
    *,
    account: str = "band",
    seed: int = DEFAULT_SEED,
    anchor: date,
    now: datetime | None = None,
) -> Account:
    """The account as it stands at `now` (aware), for good.

    Without `now` that is the beginning of the anchor day, UTC. Raises KeyError for a name that is
    not in `NAMES`.
    """
    moment = now or datetime.combine(anchor, datetime.min.time(), UTC)
    books = _chapter(account, seed, anchor, moment).books
    return _account(account, seed, anchor, lambda: books)


def going_on(
    *,
    seed: int = DEFAULT_SEED,
    anchor: date,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[Account]:
    """All accounts, each as long as the clock says at every request."""
    return [_account(name, seed, anchor, _Reader(name, seed, anchor, clock)) for name in NAMES]


@dataclass(frozen=True)
class _Chapter:
    """The books at `now`; they stay right until `until`."""

    books: Books
    now: datetime
    until: datetime


class _Reader:
    """Reads on when something new has become visible, at most once a minute."""

    def __init__(self, name: str, seed: int, anchor: date, clock: Callable[[], datetime]) -> None:
        self._name = name
        self._seed = seed
        self._anchor = anchor
        self._clock = clock
        self._lock = threading.Lock()
        self._chapter: _Chapter | None = None

    def __call__(self) -> Books:
        now = self._clock()
        with self._lock:
            last = self._chapter
            if last is None or now >= max(last.until, last.now + _REBUILD_AFTER):
                last = self._chapter = _chapter(self._name, self._seed, self._anchor, now)
            return last.books


def _chapter(name: str, seed: int, anchor: date, now: datetime) -> _Chapter:
    horizon = now.astimezone(UTC).date() + timedelta(days=2)
    clock = Clock(int(now.timestamp()))
    with _nothing_to_collect():
        shop, plan = _plan(name, seed, anchor, horizon)
        books = _write(shop, plan, clock)
    planned = datetime.combine(horizon, datetime.min.time(), UTC)
    return _Chapter(books, now, min(planned, datetime.fromtimestamp(clock.next, UTC)))


@contextmanager
def _nothing_to_collect() -> Iterator[None]:
    """Half a million objects are made and all of them kept: looking for garbage between them would
    take as long as making them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@lru_cache(maxsize=4)
def _plan(name: str, seed: int, anchor: date, until: date) -> tuple[Shop, Plan]:
    teller = _CREATORS[name].teller
    return teller.shop(str(seed), anchor), teller.plan(str(seed), anchor, until)


def _write(shop: Shop, plan: Plan, clock: Clock) -> Books:
    scribe = Scribe(shop, clock)
    for client in plan.clients:
        scribe.client(client)
    for payment in plan.payments:
        scribe.payment(payment)
    for membership in plan.memberships:
        scribe.membership(membership)
    charge_for_billing(scribe, clock, shop)
    payout_of = pay_out(scribe, clock, shop)
    objects: dict[str, Iterable[Json]] = {
        **scribe.objects,
        "product": plan.products,
        "price": plan.prices,
        "event": events(plan, shop, clock),
    }
    return Books(objects, currency=shop.currency, gone=scribe.gone, payout_of=payout_of)


def _account(name: str, seed: int, anchor: date, read: Callable[[], Books]) -> Account:
    creator = _CREATORS[name]
    shop = creator.teller.shop(str(seed), anchor)
    profile = profile_of(
        shop.mint.account,
        name=creator.name,
        email=creator.email,
        country=creator.country,
        currency=shop.currency,
        created=shop.opened,
        url=creator.url,
        time_zone=creator.time_zone,
    )
    return Account(profile, read, creator.keys)


__all__ = [
    "BAND_KEY",
    "DEMO_FAN_EMAIL",
    "DEMO_FAN_NAME",
    "LETTERS_KEY",
    "NAMES",
    "NO_CUSTOMERS_KEY",
    "REVOKED_KEY",
    "TWO_ADDRESSES",
    "build",
    "going_on",
]
