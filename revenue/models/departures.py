"""A creator who leaves with everything."""

from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from fans.models import Creator, User
from fans.models.outgoing import Outgoing, OutgoingQuerySet


class DepartureQuerySet(OutgoingQuerySet["Departure"]):
    def untold(self, now: datetime) -> "DepartureQuerySet":
        """Those of which owners are to be told, or told again, at `now`."""
        return self.filter(told_at=None, begun_at=None, due_at__lte=now)


class Departure(Outgoing):
    """Everything of a creator is to be deleted, or is being deleted; it goes with its creator.

    The studio is closed from `asked_at` on. `begun_at` is when the first row went; `done` of
    `total` rows are gone. `told` are the owners (row ids) who were written to, or cannot be.
    """

    #: Nobody would see that a mail was given up, so the mail server may be away for some hours.
    PAUSE = timedelta(hours=1)

    creator = models.OneToOneField(Creator, models.CASCADE, related_name="departure")
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    told = ArrayField(models.BigIntegerField(), default=list)
    told_at = models.DateTimeField(
        null=True, help_text=_("When the last of the owners was written to.")
    )
    begun_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(
        null=True, help_text=_("Last sign of life of the worker that deletes.")
    )
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    objects = DepartureQuerySet.as_manager()

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
