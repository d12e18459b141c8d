"""A creator who leaves with everything."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from fans.models import Creator


class Departure(models.Model):
    """The deletion of everything of a creator, once it has begun; it goes with its creator.

    `done` of `total` rows are gone.
    """

    creator = models.OneToOneField(Creator, models.CASCADE, related_name="departure")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    heard_at = models.DateTimeField(help_text=_("Last sign of life of the worker that deletes."))

    def __str__(self) -> str:
        return f"{self.creator_id}: {self.percent} %"

    @property
    def percent(self) -> int:
        return min(100 * self.done // self.total, 100) if self.total else 100
