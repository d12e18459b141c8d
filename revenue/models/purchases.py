"""What was bought: one payment by one person, and what is left of it."""

from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Left, Lower
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from fans.models import Creator, Fan
from revenue.models.assignments import Assignment
from revenue.models.sources import OfSourceQuerySet, Source
from revenue.packed import PackedField, unpack
from revenue.values import RENEWALS, PaymentStatus, PurchaseKind


class PurchaseQuerySet(OfSourceQuerySet["Purchase"]):
    def unattributed(self) -> "PurchaseQuerySet":
        """Money of nobody: payments without a customer or an address."""
        return self.filter(fan=None)

    def assigned(self) -> "PurchaseQuerySet":
        """Those of which the creator said by hand whose they are."""
        said = Assignment.objects.filter(
            source=OuterRef("source"), external_id=OuterRef("external_id")
        )
        return self.filter(Exists(said))

    def newest(self) -> "PurchaseQuerySet":
        return self.order_by("-occurred_at", "-id")


class Purchase(models.Model):
    """One payment by one person and what is left of it.

    `amount` and `returned` are in `currency`, as the fan paid; `fee` and `net` in
    `settlement_currency`, as it reached the account (None: not known yet); `counted_gross` and
    `counted_net` in `counted_currency`, the creator's (None: there is no rate). Everything from
    `kind` on is a pure function of the payment, its movements, its returns and the invoices
    (`revenue.counting`); it is recomputed on any change, never incremented.
    """

    class State(models.TextChoices):
        PAID = "paid", _("paid")
        SETTLING = "settling", _("settling")
        REFUND_PENDING = "refund_pending", _("refund pending")
        PARTLY_REFUNDED = "partly_refunded", _("partly refunded")
        REFUNDED = "refunded", _("refunded")
        DISPUTED = "disputed", _("disputed")
        LOST = "lost", _("dispute lost")
        AUTHORISED = "authorised", _("authorised")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("failed")
        ELSEWHERE = "elsewhere", _("counted elsewhere")

    class RateOrigin(models.TextChoices):
        SAME = "same", _("same currency")
        SETTLEMENT = "settlement", _("the provider's own settlement")
        SAID = "said", _("said by you")
        ECB = "ecb", _("European Central Bank")
        MISSING = "missing", _("no rate known")

    #: States in which no money ever arrived, or it did by another purchase that counts.
    NOTHING_PAID = (State.AUTHORISED, State.CANCELLED, State.FAILED, State.ELSEWHERE)

    # Foreign keys over (creator, source) and (creator, fan) check these three at once, and the
    # indexes below begin with the creator: see docs/decisions.
    creator = models.ForeignKey(
        Creator, models.CASCADE, related_name="purchases", db_constraint=False, db_index=False
    )
    source = models.ForeignKey(
        Source, models.CASCADE, related_name="purchases", db_constraint=False, db_index=False
    )
    external_id = models.TextField()
    fan = models.ForeignKey(
        Fan,
        models.RESTRICT,
        null=True,
        related_name="purchase_set",
        db_constraint=False,
        db_index=False,
    )
    customer_id = models.TextField(blank=True)
    occurred_at = models.DateTimeField()
    own_kind = models.CharField(
        max_length=12,
        choices=PurchaseKind.choices,
        default=PurchaseKind.SALE,
        help_text=_("As the payment says of itself."),
    )
    description = models.TextField(blank=True)
    #: How the description begins, in small letters; what who bought something is found by.
    product = models.GeneratedField(
        expression=Lower(Left("description", 60)),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    status = models.CharField(max_length=12, choices=PaymentStatus.choices)
    payer_email = models.TextField(
        blank=True, help_text=_("As given with this payment; normalised.")
    )
    payer_name = models.TextField(blank=True)
    payer_country = models.CharField(max_length=2, blank=True)
    intent_id = models.TextField(
        blank=True, help_text=_("What the provider groups the attempts at one payment by.")
    )
    shown_currency = models.CharField(
        max_length=3, blank=True, help_text=_("What the fan saw, where the till translated it.")
    )
    shown_amount = models.BigIntegerField(null=True)
    is_elsewhere = models.BooleanField(
        default=False, help_text=_("Paid past the provider, who only keeps a note of it.")
    )
    raw = PackedField(default=b"", help_text=_("Where it came without a line of the ledger."))
    read_at = models.DateTimeField(null=True)

    kind = models.CharField(max_length=12, choices=PurchaseKind.choices)
    invoice_id = models.TextField(blank=True)
    state = models.CharField(max_length=20, choices=State.choices)
    returned = models.BigIntegerField()
    settlement_currency = models.CharField(max_length=3, blank=True)
    fee = models.BigIntegerField(null=True)
    net = models.BigIntegerField(null=True)
    counted_currency = models.CharField(max_length=3)
    counted_gross = models.BigIntegerField(null=True)
    counted_net = models.BigIntegerField(null=True)
    rate = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    rate_date = models.DateField(null=True)
    rate_origin = models.CharField(max_length=12, choices=RateOrigin.choices)

    objects = PurchaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["external_id", "source"], name="purchase_is_stored_once"
            ),
            models.CheckConstraint(
                name="purchase_is_returned_at_most_whole",
                condition=Q(returned__gte=0, returned__lte=F("amount")),
            ),
            models.CheckConstraint(
                name="purchase_currencies_are_iso",
                condition=Q(currency__regex=r"^[A-Z]{3}$", counted_currency__regex=r"^[A-Z]{3}$"),
            ),
            models.CheckConstraint(
                name="purchase_counts_at_least_nothing",
                condition=Q(counted_gross__gte=0) | Q(counted_gross=None),
            ),
            models.CheckConstraint(
                name="purchase_without_rate_is_not_counted",
                condition=~Q(rate_origin="missing") | Q(counted_gross=None),
            ),
        ]
        indexes = [
            # The recompute reads only this index: see docs/decisions.
            models.Index(
                fields=["creator", "fan", "occurred_at"],
                name="purchase_spend",
                include=["counted_gross", "counted_net", "state"],
            ),
            models.Index(fields=["creator", "-occurred_at", "-id"], name="purchase_by_time"),
            # Who bought what, and where; read alone.
            models.Index(
                fields=["creator", "source", "product", "fan"],
                name="purchase_by_product",
                condition=Q(fan__isnull=False)
                & ~Q(state__in=["authorised", "cancelled", "elsewhere", "failed"]),
            ),
            models.Index(
                fields=["source", "customer_id"],
                name="purchase_by_customer",
                condition=~Q(customer_id=""),
            ),
            # Another platform may name a payment by this.
            models.Index(
                fields=["source", "intent_id"],
                name="purchase_by_intent",
                condition=~Q(intent_id=""),
            ),
            models.Index(
                fields=["state", "-id"], name="purchase_unusual", condition=~Q(state="paid")
            ),
            models.Index(
                fields=["rate_origin", "-id"],
                name="purchase_converted",
                condition=~Q(rate_origin="same"),
            ),
        ]

    def __str__(self) -> str:
        return self.external_id

    def as_sent(self) -> Any:
        """The payment as the provider last sent it; None where that was not kept."""
        if self.raw:
            return unpack(self.raw)
        lines = self.source.movements.filter(payment_id=self.external_id)
        own = lines.filter(object_id=self.external_id).order_by("occurred_at", "pk").last()
        about = (own.as_sent() or {}).get("source") if own else None
        return about if isinstance(about, dict) else None

    @property
    def title(self) -> str:
        """What was bought, in a word where the payment says nothing of it but that it is one of a
        membership's."""
        says_nothing = self.description in RENEWALS and self.kind == PurchaseKind.MEMBERSHIP
        return (not says_nothing and self.description) or capfirst(self.get_kind_display())

    @property
    def never_arrives(self) -> bool:
        """Nothing was charged and nothing will be: no line of a ledger will tell of it."""
        is_over = self.state in (self.State.CANCELLED, self.State.FAILED)
        return is_over and not self.settlement_currency  # a debit comes in, and fails days later

    @property
    def kept(self) -> int:
        """What the fan paid less what was returned, in `currency`; 0 where nothing was paid."""
        return 0 if self.state in self.NOTHING_PAID else self.amount - self.returned
