"""A person's own rhythm of buying: who is later than they used to be is slipping away."""

from datetime import datetime

#: Later than this many of one's own usual pauses is late.
LATE = 1.5
#: With fewer purchases nobody has a rhythm yet.
FEWEST_PURCHASES = 3


def is_slipping(
    *,
    purchases: int,
    first_purchase_at: datetime | None,
    last_purchase_at: datetime | None,
    now: datetime,
) -> bool:
    """Whether the last purchase is longer ago than 1.5 times the usual pause between purchases.

    The usual pause is (last - first) ÷ (purchases - 1); False while there are fewer than three.
    """
    if purchases < FEWEST_PURCHASES or not (first_purchase_at and last_purchase_at):
        return False
    pause = (last_purchase_at - first_purchase_at) / (purchases - 1)
    return bool(pause) and now - last_purchase_at > LATE * pause
