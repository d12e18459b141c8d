"""What a payment counts for, given every line and every return that reaches it.

A pure function of its inputs: any order, any repetition, any crash gives the same answer, because
nothing is ever added to what was there before. The table of states, the first match wins:

    another source tells of it, and there it counts    counted elsewhere nothing
    the payment failed, or a payment-failure line      failed            nothing
    it is only authorised, or the hold was released    authorised …      nothing
    a dispute took money, and is not lost yet          disputed          amount - returned
    a dispute took money and is lost                   lost              amount - returned
    a refund is on its way, no line yet                refund pending    amount - returned
    refunds took all of it                             refunded          nothing
    refunds took some of it                            partly refunded   amount - returned
    the provider's line for it is not there yet        settling          amount; fee unknown
    otherwise                                          paid              amount

A payment that was made past the provider has no lines: it is paid, and there is no fee. One that a
file reports without what it cost has none either: it is paid, and the fee is not known.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from revenue.models import Purchase
from revenue.values import MovementKind, PaymentStatus, ReturnKind
from truefans.money import share

State = Purchase.State

#: Refunds that the provider has given up; "canceled" counts like "failed".
REFUND_IS_OFF = frozenset({"failed", "canceled"})
#: Lines that took money back from the creator, or gave it back to them, by what caused them. Any
#: other line of a refund or dispute (a fee) is the creator's cost and not the fan's money.
LINES_OF = {
    ReturnKind.REFUND: frozenset({MovementKind.REFUND, MovementKind.REFUND_FAILURE}),
    ReturnKind.DISPUTE: frozenset({MovementKind.DISPUTE, MovementKind.DISPUTE_REVERSAL}),
}
#: Of those, what takes even where it comes to nothing in the currency of the line.
TAKING = frozenset({MovementKind.REFUND, MovementKind.DISPUTE})
#: The lines of the payment itself: each capture, less what was authorised and not taken.
OWN = frozenset({MovementKind.PAYMENT, MovementKind.UNCAPTURED})


class PaymentLike(Protocol):
    """A payment, or the stored row of one."""

    @property
    def external_id(self) -> str: ...

    @property
    def status(self) -> str: ...

    @property
    def currency(self) -> str: ...

    @property
    def amount(self) -> int: ...

    @property
    def is_elsewhere(self) -> bool: ...


class MovementLike(Protocol):
    """A movement, or the stored row of one."""

    @property
    def kind(self) -> str: ...

    @property
    def currency(self) -> str: ...

    @property
    def amount(self) -> int: ...

    @property
    def fee(self) -> int: ...

    @property
    def net(self) -> int: ...

    @property
    def object_id(self) -> str: ...


class ReturnLike(Protocol):
    """A refund or dispute, or the stored row of one."""

    @property
    def external_id(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def currency(self) -> str: ...

    @property
    def amount(self) -> int: ...

    @property
    def status(self) -> str: ...


class Outcome(Struct, frozen=True):
    """`returned` in the fan's currency; `settled` (the payment's own lines), `fee` and `net` in
    `settlement_currency`, None and "" while the provider's line for the payment is not there.

    `fee` and `net` alone are None where there is a line in a currency without a rate."""

    state: Purchase.State
    returned: int
    settlement_currency: str = ""
    settled: int | None = None
    fee: int | None = None
    net: int | None = None


def count(
    payment: PaymentLike,
    movements: Sequence[MovementLike],
    returns: Iterable[ReturnLike],
    *,
    is_told_elsewhere: bool = False,
) -> Outcome:
    """The outcome of `payment`; `movements` and `returns` are all of those that reach it.

    `is_told_elsewhere`: another source tells of the same payment, and there it counts.
    """
    outcome = _outcome(payment, movements, returns)
    if is_told_elsewhere and outcome.state not in Purchase.NOTHING_PAID:
        return replace(outcome, state=State.ELSEWHERE)
    return outcome


def _outcome(
    payment: PaymentLike, movements: Sequence[MovementLike], returns: Iterable[ReturnLike]
) -> Outcome:
    refunded = _taken_by_nobody(payment, ReturnKind.REFUND, movements)
    withdrawn = _taken_by_nobody(payment, ReturnKind.DISPUTE, movements)
    pending, undecided, lost = False, False, False
    for given in returns:
        taken = _taken(payment, given, movements)
        if given.kind == ReturnKind.REFUND:
            refunded += taken
            pending |= not taken and given.status in ("pending", "requires_action")
        else:
            withdrawn += taken
            undecided |= taken > 0 and given.status != "lost"
            lost |= given.status == "lost"
    returned = min(refunded + withdrawn, payment.amount)
    if payment.is_elsewhere:
        return _paid_elsewhere(payment, returned)
    lost = lost and not undecided  # one dispute may be lost while another is not decided
    state = _state(payment, movements, refunded, withdrawn, pending=pending, lost=lost)
    own = next((m for m in movements if m.kind == MovementKind.PAYMENT), None)
    if own is None:
        return Outcome(state, returned)
    settled = sum(m.amount for m in movements if m.kind in OWN and m.currency == own.currency)
    fee, net = _reached(payment, movements, own.currency, settled)
    return Outcome(state, returned, own.currency, settled, fee=fee, net=net)


def _reached(
    payment: PaymentLike, movements: Sequence[MovementLike], currency: str, settled: int
) -> tuple[int, int] | tuple[None, None]:
    """The fee and the net of all lines, in `currency`, which `settled` of the payment came in.

    A refund or dispute may be taken from another balance than the payment went to. In what the fan
    paid it counts at the payment's own rate; for a third currency there is none.
    """
    amount, net = 0, 0
    for line in movements:
        brought, cost = line.amount, line.amount - line.net
        if line.currency != currency:
            if line.currency != payment.currency or not payment.amount:
                return None, None
            brought = share(settled, brought, payment.amount)
            cost = share(settled, cost, payment.amount)
        amount += 0 if line.kind == MovementKind.FEE else brought
        net += brought - cost
    return amount - net, net


def _paid_elsewhere(payment: PaymentLike, returned: int) -> Outcome:
    if payment.status != PaymentStatus.SUCCEEDED:
        return Outcome(State.CANCELLED, 0)
    kept = payment.amount - returned
    return Outcome(State.PAID, returned, payment.currency, payment.amount, fee=0, net=kept)


def _taken(payment: PaymentLike, given: ReturnLike, movements: Sequence[MovementLike]) -> int:
    """What a refund or dispute took from the fan's payment, in the fan's currency.

    The ledger decides whether money moved and how much of it came back; the object says how much
    that is in the currency of the fan, which the ledger does not know.
    """
    kinds = LINES_OF[ReturnKind(given.kind)]
    lines = [m for m in movements if m.object_id == given.external_id and m.kind in kinds]
    if given.kind == ReturnKind.REFUND:
        failed = any(m.kind == MovementKind.REFUND_FAILURE for m in lines)
        if failed or given.status in REFUND_IS_OFF:
            return 0  # a refund fails as a whole, at whatever rate the money comes back
    if all(m.currency == payment.currency for m in lines):
        return max(-sum(m.amount for m in lines), 0)
    out = [-m.amount for m in lines if m.amount < 0 or (m.amount == 0 and m.kind in TAKING)]
    # Before it is won, a line of nothing may be no more than a fee that came back.
    gives = {MovementKind.DISPUTE_REVERSAL} if given.status == "won" else set()
    back = [m.amount for m in lines if m.amount > 0 or (m.amount == 0 and m.kind in gives)]
    if not out or (given.status != "lost" and len(back) >= len(out)):
        return 0  # all of it came back, though perhaps at another rate than it went
    if given.currency == payment.currency and len(out) > len(back):
        return given.amount  # what came back was taken again, whatever the rate did meanwhile
    taken = sum(out) - sum(back)
    if taken <= 0:
        return 0
    if given.currency != payment.currency:
        return _as_paid(payment, taken, lines[0].currency, movements)
    return min(share(given.amount, taken * len(out), sum(out)), given.amount)


def _taken_by_nobody(
    payment: PaymentLike, kind: ReturnKind, movements: Sequence[MovementLike]
) -> int:
    """What lines took that name the payment itself, as they did before refunds had ids."""
    if not movements:
        return 0
    kinds, own = LINES_OF[kind], payment.external_id
    lines = [m for m in movements if m.kind in kinds and m.object_id == own]
    taken = max(-sum(m.amount for m in lines), 0)
    return _as_paid(payment, taken, lines[0].currency, movements) if taken else 0


def _as_paid(
    payment: PaymentLike, taken: int, currency: str, movements: Sequence[MovementLike]
) -> int:
    """`taken` of what the payment brought in `currency`, as so much of what was paid."""
    if currency == payment.currency:
        return taken
    settled = sum(m.amount for m in movements if m.kind in OWN and m.currency == currency)
    return share(payment.amount, min(taken, settled), settled) if settled > 0 else payment.amount


def _state(
    payment: PaymentLike,
    movements: Sequence[MovementLike],
    refunded: int,
    withdrawn: int,
    *,
    pending: bool,
    lost: bool,
) -> Purchase.State:
    kinds = {m.kind for m in movements}
    match payment.status:
        case PaymentStatus.FAILED:
            return State.FAILED
        case PaymentStatus.AUTHORISED:
            return State.AUTHORISED
        case PaymentStatus.CANCELLED:
            return State.CANCELLED
    if MovementKind.PAYMENT_FAILURE in kinds:
        return State.FAILED
    if withdrawn:
        return State.LOST if lost else State.DISPUTED
    if pending:
        return State.REFUND_PENDING
    if refunded >= payment.amount > 0:
        return State.REFUNDED
    if refunded:
        return State.PARTLY_REFUNDED
    if payment.status == PaymentStatus.REPORTED:
        return State.PAID
    return State.PAID if MovementKind.PAYMENT in kinds else State.SETTLING
