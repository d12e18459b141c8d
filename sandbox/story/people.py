"""The people of a story: who they are, how much they care, and how long they stay."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from sandbox.books import Json
from sandbox.ids import Mint
from sandbox.shapes.payments import ADDRESS, CARD
from sandbox.story.chance import Wheel, dice
from sandbox.story.names import places
from sandbox.story.shop import currency_of

if TYPE_CHECKING:
    from sandbox.story.acts import Client

_HOSTS = ("example.com", "example.org", "example.net")
_BRANDS = ("visa", "visa", "visa", "mastercard", "mastercard", "amex")
_LATIN = str.maketrans({"ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "đ": "d", "'": ""})
FOREVER = date.max.toordinal()


@dataclass(frozen=True)
class Kind:
    """A way of being a fan. `share` of the newcomers (per cent), `leaving` chance (per cent) of
    losing interest after `stay` days (between the two)."""

    name: str
    share: int
    leaving: int
    stay: tuple[int, int]


@dataclass(slots=True, eq=False)
class Person:
    """`leaves` is the ordinal of the day from which on they buy nothing more. `guest` pays without
    becoming a Stripe customer; `several` becomes a new one now and then. `kind` is empty for
    somebody whose part is written."""

    number: int
    name: str
    email: str | None
    country: str
    currency: str
    kind: str
    arrived: int
    leaves: int
    guest: bool
    several: bool
    address: Json
    card: Json
    payment_method: str
    clients: list[Client] = field(default_factory=list)
    owned: set[str] = field(default_factory=set)
    member_until: int = 0

    @property
    def forgotten(self) -> bool:
        """A few ask later to be forgotten: their Stripe customer is deleted."""
        return self.number % 300 == 150


class Crowd:
    """Everybody who came so far. `lands` weighs the countries they come from."""

    def __init__(
        self,
        mint: Mint,
        seed: str,
        lands: Mapping[str, float],
        kinds: Sequence[Kind],
        currency: str,
    ) -> None:
        self._mint = mint
        self._seed = seed
        self._land_wheel = Wheel(lands)
        self._kinds = {kind.name: kind for kind in kinds}
        self._kind_wheel = Wheel({kind.name: kind.share for kind in kinds})
        self._currency = currency
        self._addresses: set[str] = set()
        self._names: set[tuple[str, str]] = set()
        self.count = 0
        self.pools: dict[str, list[Person]] = {kind.name: [] for kind in kinds}

    def welcome(self, day: date) -> Person:
        """A newcomer: who they are depends on their number and on nothing else."""
        roll = dice(self._seed, "person", self.count)
        kind = self._kinds[self._kind_wheel.spin(roll)]
        country = self._land_wheel.spin(roll)
        name, address = self._name(roll, country)
        leaving = roll.random() * 100 < kind.leaving
        leaves = day.toordinal() + roll.randint(*kind.stay) if leaving else FOREVER
        local = currency_of(country) if roll.random() < 0.72 else ""
        person = self.invent(
            roll,
            name=name,
            email=address,
            country=country,
            currency=local or self._currency,
            kind=kind.name,
            day=day,
            leaves=leaves,
        )
        person.guest = roll.random() < 0.13 and kind.name != "devoted"
        person.several = not person.guest and roll.random() < 0.05
        if person.guest and roll.random() < 0.15:
            person.email = None
        self.pools[kind.name].append(person)
        return person

    def invent(
        self,
        roll: random.Random,
        *,
        name: str,
        email: str | None,
        country: str,
        currency: str,
        day: date,
        kind: str = "",
        leaves: int = FOREVER,
    ) -> Person:
        """A person with a will of their own: in no pool, so nobody buys in their name by chance."""
        letters = self._mint.letters(f"person/{self.count}")
        brand = roll.choice(_BRANDS)
        card = CARD | {
            "brand": brand,
            "network": brand,
            "country": country,
            "exp_month": roll.randint(1, 12),
            "fingerprint": letters[:16],
            "funding": roll.choice(("debit", "credit")),
            "last4": f"{roll.randint(0, 9999):04}",
        }
        if email:
            self._addresses.add(email)
        self._names.add((name, country))
        person = Person(
            number=self.count,
            name=name,
            email=email,
            country=country,
            currency=currency,
            kind=kind,
            arrived=day.toordinal(),
            leaves=leaves,
            guest=False,
            several=False,
            address=ADDRESS | {"country": country, "city": roll.choice(places()[country].cities)},
            card=card,
            payment_method=f"pm_1{letters[16:40]}",
        )
        self.count += 1
        return person

    def pick(
        self,
        roll: random.Random,
        day: date,
        appetite: Mapping[str, float],
        fits: Callable[[Person], bool] = lambda _: True,
    ) -> Person | None:
        """Somebody who still cares, more likely of the kinds with an appetite; None after a dozen
        tries without anybody who fits."""
        wheel = Wheel({kind: len(self.pools[kind]) * much for kind, much in appetite.items()})
        if wheel.empty:
            return None
        for _ in range(12):
            person = roll.choice(self.pools[wheel.spin(roll)])
            if person.leaves > day.toordinal() and fits(person):
                return person
        return None

    def _name(self, roll: random.Random, country: str) -> tuple[str, str]:
        """(name, address), neither taken by anybody else there: who would be a namesake goes by two
        family names."""
        place = places()[country]
        given, _, given_latin = roll.choice(place.given).partition("=")
        family, _, family_latin = roll.choice(place.family).partition("=")
        local = f"{latin(given_latin or given)}.{latin(family_latin or family)}"
        further = dice(self._seed, "further name", self.count)
        while (name := place.full(given, family), country) in self._names:
            family += "-" + further.choice(place.others(family)).partition("=")[0]
        host = roll.choice(_HOSTS)
        address, again = f"{local}@{host}", 1
        while address in self._addresses:
            again += 1
            address = f"{local}{again}@{host}"
        return name, address


@lru_cache(maxsize=2048)
def latin(name: str) -> str:
    """`Łukasz` -> `lukasz`: how people write their own names in an address."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_LATIN))
    return "".join(c for c in plain if c.isascii() and c.isalnum())
