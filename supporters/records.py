"""What a signed-in fan may see: their own records, and never a row of anybody else."""

from allauth.account.models import EmailAddress
from django.db.models import F, Prefetch, QuerySet

from fans.models import Fan, User
from revenue.models import Membership, Purchase, Sync

#: How many of the latest purchases, and of memberships, stand on a fan's own page.
LATEST = 8


def records_of(user: User) -> QuerySet[Fan]:
    """The fans that `user` has proved to be, the creator they gave to last first.

    One for each creator; several where addresses of theirs were never joined.
    """
    return (
        Fan.objects.of(user)
        .select_related("creator__recount", "tier")
        .prefetch_related("creator__tiers")
        .order_by(F("last_purchase_at").desc(nulls_last=True), "pk")
    )


def confirmed_addresses(user: User) -> QuerySet[EmailAddress, str]:
    return EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)


def with_latest(records: QuerySet[Fan]) -> QuerySet[Fan]:
    """`records`, each with the newest of its purchases as a list `latest` and of its memberships as
    a list `latest_memberships`."""
    purchases = Purchase.objects.newest().defer("raw")[:LATEST]
    memberships = (
        Membership.objects.begun().with_bills().order_by("-since", "-pk").defer("raw")[:LATEST]
    )
    latest = Prefetch("purchase_set", purchases, to_attr="latest")
    latest_memberships = Prefetch("memberships", memberships, to_attr="latest_memberships")
    return records.prefetch_related(latest).prefetch_related(latest_memberships)


def purchases_of(records: QuerySet[Fan]) -> QuerySet[Purchase]:
    """Everything that was bought under any of `records`, newest first."""
    return Purchase.objects.filter(fan__in=records.order_by().values("pk")).newest().defer("raw")


def first_imports() -> QuerySet[Sync]:
    """Histories that are being read right now: older payments may still come in."""
    return Sync.objects.filter(state=Sync.State.RUNNING, since=None)
