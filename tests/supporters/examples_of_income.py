"""How the examples of keep-rates and of a year of a ledger are run."""

import re
from calendar import month_name
from collections.abc import Callable

from revenue.keeping import Keep
from revenue.ledger_sums import Booked
from revenue.values import MovementKind
from revenue.year import Year, summary_of
from tests.factories import CreatorFactory, MovementFactory, SourceFactory
from tests.supporters.worked import Example, moment, money
from truefans.money import to_minor

ABOUT_NO_PAYMENT = {MovementKind.FEE, MovementKind.PAYOUT, MovementKind.OTHER}


def amount(text: str) -> int:
    return to_minor(text.replace(",", ""), "GBP")


def run_keep(example: Example) -> dict[str, str]:
    keep = Keep(gross=amount(example.get("gross")), net=amount(example.get("net")))
    told = {"keep-rate": f"{keep.percent}%"}
    if example.get("goal"):
        goal, target = amount(example.get("goal")), amount(example.get("target spend"))
        needed = keep.people_for(goal, target_spend=target)
        told["people needed"] = f"{needed:,}"
        told["more than the target count"] = f"{needed - goal // target:,}"
    return told


def run_ledger(example: Example) -> dict[str, str]:
    """Lines of a provider's ledger, and the year that they stand in."""
    source = SourceFactory(creator=CreatorFactory(currency="GBP"))
    for number, (when, text) in enumerate(example.given):
        if when == "year":
            continue
        kind, moved, currency, fee = re.match(r"(\w+) (\S+) (\w+), fee (\S+)", text).groups()
        MovementFactory(
            source=source,
            occurred_at=moment(when),
            kind=kind,
            payment_id="" if kind in ABOUT_NO_PAYMENT else f"payment {number}",
            currency=currency,
            amount=to_minor(moved, currency),
            fee=to_minor(fee, currency),
        )
    year = summary_of(creator=source.creator, year=int(example.get("year", "2026")))
    return told_of(year)


def told_of(year: Year) -> dict[str, str]:
    told = columns(year.whole, year.currency)
    for month, part in year.months.items():
        name = month_name[month]
        told |= {f"{name}, {key}": text for key, text in columns(part, year.currency).items()}
    for code, part in year.currencies.items():
        told |= {f"{key} in {code}": text for key, text in columns(part, code).items()}
    return told


def columns(part: Booked, currency: str) -> dict[str, str]:
    return {
        "gross takings": money(part.takings, currency),
        "returned": money(part.returned, currency),
        "payment fees": money(part.payment_fees, currency),
        "account fees": money(part.account_fees, currency),
        "net": money(part.net, currency),
        "other": money(part.other, currency),
        "paid out": money(part.paid_out, currency),
        "the balance changed by": money(part.change, currency),
    }


RUNNERS: dict[str, Callable[[Example], dict[str, str]]] = {
    "keep": run_keep,
    "ledger": run_ledger,
}
