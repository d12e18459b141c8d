"""Money: where it comes from, every line of it that moved, and what was bought with it.

Movement and Return hold what the provider says, Purchase holds what follows from them by
`revenue.counting`. All amounts are whole minor units of the currency that stands beside them.
"""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from fans.models import Creator, Fan, User
from revenue.secrets import EncryptedTextField
from revenue.values import MovementKind, PaymentStatus, PurchaseKind, ReturnKind


class SourceQuerySet(models.QuerySet["Source"]):
    def of(self, user: User) -> "SourceQuerySet":
        return self.filter(creator__owner_id=user.pk)

    def to_sync(self) -> "SourceQuerySet":
        """Connected sources whose key still opens the door, and that nothing reads right now."""
        return self.filter(
            kind=Source.Kind.STRIPE, state__in=[Source.State.OK, Source.State.UNREACHABLE]
        ).exclude(syncs__state=Sync.State.RUNNING)


class Source(models.Model):
    """One connected account, or one kind of upload.

    state: OK → KEY_REFUSED | PERMISSION_MISSING (until a new key is pasted), OK ⇄ UNREACHABLE.
    """

    class Kind(models.TextChoices):
        STRIPE = "stripe", "Stripe"

    class State(models.TextChoices):
        OK = "ok", _("connected")
        KEY_REFUSED = "key_refused", _("key refused")
        PERMISSION_MISSING = "permission_missing", _("permission missing")
        UNREACHABLE = "unreachable", _("not reachable")

    creator = models.ForeignKey(Creator, models.CASCADE, related_name="sources")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.STRIPE)
    account_id = models.TextField()
    livemode = models.BooleanField()
    name = models.TextField(blank=True)
    key = EncryptedTextField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.OK)
    problem = models.TextField(blank=True, help_text=_("What happened and what to do, for people."))
    account_created_at = models.DateTimeField(null=True)
    synced_at = models.DateTimeField(null=True, help_text=_("Data is complete as of this moment."))
    connected_at = models.DateTimeField(auto_now_add=True)

    objects = SourceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["creator", "kind", "account_id", "livemode"],
                name="source_account_is_connected_once",
            ),
            models.UniqueConstraint(fields=["creator", "id"], name="source_belongs_to_creator"),
        ]

    def __str__(self) -> str:
        return self.name or self.account_id


class Sync(models.Model):
    """One run of reading a source, newest first; what a progress bar shows.

    `cursor` is the last outside id of `phase` that is stored; it moves in the same transaction as
    the page it ends. `since` is None when the whole history is read. `reached_at` is how far back
    the movements are read, `oldest_at` how far back they are known to go.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    class Phase(models.TextChoices):
        CUSTOMERS = "customers", _("reading customers")
        MOVEMENTS = "movements", _("reading payments")
        FINISHED = "finished", _("finished")

    source = models.ForeignKey(Source, models.CASCADE, related_name="syncs")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    phase = models.CharField(max_length=10, choices=Phase.choices, default=Phase.CUSTOMERS)
    cursor = models.TextField(blank=True)
    since = models.DateTimeField(null=True)
    oldest_at = models.DateTimeField(null=True)
    reached_at = models.DateTimeField(null=True)
    customers_read = models.PositiveIntegerField(default=0)
    movements_read = models.PositiveIntegerField(default=0)
    movements_new = models.PositiveIntegerField(default=0)
    purchases_changed = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)
    started_at = models.DateTimeField()
    heard_at = models.DateTimeField(help_text=_("Last sign of life of the worker that reads."))
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source"], name="sync_runs_once_a_source", condition=Q(state="running")
            ),
            models.CheckConstraint(
                name="sync_is_finished_when_it_ended",
                condition=Q(state="running", finished_at=None)
                | (~Q(state="running") & Q(finished_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["source", "-started_at", "-id"], name="sync_by_time"),
            models.Index(fields=["state", "-id"], name="sync_not_done", condition=~Q(state="done")),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING

    @property
    def is_full(self) -> bool:
        return self.since is None

    def fraction(self) -> float | None:
        """How much of the time span is read, 0 to 1; None while nobody can know."""
        if self.phase == self.Phase.FINISHED:
            return 1.0
        if not (self.oldest_at and self.reached_at) or self.oldest_at >= self.started_at:
            return None
        span = (self.started_at - self.oldest_at).total_seconds()
        return min(max((self.started_at - self.reached_at).total_seconds() / span, 0.0), 1.0)

    def rate(self, now: datetime) -> float:
        """Rows read a second, so far."""
        elapsed = ((self.finished_at or now) - self.started_at).total_seconds()
        return (self.customers_read + self.movements_read) / elapsed if elapsed > 0 else 0.0

    def seconds_left(self, now: datetime) -> float | None:
        """An estimate from the time span that is left; None while there is nothing to go by."""
        done = self.fraction()
        if not done or not self.is_running:
            return None
        return (now - self.started_at).total_seconds() * (1 - done) / done


class Customer(models.Model):
    """What a source knows of a payer apart from any payment."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="customers")
    external_id = models.TextField()
    email = models.TextField(blank=True, help_text=_("Normalised."))
    name = models.TextField(blank=True)
    country = models.CharField(max_length=2, blank=True)
    is_deleted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["external_id", "source"], name="customer_is_stored_once"
            )
        ]

    def __str__(self) -> str:
        return self.external_id


