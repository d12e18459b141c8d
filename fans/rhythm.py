"""A person's own rhythm of buying: who is later than they used to be is slipping away."""

from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from fans.window import before

#: Later than so many of one's own usual pauses is late, and later than that is very late.
LATE, VERY_LATE = 1.5, 2.5
#: With fewer purchases nobody has a rhythm yet, and these months are the bounds instead.
FEWEST_PURCHASES = 3
LATE_MONTHS, VERY_LATE_MONTHS = 12, 15
#: Nobody who has been away for longer is slipping: they are gone.
GONE_MONTHS = 24


class Warmth(TextChoices):
    """How late somebody is. The second and third of these are slipping away."""

    WARM = "warm", _("warm")
    LATE = "late", _("late")
    VERY_LATE = "very_late", _("very late")
    LAPSED = "lapsed", _("lapsed")

    @property
    def is_slipping(self) -> bool:
        return self in (Warmth.LATE, Warmth.VERY_LATE)


def warmth(
    *,
    purchases: int,
    usual_pause: timedelta | None,
    last_purchase_at: datetime | None,
    now: datetime,
) -> Warmth | None:
    """How late the next purchase is at `now`; None of who never bought anything.

    `usual_pause` is the median time between two purchases; with fewer than three of them, or
    without a pause, the months since the last one decide. Late is from the bound on.
    """
    if not purchases or last_purchase_at is None:
        return None
    if purchases >= FEWEST_PURCHASES and usual_pause:
        late, very_late = now - LATE * usual_pause, now - VERY_LATE * usual_pause
    else:
        late, very_late = before(now, LATE_MONTHS), before(now, VERY_LATE_MONTHS)
    if last_purchase_at > late:
        return Warmth.WARM
    if last_purchase_at > very_late:
        return Warmth.LATE
    return Warmth.LAPSED if last_purchase_at <= before(now, GONE_MONTHS) else Warmth.VERY_LATE
