"""What an import would bring: shown before anything is stored."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from revenue.files.outcomes import Line, Outcome, Person, Return, Skipped, Total
from revenue.files.seen import Seen
from revenue.files.skipping import Why

#: So many people are told of at a time.
AT_ONCE = 2_000
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

    `rows` is how many it has, `people` how many it names, by identity (a normalised address, else
    an outside id); `unknown` payments name nobody. `months` are (currency, “2026-03”), `totals` the
    sums of all time of files that have nothing else. `repeated` rows have the id of a row before
    them, and are counted once.
    """

    rows: int = 0
    people: int = 0
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


def preview(
    outcomes: Iterable[Outcome],
    *,
    zone: tzinfo = UTC,
    meet: Callable[[list[str]], None] = lambda identities: None,
) -> Preview:
    """Count `outcomes` in one pass; months are those of `zone`. `meet` is told the identities of
    those whom it names, each once, some at a time.

    Nothing is kept but sums, a few bytes of every id and of everybody, and what came back of which
    payment.
    """
    found = Preview()
    ids, people, back = Seen(), Seen(), _Back()
    new: list[str] = []
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
        if not isinstance(outcome, Person) and not ids.add((type(outcome), outcome.external_id)):
            found.repeated += 1
            continue
        _add(found, outcome, zone, back)
        identity = outcome.payer.identity
        if not identity:
            found.unknown += 1
        elif people.add(identity):
            new.append(identity)
        if len(new) == AT_ONCE:
            meet(new)
            new = []
    meet(new)
    found.people = len(people)
    return found


class _Back:
    """What came back of a payment is told once, whether the payment says it, a row of its own, or
    both, in either order."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, bool], int] = defaultdict(int)

    def news(self, outcome: Line | Return) -> int:
        """How much `outcome` tells that was not told before."""
        is_own = isinstance(outcome, Line)
        payment = outcome.external_id if isinstance(outcome, Line) else outcome.of
        amount = outcome.returned if isinstance(outcome, Line) else outcome.amount
        if amount <= 0 or not payment:
            return amount
        known = min(self._told.get((payment, not is_own), 0), amount)
        self._told[payment, not is_own] -= known
        self._told[payment, is_own] += amount - known
        return amount - known


def _add(
    found: Preview, outcome: Line | Return | Total | Person, zone: tzinfo, back: _Back
) -> None:
    match outcome:
        case Line():
            sums = _month(found, outcome, zone)
            sums.gross += outcome.amount
            sums.returned += back.news(outcome)
            sums.payments += 1
        case Return():
            _month(found, outcome, zone).returned += back.news(outcome)
        case Total():
            sums = found.totals.setdefault(outcome.currency, Sums())
            sums.gross += outcome.amount
            sums.payments += outcome.amount > 0


def _month(found: Preview, outcome: Line | Return, zone: tzinfo) -> Sums:
    month = f"{outcome.occurred_at.astimezone(zone):%Y-%m}"
    return found.months.setdefault((outcome.currency, month), Sums())
