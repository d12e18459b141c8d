"""What an import would bring: shown before anything is stored."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from .outcomes import Line, Outcome, Person, Return, Skipped, Total
from .skipping import Why

#: As many lines of each reason are kept, to show where it happened.
EXAMPLES = 5


@dataclass(slots=True)
class Sums:
    """Minor units of one currency; `payments` is how many made up `gross`."""

    gross: int = 0
    returned: int = 0
    payments: int = 0

    @property
    def net(self) -> int:
        return self.gross - self.returned


@dataclass(slots=True)
class Left:
    """Rows that are left out for one reason: how many, and the first of them."""

    count: int = 0
    examples: list[Skipped] = field(default_factory=list)


@dataclass(slots=True)
class Preview:
    """What the rows of a file come to.

    `rows` is how many it has. `people` has everybody by identity (a normalised address, else an
    outside id) with what they paid less what was returned, by currency; `unknown` payments name
    nobody. `months` are (currency, “2026-03”), `totals` the sums of all time of files that have
    nothing else. `repeated` rows have the id of a row before them, and are counted once.
    """

    rows: int = 0
    people: dict[str, dict[str, int]] = field(default_factory=dict)
    unknown: int = 0
    months: dict[tuple[str, str], Sums] = field(default_factory=dict)
    totals: dict[str, Sums] = field(default_factory=dict)
    skipped: dict[Why, Left] = field(default_factory=dict)
    repeated: int = 0

    @property
    def currencies(self) -> dict[str, Sums]:
        """All months together, by currency."""
        sums: dict[str, Sums] = {}
        for (currency, _month), month in self.months.items():
            total = sums.setdefault(currency, Sums())
            total.gross += month.gross
            total.returned += month.returned
            total.payments += month.payments
        return sums


def preview(outcomes: Iterable[Outcome], *, zone: tzinfo = UTC) -> Preview:
    """Count `outcomes` in one pass; months are those of `zone`.

    Nothing is kept but sums: memory grows with the people, not with their payments, but for eight
    bytes of every id.
    """
    found = Preview()
    seen: set[int] = set()
    for outcome in outcomes:
        found.rows += 1
        if isinstance(outcome, Skipped):
            left = found.skipped.setdefault(outcome.why, Left())
            left.count += 1
            if len(left.examples) < EXAMPLES:
                left.examples.append(outcome)
            continue
        if isinstance(outcome, Line):
            found.rows += len(outcome.more_lines)
        if not isinstance(outcome, Person):
            key = hash((type(outcome), outcome.external_id))
            if key in seen:
                found.repeated += 1
                continue
            seen.add(key)
        _add(found, outcome, zone)
    return found


def _add(found: Preview, outcome: Line | Return | Total | Person, zone: tzinfo) -> None:
    kept = 0
    match outcome:
        case Line():
            sums = _month(found, outcome, zone)
            sums.gross += outcome.amount
            sums.returned += outcome.returned
            sums.payments += 1
            kept = outcome.amount - outcome.returned
        case Return():
            _month(found, outcome, zone).returned += outcome.amount
            kept = -outcome.amount
        case Total():
            sums = found.totals.setdefault(outcome.currency, Sums())
            sums.gross += outcome.amount
            sums.payments += outcome.amount > 0
            kept = outcome.amount
    if not outcome.payer.identity:
        found.unknown += 1
        return
    theirs = found.people.setdefault(outcome.payer.identity, {})
    if not isinstance(outcome, Person):
        theirs[outcome.currency] = theirs.get(outcome.currency, 0) + kept


def _month(found: Preview, outcome: Line | Return, zone: tzinfo) -> Sums:
    month = f"{outcome.occurred_at.astimezone(zone):%Y-%m}"
    return found.months.setdefault((outcome.currency, month), Sums())
