"""Creators: whose books these are, and what they measure by."""

import zoneinfo
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import Case, OuterRef, Q, Subquery, Value, When
from django.utils.translation import gettext_lazy as _

from fans.models.team import Member, Role
from fans.models.tiers import Tier
from fans.models.users import User
from fans.window import window_start
from truefans.money import is_currency, to_minor


def validate_currency(code: str) -> None:
    if not is_currency(code):
        raise ValidationError(_("“%(code)s” is not a currency."), params={"code": code})


def validate_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone."), params={"name": name})


#: Handles that would be taken for an address of TrueFans itself, or for somebody official. Whoever
#: has one of them keeps it.
RESERVED = frozenset(
    "about account accounts admin api claim closed definitions demo favicon healthz help join login"  # noqa: SIM905
    " logout mail me new robots settings signup static studio support truefans webhooks www".split()
)

#: How often to be in touch with the people of each tier, in days, the highest tier first.
RHYTHMS = (30, 91, 365)


class CreatorQuerySet(models.QuerySet["Creator"]):
    def open(self) -> "CreatorQuerySet":
        """All but those that are closed and wait for their end."""
        return self.filter(leaves_at=None)

    def of(self, user: User) -> "CreatorQuerySet":
        """The creators that `user` may see the books of, as owner or in a team."""
        return self.open().known_to(user)

    def known_to(self, user: User) -> "CreatorQuerySet":
        """As `of`, closed ones included; each with the `role` of `user` there."""
        joined = Member.objects.filter(user=user)
        own = joined.filter(creator=OuterRef("pk")).values("role")
        return self.filter(Q(owner_id=user.pk) | Q(pk__in=joined.values("creator"))).annotate(
            role=Case(When(owner_id=user.pk, then=Value(Role.OWNER.value)), default=Subquery(own))
        )


class Creator(models.Model):
    """One who makes things and would live from 1,000 people; the start of every query.

    Amounts are in minor units of `currency`. The window is `window_months` calendar months
    back from now, in `time_zone`.
    """

    class Counts(models.TextChoices):
        GROSS = "gross", _("what fans paid")
        NET = "net", _("what reached you")

    owner = models.ForeignKey(User, models.PROTECT, related_name="creators")
    handle = models.CharField(
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$",
                _("A handle is made of small letters, digits and hyphens."),
            )
        ],
    )
    name = models.CharField(max_length=120)
    community = models.CharField(
        max_length=80,
        blank=True,
        db_default="",
        help_text=_("What all of them together are called."),
    )
    about = models.TextField(blank=True)
    fan_word = models.CharField(_("word for a fan"), max_length=30, default="fan")
    fans_word = models.CharField(_("word for fans"), max_length=30, default="fans")
    currency = models.CharField(max_length=3, validators=[validate_currency])
    language = models.CharField(max_length=10, default="en-gb", db_default="en-gb")
    time_zone = models.CharField(max_length=50, default="UTC", validators=[validate_time_zone])
    target_count = models.PositiveIntegerField(
        default=1000, validators=[MinValueValidator(1), MaxValueValidator(1_000_000)]
    )
    target_spend = models.BigIntegerField(
        help_text=_("What makes a true fan, in minor units of the creator's currency."),
        validators=[MinValueValidator(1)],
    )
    team_size = models.PositiveSmallIntegerField(
        default=1,
        db_default=1,
        help_text=_("How many live from it: a duet needs twice as many people."),
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
    )
    living = models.BigIntegerField(
        null=True,
        blank=True,
        help_text=_("What must come in within a window to live, in minor units; empty: the goal."),
        validators=[MinValueValidator(1)],
    )
    window_months = models.PositiveSmallIntegerField(
        default=12, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    counts = models.CharField(max_length=5, choices=Counts.choices, default=Counts.GROSS)
    created_at = models.DateTimeField(auto_now_add=True)
    leaves_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text=_("When everything is deleted; the studio is closed for everybody until then."),
    )

    #: What whoever asked may do here; only what comes by `CreatorQuerySet.known_to` has it.
    role: str

    objects = CreatorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="creator_target_is_positive",
                condition=Q(target_count__gt=0, target_spend__gt=0, window_months__gt=0),
            ),
            models.CheckConstraint(
                name="creator_living_is_positive", condition=Q(living=None) | Q(living__gt=0)
            ),
            models.CheckConstraint(name="creator_is_somebody", condition=Q(team_size__gt=0)),
            models.CheckConstraint(
                name="creator_currency_is_iso", condition=Q(currency__regex=r"^[A-Z]{3}$")
            ),
            models.CheckConstraint(
                name="creator_handle_is_plain",
                condition=Q(handle__regex=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        is_new = self.handle in RESERVED and not (
            Creator.objects.filter(pk=self.pk, handle=self.handle).exists()
        )
        if is_new:
            raise ValidationError(
                {"handle": _("This handle is kept for TrueFans itself. Please choose another.")}
            )

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def goal(self) -> int:
        """The money of a full circle, in minor units of `currency`: target count × target spend."""
        return self.target_count * self.target_spend

    @property
    def goal_each(self) -> int:
        """What of the goal is for each of those who live from it, rounded down."""
        return self.goal // self.team_size

    @property
    def is_leaving(self) -> bool:
        """Whether the studio is closed, and will be deleted."""
        return self.leaves_at is not None

    def hand_over(self, member_id: int, *, by: User) -> User:
        """Give the studio, which is `by`'s, to a member who is an owner by role; returns whose it
        is now. `by` stays an owner by role.

        Raises Creator.DoesNotExist or Member.DoesNotExist if one of these is so no more.
        """
        with transaction.atomic():
            mine = Creator.objects.select_for_update(no_key=True).get(pk=self.pk, owner=by)
            heir = mine.members.select_related("user").get(pk=member_id, role=Role.OWNER)
            heir.delete()
            Member.objects.create(creator=mine, user=by, role=Role.OWNER)
            self.owner = mine.owner = heir.user
            mine.save(update_fields=["owner"])
        return heir.user

    def window_start(self, now: datetime) -> datetime:
        return window_start(now, months=self.window_months, zone=self.zone)

    def default_steps(self) -> list[tuple[int, str]]:
        """The thresholds (minor units) and names of tiers that follow from the target, lowest
        first."""
        unit = to_minor("1", self.currency)
        quarter = max(self.target_spend // 4 // unit * unit, 1)
        steps = [(quarter, _("Regular")), (self.target_spend, _("True"))]
        steps.append((self.target_spend * 5, _("Patron")))
        return [(at, str(name)) for at, name in steps[quarter >= self.target_spend :]]

    def create_default_tiers(self) -> None:
        """Three steps that follow from the target; the creator may change them."""
        Tier.objects.bulk_create(
            Tier(creator=self, name=name, threshold=threshold, rhythm_days=rhythm)
            for (threshold, name), rhythm in zip(
                reversed(self.default_steps()), RHYTHMS, strict=False
            )
        )
