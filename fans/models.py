"""People: who signs in, who creates, who the fans are and where each of them stands.

Nothing here knows of revenue. The spend columns of a Fan are written by `revenue.spend`,
the standing columns follow from them by the rules in `fans.standing`.
"""

import zoneinfo
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.indexes import OpClass
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower, Upper
from django.utils.translation import gettext_lazy as _

from fans.users import UserManager
from fans.window import window_start
from truefans.money import is_currency, to_minor


class User(AbstractUser):
    """Anybody who signs in: a creator, a fan, an admin; often more than one of these."""

    username = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()  # type: ignore[misc, assignment]

    def __str__(self) -> str:
        return self.email


def validate_currency(code: str) -> None:
    if not is_currency(code):
        raise ValidationError(_("“%(code)s” is not a currency."), params={"code": code})


def validate_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone."), params={"name": name})


class CreatorQuerySet(models.QuerySet["Creator"]):
    def of(self, user: User) -> "CreatorQuerySet":
        """The creators that `user` may see the books of."""
        return self.filter(owner_id=user.pk)


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
    about = models.TextField(blank=True)
    fan_word = models.CharField(_("word for a fan"), max_length=30, default="fan")
    fans_word = models.CharField(_("word for fans"), max_length=30, default="fans")
    currency = models.CharField(max_length=3, validators=[validate_currency])
    time_zone = models.CharField(max_length=50, default="UTC", validators=[validate_time_zone])
    target_count = models.PositiveIntegerField(
        default=1000, validators=[MinValueValidator(1), MaxValueValidator(1_000_000)]
    )
    target_spend = models.BigIntegerField(
        help_text=_("What makes a true fan, in minor units of the creator's currency."),
        validators=[MinValueValidator(1)],
    )
    window_months = models.PositiveSmallIntegerField(
        default=12, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    counts = models.CharField(max_length=5, choices=Counts.choices, default=Counts.GROSS)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CreatorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="creator_target_is_positive",
                condition=Q(target_count__gt=0, target_spend__gt=0, window_months__gt=0),
            ),
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

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def goal(self) -> int:
        """The money of a full circle, in minor units of `currency`: target count × target spend."""
        return self.target_count * self.target_spend

    def window_start(self, now: datetime) -> datetime:
        return window_start(now, months=self.window_months, zone=self.zone)

    def default_steps(self) -> list[tuple[int, str]]:
        """The thresholds (minor units) and names of tiers that follow from the target."""
        unit = to_minor("1", self.currency)
        quarter = max(self.target_spend // 4 // unit * unit, 1)
        steps = [(quarter, _("Regular")), (self.target_spend, _("True"))]
        steps.append((self.target_spend * 5, _("Patron")))
        return [(at, str(name)) for at, name in steps[quarter >= self.target_spend :]]

    def create_default_tiers(self) -> None:
        """Three steps that follow from the target; the creator may change them."""
        Tier.objects.bulk_create(
            Tier(creator=self, name=name, threshold=threshold)
            for threshold, name in self.default_steps()
        )


class Tier(models.Model):
    """A step of spend in the window, with a name. `threshold` is in the creator's minor units."""

    creator = models.ForeignKey(Creator, models.CASCADE, related_name="tiers")
    name = models.CharField(max_length=60)
    threshold = models.BigIntegerField(validators=[MinValueValidator(1)])

    class Meta:
        ordering = ["threshold"]
        constraints = [
            models.UniqueConstraint(
                fields=["creator", "threshold"], name="tier_threshold_is_unique"
            ),
            models.UniqueConstraint("creator", Lower("name"), name="tier_name_is_unique"),
            models.CheckConstraint(name="tier_threshold_is_positive", condition=Q(threshold__gt=0)),
        ]

    def __str__(self) -> str:
        return self.name


class FanQuerySet(models.QuerySet["Fan"]):
    def due(self, now: datetime) -> "FanQuerySet":
        """Those whose stored numbers may no longer be the answer at `now`."""
        return self.filter(recompute_at__lte=now)

    def mark_due(self, ids: Iterable[int], *, now: datetime) -> int:
        """Have `ids` recomputed; how many were not waiting for that anyway.

        All are locked, in sorted order, so that two writers never deadlock, and so that whoever is
        recomputing one of them has ended. The caller holds the lock on the creator.
        """
        with transaction.atomic():
            locked = self.filter(pk__among=ids).order_by("pk").select_for_update(no_key=True)
            rows = locked.values_list("pk", "recompute_at")
            others = [pk for pk, at in rows if at is None or at > now]
            return self.filter(pk__among=others).update(recompute_at=now) if others else 0

    def mark_everybody_due(self, *, now: datetime, **columns: Any) -> int:
        """Have all of them recomputed, with `columns` set until then; how many they are."""
        with transaction.atomic():
            # In the order of every other writer, so that none waits for another crosswise.
            list(self.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
            return self.update(recompute_at=now, **columns)

    def true(self) -> "FanQuerySet":
        return self.filter(is_true_fan=True)

    def on_their_way(self) -> "FanQuerySet":
        """Those with spend in the window that does not reach the target yet, nearest first."""
        return self.filter(is_true_fan=False, spend__gt=0).order_by("-spend", "id")

    def of(self, user: User) -> "FanQuerySet":
        """The fan records that `user` has proved to be: by an address they confirmed."""
        confirmed = EmailAddress.objects.filter(user=user, verified=True)
        return self.filter(
            identities__kind=Identity.Kind.EMAIL,
            identities__value__in=confirmed.values(address=Lower("email")),
        ).distinct()


class Fan(models.Model):
    """One person and what they gave, whichever way it came.

    Every amount is in minor units of the creator's currency. `spend` is the one of
    `window_gross` and `window_net` that the creator's target counts. `recompute_at` is the next
    moment at which any of it may change without an event, or the moment of the last event.
    """

    # No index of their own for the foreign keys: "fan_belongs_to_creator" begins with the creator,
    # and only a tier that is taken away is looked for. Every index makes every recompute slower.
    creator = models.ForeignKey(Creator, models.CASCADE, related_name="fans", db_index=False)
    # Defaults of the database's own, because most people come in by a statement of SQL.
    name = models.TextField(blank=True, default="", db_default="")
    email = models.TextField(blank=True, default="", db_default="")
    country = models.CharField(max_length=2, blank=True, default="", db_default="")

    purchases = models.PositiveIntegerField(default=0, db_default=0)
    first_purchase_at = models.DateTimeField(null=True)
    last_purchase_at = models.DateTimeField(null=True)
    lifetime_gross = models.BigIntegerField(default=0, db_default=0)
    lifetime_net = models.BigIntegerField(default=0, db_default=0)
    window_gross = models.BigIntegerField(default=0, db_default=0)
    window_net = models.BigIntegerField(default=0, db_default=0)

    spend = models.BigIntegerField(default=0, db_default=0)
    is_true_fan = models.BooleanField(default=False, db_default=False)
    tier = models.ForeignKey(
        Tier, models.SET_NULL, null=True, blank=True, related_name="fans", db_index=False
    )
    crossed_at = models.DateTimeField(
        null=True,
        help_text=_("The first moment at which the spend of a window reached the target."),
    )
    seat = models.PositiveIntegerField(null=True, blank=True)

    recompute_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = FanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["creator", "seat"],
                name="fan_seat_is_given_once",
                condition=Q(seat__isnull=False),
            ),
            # For the foreign keys (creator, fan) that keep one creator's rows from another's.
            models.UniqueConstraint(fields=["creator", "id"], name="fan_belongs_to_creator"),
            models.CheckConstraint(name="fan_seat_is_positive", condition=Q(seat__gt=0)),
        ]
        indexes = [
            models.Index(
                fields=["recompute_at"], name="fan_due", condition=Q(recompute_at__isnull=False)
            ),
            models.Index(
                fields=["creator"],
                name="fan_to_be_seated",
                condition=Q(crossed_at__isnull=False, seat=None),
            ),
            models.Index(fields=["creator", "-spend", "id"], name="fan_by_spend"),
            models.Index(OpClass(Upper("name"), name="text_pattern_ops"), name="fan_by_name"),
        ]

    def __str__(self) -> str:
        return self.name or self.email or f"#{self.pk}"

    @property
    def gap(self) -> int:
        """What is missing to be a true fan, in the creator's minor units."""
        return max(self.creator.target_spend - self.spend, 0)


class Identity(models.Model):
    """One thing by which a person is known: an address, a customer at Stripe.

    `value` is normalised (`fans.identity`), so equality of rows is equality of persons.
    """

    class Kind(models.TextChoices):
        EMAIL = "email", _("e-mail address")
        STRIPE_CUSTOMER = "stripe_customer", _("Stripe customer")

    creator = models.ForeignKey(Creator, models.CASCADE, related_name="identities")
    fan = models.ForeignKey(Fan, models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    value = models.TextField()
    evidence = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "identities"
        constraints = [
            models.UniqueConstraint(
                fields=["value", "kind", "creator"], name="identity_is_one_persons"
            ),
            models.CheckConstraint(name="identity_is_not_empty", condition=~Q(value="")),
        ]

    def __str__(self) -> str:
        return self.value
