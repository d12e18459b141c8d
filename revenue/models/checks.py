"""The proof that the books are right, and what it found."""

from typing import TypeVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from fans.models import Creator
from revenue.models.sources import Source

Check = TypeVar("Check", bound=models.Model)


class CheckQuerySet(models.QuerySet[Check]):
    """Checks of one source, or of one creator."""

    def newest(self) -> "CheckQuerySet[Check]":
        return self.order_by("-checked_at", "-pk")

    def keep_newest(self, count: int) -> None:
        """Forget all but so many."""
        self.filter(pk__in=self.newest().values("pk")[count:]).delete()


class Reconciliation(models.Model):
    """Our books against the balance that the provider states, at one moment.

    `figures` are [currency, ours, theirs] in minor units, ours the net of the `compared` lines that
    are stored. Where they are not equal, or were not at first, `month` (its first day, UTC) is the
    newest month in which the two ledgers differ, `differing` how many lines do, and `lines` the
    first fifty of those, newest month first: {"id", "what": a Difference, "currency", "ours",
    "theirs"}, the last two in minor units, None on the side that has no such line. `is_explained`
    is False while some of the difference is in no line. Where the sums are equal, lines that are
    counted for nobody are told in the same way.
    """

    class Outcome(models.TextChoices):
        EQUAL = "equal", _("equal to the cent")
        REPAIRED = "repaired", _("lines were missing, and are read now")
        DRIFT = "drift", _("not equal")
        MOVING = "moving", _("money moved meanwhile")
        FAILED = "failed", _("could not be compared")

    class Difference(models.TextChoices):
        MISSING = "missing here", _("missing here")
        EXTRA = "not at Stripe", _("not at Stripe")
        DIFFERENT = "different", _("different")
        SET_ASIDE = "set aside", _("not understood, and set aside")
        NOBODYS = "nobody's", _("of a payment that is not there")
        OF_SET_ASIDE = "of set aside", _("of a payment that is not understood, and set aside")

    #: Of lines that are the same on both sides, and counted for nobody here.
    UNCOUNTED = (Difference.NOBODYS, Difference.OF_SET_ASIDE)
    #: Outcomes that say nothing of the books; what was found before still stands.
    UNDECIDED = (Outcome.MOVING, Outcome.FAILED)

    source = models.ForeignKey(Source, models.CASCADE, related_name="reconciliations")
    checked_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    figures = models.JSONField(default=list)
    compared = models.PositiveIntegerField(default=0)
    month = models.DateField(null=True)
    differing = models.PositiveIntegerField(default=0)
    lines = models.JSONField(default=list)
    is_explained = models.BooleanField(default=True)
    problem = models.TextField(blank=True, help_text=_("Why it failed, for people."))

    objects = CheckQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["source", "-checked_at"], name="reconciliation_by_time"),
            models.Index(
                fields=["outcome", "-id"],
                name="reconciliation_unequal",
                condition=~Q(outcome="equal"),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="reconciliation_says_where",
                condition=~Q(outcome="equal") | Q(month=None, lines=[], is_explained=True),
            ),
            models.CheckConstraint(
                name="reconciliation_says_why",
                condition=Q(outcome="failed") & ~Q(problem="")
                | ~Q(outcome="failed") & Q(problem=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.checked_at:%Y-%m-%d}: {self.get_outcome_display()}"

    @property
    def is_undecided(self) -> bool:
        return self.outcome in self.UNDECIDED


class BooksCheck(models.Model):
    """One run of check_books over everything of a creator; `findings` are sentences."""

    creator = models.ForeignKey(Creator, models.CASCADE, related_name="books_checks")
    checked_at = models.DateTimeField()
    found = models.PositiveIntegerField()
    findings = models.JSONField(default=list, help_text=_("The first hundred."))

    objects = CheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("check of the books")
        verbose_name_plural = _("checks of the books")
        indexes = [
            models.Index(fields=["creator", "-checked_at"], name="books_check_by_time"),
            models.Index(fields=["-id"], name="books_check_bad", condition=Q(found__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.creator} {self.checked_at:%Y-%m-%d}"

    @property
    def is_right(self) -> bool:
        return self.found == 0


class RecountQuerySet(models.QuerySet["Recount"]):
    def under_way(self) -> "RecountQuerySet":
        return self.filter(finished_at=None)


class Recount(models.Model):
    """Every purchase of a creator counted anew, after a change of currency; with progress.

    `cursor` is the last purchase id that is counted. While it is under way, purchases in two
    currencies stand side by side, and nothing is summed up.
    """

    creator = models.OneToOneField(Creator, models.CASCADE, related_name="recount")
    currency = models.CharField(max_length=3)
    cursor = models.BigIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    heard_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects = RecountQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.creator}: {self.currency}"

    @classmethod
    def under_way_of(cls, creator: Creator) -> "Recount | None":
        """What is under way for `creator` as they were fetched: at hand where they came with their
        recount, and no newer than they are. `revenue.spend.is_recounted` asks the database anew."""
        recount: Recount | None = getattr(creator, "recount", None)
        return recount if recount and recount.is_under_way else None

    @property
    def is_under_way(self) -> bool:
        return self.finished_at is None

    @property
    def percent(self) -> int:
        return min(100 * self.done // self.total, 100) if self.total else 100
