"""Who stands before and after somebody in the list that one came from."""

from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from dashboard.paging import beside
from dashboard.people_list import look_at
from fans.models import Creator, Fan


class Neighbours(NamedTuple):
    """The people on either side; None at an end. `query` leads back to the list, `link` goes along
    to each of them."""

    before: Fan | None
    after: Fan | None
    query: str
    link: str


def neighbours(*, creator: Creator, fan: Fan, came_from: str | None, now: datetime) -> Neighbours:
    """The neighbours of `fan` in the list whose query string is `came_from`; None: in no list.

    A query for each, one for the place of `fan` where the list is in an order of what stands
    elsewhere, and those of what the list is narrowed to.
    """
    if came_from is None:
        return Neighbours(None, None, "", "")
    look = look_at(creator, came_from, now=now)
    before, after = beside(look.people(), look.placed(fan), order=look.order)
    query = look.here.urlencode()
    return Neighbours(before, after, query, urlencode({"from": query}))
