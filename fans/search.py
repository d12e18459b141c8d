"""Finding people as one types: by any word of a name, or by the beginning of an address."""

from typing import Any

from django.db.models import Q, QuerySet

from fans.models import Creator, NamePart
from fans.models.names import NamePartQuerySet
from truefans.text import clean

#: Nobody means more than that, and more words would only make it dearer.
MOST_WORDS = 6
LONGEST = 200


def typed_in(text: str | None) -> str:
    """What was typed, as it is looked for: one space between words."""
    return " ".join(clean(text)[:LONGEST].split())


def looked_for(typed: str, *, creator: Creator, are_many: bool = False) -> Q:
    """Those people of `creator` of whom each word of `typed` begins a word of the name, whatever
    its capitals and accents; or one of whose addresses begins with all of it.

    Two ranges of two indexes, whatever the number of people. They are looked up one by one; if
    they `are_many`, a page of them is rather found by walking their order and leaving out the rest.
    """
    # Addresses are stored in small letters.
    known = creator.identities.filter(value__startswith=typed.lower()).values("fan")
    named = named_as(typed, among=creator.name_parts.all())
    if named is None:
        return Q(pk__in=known)
    # Of one set PostgreSQL makes a join, which loses the order; of two it makes conditions.
    return Q(pk__in=named) | Q(pk__in=known) if are_many else Q(pk__in=named.union(known))


def named_as(typed: str, *, among: NamePartQuerySet) -> QuerySet[NamePart, Any] | None:
    """The fans `among` whose names each word of `typed` begins a word of; None without any word."""
    words = [among.beginning(word) for word in typed.split()[:MOST_WORDS]]
    if not words:
        return None
    first, *others = (parts.values("fan") for parts in words)
    # Intersected as sets: the planner always takes few words to be in few names, and would compare
    # each of the one with each of the other.
    return first.intersection(*others) if others else first
