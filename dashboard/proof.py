"""What is known of the books of each source: do they equal the provider's balance, to the cent?"""

from dataclasses import dataclass

from django.db.models import Q, Window
from django.db.models.functions import RowNumber
from django.utils.functional import Promise

from fans.models import Creator
from revenue.models import Reconciliation, Source

#: So many lines that differ are shown on a page; the admin has more.
LINES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """Both sums of one currency, in its minor units."""

    currency: str
    ours: int
    theirs: int

    @property
    def difference(self) -> int:
        """How much more the provider states than our books have."""
        return self.theirs - self.ours

    @property
    def distance(self) -> int:
        return abs(self.difference)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that differs; net amounts in minor units, None on the side that has none."""

    name: str
    what: str | Promise
    currency: str
    ours: int | None
    theirs: int | None


@dataclass(frozen=True, slots=True)
class Proof:
    """The last comparison of `source` that came to a result, and a later one that did not."""

    source: Source
    check: Reconciliation | None = None
    undecided: Reconciliation | None = None

    @property
    def figures(self) -> list[Figure]:
        return [Figure(*figure) for figure in self.check.figures] if self.check else []

    @property
    def unequal(self) -> list[Figure]:
        return [figure for figure in self.figures if figure.difference]

    @property
    def lines(self) -> list[Line]:
        """The newest lines that differ, or did."""
        return [
            Line(
                name=line["id"],
                what=Reconciliation.Difference(line["what"]).label,
                currency=line["currency"],
                ours=line["ours"],
                theirs=line["theirs"],
            )
            for line in (self.check.lines[:LINES_SHOWN] if self.check else ())
        ]

    @property
    def is_uncounted(self) -> bool:
        """Whether the lines are the same on both sides, and counted for nobody here."""
        lines = self.check.lines if self.check else []
        return any(line["what"] in Reconciliation.UNCOUNTED for line in lines)

    @property
    def more_lines(self) -> int:
        """How many more there are."""
        return self.check.differing - len(self.lines) if self.check else 0


def proofs(creator: Creator) -> list[Proof]:
    """The proof of every source, in the order in which they were connected; two queries."""
    kept = creator.sources.exclude(state=Source.State.REMOVING)
    sources = kept.filter(kind=Source.Kind.STRIPE).without_secrets()
    number = Window(
        RowNumber(), partition_by=["source", "is_open"], order_by=["-checked_at", "-pk"]
    )
    checks = Reconciliation.objects.filter(source__creator=creator).annotate(
        is_open=Q(outcome__in=Reconciliation.UNDECIDED)
    )
    newest = checks.annotate(number=number).filter(number=1)
    found = {(check.source_id, check.is_undecided): check for check in newest}
    return [
        _proof(source, found.get((source.pk, False)), found.get((source.pk, True)))
        for source in sources.order_by("connected_at", "pk")
    ]


def _proof(source: Source, check: Reconciliation | None, undecided: Reconciliation | None) -> Proof:
    if check and undecided and undecided.checked_at < check.checked_at:
        undecided = None
    return Proof(source=source, check=check, undecided=undecided)
