"""Where platforms deliver to: opened, given another address or secret, and closed again."""

import secrets
from datetime import datetime

from django.db import transaction

from fans.models import Creator
from revenue.live.platform import LivePlatform
from revenue.models import Inbox, Source
from revenue.removing import refuse_while_removing
from truefans.digests import digest_of

#: Of the end of an address: nobody guesses 192 bits.
BYTES = 24


def open_inbox(*, creator: Creator, platform: LivePlatform, now: datetime) -> Inbox:
    """An inbox for `platform` with an address of its own, or the one there is.

    What comes in stands with the files of that platform. Raises NotConnectable if what came from it
    is being removed right now, or the studio was closed.
    """
    with transaction.atomic():
        source, _is_new = Source.objects.get_or_create(
            creator=creator,
            kind=Source.Kind.FILE,
            account_id=platform.files.slug,
            livemode=True,
            # Nothing else will ever be read, so nobody has to wait for it.
            defaults={"name": platform.files.name, "synced_at": now},
        )
        refuse_while_removing(source)
        if source.state == Source.State.DISCONNECTED:
            source.state = Source.State.OK
            source.save(update_fields=["state"])
        inbox = Inbox.objects.filter(source=source).first()
        return inbox or _create(source, creator.currency, now)


def _create(source: Source, currency: str, now: datetime) -> Inbox:
    address = secrets.token_urlsafe(BYTES)
    inbox, _is_new = Inbox.objects.get_or_create(
        source=source,
        defaults={
            "address": address,
            "digest": digest_of(address),
            "currency": currency,
            "since": now,
        },
    )
    return inbox


def renew_address(*, inbox: Inbox) -> None:
    """What is delivered to the old address is not heard any more."""
    inbox.address = secrets.token_urlsafe(BYTES)
    inbox.digest = digest_of(inbox.address)
    inbox.save(update_fields=["address", "digest"])


def keep_proof(*, inbox: Inbox, secret: str | None, account: str, currency: str) -> None:
    """Deliveries are checked by these from now on; without a `secret` the old one stays."""
    if secret:
        inbox.secret = secret
    inbox.account, inbox.currency = account, currency
    inbox.refused_at, inbox.refusal = None, ""  # by what was stored before
    inbox.save(update_fields=["secret", "account", "currency", "refused_at", "refusal"])


def inbox_at(platform: LivePlatform, address: str) -> Inbox | None:
    """The inbox at `address`, if anything may come in there.

    It is found by its fingerprint, so that the time which the search takes tells nothing.
    """
    inboxes = Inbox.objects.select_related("source__creator").filter(
        digest=digest_of(address), source__account_id=platform.files.slug
    )
    inbox = inboxes.exclude(source__state__in=Source.CLOSED).first()
    return None if inbox is None or inbox.source.creator.is_leaving else inbox