class Movement(models.Model):
    """An immutable line of money that moved, as the provider's own ledger has it.

    Insert-only. `net = amount - fee`, in minor units of the settlement `currency`. `payment_id`
    is the outside id of the payment that the line reaches, "" for those that reach none (payouts,
    account fees). `object_id` is what caused it: the payment itself, a refund, a dispute.
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="movements")
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
    raw = models.JSONField()

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


class Return(models.Model):
    """A refund or a dispute as the provider last told of it, in the currency the fan paid in.

    `status` is the provider's own word. Whether money really went back is the movements' to say.
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="returns")
    external_id = models.TextField()
    kind = models.CharField(max_length=10, choices=ReturnKind.choices)
    payment_id = models.TextField()
    occurred_at = models.DateTimeField()
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    status = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    raw = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["external_id", "source"], name="return_is_stored_once"),
            models.CheckConstraint(name="return_is_not_negative", condition=Q(amount__gte=0)),
        ]
        indexes = [models.Index(fields=["source", "payment_id"], name="return_by_payment")]

    def __str__(self) -> str:
        return self.external_id


class PurchaseQuerySet(models.QuerySet["Purchase"]):
    def unattributed(self) -> "PurchaseQuerySet":
        """Money of nobody: payments without a customer or an address."""
        return self.filter(fan=None)

    def newest(self) -> "PurchaseQuerySet":
        return self.order_by("-occurred_at", "-id")


class Purchase(models.Model):
    """One payment by one person and what is left of it.

    `amount` and `returned` are in `currency`, as the fan paid; `fee` and `net` in
    `settlement_currency`, as it reached the account (None: not known yet); `counted_gross` and
    `counted_net` in `counted_currency`, the creator's (None: there is no rate). Everything from
    `state` on is a pure function of the payment, its movements and its returns
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

    class RateOrigin(models.TextChoices):
        SAME = "same", _("same currency")
        SETTLEMENT = "settlement", _("the provider's own settlement")
        ECB = "ecb", _("European Central Bank")
        MISSING = "missing", _("no rate known")

    #: States in which no money ever arrived.
    NOTHING_PAID = (State.AUTHORISED, State.CANCELLED, State.FAILED)

    creator = models.ForeignKey(Creator, models.CASCADE, related_name="purchases")
    source = models.ForeignKey(Source, models.CASCADE, related_name="purchases")
    external_id = models.TextField()
    fan = models.ForeignKey(Fan, models.RESTRICT, null=True, related_name="purchase_set")
    customer_id = models.TextField(blank=True)
    occurred_at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=PurchaseKind.choices)
    description = models.TextField(blank=True)
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    status = models.CharField(max_length=12, choices=PaymentStatus.choices)
    payer_email = models.TextField(
        blank=True, help_text=_("As given with this payment; normalised.")
    )
    payer_name = models.TextField(blank=True)
    payer_country = models.CharField(max_length=2, blank=True)
    raw = models.JSONField()

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

    @property
    def kept(self) -> int:
        """What the fan paid less what was returned, in `currency`; 0 where nothing was paid."""
        return 0 if self.state in self.NOTHING_PAID else self.amount - self.returned
