"""The figures of a creator that are too dear to be worked out while somebody waits."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import DateTimeField, ExpressionWrapper, F, Func, Q, Value

from fans.models import Creator

#: A summary rests so many times as long as it took, so that all of them together never take more
#: than a twentieth of a worker's time each.
REST = 20


class SummaryQuerySet(models.QuerySet["Summary"]):
    def outdate(self, *, creator: int) -> None:
        """Something has happened since; waits for who is making one of `creator` (its id) anew."""
        self.filter(creator=creator).update(is_stale=True)

    def due(self, now: datetime) -> "SummaryQuerySet":
        """Those to be made anew: stale ones that have rested, and those of a day that is over."""
        rest = F("took_ms") * Value(timedelta(milliseconds=1 + REST))
        rested_at = ExpressionWrapper(F("made_at") + rest, output_field=DateTimeField())
        midnight = Func(
            Value("day"),
            Value(now, output_field=DateTimeField()),
            F("creator__time_zone"),
            function="date_trunc",
            output_field=DateTimeField(),
        )
        rows = self.alias(rested_at=rested_at, midnight=midnight)
        return rows.filter(Q(is_stale=True, rested_at__lte=now) | Q(made_at__lt=F("midnight")))


class Summary(models.Model):
    """What a creator's rooms show of everybody together, as it was at `made_at`.

    `figures` is what `revenue.summary` makes of the books, amounts in minor units of the creator's
    currency; `took_ms` is how long that took. `is_stale`: the books have changed since.
    """

    creator = models.OneToOneField(Creator, models.CASCADE, related_name="summary")
    figures = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    took_ms = models.PositiveIntegerField(default=0)
    is_stale = models.BooleanField(default=False)

    objects = SummaryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "summaries"
        indexes = [
            models.Index(fields=["creator"], name="summary_stale", condition=Q(is_stale=True))
        ]

    def __str__(self) -> str:
        return f"{self.creator_id} at {self.made_at:%Y-%m-%d %H:%M}"
