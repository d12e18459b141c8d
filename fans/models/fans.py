"""People: who a creator's fans are, and where each of them stands.

The spend columns of a Fan are written by `revenue.spend`, the standing columns follow from them.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.postgres.indexes import OpClass
from django.db import models, transaction
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.functions import Lower, Upper
from django.utils.translation import gettext_lazy as _

from fans.models.creators import Creator
from fans.models.tiers import Delivery, Perk, Tier
from fans.models.users import User
from fans.rhythm import (
    FEWEST_PURCHASES,
    GONE_MONTHS,
    LATE,
    LATE_MONTHS,
    VERY_LATE,
    VERY_LATE_MONTHS,
    Warmth,
)
from fans.window import before

VERY = (VERY_LATE, VERY_LATE_MONTHS)
HAS_RHYTHM = Q(purchases__gte=FEWEST_PURCHASES, usual_pause__gt=timedelta())


def _later(pauses: float, months: int, now: datetime) -> Q:
    """At least so many of their usual pauses late or, without a rhythm, so many months."""
    return HAS_RHYTHM & Q(since__gte=F("usual_pause") * pauses) | ~HAS_RHYTHM & Q(
        last_purchase_at__lte=before(now, months)
    )


def _sooner(pauses: float, months: int, now: datetime) -> Q:
    """Everybody else who bought something."""
    return HAS_RHYTHM & Q(since__lt=F("usual_pause") * pauses) | ~HAS_RHYTHM & Q(
        last_purchase_at__gt=before(now, months)
    )


def _gone(now: datetime) -> Q:
    return Q(last_purchase_at__lte=before(now, GONE_MONTHS))


def _is_slipping(now: datetime) -> Q:
    """The rule of `fans.rhythm` for the database; `since` is the time since the last purchase."""
    late, not_very_late = _later(LATE, LATE_MONTHS, now), _sooner(*VERY, now)
    return Q(purchases__gt=0) & late & (~_gone(now) | not_very_late)


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

    def one_purchase_away(self) -> "FanQuerySet":
        """Those whose gap is at most what they usually spend at once."""
        missing = F("creator__target_spend") - F("spend")
        return self.filter(is_true_fan=False, usual_order__gt=0, usual_order__gte=missing)

    def former(self) -> "FanQuerySet":
        """Those who reached the target once and are below it now."""
        return self.filter(is_true_fan=False, crossed_at__isnull=False)

    def slipping(self, now: datetime) -> "FanQuerySet":
        """Those who are late by their own rhythm, and not yet gone (`fans.rhythm`)."""
        return self._since(now).filter(_is_slipping(now))

    def with_slipping(self, now: datetime) -> "FanQuerySet":
        """Everybody, with `is_slipping`: whether they are among the `slipping`."""
        is_slipping = ExpressionWrapper(_is_slipping(now), models.BooleanField())
        return self._since(now).annotate(is_slipping=is_slipping)

    def of_warmth(self, warmth: Warmth, now: datetime) -> "FanQuerySet":
        """Those whom `fans.rhythm.warmth` calls `warmth` at `now`."""
        late, very_late, gone = (LATE, LATE_MONTHS), VERY, _gone(now)
        conditions = {
            Warmth.WARM: _sooner(*late, now),
            Warmth.LATE: _later(*late, now) & _sooner(*very_late, now),
            Warmth.VERY_LATE: _later(*very_late, now) & ~gone,
            Warmth.LAPSED: _later(*very_late, now) & gone,
        }
        return self._since(now).filter(conditions[warmth], purchases__gt=0)

    def _since(self, now: datetime) -> "FanQuerySet":
        """With the time `since` the last purchase, for conditions."""
        since = ExpressionWrapper(now - F("last_purchase_at"), models.DurationField())
        return self.alias(since=since)

    def at_or_above(self, tier: Tier) -> "FanQuerySet":
        """Those in `tier` or a higher one, by what they spend now."""
        return self.filter(spend__gte=tier.threshold)

    def owed(self, perk: Perk, *, period: date) -> "FanQuerySet":
        """Those who should have `perk` and were not given it for `period` (`Perk.period`)."""
        given = Delivery.objects.filter(perk=perk, period=period, fan=OuterRef("pk"))
        return self.at_or_above(perk.tier).filter(~Exists(given))

    def unacquainted(self) -> "FanQuerySet":
        """Those of whom the creator has said nothing: no word, no tag, nothing that was given, and
        not who else they are."""
        return self.filter(
            touch_set=None,
            note_set=None,
            letter_set=None,
            acquaintance_set=None,
            tagging_set=None,
            deliveries=None,
            merges=None,
        )

    def of(self, user: User) -> "FanQuerySet":
        """The fan records that `user` has proved to be: by an address they confirmed."""
        confirmed = EmailAddress.objects.filter(user=user, verified=True)
        return self.filter(
            creator__leaves_at=None,
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

    usual_order = models.BigIntegerField(
        null=True, help_text=_("The median of what one purchase was, gross.")
    )
    usual_pause = models.DurationField(
        null=True, help_text=_("The median time from one purchase to the next.")
    )

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
    """One thing by which a person is known: an address, a customer at Stripe, an account elsewhere
    (“patreon:70000001”).

    `value` is normalised (`fans.identity`), so equality of rows is equality of persons.
    """

    class Kind(models.TextChoices):
        EMAIL = "email", _("e-mail address")
        STRIPE_CUSTOMER = "stripe_customer", _("Stripe customer")
        OUTSIDE = "outside", _("account elsewhere")

    creator = models.ForeignKey(Creator, models.CASCADE, related_name="identities")
    fan = models.ForeignKey(Fan, models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    value = models.TextField()
    evidence = models.TextField(blank=True)
    merge = models.ForeignKey(
        "fans.Merge",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="identities",
        db_index=False,
        help_text=_("Where the creator said that it is theirs, too: when, by whom and why."),
    )
    #: So that a customer's payments stay with whom the creator said they are: docs/decisions/0021.
    stands = models.BooleanField(
        default=False,
        db_default=False,
        help_text=_("Goes before an address that the customer turns out to have."),
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "identities"
        constraints = [
            models.UniqueConstraint(
                fields=["value", "kind", "creator"], name="identity_is_one_persons"
            ),
            models.CheckConstraint(name="identity_is_not_empty", condition=~Q(value="")),
            models.CheckConstraint(
                name="identity_that_stands_is_a_customer",
                condition=Q(stands=False) | ~Q(kind="email"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["creator", "value"], name="identity_stands", condition=Q(stands=True)
            ),
            models.Index(
                fields=["merge"], name="identity_merged", condition=Q(merge__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.value
