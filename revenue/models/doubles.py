"""Payments of two sources that look like one, and what the creator says of them."""

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from fans.models import Creator, User
from revenue.models.purchases import Purchase
from revenue.models.sources import Source


class DoubleQuerySet(models.QuerySet["Double"]):
    def said(self) -> "DoubleQuerySet":
        """Those of which somebody said what they are."""
        return self.exclude(verdict=Double.Verdict.OPEN)

    def in_question(self) -> "DoubleQuerySet":
        """Those that are open, and of which both still count: neither is gone, or known to be one
        with another payment of the same two sources."""
        one = Double.objects.filter(verdict=Double.Verdict.ONE)
        known = (
            one.filter(
                source=OuterRef("source"),
                external_id=OuterRef("external_id"),
                twin_source=OuterRef("twin_source"),
            ),
            one.filter(
                twin_source=OuterRef("twin_source"),
                twin_id=OuterRef("twin_id"),
                source=OuterRef("source"),
            ),
        )
        return self.filter(
            Exists(_counted("source", "external_id")),
            Exists(_counted("twin_source", "twin_id")),
            *(~Exists(linked) for linked in known),
            verdict=Double.Verdict.OPEN,
        )


class Double(models.Model):
    """Two payments of different sources that look like one.

    It is kept by the outside ids of both, so it holds however often they are read. `source` is the
    one with the smaller row id. OPEN → ONE (then exactly one of the two counts, as
    `revenue.doubles` says) | TWO (then nobody is asked again), and back.
    """

    class Verdict(models.TextChoices):
        OPEN = "open", _("open")
        ONE = "one", _("one payment")
        TWO = "two", _("two payments")

    class Reason(models.TextChoices):
        PERSON = "person", _("the same person")
        ADDRESS = "address", _("the same address")
        NAME = "name", _("the same name")

    creator = models.ForeignKey(Creator, models.CASCADE, related_name="doubles", db_index=False)
    source = models.ForeignKey(
        Source, models.CASCADE, related_name="doubles", db_index=False, db_constraint=False
    )
    external_id = models.TextField()
    twin_source = models.ForeignKey(
        Source, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    twin_id = models.TextField()
    reason = models.CharField(max_length=10, choices=Reason.choices)
    verdict = models.CharField(max_length=4, choices=Verdict.choices, default=Verdict.OPEN)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    said_at = models.DateTimeField(null=True)

    objects = DoubleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id", "twin_source", "twin_id"],
                name="double_is_found_once",
            ),
            models.CheckConstraint(
                name="double_is_of_two_sources", condition=Q(source__lt=F("twin_source"))
            ),
            models.CheckConstraint(
                name="double_says_when",
                condition=Q(verdict="open", said_at=None)
                | (~Q(verdict="open") & Q(said_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["creator", "verdict", "-id"], name="double_by_verdict"),
            models.Index(fields=["twin_source", "twin_id"], name="double_by_twin"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} = {self.twin_id}"


def _counted(source: str, external_id: str) -> QuerySet[Purchase]:
    paid = Purchase.objects.exclude(state__in=Purchase.NOTHING_PAID)
    return paid.filter(source=OuterRef(source), external_id=OuterRef(external_id))
