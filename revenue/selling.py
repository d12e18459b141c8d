"""Sales by hand: what somebody typed in, stored at once through the same way as everything else.

All that is ever said of a sale stays (`SaleEntry`), and what is stored of it follows from all of
that, as it does for files (`revenue.statements`): so a change leaves its trace, and taking the sale
back, or putting it back again, is one more word. A form carries the outside id of its sale, so
that sending it twice makes one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from fans.models import Creator, Fan, User
from revenue import values
from revenue.ingest import lock_open, store
from revenue.models import Assignment, Claim, Purchase, SaleEntry, Source
from revenue.statements import clear_lines, take_away
from revenue.values import MovementKind, PaymentStatus, PurchaseKind, ReturnKind

#: Which source of its kind it is.
TILL = "cash"
#: What an entry takes over from the one before it, unless it says otherwise.
SAID = (
    "occurred_at",
    "currency",
    "amount",
    "returned",
    "description",
    "email",
    "name",
    "is_undone",
)


@dataclass(frozen=True, slots=True)
class Sale:
    """What is typed in: `amount` in minor units of `currency`; who paid as far as it is known, by
    a normalised address or by a name that is no more than that."""

    external_id: str
    occurred_at: datetime
    currency: str
    amount: int
    description: str = ""
    email: str = ""
    name: str = ""


class SoldOtherwise(Exception):
    """The form of this sale was sent before, and said something else."""


class TooMuchReturned(Exception):
    """More would be given back than was paid."""


class ChangedMeanwhile(Exception):
    """Somebody said something else of the sale since it was looked at."""


def sell(
    *, creator: Creator, sale: Sale, to: Fan | None, by: User, now: datetime
) -> tuple[SaleEntry, bool]:
    """Store `sale`, as that of `to` if that is said; its first entry, and whether it is new.

    The same sale sent again changes nothing. Raises SoldOtherwise where the first one said
    something else, SourceClosed while all sales by hand are being taken away, and Fan.DoesNotExist
    if `to` is gone meanwhile.
    """
    with transaction.atomic():
        source = lock_open(_till(creator, now=now))
        said = source.sale_entries.first_words().filter(external_id=sale.external_id).first()
        if said:
            _refuse_another(said, sale)
            return said, False
        if to:
            _give(source, sale, creator.fans.get(pk=to.pk), by=by)
        entry = SaleEntry.objects.create(
            source=source,
            external_id=sale.external_id,
            number=0,
            occurred_at=sale.occurred_at,
            currency=sale.currency,
            amount=sale.amount,
            description=sale.description,
            email=sale.email,
            name=sale.name,
            by=by,
            created_at=now,
        )
        Source.objects.filter(pk=source.pk).update(synced_at=now)
        restate(source=source, external_id=sale.external_id, now=now)
        if not (to or sale.email):
            new_code(source=source, external_id=sale.external_id, now=now)
    return entry, True


def change(
    *,
    source: Source,
    external_id: str,
    seen: int | None = None,
    by: User,
    now: datetime,
    **said: Any,
) -> SaleEntry | None:
    """Say `said` (columns of SaleEntry) of a sale from now on; the new entry, None where that says
    nothing new or there is no such sale.

    Raises ChangedMeanwhile if its last entry is not number `seen` any more, TooMuchReturned, and
    SourceClosed while all sales by hand are being taken away.
    """
    with transaction.atomic():
        source = lock_open(source)
        last = source.sale_entries.filter(external_id=external_id).order_by("number").last()
        if last is None:
            return None
        if seen not in (None, last.number):
            raise ChangedMeanwhile
        before = {name: getattr(last, name) for name in SAID}
        if said.items() <= before.items():
            return None
        entry = SaleEntry(
            source=source,
            external_id=external_id,
            number=last.number + 1,
            by=by,
            created_at=now,
            **before | said,
        )
        if entry.returned > entry.amount:
            raise TooMuchReturned
        entry.save()
        restate(source=source, external_id=external_id, now=now)
    return entry


def new_code(*, source: Source, external_id: str, now: datetime) -> Claim:
    """The code that claims a sale of nobody's; another one where the last does not hold any more.
    The caller holds the lock on the source."""
    claim = Claim.objects.filter(source=source, external_id=external_id).first()
    if claim is None or not claim.is_open(now):
        claim = claim or Claim(source=source, external_id=external_id)
        claim.claimed_at = claim.by = None
        claim.renew(now=now)
        claim.save()
    return claim


def renew_code(*, purchase: Purchase, now: datetime) -> Claim | None:
    """`new_code` of a sale that is still there and nobody's; None of any other."""
    with transaction.atomic():
        source = lock_open(purchase.source)
        nobodys = source.purchases.filter(pk=purchase.pk, fan=None)
        if source.kind != Source.Kind.HAND or not nobodys.exists():
            return None
        return new_code(source=source, external_id=purchase.external_id, now=now)


