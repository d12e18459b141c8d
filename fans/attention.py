"""How often to be in touch with whom, and who is overdue.

Days are those of the creator's calendar: who was written to late yesterday has waited for one.
"""

from calendar import isleap
from datetime import date, datetime, timedelta

from django.db.models import (
    DateField,
    DurationField,
    ExpressionWrapper,
    F,
    FilteredRelation,
    Q,
    Value,
)
from django.db.models.functions import Coalesce, TruncDate

from fans.models import Creator
from fans.models.fans import FanQuerySet

#: How often to be in touch with who has neither a tier nor a rhythm of their own, in days.
RHYTHM = 365
#: A birthday of which the year is not known may be 29 February.
A_LEAP_YEAR = 2000
#: A share of the rhythm is kept as a duration, of which a day is all of it.
WHOLE = timedelta(days=1)


def today_of(creator: Creator, now: datetime) -> date:
    """The day that it is at `now` by the creator's clock."""
    return now.astimezone(creator.zone).date()


def kept_on(day: date) -> list[tuple[int, int]]:
    """(month, day) of the birthdays and anniversaries that are kept on `day`: those of 29 February
    on the 28th where the year has none."""
    kept = [(day.month, day.day)]
    return [*kept, (2, 29)] if kept == [(2, 28)] and not isleap(day.year) else kept


def with_rhythm(fans: FanQuerySet, *, creator: Creator, today: date) -> FanQuerySet:
    """`fans` of `creator`, each with four more columns.

    `word_at` is the creator's last word to them (None: never), `rhythm` how often to be in touch in
    days, `waited` the days since that word, or since their first purchase where there is none
    (None without either), and `share` how much of their rhythm that is: `WHOLE` and more is
    overdue. `known` can be asked for more of their acquaintance.
    """
    known = FilteredRelation("acquaintance_set", condition=Q(acquaintance_set__creator=creator))
    since = TruncDate(Coalesce("word_at", "first_purchase_at"), tzinfo=creator.zone)
    return (
        fans.alias(known=known)
        .annotate(
            word_at=F("known__last_word_at"),
            rhythm=Coalesce("known__rhythm_days", "tier__rhythm_days", Value(RHYTHM)),
        )
        .annotate(
            waited=ExpressionWrapper(Value(today, DateField()) - since, DurationField()),
        )
        .annotate(share=ExpressionWrapper(F("waited") / F("rhythm"), DurationField()))
    )
