"""What could not be read though TrueFans would, and what nobody can tell because of that."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from revenue.models import Source

#: By the name of a permission in Stripe's dashboard, what is not known without it.
UNKNOWN: dict[str, str | Promise] = {
    "Invoices": _("which payments are for memberships, and what was paid past Stripe"),
    "Subscriptions": _("who is a member, until when, and who is leaving"),
    "Events": _("within the same day, what changed of older payments, bills and addresses"),
    "Charges": _("payments and refunds about which no money has moved yet"),
    "Disputes": _("disputes for which nothing was taken yet"),
    "Checkout Sessions": _("the address of some who paid without an account"),
}


@dataclass(frozen=True, slots=True)
class Lack:
    """What could not be read, by the name of the permission that it takes, and what is `unknown`
    without it."""

    permission: str
    unknown: str | Promise


def lacks_of(source: Source) -> list[Lack]:
    return [Lack(name, UNKNOWN.get(name, "")) for name in source.lacks]


def in_sentences(source: Source) -> Iterator[str]:
    """The same for the shell, with what to do about it; nothing where nothing is missing."""
    for lack in lacks_of(source):
        so = f": TrueFans cannot tell {lack.unknown}" if lack.unknown else ""
        yield f"“{lack.permission}” could not be read{so}."
    if source.lacks:
        yield (
            "To have that, too, give the key the permission (Read) in your Stripe dashboard, unless"
            " it has it; the next reading tries again."
        )
