"""Sales that are typed in by hand: what was said of each of them, and the code that claims it."""

from datetime import datetime, timedelta
from secrets import token_urlsafe

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from fans.models import User
from revenue.models.sources import Source
from revenue.secrets import EncryptedTextField
from truefans.digests import digest_of


class SaleEntryQuerySet(models.QuerySet["SaleEntry"]):
    def last_words(self) -> "SaleEntryQuerySet":
        """Of each sale the newest entry, which is the one that counts."""
        same_sale = SaleEntry.objects.filter(
            source=OuterRef("source"), external_id=OuterRef("external_id")
        )
        return self.filter(~Exists(same_sale.filter(number__gt=OuterRef("number"))))

    def first_words(self) -> "SaleEntryQuerySet":
        """Of each sale the entry that made it."""
        return self.filter(number=0)


class SaleEntry(models.Model):
    """All that somebody says of a sale by hand at one moment: a new one is written for each change,
    and the newest counts, so who changed what and when is always known.

    `external_id` is that of the sale within its source, `number` counts its entries from 0.
    `returned` is all that was given back so far. Amounts are in minor units of `currency`.
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="sale_entries", db_index=False)
    external_id = models.TextField()
    number = models.PositiveIntegerField()
    occurred_at = models.DateTimeField()
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    returned = models.BigIntegerField(default=0)
    description = models.TextField(blank=True)
    email = models.TextField(blank=True, help_text=_("Normalised."))
    name = models.TextField(blank=True)
    is_undone = models.BooleanField(default=False)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()

    objects = SaleEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "sale entries"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id", "number"], name="sale_entry_is_written_once"
            ),
            models.CheckConstraint(
                name="sale_entry_is_of_something",
                condition=Q(amount__gt=0, currency__regex=r"^[A-Z]{3}$"),
            ),
            models.CheckConstraint(
                name="sale_entry_returns_at_most_whole",
                condition=Q(returned__gte=0, returned__lte=F("amount")),
            ),
        ]
        indexes = [
            models.Index(fields=["source", "-occurred_at", "-id"], name="sale_entry_by_time"),
            # What was sold last stands on the buttons.
            models.Index(
                fields=["source", "-created_at"],
                name="sale_entry_by_first_word",
                condition=Q(number=0),
            ),
        ]

    def __str__(self) -> str:
        return self.external_id

    @property
    def kept(self) -> int:
        return 0 if self.is_undone else self.amount - self.returned


class Claim(models.Model):
    """A code that makes a sale by hand the one's who scans it: once, and for a while.

    The code can be shown again, and the database alone does not hold it: it is encrypted, and known
    by its `digest`.
    """

    VALID = timedelta(days=90)
    #: 128 bits that nobody can guess, in 22 characters.
    BYTES = 16

    source = models.ForeignKey(Source, models.CASCADE, related_name="claims", db_index=False)
    external_id = models.TextField()
    code = EncryptedTextField()
    digest = models.CharField(max_length=64, unique=True, help_text=_("SHA-256 of the code."))
    expires_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="sale_has_one_claim"),
        ]

    def __str__(self) -> str:
        return self.external_id

    def renew(self, *, now: datetime) -> None:
        """Another code from `now` on; the one before it opens nothing any more."""
        self.code = token_urlsafe(self.BYTES)
        self.digest = digest_of(self.code)
        self.expires_at = now + self.VALID

    def is_open(self, now: datetime) -> bool:
        return self.claimed_at is None and self.expires_at > now
