"""The Lantern Quarter, a niche band: 5,000 albums at £10, 500 shirts at £20 and 100 boxes at £500
over four releases and thirty months, a paid club, concerts, and all that goes wrong on the way."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from sandbox.ids import Mint
from sandbox.story import wares
from sandbox.story.acts import Item, Plan
from sandbox.story.chance import dice
from sandbox.story.club import Club, Tier
from sandbox.story.people import Crowd, Kind, Person
from sandbox.story.seasons import Rhythm, burst, days, moment, months_before, ordinary
from sandbox.story.shop import Shop, british, unix
from sandbox.story.till import Fate, Till

MONTHS = 30
ALBUMS, SHIRTS, BOXES, PEOPLE, JOINS = 5000, 500, 100, 2500, 430

_KINDS = (
    Kind("passing", 56, 100, (30, 400)),
    Kind("occasional", 20, 60, (200, 800)),
    Kind("regular", 14, 40, (150, 700)),
    Kind("devoted", 10, 20, (250, 700)),
)
_LANDS: dict[str, float] = {
    "GB": 48, "US": 11, "DE": 7, "IE": 5, "FR": 5, "NL": 4, "PL": 3, "ES": 2, "IT": 2, "SE": 2,
    "CA": 2, "AU": 2, "BE": 1, "PT": 1, "NO": 1, "DK": 1, "CZ": 1, "GR": 0.5, "JP": 1,
    "KR": 0.5, "BR": 0.5, "IN": 0.5,
}  # fmt: skip
_APPETITE = {
    "album": {"passing": 0.1, "occasional": 0.8, "regular": 4.0, "devoted": 11.0},
    "shirt": {"occasional": 1.0, "regular": 3.0, "devoted": 4.0},
    "box": {"regular": 0.1, "devoted": 1.0},
    "ticket": {"passing": 0.1, "occasional": 1.5, "regular": 3.0, "devoted": 4.0},
    "club": {"regular": 1.2, "devoted": 3.0},
    "tape": {"devoted": 1.0},
}
_NEAR_THE_STAGE = {"GB", "IE"}
_SMALL = Tier("Lantern Club", 500, "month")
_LARGE = Tier("Lantern Club, lamplighters", 1200, "month")
_TAPES_BEGAN = 21  # days before the anchor


@dataclass(frozen=True)
class Role:
    """Somebody with a part written for them: (days before the anchor, what they buy) each.

    With two `emails` they write now from the one, now from the other.
    """

    name: str
    emails: tuple[str, ...]
    country: str
    currency: str
    part: tuple[tuple[int, str], ...]
    joins: int | None = None
    tapes: bool = False


DEMO_FAN = Role(
    "Zoë Whitlock",
    ("zoe.whitlock@example.com",),
    "GB",
    "gbp",
    (
        (866, "album"), (815, "album"), (702, "shirt"), (633, "album"), (569, "album"),
        (455, "album"), (381, "shirt"), (318, "album"), (317, "box"), (240, "album"),
        (166, "album"), (104, "shirt"), (72, "album"), (71, "album"), (31, "album"), (3, "album"),
    ),
    joins=790,
    tapes=True,
)  # fmt: skip
TWO_ADDRESSES = Role(
    "Łukasz Wiśniewski",
    ("lukasz.wisniewski@example.com", "lukasz@example.org"),
    "PL",
    "gbp",
    ((812, "album"), (700, "album"), (566, "shirt"), (316, "album"), (200, "album"), (70, "album"),
     (66, "shirt"), (40, "album")),
)  # fmt: skip
_IN_YEN = Role("小林 美咲", ("misaki@example.net",), "JP", "jpy", ((560, "album"), (64, "album")))
_ROLES = (DEMO_FAN, TWO_ADDRESSES, _IN_YEN)

_FATES = (
    (640, "dispute lost"), (520, "dispute won"), (410, "dispute lost"), (300, "refund failed"),
    (250, "dispute won"), (170, "dispute lost"), (60, "inquiry"), (14, "dispute open"),
    (9, "moved"), (3, "refund pending"),
)  # fmt: skip


def shop(seed: str, anchor: date) -> Shop:
    return british(Mint(f"{seed}/band"), wares.opening(months_before(anchor, MONTHS)))


def plan(seed: str, anchor: date, until: date) -> Plan:
    """Everything that happens before `until`; what happens earlier does not depend on it."""
    band = _Band(f"{seed}/band", anchor, shop(seed, anchor))
    for day in days(band.start, until):
        band.live(day)
    band.club.bill(unix(until))
    return band.plan


class _Band:
    def __init__(self, seed: str, anchor: date, shop: Shop) -> None:
        self._seed = seed
        self._anchor = anchor
        self.start = months_before(anchor, MONTHS)
        self.plan = Plan()
        fates = [Fate(self._ago(days), name) for days, name in _FATES]
        self.till = Till(shop, seed, self.plan, fates)
        self.club = Club(self.till, self.plan, seed, "Lantern Club", "£", (_SMALL, _LARGE))
        self._crowd = Crowd(shop.mint, seed, _LANDS, _KINDS, shop.currency)
        self._releases = wares.releases(anchor)
        self._tour = wares.Tour(seed, self.start)
        self._rhythms = {
            "album": self._rhythm(self._lively, ALBUMS),
            "shirt": self._rhythm(self._lively, SHIRTS),
            "box": self._rhythm(self._collecting, BOXES),
            "people": self._rhythm(self._arriving, PEOPLE - len(_ROLES)),
            "club": self._rhythm(self._joining, JOINS),
        }
        self._newcomers = 0
        self._cast = [
            self._crowd.invent(
                dice(seed, "role", role.name),
                name=role.name,
                email=role.emails[0],
                country=role.country,
                currency=role.currency,
                day=self.start,
            )
            for role in _ROLES
        ]

    def live(self, day: date) -> None:
        """One day: the written parts first, then whatever chance brings."""
        roll = dice(self._seed, day)
        scripted = self._play(roll, day)
        orders = [self._album] * max(0, self._rhythms["album"].on(day) - scripted.count("album"))
        orders += [self._shirt] * max(0, self._rhythms["shirt"].on(day) - scripted.count("shirt"))
        orders += [self._box] * max(0, self._rhythms["box"].on(day) - scripted.count("box"))
        roll.shuffle(orders)
        self._newcomers += self._rhythms["people"].on(day)
        for order in orders:
            order(roll, day)
        self._tickets(roll, day)
        for _ in range(self._rhythms["club"].on(day)):
            self._join(roll, day)
        self._tapes(roll, day)
        if roll.random() < 0.12:
            self._decline(roll, day)

    def _play(self, roll: random.Random, day: date) -> list[str]:
        """The written parts of the day; returns what was bought."""
        ago = (self._anchor - day).days
        bought = []
        for role, person in zip(_ROLES, self._cast, strict=True):
            for number, (when, what) in enumerate(role.part):
                if when == ago:
                    email = role.emails[number % len(role.emails)]
                    item = self._ware(roll, day, what, person)
                    self.till.sell(roll, person, moment(roll, day), item, email=email)
                    bought.append(what)
            if role.joins == ago:
                self.club.join(person, moment(roll, day), _LARGE, stays=True)
        return bought

    def _ware(self, roll: random.Random, day: date, what: str, person: Person) -> Item:
        if what == "box":
            return wares.box(self._latest(day), person.owned)
        if what == "shirt":
            return wares.shirt(roll)
        return wares.album(roll, day, self._releases, person.owned)

    def _album(self, roll: random.Random, day: date) -> None:
        person = self._newcomer(day) or self._known("album", roll, day)
        item = wares.album(roll, day, self._releases, person.owned)
        self.till.sell(roll, person, moment(roll, day), item)

    def _shirt(self, roll: random.Random, day: date) -> None:
        person = self._known("shirt", roll, day)
        self.till.sell(roll, person, moment(roll, day), wares.shirt(roll))

    def _box(self, roll: random.Random, day: date) -> None:
        release = self._latest(day)
        name = wares.box_name(release)
        person = self._known("box", roll, day, lambda p: name not in p.owned)
        self.till.sell(roll, person, moment(roll, day), wares.box(release, person.owned))

    def _tickets(self, roll: random.Random, day: date) -> None:
        for concert, orders in self._tour.sold_on(day):
            for _ in range(orders):
                person = self._known("ticket", roll, day, lambda p: p.country in _NEAR_THE_STAGE)
                self.till.sell(roll, person, moment(roll, day), concert.ticket(roll))

    def _join(self, roll: random.Random, day: date) -> None:
        at = moment(roll, day)
        person = self._known("club", roll, day, lambda p: p.member_until < at and not p.forgotten)
        large = roll.random() < (0.8 if person.kind == "devoted" else 0.6)
        self.club.join(person, at, _LARGE if large else _SMALL)

    def _tapes(self, roll: random.Random, day: date) -> None:
        """Since three weeks before the anchor a rehearsal is sold each Friday."""
        since = (day - self._ago(_TAPES_BEGAN)).days
        if since < 0 or day.weekday() != 4:
            return
        item = wares.tape(since // 7 + 1)
        buyers = [p for p, role in zip(self._cast, _ROLES, strict=True) if role.tapes]
        buyers += {self._known("tape", roll, day): None for _ in range(4)}
        for person in buyers:
            self.till.sell(roll, person, moment(roll, day), item)

    def _decline(self, roll: random.Random, day: date) -> None:
        person = self._known("album", roll, day)
        item = wares.album(roll, day, self._releases, set(person.owned))
        self.till.decline(roll, person, moment(roll, day), item)

    def _newcomer(self, day: date) -> Person | None:
        if self._newcomers < 1:
            return None
        self._newcomers -= 1
        return self._crowd.welcome(day)

    def _known(
        self,
        what: str,
        roll: random.Random,
        day: date,
        fits: Callable[[Person], bool] = lambda _: True,
    ) -> Person:
        """Somebody who came before; in the first days, when nobody fits, somebody new."""
        found = self._crowd.pick(roll, day, _APPETITE[what], fits)
        return found or self._crowd.welcome(day)

    def _ago(self, days: int) -> date:
        return self._anchor - timedelta(days=days)

    def _latest(self, day: date) -> wares.Release:
        return next((r for r in reversed(self._releases) if r.day <= day), self._releases[0])

    def _rhythm(self, weight: Callable[[date], float], total: int) -> Rhythm:
        return Rhythm(weight, self.start, self._anchor, total)

    def _lively(self, day: date) -> float:
        return ordinary(day) + sum(burst(day, r.day, height=21, fades=8) for r in self._releases)

    def _collecting(self, day: date) -> float:
        return sum(burst(day, r.day, height=1, fades=6) for r in self._releases)

    def _arriving(self, day: date) -> float:
        """Many were there before; each release brings new ones."""
        early = 2.5 if (day - self.start).days < 75 else 0.0
        return early + ordinary(day) + 0.6 * (self._lively(day) - ordinary(day))

    def _joining(self, day: date) -> float:
        return 0.0 if (day - self.start).days < 40 else 0.7 + 0.1 * self._lively(day)
