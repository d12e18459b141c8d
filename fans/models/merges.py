"""Two records of one person: those that may be, and those that are by the creator's word."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from fans.models.creators import Creator
from fans.models.fans import Fan
from fans.models.users import User


class Reason(models.IntegerChoices):
    """Why two records may be one person's, the best reason first."""

    PROVED = 1, _("They proved both addresses.")
    CUSTOMER = 2, _("They paid as the same customer.")
    TAG = 3, _("The same address but for a plus-tag.")
    DOTS = 4, _("The same mailbox, written differently.")
    NAME = 5, _("The same name in the same country.")


class Reasoned(models.Model):
    """Something that was found, or said, for reasons."""

    reasons = ArrayField(
        models.PositiveSmallIntegerField(choices=Reason.choices), default=list, blank=True
    )

    class Meta:
        abstract = True

    @property
    def sentences(self) -> list[str]:
        return [str(Reason(reason).label) for reason in self.reasons]


class Merge(Reasoned):
    """The creator said that two records are one person's: `fan` stayed, and took in the other.

    `gone` was the row id of the other, `name` how it was shown, and `seat` its number, which is not
    given again. `before` is what it takes to have two again (`revenue.merging`).
    """

    creator = models.ForeignKey(Creator, models.CASCADE, related_name="merges", db_index=False)
    fan = models.ForeignKey(
        Fan, models.CASCADE, related_name="merges", db_index=False, db_constraint=False
    )
    gone = models.BigIntegerField()
    name = models.TextField(blank=True)
    seat = models.PositiveIntegerField(null=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    merged_at = models.DateTimeField()
    before = models.JSONField(default=dict)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["creator", "gone"], name="fan_is_merged_once"),
            models.UniqueConstraint(
                fields=["creator", "seat"],
                name="merged_seat_was_given_once",
                condition=Q(seat__isnull=False),
            ),
            models.CheckConstraint(
                name="fan_is_not_merged_with_itself", condition=~Q(gone=F("fan"))
            ),
        ]
        indexes = [models.Index(fields=["creator", "fan"], name="merge_by_fan")]

    def __str__(self) -> str:
        return self.name or f"#{self.gone}"


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def open(self) -> "ProposalQuerySet":
        """Those on which nobody has decided."""
        return self.filter(refused_at=None)

    def about(self, *people: int) -> "ProposalQuerySet":
        """Those that one of these people (row ids) is in."""
        return self.filter(Q(first__in=people) | Q(second__in=people))


class Proposal(Reasoned):
    """Two records that may be one person's; `first` has the smaller row id, so that a pair is there
    once. One that was refused stays, so that nobody proposes it again."""

    creator = models.ForeignKey(Creator, models.CASCADE, related_name="proposals", db_index=False)
    first = models.ForeignKey(
        Fan, models.CASCADE, related_name="proposals_first", db_index=False, db_constraint=False
    )
    second = models.ForeignKey(
        Fan, models.CASCADE, related_name="proposals_second", db_constraint=False
    )
    best = models.GeneratedField(
        expression=Func(
            F("reasons"),
            template="coalesce((%(expressions)s)[1], 0)",
            output_field=models.SmallIntegerField(),
        ),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    found_at = models.DateTimeField()
    refused_at = models.DateTimeField(null=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    objects = ProposalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="pair_is_proposed_once"),
            models.CheckConstraint(name="pair_is_in_order", condition=Q(first__lt=F("second"))),
        ]
        indexes = [
            models.Index(
                fields=["creator", "best", "id"],
                name="proposal_open",
                condition=Q(refused_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}"

    @property
    def people(self) -> tuple[Fan, Fan]:
        return self.first, self.second


class Refusal(models.Model):
    """The creator said that two people are two; `one` and `other` are digests of what they were
    known by. They tell who it was when both have come back with a source that was taken away, and
    tell no address to anybody meanwhile."""

    creator = models.ForeignKey(Creator, models.CASCADE, related_name="refusals")
    one = ArrayField(models.TextField())
    other = ArrayField(models.TextField())
    refused_at = models.DateTimeField()
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="refusal_is_about_two",
                condition=Q(one__len__gt=0, other__len__gt=0) & ~Q(one__overlap=F("other")),
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
