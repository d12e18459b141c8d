"""How the examples of a creator's home are run: books as they come in, shares, and paces.

Each runner answers {what follows: its value, as written}.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain, repeat

from dashboard.trends import changes_of
from fans.arrival import HORIZON, arrival
from fans.concentration import concentration
from fans.growth import YEAR, Growth
from fans.models import Creator
from revenue.ingest import ingest
from revenue.spend import recompute_due_fans
from revenue.summary import Figures, figures_of
from tests.factories import SourceFactory
from tests.supporters.examples_of_books import creator_of, page_of
from tests.supporters.worked import Example, moment, money
from truefans.money import to_minor


def run_home(example: Example) -> dict[str, str]:
    """A whole creator, as in “books”, and what their home says."""
    creator = creator_of(example)
    source = SourceFactory(creator=creator)
    now = moment(example.get("now"))
    bills = [(moment(when), told) for when, told in example.given if re.match(r"\d{4}-", when)]
    ingest(source=source, page=page_of(bills, creator), now=now)
    recompute_due_fans(creator=creator, now=now)
    figures = figures_of(creator=creator, now=now)
    return told_of_figures(figures, creator) | told_of_takings(figures, creator, now)


def told_of_figures(figures: Figures, creator: Creator) -> dict[str, str]:
    def names(ids: Sequence[int]) -> str:
        return ", ".join(creator.fans.get(pk=pk).name for pk in ids)

    told = {
        "true fans": str(figures.turnover.true_now),
        "newly true": names(figures.newly_true.ids),
        "one purchase away": names(figures.one_purchase_away.ids),
        "usual order of everybody": money(figures.median_order, creator.currency),
        "money about to age out": money(figures.ageing.amount, creator.currency),
        "of people": str(figures.ageing.people),
        "true fans at stake": str(figures.ageing.at_stake),
    }
    told |= {f"change in {days} days": shown for days, shown in changes_of(figures)}
    for fan in creator.fans.all():
        told[f"{fan.name}’s usual order"] = money(fan.usual_order, creator.currency)
    return told


def told_of_takings(figures: Figures, creator: Creator, now: datetime) -> dict[str, str]:
    names = {"nobody": "nobody known"}
    return {
        f"{names.get(taking.whose, taking.whose)} in {taking.month:%B %Y}": money(
            taking.gross, creator.currency
        )
        for taking in figures.takings
    }


def run_spends(example: Example) -> dict[str, str]:
    def minor(text: str) -> int:
        return to_minor(text, "GBP")

    found = concentration(
        [minor(spend) for spend in example.get("spends").split(", ")],
        nobodys=minor(example.get("of nobody", "0.00")),
        living=minor(example.get("living", "0.01")),
    )
    leave = "nobody, it is less already" if found.may_leave is None else str(found.may_leave)
    return {
        "top tenth": f"{found.tenth} of {found.people} people",
        "share of the top tenth": f"{found.percent}%",
        "as if carried by": str(found.as_if),
        "could leave": leave,
    }


def run_pace(example: Example) -> dict[str, str]:
    a_day = Decimal(example.get("arrive").removesuffix(" a day"))
    loss = Decimal(example.get("lost in a year").removesuffix("%")) / 100
    growth = Growth(int(example.get("true fans", "0")), a_day * YEAR, loss)
    target = int(example.get("target count").replace(",", ""))
    days = growth.days_to(target, years=HORIZON)
    told = {"ceiling": f"{growth.ceiling:,}" if growth.ceiling else "none", "arrival": "never"}
    if days:
        today = moment(example.get("now", "2025-12-31")).date()
        day = today.fromordinal(today.toordinal() + days)
        in_year = f"in year {days // YEAR + 1}"
        told["arrival"] = in_year if loss else f"{day:%-d %B %Y}"
    return told


def run_launches(example: Example) -> dict[str, str]:
    """“6 times 60 days without anybody, then 61 at once”."""
    times, days, came = map(int, re.findall(r"\d+", example.get("the last year")))
    arrived = list(chain.from_iterable(repeat([0] * days + [came], times)))
    found = arrival(
        true_fans=int(example.get("true fans")),
        target=int(example.get("target count").replace(",", "")),
        arrived=arrived,
        lost=[0] * len(arrived),
        today=moment(example.get("now")).date(),
        seed="an example",
    )
    return {
        "arrival": f"{found.middle:%B %Y}",
        "most likely between": f"{found.earliest:%B %Y} and {found.latest:%B %Y}",
    }


RUNNERS: dict[str, Callable[[Example], dict[str, str]]] = {
    "home": run_home,
    "spends": run_spends,
    "pace": run_pace,
    "launches": run_launches,
}
