"""Disputes and inquiries, from the first letter of the bank to the last."""

from typing import Any

from sandbox.shapes import payments
from sandbox.workshop.desk import act
from sandbox.workshop.record import Case, Sale, insist
from sandbox.workshop.sales import Sales

FEE = 1500


class Disputes(Sales):
    @act
    def dispute(
        self,
        sale: Sale,
        amount: int | None = None,
        *,
        fee: int = FEE,
        settled: int | None = None,
        reason: str = "fraudulent",
    ) -> Case:
        """The bank takes `amount` back (by default all that was captured, whatever was refunded),
        and the `fee`. `settled` is what that takes from the ledger, where it is not in proportion;
        both are in the settlement currency."""
        case = self._case(sale, amount, settled, reason, "needs_response")
        self._withdraw(case, fee)
        self._tell("charge.dispute.created", case.id)
        self._tell("charge.dispute.funds_withdrawn", case.id)
        return case

    @act
    def inquire(self, sale: Sale, amount: int | None = None) -> Case:
        """The bank only asks, and takes nothing; it may `escalate`, or `close_inquiry`."""
        case = self._case(sale, amount, None, "unrecognized", "warning_needs_response")
        self._tell("charge.dispute.created", case.id)
        return case

    @act
    def escalate(self, case: Case, *, fee: int = FEE) -> None:
        """An inquiry becomes a dispute."""
        insist(case.inquiry and case.open, "Only an open inquiry can become a dispute")
        self._move_case(case, "needs_response")
        self._withdraw(case, fee)
        self._tell("charge.dispute.updated", case.id)
        self._tell("charge.dispute.funds_withdrawn", case.id)

    @act
    def close_inquiry(self, case: Case) -> None:
        insist(case.inquiry and case.open, "Only an open inquiry can be closed")
        self._move_case(case, "warning_closed")
        self._tell("charge.dispute.closed", case.id)

    @act
    def answer(self, case: Case) -> None:
        """The creator sends evidence, and the bank thinks about it."""
        insist(case.status.endswith("needs_response"), "Nobody waits for an answer")
        self._move_case(case, case.status.replace("needs_response", "under_review"))
        self._tell("charge.dispute.updated", case.id)

    @act
    def counter_fee(self, case: Case, fee: int = FEE) -> None:
        """What it costs to answer; comes back when the dispute is won."""
        insist(case.open and not case.inquiry, "Only an open dispute can be answered")
        case.counter_fee += fee
        self._charge_counter_fee(case, fee)
        self._tell("charge.dispute.updated", case.id)

    @act
    def win(self, case: Case, *, fee_back: int = 0, settled: int | None = None) -> None:
        """The money comes back, with the counter fee and `fee_back` of the first fee. `settled` is
        what comes, where the rate has moved."""
        insist(case.open and case.withdrawn, "Only an open dispute can be won")
        case.withdrawn = False
        self._case_line(
            case,
            "dispute_reversal",
            case.settled if settled is None else settled,
            f"Chargeback reversal for {case.sale.id}",
            fees=[("Dispute fee", -fee_back)] if fee_back else (),
        )
        if case.counter_fee:
            self._charge_counter_fee(case, -case.counter_fee)
            case.counter_fee = 0
        self._move_case(case, "won")
        self._tell("charge.dispute.funds_reinstated", case.id)
        self._tell("charge.dispute.closed", case.id)

    @act
    def lose(self, case: Case) -> None:
        """The money stays where it is."""
        insist(case.open and case.withdrawn, "Only an open dispute can be lost")
        self._move_case(case, "lost")
        self._tell("charge.dispute.closed", case.id)

    @act
    def appeal(self, case: Case, *, withdraws: bool = True, fee: int = 0) -> None:
        """A closed dispute is opened again. Of one that was won, the bank takes the money again,
        unless `withdraws` is False; of one that was lost, it keeps what it has."""
        insist(case.status in ("won", "lost"), "Only what was won or lost can be appealed")
        self._move_case(case, "appeal_needs_response")
        if withdraws and not case.withdrawn:
            self._withdraw(case, fee)
            self._tell("charge.dispute.funds_withdrawn", case.id)
        self._tell("charge.dispute.updated", case.id)

    def _case(
        self, sale: Sale, amount: int | None, settled: int | None, reason: str, status: str
    ) -> Case:
        insist(sale.paid, "Only what was paid can be disputed")
        taken = (sale.captured or 0) if amount is None else amount
        insist(taken > 0, "A dispute is about more than nothing")
        case = Case(
            self._id("dp_1" if status.startswith("warning_") else "du_1"),  # Stripe has both
            sale,
            taken,
            settled=sale.worth(taken) if settled is None else settled,
            reason=reason,
            status=status,
            opened_at=self._now,
        )
        sale.cases.append(case)
        self._change(sale.id, disputed=True)
        self._show_case(case)
        return case

    def _withdraw(self, case: Case, fee: int) -> None:
        case.withdrawn = True
        self._case_line(
            case,
            "dispute",
            -case.settled,
            f"Chargeback withdrawal for {case.sale.id}",
            fees=[("Dispute fee", fee)] if fee else (),
        )
        self._show_case(case)

    def _charge_counter_fee(self, case: Case, fee: int) -> None:
        self._case_line(case, "fee", -fee, f"Dispute counter fee for {case.sale.id}")
        self._show_case(case)

    def _case_line(
        self, case: Case, category: str, amount: int, description: str, **more: Any
    ) -> None:
        case.lines.append(
            self._line(
                "adjustment",
                amount,
                source=case.id,
                currency=case.sale.settlement_currency,
                category=category,
                description=description,
                **more,
            )
        )

    def _move_case(self, case: Case, status: str) -> None:
        case.status = status
        self._show_case(case)

    def _show_case(self, case: Case) -> None:
        answered = case.status.endswith("under_review") or case.status == "won"
        self._put(
            payments.dispute(
                case.id,
                created=case.opened_at,
                of=self._objects[case.sale.id],
                amount=case.amount,
                status=case.status,
                reason=case.reason,
                inquiry=case.inquiry,
                answered=answered,
                past_due=case.status == "lost" and not answered,
                movements=[self._objects[line] for line in case.lines],
            )
        )
