"""Proof that the books are right: what is stored equals what can be rebuilt from below.

Six questions, each with the rows that differ: does every fan equal their purchases, does every
purchase equal its movements and returns, does every line of a payment reach a purchase, is every
payment that was assigned by hand that person's, does the sum over fans and nobody equal the sum
over purchases, and does the sum of the movements equal the balance that the provider states?
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum

from fans.models import Creator, Fan
from revenue.doubles import pairs_of
from revenue.exchange import Rates
from revenue.gateways.problems import SourceProblem
from revenue.invoices import bills
from revenue.models import (
    Movement,
    Purchase,
    Reconciliation,
    Recount,
    SetAside,
    Source,
    Sync,
)
from revenue.purchases import COLUMNS as PURCHASE_COLUMNS
from revenue.purchases import payment_of, purchase_row, reaching
from revenue.reconciling import compare
from revenue.spend import (
    COLUMNS,
    USUAL_COLUMNS,
    rebuilt,
    rebuilt_usual,
    recompute_due_fans,
)
from revenue.syncing import gateway_of
from revenue.values import MovementKind
from truefans.money import display

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One row whose stored value is not what it should be; `sentence` says it in words of its own,
    with the name of the source."""

    what: str
    column: str
    stored: Any
    expected: Any
    sentence: str = ""

    def __str__(self) -> str:
        return self.sentence or f"{self.where} is {self.stored}, should be {self.expected}"

    @property
    def where(self) -> str:
        """The row and its column, without any value."""
        return f"{self.what}: {self.column}"


def check_books(
    *,
    creator: Creator,
    now: datetime,
    on_step: Callable[[int], None] = lambda done: None,
    ask: bool = True,
) -> Iterator[Finding]:
    """Every difference in the books of `creator`; none means they are right to the cent.

    Work that is due is done first. While the purchases are being recounted nothing else can be said
    than that. `on_step` is told how many more rows have been looked at. With
    `ask` False the provider's balance is not asked for: the last comparison with it stands.
    """
    if under_way := Recount.objects.under_way().filter(creator=creator).first():
        yield Finding("all purchases", "recount", f"{under_way.percent} %", "finished")
        return
    recompute_due_fans(creator=creator, now=now)
    yield from check_purchases(creator=creator, on_step=on_step)
    yield from check_lines(creator=creator)
    yield from check_assignments(creator=creator)
    yield from check_fans(creator=creator, now=now, on_step=on_step)
    yield from check_sums(creator=creator, now=now)
    for source in creator.sources.open().filter(kind=Source.Kind.STRIPE):
        yield from check_balance(source=source, ask=ask)


def check_fans(
    *, creator: Creator, now: datetime, on_step: Callable[[int], None] = lambda done: None
) -> Iterator[Finding]:
    """Stored spend, standing and habits against the same statements run over the purchases."""
    columns = (*COLUMNS, *USUAL_COLUMNS)
    stored = {
        row[0]: row[1:] for row in Fan.objects.filter(creator=creator).values_list("pk", *columns)
    }
    usual = rebuilt_usual(creator=creator, now=now)
    nothing = (None,) * len(USUAL_COLUMNS)
    for fan_id, *rest, _recompute_at in rebuilt(creator=creator, now=now):
        on_step(1)
        expected = (*rest, *usual.get(fan_id, nothing))
        for column, was, should in zip(columns, stored.get(fan_id, ()), expected, strict=False):
            if was != should:
                yield Finding(f"fan {fan_id}", column, was, should)


def check_purchases(
    *, creator: Creator, on_step: Callable[[int], None] = lambda done: None
) -> Iterator[Finding]:
    """Stored purchases against the pure function of their payment, movements and returns."""
    for source in creator.sources.without_secrets():
        source.creator = creator
        purchases = source.purchases.order_by("pk").iterator(chunk_size=BATCH)
        for batch in _batches(purchases):
            on_step(len(batch))
            yield from _check_batch(source, batch)


def _check_batch(source: Source, batch: list[Purchase]) -> Iterator[Finding]:
    payments = {purchase.external_id: payment_of(purchase) for purchase in batch}
    found = bills(source=source, payments=payments)
    pairs = pairs_of(source, payments)
    reach, rates = reaching(source, payments, found.of_payment, pairs), Rates()
    for purchase in batch:
        name = purchase.external_id
        expected = purchase_row(source, payments[name], purchase.fan_id, reach[name], rates)
        for column in PURCHASE_COLUMNS:
            if getattr(purchase, column) != expected[column]:
                yield Finding(
                    f"purchase {purchase.external_id}",
                    column,
                    getattr(purchase, column),
                    expected[column],
                )


