"""How the worked examples of the plan are run."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from dashboard.plan.goal import Goal, people_for, spend_for
from dashboard.plan.growth import Forecast, a_week, a_year
from dashboard.plan.keeping import Fees, Pattern
from dashboard.plan.offers import Mix, Offer
from dashboard.plan.reality import groups, what_if
from fans.growth import Growth
from tests.factories import CreatorFactory, FanFactory
from tests.supporters.worked import Example, money
from truefans.money import to_minor

EVERY = {"a day": 1, "a week": 7, "a year": 365}


def whole(text: str) -> int:
    return int(text.replace(",", ""))


def minor(text: str, currency: str) -> int:
    return to_minor(text.replace(",", ""), currency)


def part(text: str) -> Decimal:
    """“2.9%” as 2.9."""
    return Decimal(text.rstrip("%"))


def run_goal(example: Example) -> dict[str, str]:
    currency = example.get("currency", "GBP")
    people, each, wanted = (example.get(name) for name in ("people", "each", "goal"))
    spend = minor(each, currency) if each else spend_for(minor(wanted, currency), whole(people))
    count = whole(people) if people else people_for(minor(wanted, currency), spend)
    goal = Goal(count, spend, int(example.get("months", "12")), int(example.get("team", "1")))
    return {
        "people": f"{goal.people:,}",
        "each": money(goal.spend, currency),
        "goal": money(goal.money, currency),
        "comes to": money(goal.money, currency),
        "a year": money(goal.a_year, currency),
        "a month": money(goal.a_month, currency),
        "people of all": f"{goal.all_people:,}",
        "goal of all": money(goal.all_money, currency),
    }


def run_offers(example: Example) -> dict[str, str]:
    mix = Mix([offer_of(name, text) for name, text in example.given])
    return {
        "comes in": money(mix.gross, "GBP"),
        "others keep": money(mix.kept, "GBP"),
        "yours": money(mix.net, "GBP"),
    }


def offer_of(name: str, text: str) -> Offer:
    """“5,000 × 10.00 × 0.5, label 80%”, in pounds."""
    sold, _, label = text.partition(", label ")
    people, price, *times = sold.split(" × ")
    return Offer(
        name,
        whole(people),
        minor(price, "GBP"),
        Decimal(times[0]) if times else Decimal(1),
        Fees(middleman=part(label or "0")),
    )


def run_payments(example: Example) -> dict[str, str]:
    """In dollars."""
    payments, price = example.get("pays").split(" × ")
    percent, fixed = example.get("fee", "0% + 0").split(" + ")
    fees = Fees(
        percent=part(percent),
        fixed=minor(fixed, "USD"),
        platform=part(example.get("platform", "0")),
        middleman=part(example.get("label", "0")),
    )
    pattern = Pattern(whole(payments), minor(price, "USD"), fees)
    people, more = pattern.people_for(100_000_00), pattern.people_more(100_000_00)
    return {
        "gross": money(pattern.gross, "USD"),
        "net": money(pattern.net, "USD"),
        "keep-rate": f"{pattern.rate}%",
        "people for 100,000 net": "no number of them" if people is None else f"{people:,}",
        "fees cost": str(more),
    }


def run_growth(example: Example) -> dict[str, str]:
    new, every = example.get("new").split(maxsplit=1)
    growth = Growth(
        people=0,
        arrivals=a_year(Decimal(new), EVERY[every]),
        loss=part(example.get("lost a year", "0")) / 100,
    )
    begins = date.fromisoformat(example.get("from", "2026-01-01"))
    forecast = Forecast(growth, whole(example.get("to reach")), begins)
    ceiling = growth.ceiling
    return {
        "reached on": str(forecast.reached_on),
        "in year": str(forecast.year or "never"),
        "ceiling": "none" if ceiling is None else f"{ceiling:,}",
        "holding, a year": f"{forecast.holding.normalize():f}",
        "holding, a week": str(a_week(forecast.holding)),
        **{f"after year {year}": f"{people:,}" for year, _, people in forecast.at_ends(5)},
    }


def run_more(example: Example) -> dict[str, str]:
    creator = CreatorFactory()
    creator.create_default_tiers()
    for name, spent in example.given:
        if found := re.fullmatch(r"(\w+) spent", name):
            FanFactory(creator=creator, name=found[1], spend=minor(spent, "GBP"), purchases=1)
    chosen = {str(group.name).lower(): group for group in groups(creator)}
    times, price = example.get("buys").split(" × ")
    told = what_if(
        creator,
        chosen[example.get("each of").lower()],
        price=minor(price, "GBP"),
        times=whole(times),
    )
    return {
        "people": str(told.people),
        "would become true fans": str(told.new),
        "true fans then": str(told.true_then),
        "would come in": money(told.money, "GBP"),
    }


RUNNERS: dict[str, Callable[[Example], dict[str, str]]] = {
    "goal": run_goal,
    "offers": run_offers,
    "payments": run_payments,
    "growth": run_growth,
    "more": run_more,
}
