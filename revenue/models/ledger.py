"""What a provider says: who pays, every line of money that moved, refunds, invoices, memberships.

`read_at` is when the provider was asked for what a row holds: of two answers that cross each
other the one that was asked for later stays.
"""

import re
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from fans.models import Creator, Fan
from revenue.models.purchases import Purchase
from revenue.models.sources import OfSourceQuerySet, Source
from revenue.packed import PackedField, unpack
from revenue.values import OF_PAYMENTS, MembershipState, MovementKind, ReturnKind

#: How a bill begins that says how many: "2 × ticket". A thing of "12 × 12 inches" is none.
QUANTITY = r"^\d+ × (?=\D)"
#: How Stripe ends what a bill is for: "Club (at £5.00 / month)".
PRICE = re.compile(r" \(at [^()]+\)$")


class Sent(models.Model):
    """Something that is kept as the provider sent it."""

    raw = PackedField(default=b"")

    class Meta:
        abstract = True

    def as_sent(self) -> Any:
        """The object as it came; None where that was not kept."""
        return unpack(self.raw)


class Customer(models.Model):
    """What a source knows of a payer apart from any payment."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="customers")
    external_id = models.TextField()
    email = models.TextField(blank=True, help_text=_("Normalised."))
    name = models.TextField(blank=True)
    country = models.CharField(max_length=2, blank=True)
    is_deleted = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["external_id", "source"], name="customer_is_stored_once"
            )
        ]

    def __str__(self) -> str:
        return self.external_id


class MovementQuerySet(OfSourceQuerySet["Movement"]):
    def nobodys(self) -> "MovementQuerySet":
        """Lines of payments, refunds and disputes that reach no purchase: the money moved, and is
        counted for nobody."""
        same = Purchase.objects.filter(
            source=OuterRef("source"), external_id=OuterRef("payment_id")
        )
        return self.filter(~Exists(same), kind__in=OF_PAYMENTS)


class Movement(Sent):
    """An immutable line of money that moved, as the provider's own ledger has it.

    Written once, and again only where it had come damaged. `net = amount - fee`, in minor units of
    the settlement `currency`. `payment_id` is the outside id of the payment that the line reaches,
    "" for those that reach none (payouts, account fees); `object_id` is what caused it: the payment
    itself, a refund, a dispute. Both are the same for a refund or dispute of which it is not known
    yet which payment it is of. `raw` is the line together with that object as it was last read,
    `digest` its fingerprint: a line that comes again as it was needs no second look.
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="movements", db_index=False)
    external_id = models.TextField()
    kind = models.CharField(max_length=20, choices=MovementKind.choices)
    category = models.TextField(help_text=_("The provider's own name for the kind."))
    occurred_at = models.DateTimeField()
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    fee = models.BigIntegerField()
    net = models.BigIntegerField()
    object_id = models.TextField(blank=True)
    payment_id = models.TextField(blank=True)
    description = models.TextField(blank=True)
    digest = models.BigIntegerField(null=True)

    objects = MovementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["external_id", "source"], name="movement_is_stored_once"
            ),
            models.CheckConstraint(
                name="movement_net_is_amount_less_fee", condition=Q(net=F("amount") - F("fee"))
            ),
            models.CheckConstraint(
                name="movement_currency_is_iso", condition=Q(currency__regex=r"^[A-Z]{3}$")
            ),
        ]
        indexes = [
            models.Index(
                fields=["source", "payment_id"],
                name="movement_by_payment",
                condition=~Q(payment_id=""),
            ),
            models.Index(fields=["source", "-occurred_at", "-id"], name="movement_by_time"),
            models.Index(
                fields=["kind", "-id"], name="movement_unusual", condition=~Q(kind="payment")
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class Return(Sent):
    """A refund or a dispute as the provider last told of it, in the currency the fan paid in.

    `status` is the provider's own word. Whether money really went back is the movements' to say.
    """

    #: Disputes of which nothing more will be heard.
    CLOSED = ("won", "lost", "warning_closed", "prevented")

    source = models.ForeignKey(Source, models.CASCADE, related_name="returns", db_index=False)
    external_id = models.TextField()
    kind = models.CharField(max_length=10, choices=ReturnKind.choices)
    payment_id = models.TextField()
    occurred_at = models.DateTimeField()
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    status = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["external_id", "source"], name="return_is_stored_once"),
            models.CheckConstraint(name="return_is_not_negative", condition=Q(amount__gte=0)),
        ]
        indexes = [models.Index(fields=["source", "payment_id"], name="return_by_payment")]

    def __str__(self) -> str:
        return self.external_id


