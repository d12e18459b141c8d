"""Rates of exchange beyond the history that ships with the library: the bank's, and the creator's
own word where the bank has none."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from fans.models import Creator, User
from revenue.models.sources import Source


class DailyRate(models.Model):
    """What one euro was worth on a day, by the European Central Bank; never changed once stored."""

    currency = models.CharField(max_length=3)
    day = models.DateField()
    per_euro = models.DecimalField(max_digits=20, decimal_places=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "currency"], name="rate_is_stored_once_a_day"),
            models.CheckConstraint(name="rate_is_above_nothing", condition=Q(per_euro__gt=0)),
            models.CheckConstraint(
                name="rate_currency_is_iso", condition=Q(currency__regex=r"^[A-Z]{3}$")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.per_euro.normalize():f} {self.currency} = 1 EUR, {self.day}"


class SaidRate(models.Model):
    """The creator said by hand at which rate a payment counts that has none; it holds however often
    the payment is read.

    `value` units of `currency`, the creator's at that time, for one of the payment's, both major;
    in any other currency it says nothing. `external_id` is the payment's, within its source.
    """

    creator = models.ForeignKey(Creator, models.CASCADE, related_name="said_rates", db_index=False)
    source = models.ForeignKey(
        Source, models.CASCADE, related_name="said_rates", db_index=False, db_constraint=False
    )
    external_id = models.TextField()
    currency = models.CharField(max_length=3)
    value = models.DecimalField(max_digits=24, decimal_places=12)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("rate said by hand")
        verbose_name_plural = _("rates said by hand")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"], name="rate_of_a_payment_is_said_once"
            ),
            models.CheckConstraint(name="said_rate_is_above_nothing", condition=Q(value__gt=0)),
        ]
        indexes = [models.Index(fields=["creator", "source"], name="said_rate_by_creator")]

    def __str__(self) -> str:
        return self.external_id