def check_lines(*, creator: Creator) -> Iterator[Finding]:
    """Lines of payments and of what was returned that are no purchase's: the ledger has the money,
    and it is counted for nobody. Payments that were set aside, because they make no sense, are told
    of there."""
    same = {"source": OuterRef("source"), "external_id": OuterRef("payment_id")}
    lines = Movement.objects.filter(source__creator=creator).nobodys()
    told = Q(kind=MovementKind.PAYMENT) & Exists(SetAside.objects.filter(**same))
    for line in lines.exclude(told).with_source().defer("raw").order_by("pk"):
        sentence = f"{line.source}: line {line.external_id} is of a payment that is not there"
        stored = line.payment_id or "nothing"
        yield Finding(f"movement {line.external_id}", "payment", stored, "a purchase", sentence)


def check_assignments(*, creator: Creator) -> Iterator[Finding]:
    """Whose the assigned payments are, against what the creator said."""
    said = creator.assignments.filter(
        source=OuterRef("source"), external_id=OuterRef("external_id")
    )
    purchases = creator.purchases.assigned().annotate(said=Subquery(said.values("fan")))
    broken = purchases.exclude(fan=F("said")) | purchases.filter(fan=None)
    for name, fan_id, expected in broken.values_list("external_id", "fan", "said"):
        yield Finding(f"purchase {name}", "fan", fan_id, expected)


def check_sums(*, creator: Creator, now: datetime) -> Iterator[Finding]:
    """Fans and nobody's money together against all purchases; what a clock that is ahead of ours
    dates after `now` is in neither."""
    made = creator.purchases.filter(occurred_at__lt=now)
    columns = {"lifetime_gross": "counted_gross", "lifetime_net": "counted_net"}
    for column, counted in columns.items():
        purchases = made.aggregate(all=Sum(counted))["all"] or 0
        nobodys = made.unattributed().aggregate(all=Sum(counted))["all"] or 0
        fans = creator.fans.aggregate(all=Sum(column))["all"] or 0
        if fans + nobodys != purchases:
            yield Finding("all fans and unattributed money", column, fans + nobodys, purchases)


def check_balance(*, source: Source, ask: bool = True) -> Iterator[Finding]:
    """The sum of all movements by currency against the balance that the provider states.

    With `ask` False nobody is asked anew: what was found when they were last compared still stands.
    """
    if not ask:
        yield from _last_compared(source)
        return
    try:
        compared = compare(source=source, gateway=gateway_of(source))
        why = "" if compared else _why_not(source)
    except SourceProblem as problem:
        compared, why = None, str(problem)
    if compared:
        yield from _unequal(source, compared.figures)
        return
    sentence = f"{source} was not compared: {why}"
    yield Finding(f"source {source.pk}", "balance", None, None, sentence)


def _why_not(source: Source) -> str:
    """Why `compare` could not tell."""
    if source.syncs.filter(state=Sync.State.RUNNING).exists():
        return "It is being read right now."
    if source.synced_at is None:
        return f"It has not been read to the end yet. {source.problem}".rstrip()
    return "Money moved meanwhile, or what is new has not been read yet."


def _last_compared(source: Source) -> Iterator[Finding]:
    decided = source.reconciliations.exclude(outcome__in=Reconciliation.UNDECIDED)
    last = decided.newest().first()
    if last and last.outcome == Reconciliation.Outcome.DRIFT:
        yield from _unequal(source, last.figures)
        for line in last.lines:
            if line["what"] != Reconciliation.Difference.NOBODYS:  # which `check_lines` tells anew
                yield _differing(source, line)


def _unequal(source: Source, figures: list[list[Any]]) -> Iterator[Finding]:
    for currency, ours, theirs in figures:
        if ours != theirs:
            sentence = (
                f"{source}: the books come to {display(ours, currency)}, the balance is"
                f" {display(theirs, currency)}"
            )
            yield Finding(f"source {source.pk}", f"net in {currency}", ours, theirs, sentence)


def _differing(source: Source, line: dict[str, Any]) -> Finding:
    """A line of the ledger, as `Reconciliation.lines` keeps it."""
    name, currency, ours, theirs = (line[part] for part in ("id", "currency", "ours", "theirs"))
    what = Reconciliation.Difference(line["what"]).label
    sides = [
        f"{display(net, currency)} {where}"
        for net, where in ((ours, "here"), (theirs, "there"))
        if net is not None and currency
    ]
    sentence = f"{source}: line {name} is {what}{': ' if sides else ''}{', '.join(sides)}"
    return Finding(f"movement {name}", f"net in {currency}", ours, theirs, sentence)


def _batches(rows: Iterator[Purchase]) -> Iterator[list[Purchase]]:
    batch: list[Purchase] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
