"""Files that creators bring: the file itself, what it says of each payment, and what it does not.

A file is no ledger. It says how a payment stood when it was exported, and another file may say it
again, or the platform itself at once; so what each says is kept, and what counts is worked out from
all of it (`revenue.statements`).
"""

from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q, Sum, Value
from django.db.models.functions import Coalesce, Concat, Substr
from django.utils.translation import gettext_lazy as _

from fans.models import Creator, User
from revenue.models.ledger import Movement
from revenue.models.purchases import Purchase
from revenue.models.sources import Source
from revenue.packed import PackedField


class UploadQuerySet(models.QuerySet["Upload"]):
    def newest(self) -> "UploadQuerySet":
        return self.order_by("-created_at", "-id")

    def forgotten(self, now: datetime) -> "UploadQuerySet":
        """Those of which nothing counts and that nobody has come back to for a week."""
        idle = self.exclude(state__in=Upload.COUNTED)
        return idle.filter(heard_at__lt=now - Upload.KEPT)

    def waiting(self) -> "UploadQuerySet":
        """Those of which nothing counts yet, and whose file is kept until their creator has it
        imported or forgotten."""
        return self.filter(state__in=Upload.WAITING)

    def idle(self) -> "UploadQuerySet":
        """Those of which nothing counts, and that no worker is at."""
        return self.filter(state__in=Upload.IDLE)

    def load(self) -> tuple[int, int]:
        """How many they are, and how many bytes their files have together."""
        told = self.aggregate(files=Count("pk"), size=Coalesce(Sum("size"), 0))
        return told["files"], told["size"]

    def forget(self) -> int:
        """Delete them with all that is kept of them; how many they were.

        They are locked first: one that begins to count meanwhile is none of them any more.
        """
        with transaction.atomic():
            found = list(self.order_by("pk").select_for_update().values_list("pk", flat=True))
            Upload.objects.filter(pk__among=found).delete()
        return len(found)

    def counting(self) -> "UploadQuerySet":
        """Those of which what they say counts, and is not about to be taken back."""
        return self.filter(state__in=(Upload.State.IMPORTING, Upload.State.DONE))

    def under_way(self) -> "UploadQuerySet":
        """Those that a worker reads, imports or takes back."""
        return self.filter(state__in=Upload.UNDER_WAY)


class Upload(models.Model):
    """A file that somebody brought.

    RECEIVED → (a worker looks through it) → ASKS (something only the creator knows) | READY →
    IMPORTING → DONE → UNDOING → UNDONE; FAILED with a problem from any of the first ones. The parts
    of the file are forgotten once it is done or failed. `rows_done` rows are read so far, of
    `rows` where that is known; `summary` is what a look through it found.
    """

    class State(models.TextChoices):
        RECEIVED = "received", _("being looked through")
        ASKS = "asks", _("has a question")
        READY = "ready", _("ready")
        IMPORTING = "importing", _("being imported")
        DONE = "done", _("imported")
        UNDOING = "undoing", _("being taken back")
        UNDONE = "undone", _("taken back")
        FAILED = "failed", _("not imported")

    UNDER_WAY = (State.RECEIVED, State.IMPORTING, State.UNDOING)
    #: Nothing of it counts, and it may be looked through, also once more.
    WAITING = (State.RECEIVED, State.ASKS, State.READY)
    #: Nothing of it counts, and no worker is at it.
    IDLE = (State.ASKS, State.READY, State.FAILED)
    #: How long a file is kept that is not imported.
    KEPT = timedelta(days=7)
    #: States in which what the file says counts.
    COUNTED = (State.IMPORTING, State.DONE, State.UNDOING)

    creator = models.ForeignKey(Creator, models.CASCADE, related_name="uploads", db_index=False)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    source = models.ForeignKey(
        Source, models.CASCADE, null=True, related_name="uploads", db_constraint=False
    )
    name = models.TextField(blank=True, help_text=_("What the file was called."))
    size = models.BigIntegerField(help_text=_("In bytes."))
    digest = models.CharField(max_length=64, help_text=_("SHA-256 of the file, in hex."))
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    platform = models.CharField(max_length=40, blank=True)
    decisions = models.JSONField(default=dict)
    mapping = models.JSONField(null=True)
    summary = models.JSONField(default=dict)
    problem = models.TextField(blank=True, help_text=_("What happened and what to do, for people."))
    rows = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    heard_at = models.DateTimeField(help_text=_("Last sign of life of the worker that is at it."))
    finished_at = models.DateTimeField(null=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["creator", "id"], name="upload_belongs_to_creator"),
            models.CheckConstraint(
                name="upload_that_counts_has_a_source",
                condition=~Q(state__in=["importing", "done", "undoing"]) | ~Q(source=None),
            ),
            models.CheckConstraint(
                name="upload_says_why_it_failed", condition=~Q(state="failed") | ~Q(problem="")
            ),
        ]
        indexes = [models.Index(fields=["creator", "-created_at", "-id"], name="upload_by_time")]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"

    @property
    def origin(self) -> Source:
        """The source of a file that counts, which always has one."""
        assert self.source is not None  # noqa: S101  (upload_that_counts_has_a_source)
        return self.source

    def copies(self) -> UploadQuerySet:
        """Other uploads of the very same file that count, the newest first."""
        others = Upload.objects.filter(creator=self.creator_id, digest=self.digest).counting()
        return others.exclude(pk=self.pk).newest()

    @property
    def percent(self) -> int | None:
        """How much of it is read; None while nobody knows."""
        return min(100 * self.rows_done // self.rows, 100) if self.rows else None


class UploadPart(models.Model):
    """A piece of a file, kept until the file is imported; web and workers share no disk."""

    SIZE = 2**20

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["upload", "number"], name="upload_part_is_kept_once")
        ]

    def __str__(self) -> str:
        return f"{self.upload_id}, part {self.number}"


