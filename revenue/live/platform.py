"""A platform as far as what it tells at once is concerned."""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from revenue.files.outcomes import Outcome
from revenue.files.platform import Platform
from revenue.live.payload import Payload

Words = str | Promise


class Refused(Exception):
    """It cannot be shown that the platform sent this; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came in: the bytes as they were sent, and headers by their names in small letters."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """What a platform said, proved and parsed. `currency` is that of amounts that name none."""

    payload: Payload
    topic: str
    arrived_at: datetime
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePlatform:
    """`files` is the platform's own file, into whose source goes what is told at once.

    `open` parses a delivery that `secret` proves, without the secret, or raises Refused or
    NotUnderstood; `account` is whose it says to be ("": it does not say). `topic` is what the
    platform calls it, `about` the id of the payment or person that it is about ("": of none),
    `is_test` whether it is none of the books, and `read` makes outcomes of it,
    or raises Skip.

    `asks` are the columns of an inbox that somebody has to fill in: "secret", "account",
    "currency". `label` and `hint` are those of the first, `steps` are for who sets it up, and
    `knows` says what they get.
    """

    slug: str
    name: str
    files: Platform[Any]
    open: Callable[[Delivery, str], Payload]
    read: Callable[[Told], Iterable[Outcome]]
    topic: Callable[[Delivery, Payload], str]
    about: Callable[[Payload], str]
    is_test: Callable[[Delivery, Payload], bool]
    account: Callable[[Payload], str] = lambda payload: ""
    asks: frozenset[str] = frozenset({"secret"})
    label: Words = ""
    hint: Words = ""
    steps: tuple[Words, ...] = ()
    knows: Words = ""


def prove(
    delivery: Delivery, secret: str, *, header: str, digest: str, encode: Callable[[bytes], str]
) -> None:
    """Raise Refused unless the header has the HMAC of the body by `secret`, as `encode` writes it.

    Compared in a time that tells nothing.
    """
    said = delivery.headers.get(header.lower(), "").strip()
    if not said:
        raise Refused(_("The header %(header)s is missing.") % {"header": header})
    refuse_without(secret)
    mac = hmac.new(secret.encode(), delivery.body, getattr(hashlib, digest)).digest()
    if not same(encode(mac), said):
        raise Refused(
            _("The signature in %(header)s is not made with the secret that is stored here.")
            % {"header": header}
        )


def refuse_without(secret: str) -> None:
    """Raise Refused if there is nothing to prove anything by."""
    if not secret:
        raise Refused(_("No secret is stored here yet to check deliveries with."))


def same(one: str, other: str) -> bool:
    """Whether two texts are the same, in a time that does not say where they differ."""
    return hmac.compare_digest(one.encode(), other.encode("utf-8", "replace"))
