"""Memberships that renew by themselves, and invoices written by hand."""

from datetime import UTC, datetime
from functools import partial
from typing import Literal

from sandbox.books import Json
from sandbox.shapes import billing
from sandbox.workshop.desk import DAY, act
from sandbox.workshop.record import Bill, Client, Interval, Plan, Sale, Terms, insist
from sandbox.workshop.sales import Sales

_MONTHS = {"month": 1, "year": 12}


class Memberships(Sales):
    @act
    def membership(
        self,
        client: Client,
        amount: int,
        *,
        interval: Interval = "month",
        currency: str | None = None,
        trial_days: int = 0,
        plain: bool = False,
    ) -> Plan:
        """A subscription with its first invoice: paid by a charge, or one over nothing for a trial.

        `plain` as for `renew`.
        """
        insist(not client.deleted, "A deleted customer cannot become a member")
        insist(amount > 0, "Nothing is not worth an invoice")
        end = self._now + trial_days * DAY if trial_days else _after(self._now, interval)
        plan = Plan(
            self._id("sub_1"),
            f"si_{self._letters()[:14]}",
            client,
            self._price(amount, currency or self.currency, interval),
            start=self._now,
            period=(self._now, end),
            trial_end=end if trial_days else None,
            status="trialing" if trial_days else "active",
        )
        client.plans.append(plan)
        bill = self._bill_period(plan)
        self._show_plan(plan)
        self._tell("customer.subscription.created", plan.id)
        if trial_days:
            self._mark_paid(bill)
        else:
            self._renew(plan, plain=plain)
        return plan

    @act
    def renew(self, plan: Plan, *, plain: bool = False) -> Sale:
        """The next period is paid, or the one whose payment failed.

        A `plain` payment has neither a description nor a payment intent; the invoice names the
        charge itself.
        """
        self._bill_next(plan)
        sale = self._renew(plan, plain=plain)
        plan.status = "active"
        self._show_plan(plan)
        self._tell("customer.subscription.updated", plan.id)
        return sale

    @act
    def renewal_fails(self, plan: Plan) -> Sale:
        """The payment of the next period, or another one of the last, is declined."""
        bill = self._bill_next(plan)
        sale = self.decline(bill.amount, **_terms(plan))
        plan.sales.append(sale)
        bill.sale = sale
        self._link(bill, ("payment_intent", str(sale.intent)), paid=False)
        count = self._objects[bill.id]["attempt_count"] + 1
        self._change(bill.id, attempted=True, attempt_count=count)
        plan.status = "past_due"
        self._show_plan(plan)
        self._tell("invoice.payment_failed", bill.id)
        self._tell("customer.subscription.updated", plan.id)
        return sale

    @act
    def cancel(
        self,
        plan: Plan,
        *,
        at_period_end: bool = True,
        reason: Literal["cancellation_requested", "payment_failed", "payment_disputed"]
        | None = "cancellation_requested",
    ) -> None:
        """The membership ends now, or when the clock passes the end of its period."""
        insist(plan.ended_at is None, "This membership has ended")
        plan.asked_at, plan.reason = self._now, reason
        if at_period_end:
            plan.closing = plan.period[1]
            self._later(plan.closing, partial(self._end, plan))
            self._show_plan(plan)
            self._tell("customer.subscription.updated", plan.id)
        else:
            self._end(plan)

    @act
    def invoice(
        self,
        client: Client,
        amount: int,
        *,
        paid: Literal["by_charge", "out_of_band", "unpaid"] = "by_charge",
        record: bool = False,
        currency: str | None = None,
    ) -> Bill:
        """An invoice written by hand; `record` as for `pay`."""
        insist(not client.deleted, "A deleted customer gets no invoice")
        insist(amount > 0, "Nothing is not worth an invoice")
        letters = self._letters()
        price = {
            "id": f"price_1{letters[:23]}",
            "product": f"prod_{letters[23:37]}",
            "unit_amount": amount,
            "currency": currency or self.currency,
        }
        period = (self._now, self._now)
        bill = self._bill(client, price, amount, None, "manual", period, "A commission")
        if paid != "unpaid":
            self.pay(bill, paid, record=record)
        return bill

    @act
    def pay(
        self,
        bill: Bill,
        paid: Literal["by_charge", "out_of_band"] = "by_charge",
        *,
        record: bool = False,
    ) -> None:
        """Pays an open invoice. What was paid out of band is on no ledger; only with `record` is
        there a payment of it at all, which names a payment record (not served)."""
        insist(bill.status == "open", "Only an open invoice can be paid")
        if paid == "by_charge":
            self._pay(bill, {"description": "Payment for Invoice"})
            return
        bill.off_stripe = bill.amount
        if record:
            self._link(bill, ("payment_record", self._id("pr_1")), paid=True)
        self._mark_paid(bill)

    @act
    def void(self, bill: Bill) -> None:
        insist(bill.status == "open", "Only an open invoice can be voided")
        bill.status = "void"
        times = self._objects[bill.id]["status_transitions"] | {"voided_at": self._now}
        self._change(bill.id, status="void", status_transitions=times, auto_advance=False)
        self._tell("invoice.voided", bill.id)

    def _renew(self, plan: Plan, *, plain: bool) -> Sale:
        terms = _terms(plan)
        if plain:
            terms |= {"description": None, "intent": False}
        sale = self._pay(plan.bills[-1], terms)
        plan.sales.append(sale)
        return sale

    def _pay(self, bill: Bill, terms: Terms) -> Sale:
        """Pays by a charge, on the payment intent of the attempt before if there was one."""
        if bill.sale and terms.get("intent", True):
            terms["again"] = bill.sale
        terms |= {"customer": bill.customer, "currency": bill.currency}
        sale = bill.sale = self.charge(bill.amount, **terms)
        paying = ("payment_intent", sale.intent) if sale.intent else ("charge", sale.id)
        self._link(bill, paying, paid=True)
        self._mark_paid(bill)
        return sale

    def _bill_next(self, plan: Plan) -> Bill:
        """The invoice of the next period, or the last one while that is open."""
        insist(plan.ended_at is None and plan.closing is None, "This membership does not go on")
        if plan.bills[-1].status == "open":
            return plan.bills[-1]
        interval = plan.price["recurring"]["interval"]
        plan.period = (plan.period[1], _after(plan.period[1], interval))
        return self._bill_period(plan)

    def _bill_period(self, plan: Plan) -> Bill:
        trial = plan.status == "trialing" and not plan.bills
        bill = self._bill(
            plan.customer,
            plan.price,
            0 if trial else plan.price["unit_amount"],
            plan,
            "subscription_cycle" if plan.bills else "subscription_create",
            plan.period,
            "Trial period for a membership" if trial else "1 × a membership",
        )
        plan.bills.append(bill)
        return bill

    def _bill(
        self,
        client: Client,
        price: Json,
        amount: int,
        plan: Plan | None,
        reason: str,
        period: tuple[int, int],
        words: str,
    ) -> Bill:
        bill = Bill(self._id("in_1"), client, amount, price["currency"])
        self._bills.append(bill)
        self._put(
            billing.invoice(
                bill.id,
                created=self._now,
                customer=client.id,
                subscription=plan.id if plan else None,
                item=plan.item if plan else None,
                line=self._id("il_1"),
                price=price,
                amount=amount,
                words=words,
                period=period,
                status="open",
                finalized_at=self._now,
                paid_at=None,
                uncollectible_at=None,
                account_country="US",
                account_name=None,
                attempt_count=0,
                attempted=False,
                billing_reason=reason,
                collection_method="charge_automatically" if plan else "send_invoice",
                customer_email=client.email,
                customer_name=client.name,
                next_payment_attempt=None,
                number=f"{client.id[-8:].upper()}-{len(self._bills):04}",
                period_end=self._now,
                period_start=self._now,
            )
        )
        self._tell("invoice.finalized", bill.id)
        return bill

    def _link(self, bill: Bill, payment: tuple[str, str], *, paid: bool) -> None:
        """Says on what the invoice was, or is to be, paid."""
        bill.payment = bill.payment or self._id("inpay_1")
        known = self._objects.get(bill.payment)
        self._put(
            billing.invoice_payment(
                bill.payment,
                created=known["created"] if known else self._now,
                invoice=bill.id,
                payment=payment,
                amount=bill.amount,
                currency=bill.currency,
                status="paid" if paid else "open",
                paid_at=self._now if paid else None,
            )
        )
        if paid:
            self._tell("invoice_payment.paid", bill.payment)

    def _mark_paid(self, bill: Bill) -> None:
        bill.status = "paid"
        row = self._objects[bill.id]
        self._change(
            bill.id,
            status="paid",
            amount_paid=bill.amount,
            amount_paid_off_stripe=bill.off_stripe,
            amount_remaining=0,
            attempted=True,
            attempt_count=row["attempt_count"] + (1 if bill.sale else 0),
            auto_advance=False,
            status_transitions=row["status_transitions"] | {"paid_at": self._now},
        )
        self._tell("invoice.paid", bill.id)

    def _end(self, plan: Plan) -> None:
        if plan.ended_at is not None:
            return
        plan.status, plan.ended_at = "canceled", self._now
        self._show_plan(plan)
        self._tell("customer.subscription.deleted", plan.id)

    def _show_plan(self, plan: Plan) -> None:
        self._put(
            billing.subscription(
                plan.id,
                item=plan.item,
                created=plan.start,
                customer=plan.customer.id,
                price=plan.price,
                period=plan.period,
                status=plan.status,
                latest_invoice=plan.bills[-1].id,
                reason=plan.reason,
                cancel_at=plan.closing,
                cancel_at_period_end=plan.closing is not None and plan.ended_at is None,
                canceled_at=plan.asked_at or plan.ended_at,
                ended_at=plan.ended_at,
                trial_start=plan.start if plan.trial_end else None,
                trial_end=plan.trial_end,
            )
        )

    def _price(self, amount: int, currency: str, interval: Interval) -> Json:
        """One for each amount, currency and interval, with a product of its own."""
        letters = self._mint.letters(f"price/{amount}/{currency}/{interval}")
        identifier, product = f"price_1{letters[:23]}", f"prod_{letters[23:37]}"
        if identifier not in self._objects:
            self._put(
                billing.product(
                    product,
                    created=self._now,
                    name="A membership",
                    description="",
                    price=identifier,
                )
            )
            self._put(
                billing.price(
                    identifier,
                    created=self._now,
                    product=product,
                    amount=amount,
                    currency=currency,
                    interval=interval,
                )
            )
        return self._objects[identifier]


def _terms(plan: Plan) -> Terms:
    """What Stripe says of a membership's payments."""
    paid_before = any(not sale.failed for sale in plan.sales)
    terms: Terms = {
        "customer": plan.customer,
        "currency": plan.price["currency"],
        "description": "Subscription update" if paid_before else "Subscription creation",
    }
    if plan.bills[-1].sale:
        terms["again"] = plan.bills[-1].sale
    return terms


def _after(at: int, interval: str) -> int:
    """The same day and time a month or year later, or on the 28th where that may not exist."""
    begun = datetime.fromtimestamp(at, UTC)
    year, month = divmod(begun.year * 12 + begun.month - 1 + _MONTHS[interval], 12)
    return int(begun.replace(year=year, month=month + 1, day=min(begun.day, 28)).timestamp())