def restate(*, source: Source, external_id: str, now: datetime) -> None:
    """Store what follows from all that was said of one sale. The caller holds the lock."""
    entries = list(source.sale_entries.filter(external_id=external_id).order_by("number"))
    page = page_of(entries)
    clear_lines(source, page, {external_id})
    store(source=source, page=page, now=now)
    if not page.payments:
        # It may be put back, and is then whose it was.
        take_away(source, [external_id], keep_assigned=True, now=now)


def page_of(entries: Sequence[SaleEntry]) -> values.Page:
    """What follows from `entries` of one sale, the oldest first: its payment, which cost nothing,
    and what was given back of it. Nothing of a sale that was taken back."""
    last = entries[-1]
    if last.is_undone:
        return values.Page()
    payment = values.Payment(
        external_id=last.external_id,
        occurred_at=last.occurred_at,
        status=PaymentStatus.SUCCEEDED,
        kind=PurchaseKind.SALE,
        currency=last.currency,
        amount=last.amount,
        description=last.description,
        email=last.email,
        name=last.name,
    )
    own = _line(payment, payment.external_id, MovementKind.PAYMENT, last.occurred_at, last.amount)
    pages = [values.Page(payments=[payment], movements=[own])]
    for number, (at, amount) in enumerate(given_back(entries)):
        pages.append(_given_back(payment, f"{payment.external_id}:back-{number}", at, amount))
    return values.Page.of(pages)


def given_back(entries: Sequence[SaleEntry]) -> list[tuple[datetime, int]]:
    """(when, how much) of each time that something was given back, the oldest first. What a later
    entry says less comes off the newest."""
    parts: list[tuple[datetime, int]] = []
    for entry in entries:
        more = entry.returned - sum(amount for _at, amount in parts)
        while more < 0:
            at, amount = parts.pop()
            more += amount
            if more > 0:
                parts.append((at, more))
                more = 0
        if more:
            parts.append((entry.created_at, more))
    return parts


def _given_back(
    payment: values.Payment, external_id: str, at: datetime, amount: int
) -> values.Page:
    back = values.Return(
        external_id=external_id,
        kind=ReturnKind.REFUND,
        payment_id=payment.external_id,
        occurred_at=at,
        currency=payment.currency,
        amount=amount,
        status="succeeded",
    )
    line = _line(payment, external_id, MovementKind.REFUND, at, -amount)
    return values.Page(returns=[back], movements=[line])


def _line(
    payment: values.Payment, external_id: str, kind: MovementKind, at: datetime, amount: int
) -> values.Movement:
    return values.Movement(
        external_id=external_id,
        kind=kind,
        category="hand",
        occurred_at=at,
        currency=payment.currency,
        amount=amount,
        fee=0,
        net=amount,
        object_id=external_id,
        payment_id=payment.external_id,
        description=payment.description,
    )


def _till(creator: Creator, *, now: datetime) -> Source:
    """The source of the sales by hand of `creator`, made with the first of them."""
    source, _is_new = Source.objects.get_or_create(
        creator=creator,
        kind=Source.Kind.HAND,
        account_id=TILL,
        livemode=True,
        # What is there is complete at any moment, so nobody's seat waits for it.
        defaults={"name": _("Cash"), "synced_at": now},
    )
    if source.state == Source.State.DISCONNECTED:
        source.state = Source.State.OK
        source.save(update_fields=["state"])
    return source


def _refuse_another(said: SaleEntry, sale: Sale) -> None:
    """Raises SoldOtherwise unless `sale` is what was said already. When it was sent does not
    matter: of two that are the same the second one comes later."""
    was = (said.amount, said.currency, said.description, said.email, said.name)
    if was != (sale.amount, sale.currency, sale.description, sale.email, sale.name):
        raise SoldOtherwise


def _give(source: Source, sale: Sale, fan: Fan, *, by: User) -> None:
    Assignment.objects.create(
        creator=source.creator, source=source, external_id=sale.external_id, fan=fan, by=by
    )
    source.may_be_assigned = True