class StatementQuerySet(models.QuerySet["Statement"]):
    def waiting(self) -> "StatementQuerySet":
        """Returns without a line in the ledger: no file has told of their payment yet.

        Those of a payment of a connected account are none of them: that tells of its own returns.
        """
        lines = Movement.objects.filter(source__creator=OuterRef("source__creator"))
        by_name = lines.filter(external_id=_of(OuterRef("subject"), OuterRef("external_id")))
        of_theirs = lines.filter(
            external_id=_of(OuterRef("external_id"), OuterRef(OuterRef("external_id")))
        )
        links = PaymentLink.objects.filter(
            source__creator=OuterRef("source__creator"), value=OuterRef("subject")
        )
        in_group = Statement.objects.exclude(group="").filter(
            source=OuterRef("source"), group=Substr(OuterRef("subject"), len(Statement.GROUP) + 1)
        )
        connected = Purchase.objects.exclude(source__kind=Source.Kind.FILE).filter(
            external_id=OuterRef("subject"), creator=OuterRef("source__creator")
        )
        return self.filter(kind=Statement.Kind.RETURN).exclude(
            Exists(by_name)
            | Exists(links.filter(Exists(of_theirs)))
            | Exists(in_group.filter(Exists(of_theirs)))
            | Exists(connected)
        )


def _of(payment: OuterRef, given: OuterRef) -> Concat:
    """What a return of a file is called in the ledger."""
    return Concat(payment, Value(":"), given, output_field=models.TextField())


class Statement(models.Model):
    """What a file says of one payment, one return, one person's total or one person; without an
    `upload`, what the platform itself has told at once.

    `subject` is the outside id of the payment or person that it is about, `external_id` its own:
    they differ where a row of its own gives something back. One that does not say what it gives
    back is about a `group` of payments. `rank` decides between two statements
    of one thing: the greater one counts (`revenue.statements`).
    """

    class Kind(models.TextChoices):
        PAYMENT = "payment", _("payment")
        RETURN = "return", _("return")
        TOTAL = "total", _("lifetime total")
        PERSON = "person", _("person")

    #: How the subject of a return begins that names only who got what back.
    GROUP = "group:"

    upload = models.ForeignKey(
        Upload, models.CASCADE, null=True, related_name="statements", db_index=False
    )
    source = models.ForeignKey(Source, models.CASCADE, related_name="statements", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    external_id = models.TextField()
    subject = models.TextField()
    group = models.TextField(blank=True, help_text=_("Of payments: the same person and currency."))
    line = models.PositiveIntegerField(help_text=_("Where in the file it stands."))
    said = PackedField(help_text=_("The row, as it was understood."))
    rank = models.TextField()

    objects = StatementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["upload", "kind", "external_id"], name="statement_is_stored_once"
            ),
            models.UniqueConstraint(
                fields=["source", "kind", "external_id"],
                name="told_at_once_is_stored_once",
                condition=Q(upload=None),
            ),
        ]
        indexes = [
            models.Index(fields=["source", "subject"], name="statement_by_subject"),
            models.Index(
                fields=["source", "group"], name="statement_by_group", condition=~Q(group="")
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class PaymentLink(models.Model):
    """A file's or (without one) its platform's word that a payment is one that another platform
    tells of, too.

    `external_id` is the payment's own id within `source`; (`kind`, `value`) its id elsewhere, as
    ("paypal", "8AB…") or ("charge", "ch_…").
    """

    upload = models.ForeignKey(
        Upload, models.CASCADE, null=True, related_name="links", db_index=False
    )
    source = models.ForeignKey(Source, models.CASCADE, related_name="links", db_index=False)
    external_id = models.TextField()
    kind = models.CharField(max_length=30)
    value = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["upload", "external_id", "kind", "value"], name="link_is_stored_once"
            ),
            models.UniqueConstraint(
                fields=["source", "external_id", "kind", "value"],
                name="link_told_at_once_is_stored_once",
                condition=Q(upload=None),
            ),
        ]
        indexes = [
            models.Index(fields=["source", "external_id"], name="link_by_payment"),
            models.Index(fields=["value"], name="link_by_value"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} = {self.value}"


class SkippedRow(models.Model):
    """A row that is no payment, or that could not be understood, and why."""

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="skipped", db_index=False)
    line = models.PositiveIntegerField()
    why = models.CharField(max_length=30)
    detail = models.TextField(blank=True)
    cells = ArrayField(models.TextField(), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["upload", "line"], name="row_is_skipped_once")
        ]

    def __str__(self) -> str:
        return f"line {self.line}"
