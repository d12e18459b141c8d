"""Who stands before and after somebody in the list that one came from."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.http import QueryDict

from fans.models import Creator, Fan

Order = tuple[str, str]


class Neighbours(NamedTuple):
    """The people on either side; None at an end. `query` leads back to the list, `link` goes along
    to each of them."""

    before: Fan | None
    after: Fan | None
    query: str
    link: str


def neighbours(*, creator: Creator, fan: Fan, came_from: str | None, now: datetime) -> Neighbours:
    """The neighbours of `fan` in the list whose query string is `came_from`; None: in no list.

    Two queries, each for one row behind or before a known place of an index.
    """
    if came_from is None:
        return Neighbours(None, None, "", "")
    query = QueryDict(came_from, mutable=True)
    query.pop("after", None)
    people, order = people_of(creator, query, now)
    link = QueryDict(mutable=True)
    link["from"] = query.urlencode()
    return Neighbours(
        before=_next(people, fan, _reversed(order)),
        after=_next(people, fan, order),
        query=query.urlencode(),
        link=link.urlencode(),
    )


def people_of(creator: Creator, query: QueryDict, now: datetime) -> tuple[QuerySet[Fan], Order]:
    """The people of the list that `query` describes, and the order in which they stand."""
    return creator.fans.all(), ("-spend", "id")


def _next(people: QuerySet[Fan], fan: Fan, order: Order) -> Fan | None:
    major, minor = order
    value, tie = (getattr(fan, name.lstrip("-")) for name in order)
    # The first condition lets an index find the place; the others are exact.
    behind = Q(**{f"{_further(major)}e": value}) & (
        Q(**{_further(major): value}) | Q(**{major.lstrip("-"): value, _further(minor): tie})
    )
    return people.filter(behind).order_by(*order).first()


def _further(name: str) -> str:
    """The lookup of what comes later in the order of `name`."""
    return f"{name[1:]}__lt" if name.startswith("-") else f"{name}__gt"


def _reversed(order: Order) -> Order:
    major, minor = (name[1:] if name.startswith("-") else f"-{name}" for name in order)
    return major, minor