class Invoice(Sent):
    """A bill as the provider last told of it; says which payments are a membership's.

    `payment_ids` are outside ids of the payments (or of what groups their attempts) that paid it.
    `paid_elsewhere` is what was paid of it past the provider, in minor units of `currency`; None
    where the provider does not say (`revenue.invoices` then goes by its payments). `paid_at` is
    `issued_at` where it does not say when it was paid.
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="invoices", db_index=False)
    external_id = models.TextField()
    customer_id = models.TextField(blank=True)
    membership_id = models.TextField(blank=True)
    payment_ids = ArrayField(models.TextField(), default=list)
    currency = models.CharField(max_length=3)
    amount_paid = models.BigIntegerField()
    paid_elsewhere = models.BigIntegerField(null=True)
    issued_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    email = models.TextField(blank=True)
    name = models.TextField(blank=True)
    description = models.TextField(blank=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["external_id", "source"], name="invoice_is_stored_once"
            ),
            models.CheckConstraint(
                name="invoice_is_not_negative",
                condition=Q(amount_paid__gte=0)
                & (Q(paid_elsewhere=None) | Q(paid_elsewhere__gte=0)),
            ),
        ]
        indexes = [
            models.Index(fields=["source", "customer_id"], name="invoice_by_customer"),
            GinIndex(fields=["payment_ids"], name="invoice_by_payment"),
        ]

    def __str__(self) -> str:
        return self.external_id


class MembershipQuerySet(OfSourceQuerySet["Membership"]):
    def with_bills(self) -> "MembershipQuerySet":
        """`billed_as`: what the last bill says that it is for; "" where there is none."""
        bills = Invoice.objects.filter(
            source=OuterRef("source"),
            customer_id=OuterRef("customer_id"),  # by which they are found
            membership_id=OuterRef("external_id"),
        ).exclude(description="")
        last = bills.order_by(F("paid_at").desc(nulls_last=True), "-pk").values("description")[:1]
        return self.annotate(billed_as=Coalesce(Subquery(last), Value("", models.TextField())))

    def begun(self) -> "MembershipQuerySet":
        """All but those that never came to be."""
        return self.exclude(state=MembershipState.INCOMPLETE)

    def going_on(self, now: datetime) -> "MembershipQuerySet":
        """Those whose member is one today, whether they will end or not."""
        begun = self.exclude(state__in=[MembershipState.ENDED, MembershipState.INCOMPLETE])
        lasts = Q(ends_at=None) | Q(ends_at__gt=now)
        return begun.filter(lasts | Q(state=MembershipState.PAST_DUE))

    def leaving(self, now: datetime) -> "MembershipQuerySet":
        """Those that will end, by their member's choice or for want of money, soonest first."""
        begun = self.exclude(state__in=[MembershipState.ENDED, MembershipState.INCOMPLETE])
        return begun.filter(Q(ends_at__gt=now) | Q(state=MembershipState.PAST_DUE)).order_by(
            F("ends_at").asc(nulls_last=True), "pk"
        )


class Membership(Sent):
    """A subscription: who is with the creator, since when, and until when it is paid.

    `amount` is what one `interval` costs, in minor units of `currency`; 0 for nothing, and where
    nobody can say (by use, in tiers). `ends_at` is known from the day it is decided; `cancelled_at`
    is that day, `reason` whose decision it was.
    """

    class Reason(models.TextChoices):
        OWN_CHOICE = "own_choice", _("their own choice")
        PAYMENT_FAILED = "payment_failed", _("a payment failed")
        DISPUTED = "disputed", _("a payment was disputed")

    creator = models.ForeignKey(Creator, models.CASCADE, related_name="memberships")
    source = models.ForeignKey(Source, models.CASCADE, related_name="memberships", db_index=False)
    fan = models.ForeignKey(Fan, models.SET_NULL, null=True, related_name="memberships")
    external_id = models.TextField()
    customer_id = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=MembershipState.choices)
    description = models.TextField(blank=True)
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    interval = models.TextField(blank=True, help_text=_("“month”, “3 months”, “year”."))
    since = models.DateTimeField()
    paid_until = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    comment = models.TextField(blank=True, help_text=_("What they said when they left."))
    read_at = models.DateTimeField(null=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["external_id", "source"], name="membership_is_stored_once"
            ),
        ]
        indexes = [
            models.Index(fields=["source", "customer_id"], name="membership_by_customer"),
            models.Index(
                fields=["source", "ends_at"],
                name="membership_leaving",
                condition=Q(ends_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.external_id

    @property
    def title(self) -> str:
        """What its member has, as the provider calls it or else, `with_bills`, its last bill."""
        billed_as = getattr(self, "billed_as", "")
        return self.description or PRICE.sub("", re.sub(QUANTITY, "", billed_as))

    @property
    def is_leaving(self) -> bool:
        """It has begun, it has not ended, and it will end or wants money."""
        if self.state in (MembershipState.ENDED, MembershipState.INCOMPLETE):
            return False
        return self.ends_at is not None or self.state == MembershipState.PAST_DUE


class SetAside(Sent):
    """Something the provider sent that could not be understood; kept as it came, never dropped."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="set_aside")
    external_id = models.TextField()
    kind = models.TextField(help_text=_("What the provider calls it."))
    problem = models.TextField()
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "set aside"
        constraints = [
            models.UniqueConstraint(
                fields=["external_id", "source"], name="set_aside_is_stored_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id}"
