"""What the band sells: albums, shirts, boxes and tickets. Prices in pence."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sandbox.story.acts import Item
from sandbox.story.chance import dice
from sandbox.story.seasons import friday_before
from sandbox.story.shop import unix

ALBUM, SHIRT, BOX = 1000, 2000, 50_000
TAPE = 300

_EARLIER = ("Paper Weather", "The Long Way to Morning", "Salt & Wires")
_NEW = {  # days before the anchor; the last two are still to come
    "Night Ferry": 815,
    "A Field Guide to Leaving": 570,
    "Small Hours Radio": 318,
    "The Lamplighter's Year": 72,
    "Postcards from the Estuary": -175,
    "Every Window Lit": -420,
}
_FORMATS = ("download", "download", "CD", "vinyl", "vinyl")

_SHIRTS = ("Lantern shirt", "Night Ferry shirt", "Tour shirt")
_SIZES = ("S", "M", "M", "L", "L", "XL", "XXL")

_VENUES = (
    ("The Old Granary", "Bristol"),
    ("Chapel Works", "Manchester"),
    ("The Tannery", "London"),
    ("Harbour Hall", "Glasgow"),
    ("The Weaving Shed", "Leeds"),
    ("St Brigid's", "Dublin"),
    ("The Boathouse", "Norwich"),
    ("Canal Street Rooms", "Cardiff"),
)
_TICKET_PRICES = (1500, 1800, 2000, 2200, 2500, 2800)
_ON_SALE = 40  # days before the concert
_EVERY = 61


@dataclass(frozen=True)
class Release:
    title: str
    day: date


def releases(anchor: date) -> list[Release]:
    """The new albums of the story, each out on a Friday: four before the anchor, two after."""
    return [
        Release(title, friday_before(anchor - timedelta(days=ago))) for title, ago in _NEW.items()
    ]


def album(roll: random.Random, day: date, out: list[Release], owned: set[str]) -> Item:
    """One the buyer does not have yet, most likely the newest; else one to give away."""
    fresh = [r for r in reversed(out) if r.day <= day]
    newest = fresh[0] if fresh and roll.random() < 0.6 else None
    titles = [*_EARLIER, *(r.title for r in fresh)]
    for _ in range(8):
        title = newest.title if newest else roll.choice(titles)
        medium = roll.choice(_FORMATS)
        if f"{title}/{medium}" not in owned:
            break
        newest = None
    owned.add(f"{title}/{medium}")
    return Item(f"{title} ({medium})", ALBUM, {"kind": "album", "title": title, "format": medium})


def shirt(roll: random.Random) -> Item:
    design, size = roll.choice(_SHIRTS), roll.choice(_SIZES)
    return Item(f"{design}, {size}", SHIRT, {"kind": "shirt", "title": design, "size": size})


def box(release: Release, owned: set[str]) -> Item:
    owned.add(box_name(release))
    words = f"{release.title} - collector's box, signed and numbered"
    return Item(words, BOX, {"kind": "box", "title": release.title})


def box_name(release: Release) -> str:
    return f"{release.title}/box"


def tape(number: int) -> Item:
    title = f"Friday tape No. {number}"
    return Item(f"{title} (download)", TAPE, {"kind": "tape", "title": title})


@dataclass(frozen=True)
class Concert:
    number: int
    day: date

    def ticket(self, roll: random.Random) -> Item:
        venue, city = _VENUES[self.number % len(_VENUES)]
        price = _TICKET_PRICES[self.number % len(_TICKET_PRICES)]
        count = 2 if roll.random() < 0.3 else 1
        words = f"{count} × ticket: {venue}, {city}, {self.day:%d %B %Y}"
        metadata = {"kind": "ticket", "title": f"{venue}, {city}", "quantity": str(count)}
        return Item(words, price * count, metadata)


class Tour:
    """A concert every two months, for as long as anybody asks; its tickets sell best at once and
    in the last days."""

    def __init__(self, seed: str, start: date) -> None:
        self._seed = seed
        self._start = start
        self._sold: dict[int, dict[int, int]] = {}

    def sold_on(self, day: date) -> Iterator[tuple[Concert, int]]:
        """(concert, number of orders) of each one on sale."""
        elapsed = (day - self._start).days
        for number in range(elapsed // _EVERY, (elapsed + _ON_SALE) // _EVERY + 1):
            concert = Concert(number, self._start + timedelta(days=number * _EVERY))
            if orders := self._orders(number).get((concert.day - day).days):
                yield concert, orders

    def _orders(self, number: int) -> dict[int, int]:
        """Days before the concert -> orders."""
        if number not in self._sold:
            roll = dice(self._seed, "concert", number)
            orders: dict[int, int] = {}
            for _ in range(roll.randint(48, 78)):
                early = roll.random() < 0.55
                ahead = roll.triangular(1, _ON_SALE, _ON_SALE if early else 1)
                orders[round(ahead)] = orders.get(round(ahead), 0) + 1
            self._sold[number] = orders
        return self._sold[number]


def opening(start: date) -> int:
    """The account is a month older than the story."""
    return unix(start - timedelta(days=30), 10 * 3_600)
