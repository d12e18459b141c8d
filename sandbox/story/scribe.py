"""Writes down how the acts of a story look at one moment, as Stripe's objects."""

from collections import Counter, defaultdict

from sandbox.books import Json
from sandbox.shapes import billing, money, payments, people
from sandbox.story.acts import Client, Dispute, Invoice, Membership, Payment, Refund
from sandbox.story.shop import DAY, Shop, day_of

_NEVER = 1 << 40
_SETTLES_AFTER = 4  # days until a charge is available, at midnight UTC


class Clock:
    """The moment that is looked at. `next` is the first later one at which anything differs."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.next = _NEVER

    def passed(self, at: int | None) -> bool:
        if at is None:
            return False
        if at <= self.now:
            return True
        self.next = min(self.next, at)
        return False


class Scribe:
    """Collects in `objects` (kind -> rows) what of each act has already happened.

    `billed` is what memberships brought by month (year, month), in the shop's currency.
    """

    def __init__(self, shop: Shop, clock: Clock) -> None:
        self._shop = shop
        self._clock = clock
        self.objects: dict[str, list[Json]] = defaultdict(list)
        self.gone: list[Json] = []
        self.billed: Counter[tuple[int, int]] = Counter()

    def client(self, client: Client) -> None:
        if not self._clock.passed(client.created):
            return
        if self._clock.passed(client.deleted_at):
            self.gone.append(people.deleted_customer(client.id))
            return
        moved = self._clock.passed(client.moved[0]) if client.moved else False
        person = client.person
        self._add(
            people.customer(
                client.id,
                created=client.created,
                name=person.name,
                email=client.moved[1] if client.moved and moved else client.email,
                address=person.address,
                payment_method=person.payment_method,
            )
        )

    def payment(self, payment: Payment) -> None:
        last: Json | None = None
        for attempt in payment.declined:
            if self._clock.passed(attempt.at):
                last = self._charge(payment, attempt.charge, attempt.at) | payments.DECLINE
                self._add(last)
        if payment.paid and self._clock.passed(payment.paid.at):
            last = self._paid(payment, payment.paid.charge, payment.paid.at)
        if last:
            self._add(payments.payment_intent(payment.intent, created=payment.created, last=last))

    def membership(self, membership: Membership) -> None:
        if not self._clock.passed(membership.start):
            return
        for invoice in membership.invoices:
            if not self._clock.passed(invoice.created):
                break
            self.invoice(membership, invoice)
        self._add(self._subscription(membership))

    def movement(
        self,
        identifier: str,
        *,
        at: int,
        amount: int,
        kind: str,
        source: str | None,
        available_on: int | None = None,
        category: str | None = None,
        description: str | None = None,
        fees: list[tuple[str, int]] | None = None,
        rate: float | None = None,
    ) -> Json:
        """A line in the shop's currency; without `available_on` it counts at once."""
        due = available_on or at
        row = money.movement(
            identifier,
            created=at,
            amount=amount,
            currency=self._shop.currency,
            kind=kind,
            source=source,
            available_on=due,
            status="available" if self._clock.passed(due) else "pending",
            fees=fees or (),
            category=category,
            description=description,
            exchange_rate=rate,
        )
        self._add(row)
        return row

    def _add(self, row: Json) -> None:
        self.objects[row["object"]].append(row)

    def _charge(self, payment: Payment, identifier: str, at: int) -> Json:
        person, client = payment.person, payment.client
        return payments.charge(
            identifier,
            created=at,
            amount=payment.amount,
            currency=payment.currency,
            card=person.card,
            billing_details=payments.billing_details(person.name, payment.email, person.address),
            customer=client.id if client else None,
            description=payment.words,
            metadata=payment.metadata,
            payment_intent=payment.intent,
            payment_method=person.payment_method,
            receipt_email=payment.email,
        )

    def _paid(self, payment: Payment, identifier: str, at: int) -> Json:
        charge = self._charge(payment, identifier, at)
        charge["balance_transaction"] = payment.movement
        settled, rate = self._shop.settle(payment.amount, payment.currency, at)
        fees = self._shop.fees(settled, payment.person.country, converted=rate is not None)
        self._add(charge)
        self.movement(
            payment.movement,
            at=at,
            amount=settled,
            kind="charge",
            source=identifier,
            available_on=(at // DAY + _SETTLES_AFTER) * DAY,
            description=payment.words,
            fees=fees,
            rate=rate,
        )
        if payment.recurring:
            day = day_of(at)
            self.billed[day.year, day.month] += settled
        for refund in payment.refunds:
            self._refund(refund, charge)
        if payment.dispute and self._clock.passed(payment.dispute.at):
            self._dispute(payment.dispute, charge)
        return charge

    def _refund(self, refund: Refund, charge: Json) -> None:
        if not self._clock.passed(refund.at):
            return
        row = payments.refund(
            refund.id, created=refund.at, of=charge, amount=refund.amount, reason=refund.reason
        )
        self._add(row)
        failed = self._clock.passed(refund.failed_at)
        if not failed:
            charge["amount_refunded"] += refund.amount
            charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        if not self._clock.passed(refund.moved_at):
            row |= {"status": "pending", "pending_reason": "processing"}
            return
        row["balance_transaction"] = refund.movement
        words = f"REFUND FOR CHARGE ({charge['description']})"
        self._back(refund.movement, refund, -refund.amount, charge, refund.moved_at, words)
        if failed and refund.failed_at and refund.failure_movement:
            row |= {
                "status": "failed",
                "failure_reason": "lost_or_stolen_card",
                "failure_balance_transaction": refund.failure_movement,
            }
            words = f"REFUND FAILURE ({charge['description']})"
            self._back(
                refund.failure_movement, refund, refund.amount, charge, refund.failed_at, words
            )

    def _back(
        self, identifier: str, refund: Refund, amount: int, charge: Json, at: int, words: str
    ) -> None:
        settled, rate = self._shop.settle(abs(amount), charge["currency"], at)
        kind = "refund" if amount < 0 else "refund_failure"
        self.movement(
            identifier,
            at=at,
            amount=settled if amount > 0 else -settled,
            kind=kind,
            source=refund.id,
            description=words,
            rate=rate,
        )

    def _dispute(self, dispute: Dispute, charge: Json) -> None:
        charge["disputed"] = True
        closed = self._clock.passed(dispute.closes_at)
        moved = [] if dispute.inquiry else self._withdrawal(dispute, charge, closed=closed)
        self._add(
            payments.dispute(
                dispute.id,
                created=dispute.at,
                of=charge,
                status=_dispute_status(dispute, closed=closed),
                reason=dispute.reason,
                inquiry=dispute.inquiry,
                answered=closed and dispute.won,
                past_due=closed and not dispute.won,
                movements=moved,
            )
        )

    def _withdrawal(self, dispute: Dispute, charge: Json, *, closed: bool) -> list[Json]:
        """The money taken with the fee; the money alone given back when the dispute was won."""
        settled, rate = self._shop.settle(charge["amount"], charge["currency"], dispute.at)
        rows = [
            self.movement(
                dispute.movement,
                at=dispute.at,
                amount=-settled,
                kind="adjustment",
                category="dispute",
                source=dispute.id,
                description=f"Chargeback withdrawal for {charge['id']}",
                fees=[("Dispute fee", self._shop.dispute_fee)],
                rate=rate,
            )
        ]
        if closed and dispute.won:
            rows.append(
                self.movement(
                    dispute.reversal,
                    at=dispute.closes_at,
                    amount=settled,
                    kind="adjustment",
                    category="dispute_reversal",
                    source=dispute.id,
                    description=f"Chargeback reversal for {charge['id']}",
                    rate=rate,
                )
            )
        return rows

    def invoice(self, membership: Membership, invoice: Invoice) -> None:
        payment, passed = invoice.payment, self._clock.passed
        paid_at = payment.paid.at if payment.paid and passed(payment.paid.at) else None
        finalized_at = invoice.finalized_at if passed(invoice.finalized_at) else None
        written_off_at = invoice.uncollectible_at if passed(invoice.uncollectible_at) else None
        client = membership.client
        self._add(
            billing.invoice(
                invoice.id,
                created=invoice.created,
                customer=client.id,
                subscription=membership.id,
                item=membership.item,
                line=invoice.line,
                price=membership.price,
                words=membership.words,
                period=invoice.period,
                status=_invoice_status(finalized_at, paid_at, written_off_at),
                finalized_at=finalized_at,
                paid_at=paid_at,
                uncollectible_at=written_off_at,
                account_country=None,
                account_name=None,
                attempt_count=_tried(payment, self._clock.now),
                billing_reason=_billing_reason(membership, invoice),
                customer_email=client.email,
                customer_name=client.person.name,
                next_payment_attempt=_next_attempt(payment, self._clock.now),
                number=invoice.number if finalized_at else None,
                period_end=invoice.period[0],
                period_start=_previous(membership, invoice),
            )
        )
        if finalized_at:
            self._add(
                billing.invoice_payment(
                    invoice.link,
                    created=finalized_at,
                    invoice=invoice.id,
                    payment=("payment_intent", payment.intent),
                    amount=payment.amount,
                    currency=payment.currency,
                    status="paid" if paid_at else "canceled" if written_off_at else "open",
                    paid_at=paid_at,
                )
            )
        self.payment(payment)

    def _subscription(self, membership: Membership) -> Json:
        passed = self._clock.passed
        invoice = max(
            (i for i in membership.invoices if i.created <= self._clock.now),
            key=lambda i: i.created,
        )
        ended, asked = passed(membership.ended_at), passed(membership.asked_at)
        chosen = membership.ending == "choice"
        declined = passed(invoice.payment.declined[0].at) if invoice.payment.declined else False
        owed = declined and not (invoice.payment.paid and passed(invoice.payment.paid.at))
        reason = {"choice": "cancellation_requested", "card": "payment_failed", None: None}
        return billing.subscription(
            membership.id,
            item=membership.item,
            created=membership.start,
            customer=membership.client.id,
            price=membership.price,
            period=invoice.period,
            status="canceled" if ended else "past_due" if owed else "active",
            latest_invoice=invoice.id,
            reason=reason[membership.ending] if asked else None,
            cancel_at=membership.ended_at if asked and chosen else None,
            cancel_at_period_end=asked and chosen and not ended,
            canceled_at=membership.asked_at if asked else None,
            ended_at=membership.ended_at if ended else None,
        )


def _dispute_status(dispute: Dispute, *, closed: bool) -> str:
    if dispute.inquiry:
        return "warning_closed" if closed else "warning_needs_response"
    if not closed:
        return "needs_response"
    return "won" if dispute.won else "lost"


def _invoice_status(finalized_at: int | None, paid_at: int | None, lost_at: int | None) -> str:
    if paid_at:
        return "paid"
    if lost_at:
        return "uncollectible"
    return "open" if finalized_at else "draft"


def _tried(payment: Payment, now: int) -> int:
    attempts = [*payment.declined, *([payment.paid] if payment.paid else [])]
    return sum(attempt.at <= now for attempt in attempts)


def _next_attempt(payment: Payment, now: int) -> int | None:
    attempts = [*payment.declined, *([payment.paid] if payment.paid else [])]
    return next((attempt.at for attempt in attempts if attempt.at > now), None)


def _billing_reason(membership: Membership, invoice: Invoice) -> str:
    first = invoice.created == membership.start
    return "subscription_create" if first else "subscription_cycle"


def _previous(membership: Membership, invoice: Invoice) -> int:
    """An invoice names the period that it closes; the first one closes none."""
    place = membership.invoices.index(invoice)
    return membership.invoices[max(place - 1, 0)].period[0]
