"""Who bought for cash says so: the code of a sale makes it theirs, once.

A code proves that one stood at the counter, the sign-in who one is. What follows is an assignment
like those that creators make (`revenue.assigning`), and is taken back in the same way.
"""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from fans.identity import normalise_email
from fans.models import Creator, Fan, Identity, User
from revenue.assigning import assign
from revenue.ingest import SourceClosed, lock_open
from revenue.models import Claim, Purchase, Source
from truefans.digests import digest_of


class NotClaimable(Exception):
    """The code does not hold, or the sale is somebody's already."""


class NoAddress(Exception):
    """Nobody has confirmed an address of this account."""


def held_by(code: str) -> Claim | None:
    """What `code` opens, or once opened, with its creator."""
    claims = Claim.objects.select_related("source__creator").defer("code", *Source.SECRETS_BESIDE)
    return claims.filter(digest=digest_of(code), source__creator__leaves_at=None).first()


def sale_of(claim: Claim) -> Purchase | None:
    """The sale that `claim` is about; None: it was taken back."""
    return claim.source.purchases.filter(external_id=claim.external_id).first()


def claim(*, held: Claim, by: User, now: datetime) -> Fan:
    """Have the sale be that of the person whose address `by` has confirmed; who that is.

    Raises NotClaimable, and NoAddress.
    """
    try:
        with transaction.atomic():
            source = lock_open(held.source)
            # Nobody changes it but under that lock; another code may have taken its place.
            current = source.claims.filter(pk=held.pk, digest=held.digest).first()
            sale = source.purchases.filter(external_id=held.external_id, fan=None).first()
            if current is None or sale is None or not current.is_open(now):
                raise NotClaimable
            fan = _known_as(source.creator, by, now=now)
            assign(creator=source.creator, purchases=[sale.pk], to=fan, by=by, now=now)
            current.claimed_at, current.by = now, by
            current.save(update_fields=["claimed_at", "by"])
    except SourceClosed:
        raise NotClaimable from None
    return fan


def _known_as(creator: Creator, user: User, *, now: datetime) -> Fan:
    """The person that `user` has proved to be, who bought last; made if nobody is known yet.
    The caller holds the lock on the creator."""
    known = Fan.objects.of(user).filter(creator=creator)
    if fan := max(known, key=_last_bought, default=None):
        return fan
    confirmed = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk")
    address = normalise_email(confirmed.values_list("email", flat=True).first())
    if not address:
        raise NoAddress
    fan = Fan.objects.create(creator=creator, email=address)
    Identity.objects.create(
        creator=creator,
        fan=fan,
        kind=Identity.Kind.EMAIL,
        value=address,
        evidence=f"claimed by QR on {now:%Y-%m-%d}",
    )
    return fan


def _last_bought(fan: Fan) -> tuple[float, int]:
    at = fan.last_purchase_at
    return (at.timestamp() if at else 0.0, -fan.pk)
