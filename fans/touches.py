"""What passed between a creator and one person, and what follows from it for their acquaintance.

`last_touch_at`, `last_word_at` and `last_thanked_at` are worked out anew from the touches on every
change, in its transaction, so that they say the same in whatever order touches come and go.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q

from fans.acquaintance import acquaintance_of, keep
from fans.models import Acquaintance, Fan, Touch, User


def record_touch(
    *,
    fan: Fan,
    kind: Touch.Kind,
    occurred_at: datetime,
    text: str = "",
    by: User | None = None,
) -> Touch:
    """Keep that `fan` and their creator were in touch."""
    with transaction.atomic():
        known = acquaintance_of(fan)
        touch = Touch.objects.create(
            creator_id=fan.creator_id,
            fan=fan,
            kind=kind,
            text=text,
            occurred_at=occurred_at,
            by=by,
        )
        follow(known)
    return touch


def forget_touch(touch: Touch) -> None:
    """Take `touch` back, as if it had never been noted."""
    with transaction.atomic():
        known = acquaintance_of(touch.fan)
        touch.delete()
        follow(known)


def follow(known: Acquaintance) -> None:
    """Have `known`, which is locked, say what follows from their touches; then `keep` it."""
    touches = Touch.objects.filter(creator_id=known.creator_id, fan_id=known.fan_id)
    last = touches.aggregate(
        last_touch_at=Max("occurred_at"),
        last_word_at=Max("occurred_at", filter=~Q(kind=Touch.Kind.THEY_WROTE)),
        last_thanked_at=Max("occurred_at", filter=Q(kind=Touch.Kind.THANKED)),
    )
    for column, moment in last.items():
        setattr(known, column, moment)
    keep(known)
