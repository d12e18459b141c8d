"""The steps of a creator's circle, and what each of them gives."""

from datetime import date, datetime

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Tier(models.Model):
    """A step of spend in the window, with a name. `threshold` is in the creator's minor units."""

    creator = models.ForeignKey("fans.Creator", models.CASCADE, related_name="tiers")
    name = models.CharField(max_length=60)
    threshold = models.BigIntegerField(validators=[MinValueValidator(1)])
    about = models.TextField(blank=True, db_default="")
    rhythm_days = models.PositiveIntegerField(
        default=365,
        db_default=365,
        help_text=_("How often to be in touch with each of them, in days."),
        validators=[MinValueValidator(1)],
    )

    class Meta:
        ordering = ["threshold"]
        constraints = [
            models.UniqueConstraint(
                fields=["creator", "threshold"], name="tier_threshold_is_unique"
            ),
            models.UniqueConstraint("creator", Lower("name"), name="tier_name_is_unique"),
            models.CheckConstraint(name="tier_threshold_is_positive", condition=Q(threshold__gt=0)),
            models.CheckConstraint(name="tier_rhythm_is_positive", condition=Q(rhythm_days__gt=0)),
        ]

    def __str__(self) -> str:
        return self.name


class Perk(models.Model):
    """Something that everybody in a tier, or above it, is given."""

    class Every(models.TextChoices):
        ONCE = "once", _("once")
        MONTH = "month", _("every month")
        YEAR = "year", _("every year")

        def period(self, day: date) -> date:
            """The first day of the month or year that `day` is in; 0001-01-01 of what is given
            once."""
            if self is Perk.Every.ONCE:
                return date.min
            return day.replace(day=1) if self is Perk.Every.MONTH else day.replace(month=1, day=1)

    tier = models.ForeignKey(Tier, models.CASCADE, related_name="perks")
    name = models.CharField(max_length=120)
    about = models.TextField(blank=True)
    every = models.CharField(max_length=5, choices=Every.choices, default=Every.ONCE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint("tier", Lower("name"), name="perk_is_in_a_tier_once"),
            models.CheckConstraint(name="perk_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name

    def period(self, now: datetime) -> date:
        """What is owed at `now` is owed for this: see `Delivery.period`. By the creator's clock."""
        today = now.astimezone(self.tier.creator.zone).date()
        return Perk.Every(self.every).period(today)


class Delivery(models.Model):
    """A perk that reached somebody; `period` is the first day of the month or year that it was
    for, and the day of 0001-01-01 where the perk is given once."""

    perk = models.ForeignKey(Perk, models.CASCADE, related_name="deliveries", db_index=False)
    fan = models.ForeignKey("fans.Fan", models.CASCADE, related_name="deliveries")
    period = models.DateField()
    delivered_at = models.DateTimeField()
    by = models.ForeignKey("fans.User", models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["perk", "period", "fan"], name="perk_is_delivered_once_a_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.perk_id} to {self.fan_id}"
