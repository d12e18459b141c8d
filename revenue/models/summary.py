"""The figures of a creator that are too dear to be worked out while somebody waits."""

from django.db import models
from django.db.models import Q

from fans.models import Creator


class SummaryQuerySet(models.QuerySet["Summary"]):
    def stale(self) -> "SummaryQuerySet":
        """Those that something has happened since."""
        return self.filter(is_stale=True)


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
