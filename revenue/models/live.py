"""Platforms that tell at once what was paid: where they deliver to, and what they delivered.

What a delivery says is kept as a statement, beside those of files (`revenue.statements`).
"""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from revenue.models.ledger import Sent
from revenue.models.sources import MINUTE, Source
from revenue.secrets import EncryptedTextField

#: As long as no platform would bring the same delivery again.
REMEMBERED = timedelta(days=30)


class InboxQuerySet(models.QuerySet["Inbox"]):
    def note_heard(self, *, inbox_id: int, now: datetime, is_test: bool = False) -> None:
        """Once a minute at most, unless what came last was refused."""
        self._stale("heard_at", "refused_at", inbox_id, now).update(heard_at=now)
        if is_test:
            self.filter(pk=inbox_id).update(tested_at=now)

    def note_refused(self, why: str, *, inbox_id: int, now: datetime) -> None:
        """Once a minute at most, unless what came last was good."""
        stale = self._stale("refused_at", "heard_at", inbox_id, now)
        stale.update(refused_at=now, refusal=why)

    def _stale(self, moment: str, other: str, inbox_id: int, now: datetime) -> "InboxQuerySet":
        outdated = Q((moment, None)) | Q((f"{moment}__lt", now - MINUTE))
        return self.filter(outdated | Q((f"{other}__gte", F(moment))), pk=inbox_id)


class Inbox(models.Model):
    """Where a platform delivers to, and what shows that it was the platform.

    `address` is the end of the address, which nobody can guess; `digest`, its SHA-256 in hex, is
    what it is found by. `secret` is what the platform signs with or sends along, "" while nobody
    has entered it. `account` is whose deliveries they must be where the platform signs nothing;
    `currency` that of amounts which come without one.
    """

    source = models.OneToOneField(Source, models.CASCADE, related_name="inbox")
    address = EncryptedTextField()
    digest = models.CharField(max_length=64)
    secret = EncryptedTextField(blank=True)
    account = models.TextField(blank=True)
    currency = models.CharField(max_length=3, blank=True)
    since = models.DateTimeField()
    heard_at = models.DateTimeField(null=True, help_text=_("The last good delivery."))
    tested_at = models.DateTimeField(null=True, help_text=_("The last delivery that was a test."))
    refused_at = models.DateTimeField(null=True, help_text=_("The last that was refused."))
    refusal = models.TextField(blank=True, help_text=_("Why it was refused, for people."))

    objects = InboxQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "inboxes"
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="inbox_address_is_one_sources"),
            models.CheckConstraint(
                name="inbox_says_why_it_refused",
                condition=Q(refused_at=None) | ~Q(refusal=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.source)

    @property
    def is_refused(self) -> bool:
        """Whether what came last was refused."""
        if self.refused_at is None:
            return False
        return self.heard_at is None or self.refused_at > self.heard_at


class MessageQuerySet(models.QuerySet["Message"]):
    def open(self, now: datetime) -> "MessageQuerySet":
        """What a worker may take now."""
        waits = self.filter(done_at=None, attempts__lt=Message.ATTEMPTS)
        return waits.filter(Q(rests_until=None) | Q(rests_until__lte=now))

    def sources(self, now: datetime) -> models.QuerySet[Source]:
        """Sources with something for a worker to do."""
        waiting = self.open(now).filter(source=OuterRef("pk"))
        return Source.objects.open().filter(Exists(waiting))

    def forgettable(self, now: datetime) -> "MessageQuerySet":
        """What it said is in the books, and nobody will bring it again."""
        return self.filter(done_at__lt=now - REMEMBERED)


class Message(Sent):
    """One delivery, as it came but for the secret in it; read by a worker.

    `external_id` is a fingerprint of its content: what comes again word for word is one. One that
    could not be stored ATTEMPTS times is left with its problem.
    """

    ATTEMPTS = 8

    source = models.ForeignKey(Source, models.CASCADE, related_name="messages", db_index=False)
    external_id = models.CharField(max_length=64)
    topic = models.TextField(blank=True, help_text=_("What the platform calls it."))
    currency = models.CharField(
        max_length=3, blank=True, help_text=_("Of amounts that came without one.")
    )
    arrived_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    rests_until = models.DateTimeField(null=True, help_text=_("Nobody takes it before."))
    problem = models.TextField(blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="message_is_stored_once")
        ]
        indexes = [
            models.Index(fields=["source", "id"], name="message_open", condition=Q(done_at=None)),
            models.Index(fields=["source", "-arrived_at", "-id"], name="message_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.external_id[:12]}"
