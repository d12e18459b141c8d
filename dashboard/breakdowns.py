"""Income taken apart: by source, by product, by what members pay, and what of it went back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    Case,
    Count,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, NullIf

from fans.models import Creator
from revenue.keeping import Keep
from revenue.models import Invoice, Membership, Purchase, Return, Source
from revenue.models.ledger import QUANTITY
from revenue.values import MembershipState, PurchaseKind, ReturnKind

PAID = ~Q(state__in=Purchase.NOTHING_PAID)
SUMS: dict[str, Any] = {
    "purchases": Count("pk"),
    "gross": Sum("counted_gross", default=0),
    "net": Sum("counted_net", default=0),
    "settled": Sum("counted_gross", filter=Q(counted_net__isnull=False), default=0),
}
#: So many reasons are told apart.
REASONS = 30
#: So many products are shown, those that brought most.
PRODUCTS = 100


@dataclass(frozen=True, slots=True)
class Part:
    """What one source or product brought, in minor units of the creator's currency.

    `settled` is the part of `gross` of which the net is known.
    """

    purchases: int
    gross: int
    net: int
    settled: int

    @property
    def keep(self) -> Keep:
        return Keep(gross=self.settled, net=self.net)

    @property
    def is_net_known(self) -> bool:
        """Whether it is of anything that was paid."""
        return bool(self.settled or self.net or not self.gross)


@dataclass(frozen=True, slots=True)
class SourcePart(Part):
    """`needed` people would make the creator's goal if all paid this way, `more` than it takes
    where nothing is kept; None where that cannot be told."""

    source: Source
    people: int
    needed: int | None
    more: int | None


@dataclass(frozen=True, slots=True)
class Product(Part):
    """Purchases that say the same of themselves."""

    description: str
    kind: PurchaseKind


def by_source(
    creator: Creator, sources: Sequence[Source], purchases: QuerySet[Purchase]
) -> list[SourcePart]:
    """What `purchases` brought, by those of `sources` that brought anything; one query."""
    rows = _summed(purchases, "source", people=Count("fan", distinct=True))
    found = {row["source"]: row for row in rows}
    parts = []
    for source in sources:
        if row := found.get(source.pk):
            keep = Keep(gross=row["settled"], net=row["net"])
            needed = keep.people_for(creator.goal, target_spend=creator.target_spend)
            more = None if needed is None else needed - creator.target_count
            parts.append(SourcePart(**row | {"source": source}, needed=needed, more=more))
    return parts


def together(purchases: QuerySet[Purchase]) -> Part:
    """What all of `purchases` brought; one query."""
    return Part(**purchases.filter(PAID).order_by().aggregate(**SUMS))


def by_product(purchases: QuerySet[Purchase]) -> list[Product]:
    """The products that brought most, one more than `PRODUCTS` where there are more; one query.

    What a member pays is called as on the bill: the payment itself only says that it is a renewal.
    Of two and of one of a thing the bill says "2 × " and "1 × " of it; it is one product.
    """
    bill = Invoice.objects.filter(source=OuterRef("source"), external_id=OuterRef("invoice_id"))
    billed = NullIf(Subquery(bill.values("description")), Value("", TextField()))
    called = Case(
        When(
            Q(kind=PurchaseKind.MEMBERSHIP) & ~Q(invoice_id=""),
            Coalesce(billed, F("description")),
        ),
        default=F("description"),
        output_field=TextField(),
    )
    named = purchases.annotate(
        called=Func(
            called, Value(QUANTITY), Value(""), function="regexp_replace", output_field=TextField()
        )
    )
    rows = _summed(named, "called", "kind").order_by("-gross", "called", "kind")
    return [
        Product(description=row.pop("called"), **row | {"kind": PurchaseKind(row["kind"])})
        for row in rows[: PRODUCTS + 1]
    ]


def _summed(purchases: QuerySet[Purchase], *by: str, **more: Any) -> Any:
    """Rows of the columns `by` with the sums of what was paid."""
    return purchases.filter(PAID).order_by().values(*by).annotate(**SUMS, **more)


@dataclass(frozen=True, slots=True)
class Price:
    """What `members` pay at each `interval`: `amount` each, in minor units of `currency`."""

    interval: str
    currency: str
    amount: int
    members: int

    @property
    def together(self) -> int:
        return self.amount * self.members


#: A membership that goes on: its member has what they pay for, or are about to pay.
GOES_ON = (MembershipState.ACTIVE, MembershipState.TRIAL, MembershipState.PAST_DUE)
#: So many prices are shown, those with most members.
PRICES = 20


def prices(creator: Creator) -> list[Price]:
    """What members pay whose membership goes on, the most frequent first; one query. Those who pay
    nothing, or nobody can say how much (by use, in tiers), are not among them."""
    going = creator.memberships.filter(state__in=GOES_ON).exclude(amount=0).order_by()
    rows = going.values("interval", "currency", "amount").annotate(members=Count("pk"))
    return [Price(**row) for row in rows.order_by("-members", "currency", "-amount")[:PRICES]]


@dataclass(frozen=True, slots=True)
class Heads:
    """How many memberships there are; those that are leaving go on until they end."""

    going: int
    leaving: int
    ended: int


def heads(creator: Creator, *, now: datetime) -> Heads:
    leaving = Membership.objects.leaving(now).order_by().values("pk")
    return Heads(
        **creator.memberships.aggregate(
            going=Count("pk", filter=Q(state__in=GOES_ON)),
            leaving=Count("pk", filter=Q(pk__in=leaving.filter(creator=creator))),
            ended=Count("pk", filter=Q(state=MembershipState.ENDED)),
        )
    )


@dataclass(frozen=True, slots=True)
class Given:
    """A refund or dispute, and the purchase it is about, where that is known."""

    told: Return
    purchase: Purchase | None


def with_purchases(returns: Iterable[Return]) -> list[Given]:
    """`returns` with what they are about; one query."""
    returns = list(returns)
    purchases = Purchase.objects.filter(
        source__in={told.source_id for told in returns},
        external_id__in={told.payment_id for told in returns},
    ).select_related("fan")
    found = {(p.source_id, p.external_id): p for p in purchases.defer("raw")}
    return [Given(told, found.get((told.source_id, told.payment_id))) for told in returns]


@dataclass(frozen=True, slots=True)
class Because:
    """`count` refunds or disputes that stand alike and have one reason: `amount` together, in minor
    units of the `currency` that was paid in."""

    kind: ReturnKind
    reason: str
    status: str
    currency: str
    count: int
    amount: int


def reasons(returns: QuerySet[Return]) -> list[Because]:
    """Why money went back, the most frequent reason first; one query."""
    rows = returns.order_by().values_list("kind", "reason", "status", "currency")
    sums = rows.annotate(count=Count("pk"), sum=Sum("amount")).order_by("-count", "currency")
    return [Because(ReturnKind(kind), *rest) for kind, *rest in sums[:REASONS]]
