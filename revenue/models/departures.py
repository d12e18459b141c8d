"""A creator who leaves with everything."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from fans.models import Creator, User


class Departure(models.Model):
    """Everything of a creator is to be deleted, or is being deleted; it goes with its creator.

    The studio is closed from `asked_at` on. `begun_at` is when the first row went; `done` of
    `total` rows are gone.
    """

    creator = models.OneToOneField(Creator, models.CASCADE, related_name="departure")
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, help_text=_("When the owners were written to."))
    begun_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(
        null=True, help_text=_("Last sign of life of the worker that deletes.")
    )
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="departure_begins_after_it_was_asked_for",
                condition=Q(begun_at=None) | Q(begun_at__gte=F("asked_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.creator_id}: {self.percent} %"

    @property
    def percent(self) -> int:
        return min(100 * self.done // self.total, 100) if self.total else 0
