"""Where money comes from, and the runs of reading it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Greatest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from fans.models import Creator
from revenue.secrets import EncryptedTextField
from revenue.values import Listing

Row = TypeVar("Row", bound=models.Model)

MINUTE = timedelta(minutes=1)
#: Nobody is alarmed by less.
SILENCE = timedelta(days=1)
#: How long it can be looked up what each small run read. There are a hundred a day.
LOOKED_UP = timedelta(days=7)


class SourceQuerySet(models.QuerySet["Source"]):
    def connected(self) -> "SourceQuerySet":
        """Sources with a key that may open the door: one that was refused never will again, but a
        permission may be given, and a server may be back."""
        states = [Source.State.OK, Source.State.UNREACHABLE, Source.State.PERMISSION_MISSING]
        return self.filter(kind=Source.Kind.STRIPE, state__in=states)

    def without_secrets(self) -> "SourceQuerySet":
        """For who asks the provider nothing: what the door is opened with is not read."""
        return self.defer(*Source.SECRETS)

    def open(self) -> "SourceQuerySet":
        """Sources with a key, good or bad."""
        return self.exclude(state__in=Source.CLOSED)

    def to_sync(self) -> "SourceQuerySet":
        """Connected sources that nothing reads right now."""
        return self.connected().exclude(syncs__state=Sync.State.RUNNING)

    def to_work_off(self, now: datetime) -> "SourceQuerySet":
        """Connected sources with open nudges that nobody is at."""
        nudges = Nudge.objects.filter(source=OuterRef("pk"))
        return self.connected().filter(Exists(nudges.open(now)), ~Exists(nudges.claimed(now)))

    def with_reading(self) -> "SourceQuerySet":
        """`is_read`: a run is at it."""
        runs = Sync.objects.filter(source=OuterRef("pk"), state=Sync.State.RUNNING)
        return self.annotate(is_read=Exists(runs))

    def with_silence(self, now: datetime) -> "SourceQuerySet":
        """`is_silent`: no delivery for a day, though polls found what one should have told."""
        polled = Nudge.objects.filter(
            source=OuterRef("pk"),
            way=Nudge.Way.POLL,
            arrived_at__gt=Greatest(OuterRef("delivered_at"), OuterRef("webhook_since")),
        )
        heard_at = Greatest("delivered_at", "webhook_since")
        return self.annotate(heard_at=heard_at).annotate(
            is_silent=Q(heard_at__lt=now - SILENCE) & Exists(polled)
        )

    def note(self, moment: str, *, source_id: int, now: datetime) -> None:
        """Set the column `moment` of a source to `now`, once a minute at most.

        Whoever stores a page holds the row for a while. Then nobody waits: the next one notes it.
        """
        stale = Q((moment, None)) | Q((f"{moment}__lt", now - MINUTE))
        with transaction.atomic():
            free = self.filter(stale, pk=source_id).select_for_update(skip_locked=True, no_key=True)
            if free.values_list("pk").first():
                self.filter(pk=source_id).update(**{moment: now})


class Source(models.Model):
    """One connected account, or one kind of upload.

    state: OK → KEY_REFUSED (until a new key is pasted), OK ⇄ UNREACHABLE | PERMISSION_MISSING,
    any → DISCONNECTED (the key is forgotten, the money stays) or REMOVING (all of it goes).
    """

    class Kind(models.TextChoices):
        STRIPE = "stripe", "Stripe"
        FILE = "file", _("files")
        HAND = "hand", _("by hand")

    class State(models.TextChoices):
        OK = "ok", _("connected")
        KEY_REFUSED = "key_refused", _("key refused")
        PERMISSION_MISSING = "permission_missing", _("permission missing")
        UNREACHABLE = "unreachable", _("not reachable")
        DISCONNECTED = "disconnected", _("disconnected")
        REMOVING = "removing", _("being removed")

    #: Whether a run is at it, where a query asked `with_reading`.
    is_read: bool
    #: Columns that no page may read.
    SECRETS = ("key", "webhook_secrets")
    #: The same, of the source that a row is of.
    SECRETS_BESIDE = tuple(f"source__{column}" for column in SECRETS)
    #: Webhook secrets: one, and the one that takes its place.
    MOST_SECRETS = 2
    #: States without a key: nothing is asked of the provider any more.
    CLOSED = (State.DISCONNECTED, State.REMOVING)

    creator = models.ForeignKey(Creator, models.CASCADE, related_name="sources")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.STRIPE)
    account_id = models.TextField()
    livemode = models.BooleanField()
    name = models.TextField(blank=True)
    key = EncryptedTextField(blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.OK)
    problem = models.TextField(blank=True, help_text=_("What happened and what to do, for people."))
    lacks = ArrayField(
        models.TextField(),
        default=list,
        blank=True,
        help_text=_("What could not be read, by the permissions that it takes; the rest was."),
    )
    account_created_at = models.DateTimeField(null=True)
    synced_at = models.DateTimeField(null=True, help_text=_("Data is complete as of this moment."))
    connected_at = models.DateTimeField(auto_now_add=True)
    webhook_secrets = EncryptedTextField(
        blank=True, help_text=_("What deliveries are signed with, a line each: two while rotating.")
    )
    webhook_since = models.DateTimeField(
        null=True, help_text=_("Since when deliveries are expected.")
    )
    delivered_at = models.DateTimeField(null=True, help_text=_("The last good delivery."))
    refused_at = models.DateTimeField(
        null=True, help_text=_("The last delivery whose signature was wrong.")
    )

    objects = SourceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["creator", "kind", "account_id", "livemode"],
                name="source_account_is_connected_once",
            ),
            models.UniqueConstraint(fields=["creator", "id"], name="source_belongs_to_creator"),
        ]

    def __str__(self) -> str:
        return self.name or self.account_id

    @property
    def has_key(self) -> bool:
        """Whether it is read with a key; files are brought, and sales by hand are typed."""
        return self.kind == self.Kind.STRIPE and not self.is_closed

    @property
    def is_connected(self) -> bool:
        return self.state in (self.State.OK, self.State.UNREACHABLE)

    @property
    def secrets(self) -> list[str]:
        """What deliveries may be signed with, the oldest first."""
        return self.webhook_secrets.split()

    def keep_secrets(self, secrets: Iterable[str], *, now: datetime) -> None:
        """Deliveries are signed with one of `secrets` from now on; with none they are refused."""
        expected = bool(self.webhook_secrets)
        self.webhook_secrets = "\n".join(secrets)
        if not self.webhook_secrets:
            self.webhook_since = self.delivered_at = None
        elif not expected:
            self.webhook_since = now
        self.refused_at = None  # by other secrets than these
        self.save(update_fields=["webhook_secrets", "webhook_since", "delivered_at", "refused_at"])

    @cached_property
    def may_be_assigned(self) -> bool:
        """Whether the creator said of any of its payments whose it is. Asked once, for who holds
        the lock: of a source that is locked nobody assigns a payment."""
        return self.assignments.exists()

    @property
    def is_closed(self) -> bool:
        return self.state in self.CLOSED


class OfSourceQuerySet(models.QuerySet[Row]):
    """Rows that are each of a source."""

    def with_source(self) -> Self:
        """Each with its `source`, of which no secret is read."""
        return self.select_related("source").defer(*Source.SECRETS_BESIDE)


class Removal(models.Model):
    """A source that is being taken away with all that came from it; it goes with its source.

    `done` of `total` rows are gone.
    """

    source = models.OneToOneField(Source, models.CASCADE, related_name="removal")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    heard_at = models.DateTimeField(help_text=_("Last sign of life of the worker that removes."))

    objects = OfSourceQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.source}: {self.percent} %"

    @property
    def percent(self) -> int:
        return min(100 * self.done // self.total, 100) if self.total else 100


class SyncQuerySet(OfSourceQuerySet["Sync"]):
    def forgettable(self, now: datetime) -> "SyncQuerySet":
        """Runs that read what was new a while ago, and that another has followed since."""
        newer = Sync.objects.filter(
            source=OuterRef("source"),
            state=Sync.State.DONE,
            started_at__gt=OuterRef("started_at"),
        )
        small = self.filter(state=Sync.State.DONE, since__isnull=False)
        return small.filter(Exists(newer), started_at__lt=now - LOOKED_UP)


class Sync(models.Model):
    """One run of reading a source; what a progress bar shows.

    Its stretches say what is read and how far. `since` is None when the whole history is read.
    `oldest_at` is how far back the ledger is known to go, `span_read` how much of the time from
    there until `started_at` has been read. `movements_read` counts the ledger's own list,
    `movements_new` what was stored of all that came: some lines come earlier, inside disputes.
    `version` counts what workers wrote of it and of its stretches: one that finds another than it
    left has been overtaken.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    source = models.ForeignKey(Source, models.CASCADE, related_name="syncs")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    since = models.DateTimeField(null=True)
    oldest_at = models.DateTimeField(null=True)
    span_read = models.DurationField(default=timedelta)
    customers_read = models.PositiveIntegerField(default=0)
    movements_read = models.PositiveIntegerField(default=0)
    movements_new = models.PositiveIntegerField(default=0)
    purchases_changed = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)
    started_at = models.DateTimeField()
    heard_at = models.DateTimeField(help_text=_("Last sign of life of the worker that reads."))
    finished_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0, db_default=0)

    objects = SyncQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source"], name="sync_runs_once_a_source", condition=Q(state="running")
            ),
            models.CheckConstraint(
                name="sync_is_finished_when_it_ended",
                condition=Q(state="running", finished_at=None)
                | (~Q(state="running") & Q(finished_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["source", "-started_at", "-id"], name="sync_by_time"),
            models.Index(fields=["state", "-id"], name="sync_not_done", condition=~Q(state="done")),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING

    @property
    def is_full(self) -> bool:
        return self.since is None

    def fraction(self) -> float | None:
        """How much of the time span is read, 0 to 1; None while nobody can know."""
        if self.state == self.State.DONE:
            return 1.0
        if self.oldest_at is None or self.oldest_at >= self.started_at:
            return None
        return min(max(self.span_read / (self.started_at - self.oldest_at), 0.0), 1.0)

    def rate(self, now: datetime) -> float:
        """Rows read a second, so far."""
        elapsed = ((self.finished_at or now) - self.started_at).total_seconds()
        return (self.customers_read + self.movements_read) / elapsed if elapsed > 0 else 0.0

    def seconds_left(self, now: datetime) -> float | None:
        """An estimate from the time span that is left; None while there is nothing to go by."""
        done = self.fraction()
        if not done or not self.is_running:
            return None
        return (now - self.started_at).total_seconds() * (1 - done) / done


class Stretch(models.Model):
    """A part of what a run reads: one list of the provider, over a span of time or of ids.

    since <= created < until, newest first; None is open. `cursor` is the last outside id that is
    stored: it moves in the transaction that stores the page before it. `reached_at` is the moment
    of the last stored row.
    """

    sync = models.ForeignKey(Sync, models.CASCADE, related_name="stretches")
    listing = models.CharField(max_length=20, choices=Listing.choices)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    ids = ArrayField(models.TextField(), default=list)
    cursor = models.TextField(blank=True)
    reached_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(default=0)
    is_done = models.BooleanField(default=False)
    lacks = models.TextField(
        blank=True, help_text=_("The permission that it takes, where it could not be read.")
    )
    #: Rows a day in the last page that came, for whoever reads it right now.
    busy = 0.0

    class Meta:
        verbose_name_plural = "stretches"

    def __str__(self) -> str:
        return f"{self.listing} {self.since or '…'} – {self.until or '…'}"


class NudgeQuerySet(models.QuerySet["Nudge"]):
    def open(self, now: datetime) -> "NudgeQuerySet":
        """What a worker may take now."""
        waits = self.filter(done_at=None, attempts__lt=Nudge.ATTEMPTS)
        return waits.filter(Q(rests_until=None) | Q(rests_until__lte=now))

    def claimed(self, now: datetime) -> "NudgeQuerySet":
        """What a worker is at."""
        return self.filter(done_at=None, attempts=0, problem="", rests_until__gt=now)

    def paused(self) -> "NudgeQuerySet":
        """What could not be asked for, which is no fault of theirs."""
        return self.filter(done_at=None, attempts=0).exclude(problem="")

    def wake(self) -> int:
        """Have a worker take them at once; how many they are."""
        return self.update(rests_until=None, problem="")


class Nudge(models.Model):
    """The provider's word that an object changed, by a delivery or a poll; read anew by a worker.

    Nothing of its content is kept or believed: the object is fetched again when the nudge is
    worked off. One that failed ATTEMPTS times is left with its problem.
    """

    ATTEMPTS = 8

    class Way(models.TextChoices):
        DELIVERY = "delivery", _("delivered")
        POLL = "poll", _("asked for")

    source = models.ForeignKey(Source, models.CASCADE, related_name="nudges")
    external_id = models.TextField()
    kind = models.TextField(help_text=_("The provider's own name for what happened."))
    object_id = models.TextField(blank=True)
    way = models.CharField(max_length=10, choices=Way.choices)
    arrived_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    rests_until = models.DateTimeField(
        null=True, help_text=_("Nobody takes it before: it is being worked off, or waits.")
    )
    problem = models.TextField(blank=True)

    objects = NudgeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["external_id", "source"], name="nudge_is_stored_once")
        ]
        indexes = [
            models.Index(fields=["source", "id"], name="nudge_open", condition=Q(done_at=None)),
            models.Index(fields=["source", "-arrived_at", "-id"], name="nudge_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id}"
