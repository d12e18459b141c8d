"""People as rows for a spreadsheet: whom the list shows, in the order in which it does.

Money is in major units of the creator's currency, days are by the creator's clock.
"""

from collections.abc import Iterator
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import Lower
from django.utils.timezone import localdate

from fans.models import Creator, Fan, Tagging
from fans.models.fans import FanQuerySet
from revenue.exports import Row
from truefans.money import to_major

COLUMNS = [
    "name",
    "first_name",
    "last_name",
    "email",
    "country",
    "tier",
    "is_true_fan",
    "seat",
    "currency",
    "window_gross",
    "window_net",
    "lifetime_gross",
    "lifetime_net",
    "gap",
    "purchases",
    "first_purchase",
    "last_purchase",
    "last_touch",
    "tags",
]
CHUNK = 2000


def people_rows(people: FanQuerySet, *, creator: Creator) -> Iterator[Row]:
    """A row for each of `people`, who are the creator's; read as they are asked for."""
    tags = Tagging.objects.filter(creator=creator, fan=OuterRef("pk")).order_by(Lower("tag__name"))
    told = people.select_related("tier").annotate(
        touched_at=F("acquaintance_set__last_touch_at"),
        tag_names=ArraySubquery(tags.values("tag__name")),
    )
    for fan in told.iterator(chunk_size=CHUNK):
        yield _row(fan, creator)


def _row(fan: Fan, creator: Creator) -> Row:
    def amount(minor: int) -> str:
        return str(to_major(minor, creator.currency))

    def day(moment: datetime | None) -> str:
        return localdate(moment, creator.zone).isoformat() if moment else ""

    first, last = split_name(fan.name)
    return {
        "name": fan.name,
        "first_name": first,
        "last_name": last,
        "email": fan.email,
        "country": fan.country,
        "tier": fan.tier.name if fan.tier else "",
        "is_true_fan": fan.is_true_fan,
        "seat": fan.seat,
        "currency": creator.currency,
        "window_gross": amount(fan.window_gross),
        "window_net": amount(fan.window_net),
        "lifetime_gross": amount(fan.lifetime_gross),
        "lifetime_net": amount(fan.lifetime_net),
        "gap": amount(max(creator.target_spend - fan.spend, 0)),
        "purchases": fan.purchases,
        "first_purchase": day(fan.first_purchase_at),
        "last_purchase": day(fan.last_purchase_at),
        "last_touch": day(fan.touched_at),  # type: ignore[attr-defined]
        "tags": fan.tag_names,  # type: ignore[attr-defined]
    }


def split_name(name: str) -> tuple[str, str]:
    """The first word and the rest, as address books want it; a single word is a first name."""
    first, _space, last = name.strip().partition(" ")
    return first, last.strip()
