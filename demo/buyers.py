"""Who bought elsewhere in the demo: people the import found, as they call themselves there, and
people whom only the other platform knows.
"""

import random
from collections import Counter
from dataclasses import dataclass

from demo.cast import FAN
from fans.models import Creator

#: So many wrote their address with a tag there, or have another one.
TAGGED, NAMESAKES = 2, 2

_GIVEN = (
    "Ottoline", "Bartholomew", "Clementine", "Ambrose", "Ffion", "Ignatius", "Marigold", "Percival",
    "Saoirse", "Thaddeus", "Verity", "Wilf", "Delphine", "Jolyon", "Persephone", "Cosmo",
)  # fmt: skip
_FAMILY = (
    "Applegarth", "Birtwhistle", "Crowther", "Dalrymple", "Entwistle", "Featherstone", "Garside",
    "Hebblethwaite", "Inchbald", "Jellicoe", "Kettlewell", "Loxley", "Murgatroyd", "Oglethorpe",
    "Postlethwaite", "Quartermain", "Rigglesford",
)  # fmt: skip
_HOSTS = ("example.com", "example.org", "example.net")
_COUNTRIES = ("GB", "GB", "GB", "IE", "US", "DE", "FR")


@dataclass(frozen=True, slots=True)
class Buyer:
    """`country` is two letters, or empty."""

    name: str
    email: str
    country: str


@dataclass(frozen=True, slots=True)
class Buyers:
    """`same` have the address by which they are known; `tagged` and `namesakes` are only likely to
    be people whom the import found; `new` are nobody whom it did."""

    same: list[Buyer]
    tagged: list[Buyer]
    namesakes: list[Buyer]
    new: list[Buyer]


def buyers_of(creator: Creator, chance: random.Random, *, same: int, new: int) -> Buyers:
    """Who bought elsewhere from `creator`, whose payments are read: so many of the `same` people,
    and so many `new` ones."""
    paying = creator.fans.filter(purchases__gt=0).exclude(email="").exclude(name="")
    rows = paying.order_by("email").values_list("name", "email", "country", "is_true_fan")
    found = [(Buyer(name, email, country), is_true) for name, email, country, is_true in rows]
    names = Counter((buyer.name, buyer.country) for buyer, _is_true in found)
    true = [buyer for buyer, is_true in found if is_true and buyer.email != FAN]
    chance.shuffle(true)
    # A name that several have is nobody's in particular, and neither is a single word.
    own = [b for b in true if b.country and " " in b.name and names[b.name, b.country] == 1]
    tagged, namesakes = own[:TAGGED], own[TAGGED : TAGGED + NAMESAKES]
    in_parts = {buyer.email for buyer in (*tagged, *namesakes)}
    others = [buyer for buyer, _is_true in found if buyer.email not in in_parts]
    cast = [buyer for buyer in others if buyer.email == FAN]
    return Buyers(
        same=cast + chance.sample(others, min(same, len(others))),
        tagged=[Buyer(b.name, b.email.replace("@", "+music@"), b.country) for b in tagged],
        namesakes=[Buyer(b.name, _another_address(b), b.country) for b in namesakes],
        new=[_newcomer(number, chance) for number in range(new)],
    )


def _another_address(buyer: Buyer) -> str:
    local, _at, host = buyer.email.partition("@")
    return f"{local.replace('.', '')}.home@{host}"


def _newcomer(number: int, chance: random.Random) -> Buyer:
    """Each number has a name of its own, for as many as there are pairs of names."""
    given, family = _GIVEN[number % len(_GIVEN)], _FAMILY[number % len(_FAMILY)]
    email = f"{given}.{family}@{chance.choice(_HOSTS)}".lower()
    return Buyer(f"{given} {family}", email, chance.choice(_COUNTRIES))
