"""Marguerite Aubert writes letters on paper: to 120 readers and friends, a few of them by the year,
some by the month, some one letter at a time."""

import random
from datetime import date, timedelta

from sandbox.ids import Mint
from sandbox.story import wares
from sandbox.story.acts import Item, Plan
from sandbox.story.chance import dice
from sandbox.story.club import Club, Tier
from sandbox.story.people import Crowd, Kind, Person
from sandbox.story.seasons import Rhythm, days, moment, months_before, ordinary
from sandbox.story.shop import Shop, european, unix
from sandbox.story.till import Fate, Till

MONTHS = 30
PEOPLE, LETTERS, TIPS, JOINS = 120, 600, 200, 84

_KINDS = (
    Kind("reader", 62, 45, (120, 700)),
    Kind("friend", 38, 12, (300, 800)),
)
_LANDS = {"FR": 66, "BE": 10, "DE": 5, "GB": 6, "CA": 6, "US": 4, "IT": 3}
_LETTERS = {"reader": 1.0, "friend": 6.0}
_TIPS = {"reader": 0.3, "friend": 3.0}
_SUBSCRIBING = {"reader": 1.0, "friend": 4.0}
_YEARLY, _MONTHLY = Tier("Lettres", 6000, "year"), Tier("Lettres, au mois", 600, "month")
_FATES = ((400, "refund failed"), (150, "dispute lost"), (8, "moved"))


def shop(seed: str, anchor: date) -> Shop:
    return european(Mint(f"{seed}/letters"), wares.opening(months_before(anchor, MONTHS)))


def plan(seed: str, anchor: date, until: date) -> Plan:
    """Everything that happens before `until`; what happens earlier does not depend on it."""
    desk = _Desk(f"{seed}/letters", anchor, shop(seed, anchor))
    for day in days(desk.start, until):
        desk.live(day)
    desk.club.bill(unix(until))
    return desk.plan


class _Desk:
    def __init__(self, seed: str, anchor: date, shop: Shop) -> None:
        self._seed = seed
        self.start = months_before(anchor, MONTHS)
        self.plan = Plan()
        fates = [Fate(anchor - timedelta(days=ago), name) for ago, name in _FATES]
        self.till = Till(shop, seed, self.plan, fates)
        self.club = Club(self.till, self.plan, seed, "Lettres", "€", (_YEARLY, _MONTHLY))
        self._crowd = Crowd(shop.mint, seed, _LANDS, _KINDS, shop.currency)
        self._people = Rhythm(self._arriving, self.start, anchor, PEOPLE)
        self._letters = Rhythm(ordinary, self.start, anchor, LETTERS)
        self._tips = Rhythm(ordinary, self.start, anchor, TIPS)
        self._joins = Rhythm(self._subscribing, self.start, anchor, JOINS)

    def live(self, day: date) -> None:
        roll = dice(self._seed, day)
        newcomers = [self._crowd.welcome(day) for _ in range(self._people.on(day))]
        buyers = newcomers + [
            self._crowd.pick(roll, day, _LETTERS)
            for _ in range(self._letters.on(day) - len(newcomers))
        ]
        for buyer in filter(None, buyers):
            self._sell(roll, day, buyer, _letter(day))
        for _ in range(self._tips.on(day)):
            if person := self._crowd.pick(roll, day, _TIPS):
                self._sell(roll, day, person, _tip(roll))
        for _ in range(self._joins.on(day)):
            self._join(roll, day)

    def _sell(self, roll: random.Random, day: date, person: Person, item: Item) -> None:
        self.till.sell(roll, person, moment(roll, day), item)

    def _join(self, roll: random.Random, day: date) -> None:
        at = moment(roll, day)
        if person := self._crowd.pick(roll, day, _SUBSCRIBING, lambda p: p.member_until < at):
            yearly = roll.random() < 0.55
            self.club.join(person, at, _YEARLY if yearly else _MONTHLY)

    def _arriving(self, day: date) -> float:
        return ordinary(day) + (4.0 if (day - self.start).days < 45 else 0.0)

    def _subscribing(self, day: date) -> float:
        return 0.0 if (day - self.start).days < 5 else self._arriving(day)


def _letter(day: date) -> Item:
    return Item(f"Une lettre, {day:%m/%Y}", 1200, {"kind": "letter"})


def _tip(roll: random.Random) -> Item:
    return Item(
        "Pour l'encre et les timbres", roll.choice((500, 1000, 1500, 3000)), {"kind": "tip"}
    )
