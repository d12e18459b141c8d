"""The figures of everybody together, worked out once in a while and read by whoever opens a room.

`figures_of` works them out, `summarise` stores them, `figures_at_hand` is what a page asks for.
They follow from purchases and from the columns of fans that the recompute writes, so they are made
again after each recompute that changed something, and every night, because windows move.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import Any

import orjson
from django.db import transaction
from django.db.models import Count, Q, QuerySet

from fans.arrival import Arrival, Outlook, arrival
from fans.concentration import Concentration, concentration
from fans.models import Creator, Fan
from fans.window import midnight
from revenue.models import Recount, Summary
from revenue.spend import is_recounted
from revenue.takings import Ageing, Income, Taking, ageing, income, median_order, takings
from revenue.turnover import Turnover, turnover

#: With no summary yet, the figures of so many people are worked out while somebody waits.
FEW = 1000
#: How many people of each list are kept; more than a page shows, because some will have bought
#: something since.
KEPT = 12
#: Who first became a true fan so many days ago, or later, is newly one.
NEWLY = 90
#: What the creator chose and the figures follow from.
MEASURED = (
    "currency",
    "counts",
    "target_spend",
    "target_count",
    "living",
    "window_months",
    "time_zone",
)
#: Another number whenever stored figures could not be read any more.
FORMAT = 2

#: (country, everybody, true, on their way); a country that nobody told is “”.
InCountry = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class HeadCount:
    """How many people there are, how many are true fans and how many on their way."""

    everybody: int
    true: int
    on_their_way: int

    @classmethod
    def of(cls, countries: Sequence[InCountry]) -> "HeadCount":
        """Of all `countries` together."""
        return cls(
            everybody=sum(everybody for _country, everybody, _true, _way in countries),
            true=sum(true for _country, _everybody, true, _way in countries),
            on_their_way=sum(way for _country, _everybody, _true, way in countries),
        )


@dataclass(frozen=True, slots=True)
class Some:
    """How many people there are, and the ids of the first `KEPT` of them."""

    count: int
    ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of everybody together at `made_at`, which was `today` by the creator's clock.

    Amounts are in minor units of the creator's currency. `measure` is what the creator had chosen.
    """

    made_at: datetime
    today: date
    measure: Sequence[Any]
    people: HeadCount
    countries: Sequence[InCountry]
    income: Income
    turnover: Turnover
    arrival: Arrival
    takings: Sequence[Taking]
    concentration: Concentration | None
    ageing: Ageing
    newly_true: Some
    one_purchase_away: Some
    slipping: Some
    median_order: int | None

    def change(self, days: int) -> int:
        """How many more true fans there are than when the day began that is `days` ago."""
        return self.turnover.true_now - self.turnover.true_on(self.today - timedelta(days))

    def to_json(self) -> dict[str, Any]:
        plain: dict[str, Any] = orjson.loads(orjson.dumps(self))
        return plain

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Figures":
        return cls(
            made_at=datetime.fromisoformat(plain["made_at"]),
            today=date.fromisoformat(plain["today"]),
            measure=plain["measure"],
            people=HeadCount(**plain["people"]),
            countries=[(code, *counts) for code, *counts in plain["countries"]],
            income=Income(**plain["income"]),
            turnover=Turnover(**_dated(plain["turnover"], "since")),
            arrival=_arrival(plain["arrival"]),
            takings=[Taking(**_dated(taking, "month")) for taking in plain["takings"]],
            concentration=plain["concentration"] and Concentration(**plain["concentration"]),
            ageing=Ageing(**plain["ageing"]),
            newly_true=Some(**plain["newly_true"]),
            one_purchase_away=Some(**plain["one_purchase_away"]),
            slipping=Some(**plain["slipping"]),
            median_order=plain["median_order"],
        )


def figures_at_hand(*, creator: Creator, now: datetime) -> Figures | None:
    """The stored figures or, of few people, those of `now`; nothing is written.

    None while nothing can be said: purchases are being recounted, or there are many people and
    nobody has worked it out since the creator chose another measure.
    """
    if Recount.under_way_of(creator):
        return None
    for stored in Summary.objects.filter(creator=creator).values_list("figures", flat=True):
        if stored.get("measure") == measure_of(creator):
            return Figures.from_json(stored)
    if creator.fans.order_by("pk")[FEW : FEW + 1].exists():
        return None
    return figures_of(creator=creator, now=now)


