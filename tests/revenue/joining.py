"""People who are joined and parted, by few payments of a source without a gateway."""

from datetime import datetime

from fans.models import Fan, Merge
from revenue.books import check_books
from revenue.ingest import ingest
from revenue.merging import merge
from revenue.spend import recompute_due_fans
from revenue.values import Customer as CustomerValue
from revenue.values import Page, Payment, PaymentStatus, PurchaseKind


def payment(number: int, who: str, *, at: datetime, amount: int = 40_00, name: str = "") -> Payment:
    """Paid by an address, or by a customer where `who` is one."""
    is_customer = who.startswith("cus_")
    return Payment(
        external_id=f"ch_{number}",
        occurred_at=at,
        status=PaymentStatus.SUCCEEDED,
        kind=PurchaseKind.SALE,
        currency="USD",
        amount=amount,
        customer_id=who if is_customer else "",
        email="" if is_customer else who,
        name=name,
        country="GB" if name else "",
    )


def customer(name: str, email: str = "", *, at: datetime) -> CustomerValue:
    return CustomerValue(external_id=name, email=email, name="", country="", read_at=at)


def bring(source, now, *payments: Payment, customers=()) -> None:
    page = Page(payments=list(payments), customers=list(customers))
    ingest(source=source, page=page, now=now)
    recompute_due_fans(creator=source.creator, now=now)


def known_as(source, value: str) -> Fan:
    return Fan.objects.get(creator=source.creator, identities__value=value)


def join(source, one: str, other: str, now) -> Merge:
    people = (known_as(source, one).pk, known_as(source, other).pk)
    return merge(creator=source.creator, people=people, by=None, now=now)


def clean(creator, now) -> bool:
    return list(check_books(creator=creator, now=now, ask=False)) == []
