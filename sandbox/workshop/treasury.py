"""Lines that no fan is behind: Stripe's own fees, payouts, and what nobody has heard of."""

from functools import partial

from sandbox.shapes.money import payout
from sandbox.workshop.desk import DAY, Desk, act
from sandbox.workshop.record import Payout, insist

_ARRIVES_AFTER = 2 * DAY


class Treasury(Desk):
    @act
    def network_costs(self, amount: int, *, currency: str | None = None) -> str:
        """What the card networks took of earlier payments, in one line; returns its id."""
        return self._line(
            "stripe_fee",
            -amount,
            source=None,
            currency=currency,
            category="network_cost",
            description="Network costs",
        )

    @act
    def account_fee(
        self, amount: int, description: str = "Billing - Usage Fee", *, currency: str | None = None
    ) -> str:
        """What Stripe takes for no payment in particular; returns the id of the line."""
        return self._line(
            "stripe_fee",
            -amount,
            source=None,
            currency=currency,
            category="fee",
            description=description,
        )

    @act
    def unheard_of(
        self,
        *,
        type: str = "quantum_adjustment",
        amount: int = 100,
        source: str | None = None,
        currency: str | None = None,
    ) -> str:
        """A line of a type that nobody knows, in no known category; returns its id. `source` names
        the kind of object behind it, which nobody knows either."""
        identifier = None
        if source:
            identifier = self._id("qx_1")
            self._put({"id": identifier, "object": source, "created": self._now, "amount": amount})
        return self._line(type, amount, source=identifier, currency=currency)

    @act
    def payout(self, amount: int | None = None, *, currency: str | None = None) -> Payout:
        """Sends `amount` to the bank or, without one, all that is available; arrives in two days.

        The lines that went with it are known of the latter only, as at Stripe.
        """
        paid_in = currency or self.currency
        going = [] if amount is not None else self._available(paid_in)
        sent = sum(self._objects[line]["net"] for line in going) if amount is None else amount
        insist(sent > 0, "There is nothing to pay out")
        out = Payout(self._id("po_1"), sent, paid_in)
        self._payouts.append(out)
        if amount is None:
            left = set(going)
            self._waiting[paid_in] = [i for i in self._waiting[paid_in] if i not in left]
        out.line = self._line(
            "payout", -sent, source=out.id, currency=paid_in, description="STRIPE PAYOUT"
        )
        if amount is None:
            self._waiting[paid_in].remove(out.line)
            self._paid_out.update(dict.fromkeys((*going, out.line), out.id))
        self._put(
            payout(
                out.id,
                created=self._now,
                amount=sent,
                currency=paid_in,
                arrival=self._now // DAY * DAY + _ARRIVES_AFTER,
                status=out.status,
                movement=out.line,
                bank=f"ba_1{self._mint.letters('bank')[:23]}",
                automatic=amount is None,
            )
        )
        self._tell("payout.created", out.id)
        self._later(self._now + _ARRIVES_AFTER, partial(self._arrive, out))
        return out

    @act
    def payout_fails(self, out: Payout | None = None) -> None:
        """The bank sends the money of a payout (the last, by default) back, before or after it has
        arrived."""
        insist(out or self._payouts, "There was no payout")
        out = out or self._payouts[-1]
        insist(out.status != "failed", "This payout has failed already")
        out.status = "failed"
        line = self._line(
            "payout_failure",
            out.amount,
            source=out.id,
            currency=out.currency,
            category="payout_reversal",
            description="STRIPE PAYOUT FAILURE",
        )
        self._change(
            out.id,
            status="failed",
            failure_balance_transaction=line,
            failure_code="account_closed",
            failure_message="The bank account has been closed.",
        )
        self._tell("payout.failed", out.id)

    def _arrive(self, out: Payout) -> None:
        if out.status == "in_transit":
            out.status = "paid"
            self._change(out.id, status="paid")
            self._tell("payout.paid", out.id)

    def _available(self, currency: str) -> list[str]:
        rows = (self._objects[line] for line in self._waiting[currency])
        return [row["id"] for row in rows if row["available_on"] <= self._now]
