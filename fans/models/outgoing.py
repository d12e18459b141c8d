"""Mails that are on their way: when each is tried next, and how often it was."""

from datetime import datetime, timedelta
from typing import ClassVar, TypeVar

from django.db import models, transaction

Mail = TypeVar("Mail", bound="Outgoing")


class OutgoingQuerySet(models.QuerySet[Mail]):
    def take(self, now: datetime) -> Mail | None:
        """The first of these, to be sent by the caller and by nobody else; None if there is none.

        The try is counted before it is made, and puts off the next: who is killed at it is
        followed by another.
        """
        with transaction.atomic():
            taken = self.select_for_update(of=("self",), skip_locked=True).first()
            if taken:
                taken.tries += 1
                taken.due_at = now + taken.PAUSE
                taken.save(update_fields=["tries", "due_at"])
        return taken


class Outgoing(models.Model):
    """Something that waits to be sent. `due_at` is when it is tried next, `tries` how often it
    was."""

    #: What could not be sent is tried again after this time, so many times in all.
    PAUSE: ClassVar = timedelta(minutes=3)
    ATTEMPTS: ClassVar = 5

    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
