"""How the examples of tiers, perks, milestones and years are run."""

import re
from collections.abc import Callable
from datetime import date

from dashboard.year import Year, year_of
from fans import milestones
from fans.models import Creator, Fan, Tier
from fans.moving import Move, moves
from fans.perks import deliver, perk_now, take_back
from revenue.ingest import ingest
from revenue.spend import recompute_due_fans
from tests.factories import FanFactory, PerkFactory, SourceFactory, TouchFactory
from tests.supporters.examples_of_books import creator_of, page_of
from tests.supporters.worked import Example, moment
from truefans.money import to_minor


def run_threshold(example: Example) -> dict[str, str]:
    creator = creator_of(example)
    people_of(example, creator)
    stored = {tier.name: tier.pk for tier in creator.tiers.all()}
    after = [
        Tier(pk=stored.get(name), creator=creator, name=name, threshold=to_minor(at, "GBP"))
        for name, at in (step.split() for step in example.get("instead").split(", "))
    ]
    found = moves(creator, after=after)
    told = {_way(move): f"{move.count} ({', '.join(map(str, move.named))})" for move in found}
    return told | {"everybody who moves": str(sum(move.count for move in found))}


def _way(move: Move) -> str:
    was, will = move.was or "no tier", move.will or "no tier"
    return f"{'up' if move.is_up else 'down'} from {was} to {will}"


def run_perks(example: Example) -> dict[str, str]:
    creator, now = creator_of(example), moment(example.get("now"))
    people = people_of(example, creator)
    name, tier, every = re.match(r"(.+) of (\w+), (.+)", example.get("perk")).groups()
    perk = PerkFactory(
        tier=creator.tiers.get(name=tier), name=name, every=every.removeprefix("every ")
    )
    perk.tier.creator = creator
    for text in example.all("given"):
        who, day = re.match(r"(\w+) on (\S+?)(?:,|$)", text).groups()
        at = moment(day)
        noted = deliver(
            perk=perk,
            period=perk.period(at),
            fan_ids=[people[who].pk],
            by=creator.owner,
            now=at,
        )
        if "taken back" in text:
            take_back(perk=perk, delivery_ids=noted)
    state = perk_now(perk, now=now)
    owed = creator.fans.owed(perk, period=state.period).order_by("name")
    assert owed.count() == state.due
    return {
        "owed for": f"{state.period:%Y}" if perk.every == "year" else f"{state.period:%B %Y}",
        "due": ", ".join(fan.name for fan in owed) or "nobody",
        "delivered": str(state.delivered),
    }


def people_of(example: Example, creator: Creator) -> dict[str, Fan]:
    """“Ada 99.00, Ben 85.00”: people who spend so much now."""
    spends = (told.split() for told in example.get("spend").split(", "))
    return {
        name: FanFactory(creator=creator, name=name, spend=to_minor(amount, creator.currency))
        for name, amount in spends
    }


def run_milestones(example: Example) -> dict[str, str]:
    creator = creator_of(example)
    for seat in range(1, int(example.get("seats taken")) + 1):
        FanFactory(creator=creator, seat=seat, crossed_at=moment("2026-01-01"))
    last = milestones.last_seat(creator)
    upcoming = milestones.upcoming(creator, last=last)
    reached = [one.seat for one in reversed(milestones.reached(creator, last=last))]
    return {
        "milestones": _listed(milestones.steps(creator.target_count)),
        "reached": _listed(reached),
        "next": f"No. {upcoming:,}, {upcoming - last:,} to go" if upcoming else "none",
    }


def _listed(numbers: list[int]) -> str:
    return ", ".join(f"{number:,}" for number in numbers) or "none"


def run_year(example: Example) -> dict[str, str]:
    """Payments come in as from a provider, words as the creator notes them."""
    creator, now = creator_of(example), moment(example.get("now"))
    told = [(moment(day), text) for day, text in example.given if re.match(r"\d{4}-", day)]
    bills = [(at, text) for at, text in told if "pay" in text]
    ingest(source=SourceFactory(creator=creator), page=page_of(bills, creator), now=now)
    recompute_due_fans(creator=creator, now=now)
    people: dict[str, Fan] = {}
    for at, text in told:
        if found := re.fullmatch(r"the creator (wrote|met|thanked) (\w+)|(\w+) wrote", text):
            kind, whom, who = found.groups()
            name = whom or who
            people[name] = people.get(name) or FanFactory(creator=creator, name=name)
            TouchFactory(fan=people[name], kind=kind or "they_wrote", occurred_at=at)
    return {
        key: value
        for number in (2025, 2026)
        for key, value in told_of_year(year_of(creator, number)).items()
    }


def told_of_year(year: Year) -> dict[str, str]:
    months = [
        f"{date(2000, number, 1):%B} {count}"
        for number, count in enumerate(year.new_true_fans, 1)
        if count
    ]
    words = year.words
    who = "1 person" if words.people == 1 else f"{words.people} people"
    said = f"{words.said} from the creator, {words.heard} from them"
    return {
        f"new true fans of {year.year}": f"{year.became_true} ({', '.join(months)})"
        if months
        else "0",
        f"words of {year.year}": f"{words.exchanged} with {who}, {said}",
        f"faithful in {year.year}": ", ".join(f"{fan} {count}" for fan, count in year.faithful),
    }


RUNNERS: dict[str, Callable[[Example], dict[str, str]]] = {
    "threshold": run_threshold,
    "perks": run_perks,
    "milestones": run_milestones,
    "year": run_year,
}
