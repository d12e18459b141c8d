"""The list of people as its address asks for it."""

from datetime import datetime

from dashboard.paging import Order
from dashboard.people_list import look_at
from fans.models import Creator
from fans.models.fans import FanQuerySet


def people_in(creator: Creator, query: str, now: datetime) -> tuple[FanQuerySet, Order]:
    """Those whom the query string `query` asks for, and the order in which they stand."""
    look = look_at(creator, query, now=now)
    return look.people(), look.order
