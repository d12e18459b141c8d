"""What goes back: refunds, which may wait, fail or be cancelled."""

from sandbox.workshop.desk import act
from sandbox.workshop.record import Refund, RefundStatus, Sale, insist
from sandbox.workshop.sales import Sales

_MONTH = 30 * 86_400


class Refunds(Sales):
    @act
    def refund(
        self,
        sale: Sale,
        amount: int | None = None,
        *,
        status: RefundStatus = "succeeded",
        settled: int | None = None,
        fee: int = 0,
        reason: str | None = "requested_by_customer",
    ) -> Refund:
        """Gives back `amount` (by default what is left), now or when it is completed.

        `settled` is what that takes from the ledger, in the settlement currency, where it is not in
        proportion; a negative `fee` gives back part of the fee, as accounts of old had it.
        """
        left = (sale.captured or 0) - sum(back.amount for back in sale.refunds if back.stands)
        given = left if amount is None else amount
        insist(sale.paid, "Only what was paid can be given back")
        insist(0 < given <= left, "One can give back no more than is left")
        insist(status in ("succeeded", "pending", "requires_action"), "A refund fails only later")
        is_exchanged = sale.currency != sale.settlement_currency
        insist(settled is None or is_exchanged, "Only where money is exchanged does a rate move")
        worth = sale.worth(given) if settled is None else settled
        back = Refund(
            self._returned(sale, given, status=status, reason=reason),
            sale,
            given,
            settled=worth,
            fee=fee,
            status=status,
        )
        sale.refunds.append(back)
        if status == "succeeded":
            self._take_refund(back)
        elif status == "pending":
            self._change(back.id, pending_reason="processing")
        else:
            self._change(back.id, next_action=_asking(self._now + _MONTH))
        before = self._count_refunds(sale)
        self._tell("refund.created", back.id)
        self._tell("charge.refunded", sale.id, amount_refunded=before)
        return back

    @act
    def complete(self, back: Refund) -> None:
        """The money of a waiting refund goes now: a line of today."""
        insist(back.status in ("pending", "requires_action"), "Only a waiting refund completes")
        self._decide(back, "succeeded")
        self._take_refund(back)
        self._tell_refund(back)

    @act
    def fail_refund(
        self,
        back: Refund,
        *,
        settled: int | None = None,
        kind: str = "refund_failure",
        reason: str = "lost_or_stolen_card",
    ) -> None:
        """The bank sends the money back: if it had gone, a new line of today brings it.

        `settled` is what comes, where the rate has moved; `kind` the type of the line, which used
        to be `adjustment`.
        """
        insist(back.stands, "This refund has failed already")
        worth = back.settled if settled is None else settled
        if back.status == "succeeded":
            line = self._line(
                kind,
                worth,
                source=back.id,
                currency=back.sale.settlement_currency,
                category="refund_failure",
                description=f"REFUND FAILURE ({back.sale.description})",
                fees=[("Stripe processing fees", -back.fee)] if back.fee else (),
            )
            back.lines.append(line)
            self._change(back.id, failure_balance_transaction=line)
        self._decide(back, "failed", failure_reason=reason)
        before = self._count_refunds(back.sale)
        self._tell("refund.failed", back.id)
        self._tell_refund(back)
        self._tell("charge.updated", back.sale.id, amount_refunded=before)

    @act
    def cancel_refund(self, back: Refund) -> None:
        """A waiting refund is called off, and nothing will go."""
        insist(back.status in ("pending", "requires_action"), "Only a waiting refund is cancelled")
        self._decide(back, "canceled", failure_reason="merchant_request")
        before = self._count_refunds(back.sale)
        self._tell_refund(back)
        self._tell("charge.updated", back.sale.id, amount_refunded=before)

    def _decide(self, back: Refund, status: RefundStatus, **shown: str) -> None:
        back.status = status
        row = self._objects[back.id]
        waited = {"pending_reason", "next_action"}
        self._put({k: v for k, v in row.items() if k not in waited} | {"status": status, **shown})

    def _take_refund(self, back: Refund) -> None:
        sale = back.sale
        line = self._line(
            "payment_refund" if sale.delayed else "refund",
            -back.settled,
            source=back.id,
            currency=sale.settlement_currency,
            category="refund",
            description=f"REFUND FOR CHARGE ({sale.description})",
            fees=[("Stripe processing fees", back.fee)] if back.fee else (),
        )
        back.lines.append(line)
        self._change(back.id, balance_transaction=line)

    def _count_refunds(self, sale: Sale) -> int:
        """Writes on the charge what was given back of it, waiting refunds included, as Stripe does.
        Returns what stood there before."""
        before: int = self._objects[sale.id]["amount_refunded"]
        back = sum(refund.amount for refund in sale.refunds if refund.stands)
        self._change(
            sale.id,
            amount_refunded=back + sale.reversed,
            refunded=back == sale.captured,
        )
        return before

    def _tell_refund(self, back: Refund) -> None:
        """Stripe says it twice, once under the name that the event used to have."""
        self._tell("refund.updated", back.id)
        self._tell("charge.refund.updated", back.id)


def _asking(expires_at: int) -> dict[str, object]:
    """The person is asked by e-mail where the money should go."""
    sent = {"email_sent_at": expires_at - _MONTH, "email_sent_to": "person@example.com"}
    details = {"email_sent": sent, "expires_at": expires_at}
    return {"display_details": details, "type": "display_details"}
