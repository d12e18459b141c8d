"""Payments until they are paid: at once, late, held first, by a delayed method, or not at all."""

from typing import Any, Unpack

from sandbox.books import Json
from sandbox.shapes import checkout, payments
from sandbox.workshop.desk import Desk, act
from sandbox.workshop.record import Sale, Terms, insist

_FEE_POINTS, _FIXED_FEE = 290, 30  # 2.9 % and 30 cents
_UNCAPTURED: Json = {"amount_captured": 0, "captured": False}
_BANK: Json = {
    "type": "us_bank_account",
    "us_bank_account": {
        "account_holder_type": "individual",
        "account_type": "checking",
        "bank_name": "STRIPE TEST BANK",
        "expected_debit_date": None,
        "fingerprint": None,
        "last4": "6789",
        "mandate": None,
        "payment_reference": None,
        "routing_number": "110000000",
    },
}
_PASSED_ON: Json = {"type": "stripe_account", "stripe_account": {}}


class Sales(Desk):
    @act
    def charge(self, amount: int, **terms: Unpack[Terms]) -> Sale:
        """A payment that succeeds; see `Terms` for what can be said of it."""
        sale = self._attempt(amount, terms, "py_3" if terms.get("from_platform") else "ch_3")
        sale.captured = amount
        if terms.get("settles", True):
            self._land(sale, amount)
        self._intend(sale, "succeeded")
        self._tell("charge.succeeded", sale.id)
        self._tell_intent(sale, "succeeded")
        if address := terms.get("checkout_email"):
            self._check_out(sale, address, terms.get("name"))
        return sale

    @act
    def decline(self, amount: int, **terms: Unpack[Terms]) -> Sale:
        """A payment that fails at once: it leaves nothing on the ledger."""
        sale = self._attempt(amount, terms, "ch_3", **payments.DECLINE)
        sale.failed = True
        self._intend(sale, "requires_payment_method")
        self._tell("charge.failed", sale.id)
        self._tell_intent(sale, "payment_failed")
        return sale

    @act
    def authorise(self, amount: int, **terms: Unpack[Terms]) -> Sale:
        """Money that is held: to be captured, wholly or partly, or released."""
        hold = self._attempt(amount, terms, "ch_3", **_UNCAPTURED)
        self._intend(hold, "requires_capture", amount_capturable=amount, capture_method="manual")
        self._tell("charge.succeeded", hold.id)
        self._tell_intent(hold, "amount_capturable_updated")
        return hold

    @act
    def capture(self, hold: Sale, amount: int | None = None, *, reversal: bool = False) -> None:
        """Takes `amount` of what is held (all of it by default), and lets the rest go.

        With `reversal`, the ledger shows the whole amount, and the rest again as a line that looks
        like a refund and is none.
        """
        taken = hold.amount if amount is None else amount
        insist(hold.held, "Only money that is held can be captured")
        insist(0 < taken <= hold.amount, "One can capture no more than is held")
        hold.captured = taken
        self._change(hold.id, amount_captured=taken, captured=True)
        self._land(hold, hold.amount if reversal else taken)
        if reversal and taken < hold.amount:
            self._reverse(hold, hold.amount - taken)
        self._intend(hold, "succeeded", capture_method="manual")
        self._tell("charge.captured", hold.id, captured=False)
        self._tell_intent(hold, "succeeded")

    @act
    def release(self, hold: Sale, *, expired: bool = False) -> None:
        """Lets all of it go: because somebody cancelled, or because the hold `expired`.

        Stripe shows that as a refund, of which the ledger knows nothing.
        """
        insist(hold.held, "Only money that is held can be released")
        hold.released = True
        reason = "expired_uncaptured_charge" if expired else None
        back = self._returned(hold, hold.amount, reason=reason)
        self._change(hold.id, amount_refunded=hold.amount, refunded=True)
        self._intend(hold, "canceled", capture_method="manual", canceled_at=self._now)
        self._tell("refund.created", back)
        self._tell("charge.expired" if expired else "charge.refunded", hold.id)
        self._tell_intent(hold, "canceled")

    @act
    def debit(self, amount: int, **terms: Unpack[Terms]) -> Sale:
        """A payment by a delayed method: on the ledger long before it is certain (`settle`), or
        turns out to have failed (`fail`)."""
        pending = {"status": "pending", "paid": False, "payment_method_details": _BANK}
        debit = self._attempt(amount, terms, "py_3", **pending)
        debit.captured, debit.pending = amount, True
        self._land(debit, amount)
        self._intend(debit, "processing", payment_method_types=["us_bank_account"])
        self._tell("charge.pending", debit.id)
        self._tell_intent(debit, "processing")
        return debit

    @act
    def settle(self, sale: Sale) -> None:
        """A debit becomes certain; a payment made with `settles=False` gets its line."""
        if sale.pending:
            sale.pending = False
            self._change(sale.id, status="succeeded", paid=True)
            self._intend(sale, "succeeded", payment_method_types=["us_bank_account"])
            self._tell("charge.succeeded", sale.id)
            self._tell_intent(sale, "succeeded")
            return
        insist(sale.paid and sale.line is None, "This payment has settled, or never will")
        self._land(sale, sale.amount)
        self._tell("charge.updated", sale.id, balance_transaction=None)

    @act
    def fail(self, debit: Sale, *, fee: int = 0) -> None:
        """A debit turns out to have failed: a second line takes the first one back. `fee` is that
        line's own, in the settlement currency."""
        insist(debit.pending, "Only a debit that is not certain yet can fail")
        debit.pending, debit.failed = False, True
        line = self._line(
            "payment_failure_refund",
            -debit.settled,
            source=debit.id,
            currency=debit.settlement_currency,
            category="charge_failure",
            description=f"Payment failure refund for {debit.id}",
            fees=[("Failed payment fee", fee)] if fee else (),
        )
        debit.lines.append(line)
        self._change(
            debit.id,
            status="failed",
            failure_balance_transaction=line,
            failure_code="insufficient_funds",
            failure_message="The customer's account has insufficient funds.",
        )
        self._intend(debit, "requires_payment_method")
        self._tell("charge.failed", debit.id)
        self._tell_intent(debit, "payment_failed")

    def _attempt(self, amount: int, terms: Terms, prefix: str, **shown: Any) -> Sale:
        """A charge with nothing on the ledger yet; `shown` are fields that differ from a paid
        one's."""
        client, platform = terms.get("customer"), terms.get("from_platform", False)
        insist(amount > 0, "A payment is of more than nothing")
        insist(not (client and client.deleted), "A deleted customer cannot pay")
        insist(not (client and platform), "What a platform passes on names nobody")
        address = terms.get("email")
        billed = client.email if address is None and client else address
        found = (billed, terms.get("receipt_email"), terms.get("checkout_email"))
        currency = terms.get("currency", self.currency)
        settlement = terms.get("settlement", (currency, amount))
        intent, before = terms.get("intent", True) and not platform, terms.get("again")
        insist(before is None or before.failed, "Only what was declined is tried again")
        insist(intent or not terms.get("checkout_email"), "Checkout makes a payment intent")
        sale = Sale(
            id=self._id(prefix),
            at=self._now,
            amount=amount,
            currency=currency,
            customer=client,
            addresses=tuple(address for address in found if address),
            intent=(before and before.intent) or self._id("pi_3") if intent else None,
            settlement_currency=settlement[0],
            settled=settlement[1],
            fee=terms.get("fee"),
            application_fee=terms.get("application_fee", 0),
            description=terms.get("description", "A purchase"),
        )
        self._put(self._charge(sale, terms, billed or None, **shown))
        self._sales.append(sale)
        return sale

    def _charge(self, sale: Sale, terms: Terms, email: str | None, **shown: Any) -> Json:
        country, client = terms.get("country"), sale.customer
        name = terms.get("name", client.name if client else None)
        if terms.get("from_platform"):
            shown |= {
                "payment_method_details": _PASSED_ON,
                "source_transfer": self._id("tr_1"),
            }
        if "presentment" in terms:
            shown["presentment_details"] = _presentment(*terms["presentment"])
        if sale.application_fee:
            shown |= {
                "application_fee": self._id("fee_1"),
                "application_fee_amount": sale.application_fee,
            }
        return payments.charge(
            sale.id,
            created=sale.at,
            amount=sale.amount,
            currency=sale.currency,
            card=payments.CARD | {"country": country or "US"},
            billing_details=payments.billing_details(
                name, email, payments.ADDRESS | {"country": country}
            ),
            customer=client.id if client else None,
            description=sale.description,
            metadata=dict(terms.get("metadata", {})),
            payment_intent=sale.intent,
            payment_method=None if terms.get("from_platform") else self._id("pm_1"),
            receipt_email=terms.get("receipt_email"),
            **shown,
        )

    def _land(self, sale: Sale, amount: int) -> None:
        """Puts `amount` of the payment on the ledger."""
        settled = sale.worth(amount)
        fee = settled * _FEE_POINTS // 10_000 + _FIXED_FEE if sale.fee is None else sale.fee
        converted = sale.settlement_currency != sale.currency
        sale.line = self._line(
            "payment" if sale.delayed else "charge",
            settled,
            source=sale.id,
            currency=sale.settlement_currency,
            category="charge",
            description=sale.description,
            fees=[("Stripe processing fees", fee)] if fee else (),
            application_fee=sale.application_fee,
            rate=round(sale.settled / sale.amount, 6) if converted else None,
            waits=True,
        )
        sale.lines.append(sale.line)
        self._change(sale.id, balance_transaction=sale.line)

    def _reverse(self, hold: Sale, rest: int) -> None:
        """The ledger gives back what was held beyond the captured part, by way of a refund."""
        hold.reversed = rest
        back = self._returned(hold, rest)
        line = self._line(
            "refund",
            hold.worth(hold.amount - rest) - hold.settled,
            source=back,
            currency=hold.settlement_currency,
            category="partial_capture_reversal",
            description=f"REFUND FOR CHARGE ({hold.description})",
        )
        hold.lines.append(line)
        self._change(back, balance_transaction=line)
        self._change(hold.id, amount_refunded=rest)
        self._tell("refund.created", back)
        self._tell("charge.refunded", hold.id, amount_refunded=0)

    def _returned(self, sale: Sale, amount: int, **fields: Any) -> str:
        """A refund object, with nothing on the ledger; returns its id."""
        charge = self._objects[sale.id]
        row = payments.refund(
            self._id("pyr_1" if sale.delayed else "re_3"),
            created=self._now,
            of=charge,
            amount=amount,
            **fields,
        )
        if "presentment_details" in charge:
            shown = charge["presentment_details"]
            part = shown["presentment_amount"] * amount // sale.amount
            row["presentment_details"] = _presentment(shown["presentment_currency"], part)
        identifier: str = self._put(row)["id"]
        return identifier

    def _intend(self, sale: Sale, status: str, **fields: Any) -> None:
        """The payment intent as its charge is now."""
        if sale.intent is None:
            return
        charge, known = self._objects[sale.id], self._objects.get(sale.intent)
        if "presentment_details" in charge:
            fields["presentment_details"] = charge["presentment_details"]
        failed = {} if sale.failed else {"last_payment_error": None}
        self._put(
            payments.payment_intent(
                sale.intent,
                created=known["created"] if known else sale.at,
                last=charge,
                status=status,
                **failed,
                **fields,
            )
        )

    def _tell_intent(self, sale: Sale, what: str) -> None:
        if sale.intent:
            self._tell(f"payment_intent.{what}", sale.intent)

    def _check_out(self, sale: Sale, email: str, name: str | None) -> None:
        identifier = f"cs_test_{self._letters()[:58]}"
        charge = self._objects[sale.id]
        self._put(
            checkout.session(identifier, created=self._now, of=charge, email=email, name=name)
        )
        self._tell("checkout.session.completed", identifier)


def _presentment(currency: str, amount: int) -> Json:
    return {"presentment_amount": amount, "presentment_currency": currency}