def summarise(*, creator: Creator, now: datetime) -> Summary | None:
    """Work out the figures of `creator` and store them; None while purchases are being recounted.

    Whoever has something new to tell meanwhile waits for the row, and so makes it stale again; a
    worker that is killed leaves it as stale as it was.
    """
    with transaction.atomic():
        stale = {"made_at": now, "is_stale": True}
        Summary.objects.get_or_create(creator=creator, defaults=stale)
        summary = Summary.objects.select_for_update(no_key=True).get(creator=creator)
        if is_recounted(creator):
            return None
        began = perf_counter()
        summary.figures = figures_of(creator=creator, now=now).to_json()
        summary.took_ms = round(1000 * (perf_counter() - began))
        summary.made_at, summary.is_stale = now, False
        summary.save()
    return summary


def figures_of(*, creator: Creator, now: datetime) -> Figures:
    """The figures as the books have them at `now`; a fixed number of statements."""
    today = now.astimezone(creator.zone).date()
    countries = _count_by_country(creator)
    earned = income(creator, now=now)
    turned = turnover(creator=creator, now=now)
    newly_since = midnight(today - timedelta(NEWLY), creator.zone)
    return Figures(
        made_at=now,
        today=today,
        measure=measure_of(creator),
        people=HeadCount.of(countries),
        countries=countries,
        income=earned,
        turnover=turned,
        arrival=arrival(
            true_fans=turned.true_now,
            target=creator.target_count,
            arrived=turned.arrived,
            lost=turned.lost,
            today=today,
            seed=f"{creator.pk} on {today}",
        ),
        takings=takings(creator=creator, now=now),
        concentration=_concentration(creator, earned),
        ageing=ageing(creator=creator, now=now),
        newly_true=_some(
            creator.fans.true().filter(crossed_at__gte=newly_since).order_by("-crossed_at", "-id")
        ),
        one_purchase_away=_some(
            creator.fans.one_purchase_away().order_by("-last_purchase_at", "-id")
        ),
        slipping=_some(creator.fans.slipping(now).order_by("-spend", "-lifetime_gross", "id")),
        median_order=median_order(creator=creator, now=now),
    )


def measure_of(creator: Creator) -> list[Any]:
    return [FORMAT, *(getattr(creator, name) for name in MEASURED)]


def people_by_country(creator: Creator) -> list[InCountry]:
    """How many people there are in each country: of many as the stored figures have it, of few, and
    until there are figures, as they are now."""
    for stored in Summary.objects.filter(creator=creator).values("figures"):
        figures = stored["figures"]
        is_of_many = figures.get("people", {}).get("everybody", 0) > FEW
        if is_of_many and figures["measure"] == measure_of(creator):
            return [(code, *counts) for code, *counts in figures["countries"]]
    return _count_by_country(creator)


def _count_by_country(creator: Creator) -> list[InCountry]:
    counts = {
        "everybody": Count("pk"),
        "true": Count("pk", filter=Q(is_true_fan=True)),
        "way": Count("pk", filter=Q(is_true_fan=False, spend__gt=0)),
    }
    return list(creator.fans.values_list("country").annotate(**counts).order_by("country"))


def _concentration(creator: Creator, earned: Income) -> Concentration | None:
    spends = creator.fans.filter(spend__gt=0).order_by("-spend").values_list("spend", flat=True)
    return concentration(
        list(spends),
        nobodys=earned.nobodys,
        living=creator.living or creator.goal,
    )


def _some(fans: QuerySet[Fan]) -> Some:
    return Some(fans.count(), list(fans.values_list("pk", flat=True)[:KEPT]))


def _dated(plain: dict[str, Any], *names: str) -> dict[str, Any]:
    """`plain` with the dates of these names as dates."""
    return plain | {name: plain[name] and date.fromisoformat(plain[name]) for name in names}


def _arrival(plain: dict[str, Any]) -> Arrival:
    dated = _dated(plain, "earliest", "middle", "latest")
    return Arrival(**dated | {"outlook": Outlook(plain["outlook"])})
