"""The figures of a creator that are too dear to be worked out while somebody waits."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import DateTimeField, ExpressionWrapper, F, Func, Q, Value

from fans.models import Creator

#: A summary, and a comparison, rests so many times as long as it took, so that none of them takes
#: more than a twentieth of a worker's time.
REST = 20
#: A comparison of which nothing has come for so long was lost with its worker.
LOST = timedelta(minutes=10)


class SummaryQuerySet(models.QuerySet["Summary"]):
    def outdate(self, *, creator: int) -> None:
        """Something has happened since; waits for who is making one of `creator` (its id) anew."""
        self.filter(creator=creator).update(is_stale=True)

    def due(self, now: datetime) -> "SummaryQuerySet":
        """Those to be made anew: stale ones that have rested, and those of a day that is over."""
        midnight = Func(
            Value("day"),
            Value(now, output_field=DateTimeField()),
            F("creator__time_zone"),
            function="date_trunc",
            output_field=DateTimeField(),
        )
        rows = self.alias(rested_at=_rested("made_at", "took_ms"), midnight=midnight)
        return rows.filter(Q(is_stale=True, rested_at__lte=now) | Q(made_at__lt=F("midnight")))

    def to_compare(self, now: datetime) -> "SummaryQuerySet":
        """Those made since the people and payments behind them were last compared, where that has
        rested and no worker is at it."""
        rows = self.alias(rested_at=_rested("compared_at", "compare_ms"))
        return rows.filter(
            Q(compared_at=None) | Q(compared_at__lt=F("made_at"), rested_at__lte=now),
            Q(comparing_since=None) | Q(comparing_since__lte=now - LOST),
        )


def _rested(since: str, took_ms: str) -> ExpressionWrapper:
    """When what was begun at `since` has rested; both are names of columns."""
    rest = F(took_ms) * Value(timedelta(milliseconds=1 + REST))
    return ExpressionWrapper(F(since) + rest, output_field=DateTimeField())


class Summary(models.Model):
    """What a creator's rooms show of everybody together, as it was at `made_at`.

    `figures` is what `revenue.summary` makes of the books, amounts in minor units of the creator's
    currency; `took_ms` is how long that took. `is_stale`: the books have changed since.

    After it, `revenue.comparing` looks for what the creator is asked about: last at `compared_at`
    (None: never), which took `compare_ms`; a worker is at it again since `comparing_since`.
    """

    creator = models.OneToOneField(Creator, models.CASCADE, related_name="summary")
    figures = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    took_ms = models.PositiveIntegerField(default=0)
    is_stale = models.BooleanField(default=False)
    compared_at = models.DateTimeField(null=True)
    compare_ms = models.PositiveIntegerField(default=0)
    comparing_since = models.DateTimeField(null=True)

    objects = SummaryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "summaries"
        indexes = [
            models.Index(fields=["creator"], name="summary_stale", condition=Q(is_stale=True))
        ]

    def __str__(self) -> str:
        return f"{self.creator_id} at {self.made_at:%Y-%m-%d %H:%M}"
