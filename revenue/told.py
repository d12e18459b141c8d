"""What follows from all that was said of one payment or one person: payments, lines, returns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

from fans.window import before
from revenue import values
from revenue.files.outcomes import Line, Payer, Person, Return, Skipped, Total
from revenue.models import Source
from revenue.values import MovementKind, PaymentStatus, PurchaseKind, ReturnKind
from truefans.money import share

Outcome = Line | Return | Total | Person | Skipped

#: A total that does not say since when is not of the last two years, as far as anybody knows.
UNKNOWN_MONTHS = 24
#: Separates the id of a person's total from the number of the growth that a purchase stands for.
GROWTH = "#"


@dataclass(slots=True)
class Said:
    """All that counts of what was said about one subject."""

    payment: Line | Skipped | None = None
    returns: list[Return] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)
    person: Person | None = None

    def hear(self, outcome: Outcome) -> None:
        match outcome:
            case Return():
                self.returns.append(outcome)
            case Total():
                self.totals.append(outcome)
            case Person():
                self.person = outcome
            case _:
                self.payment = outcome

    @property
    def gives_back(self) -> bool:
        """Whether anything says that something came back."""
        return bool(self.returns) or (isinstance(self.payment, Line) and self.payment.returned > 0)


def pages_of(source: Source, subject: str, about: Said) -> Iterator[values.Page]:
    """What follows from all that was said about one payment or person."""
    if isinstance(about.payment, Line):
        yield from _of_line(about.payment, about.returns)
    yield from _of_totals(subject, about.totals)
    if about.person is not None and about.person.is_paying is not None:
        yield _of_person(source, about.person)


def _of_line(line: Line, returns: Sequence[Return]) -> Iterator[values.Page]:
    """A payment, its own line where its costs are known, and what was given back."""
    costs = _costs(line)
    payment = values.Payment(
        external_id=line.external_id,
        occurred_at=line.occurred_at,
        status=PaymentStatus.SUCCEEDED if costs else PaymentStatus.REPORTED,
        kind=PurchaseKind(line.kind),
        currency=line.currency,
        amount=line.amount,
        description=line.product or line.note,
        customer_id=_customer_id(line.payer),
        email=line.payer.email,
        name=line.payer.name,
        country=line.payer.country,
        intent_id=next((value for kind, value in line.links if kind == "stripe_intent"), ""),
        shown_currency=line.shown_currency,
        shown_amount=line.shown_amount,
    )
    yield values.Page(payments=[payment], movements=[costs] if costs else [])
    if not (line.returned or returns):
        return
    given = [one for told in returns if (one := as_paid(line, told)) is not None]
    # What rows of their own give back is in what the payment itself says was returned.
    besides = line.returned - sum(one.amount for one in given if one.amount > 0)
    if besides > 0:
        whole = besides == line.returned and line.settled_returned
        yield _given_back(line, _besides(line, besides, settled=whole or None))
    yield from (_given_back(line, one) for one in given if one.amount >= 0)
    yield from (_brought_back(line, *pair) for pair in _won(given))


def as_paid(line: Line, given: Return) -> Return | None:
    """`given` in the currency that the fan paid in, where it may be in that in which it arrived;
    None where it is in neither."""
    if given.currency == line.currency:
        return given
    if given.currency != line.settled_currency or not line.settled_amount:
        return None
    return given._replace(
        currency=line.currency,
        amount=share(line.amount, given.amount, line.settled_amount),
        settled_currency=given.currency,
        settled_amount=given.amount,
    )


def _besides(line: Line, amount: int, *, settled: int | None) -> Return:
    """What the payment itself says was returned of it, as if it were a row of its own."""
    return Return(
        line=line.line,
        external_id="returned",
        of=line.external_id,
        occurred_at=line.returned_at or line.occurred_at,
        currency=line.currency,
        amount=amount,
        payer=line.payer,
        kind=line.return_kind,
        settled_currency=line.settled_currency if settled is not None else "",
        settled_amount=settled,
    )


def _won(given: Sequence[Return]) -> list[tuple[Return, Return]]:
    """(what was taken, what came back of it) of each that is below nothing. One whose other half
    no file tells of yet waits."""
    left = {one: one.amount for one in given if one.amount > 0}
    pairs = []
    for back in given:
        fitting = [one for one in left if one.kind == back.kind and left[one] >= -back.amount > 0]
        if fitting:
            taken = min(fitting, key=lambda one: left[one])
            left[taken] += back.amount
            pairs.append((taken, back))
    return pairs


def _costs(line: Line) -> values.Movement | None:
    """The payment's own line; None where nobody knows what it cost."""
    amount = line.amount if line.settled_amount is None else line.settled_amount
    if line.settled_currency and line.settled_amount is None:
        return None
    fee = line.fee
    if fee is None and line.net is not None and not line.returned:
        fee = amount - line.net
    if fee is None:
        return None
    return values.Movement(
        external_id=line.external_id,
        kind=MovementKind.PAYMENT,
        category="file",
        occurred_at=line.occurred_at,
        currency=line.settled_currency or line.currency,
        amount=amount,
        fee=fee,
        net=amount - fee,
        object_id=line.external_id,
        payment_id=line.external_id,
        description=line.product,
    )


def _given_back(line: Line, given: Return) -> values.Page:
    """A return and the line that took the money."""
    external_id = f"{line.external_id}:{given.external_id}"
    is_refund = given.kind == ReturnKind.REFUND
    back = values.Return(
        external_id=external_id,
        kind=ReturnKind(given.kind),
        payment_id=line.external_id,
        occurred_at=given.occurred_at,
        currency=line.currency,
        amount=given.amount,
        status="succeeded" if is_refund else "lost",
    )
    kind = MovementKind.REFUND if is_refund else MovementKind.DISPUTE
    return values.Page(returns=[back], movements=[_went(line, given, kind, external_id)])


def _brought_back(line: Line, taken: Return, back: Return) -> values.Page:
    """The line that brought back what a return had taken."""
    is_refund = back.kind == ReturnKind.REFUND
    kind = MovementKind.REFUND_FAILURE if is_refund else MovementKind.DISPUTE_REVERSAL
    return values.Page(
        movements=[_went(line, back, kind, f"{line.external_id}:{taken.external_id}")]
    )


def _went(line: Line, given: Return, kind: MovementKind, object_id: str) -> values.Movement:
    """The line of what went back, in the currency in which the payment arrived."""
    currency, amount, fee = line.currency, given.amount, given.fee or 0
    if line.settled_currency and line.settled_amount is not None and line.amount:
        currency = line.settled_currency
        amount = share(line.settled_amount, given.amount, line.amount)
    if given.settled_currency == currency and given.settled_amount is not None:
        amount = given.settled_amount
    elif (given.settled_currency or given.currency) != currency:
        fee = 0  # nobody knows it in this currency
    return values.Movement(
        external_id=f"{line.external_id}:{given.external_id}",
        kind=kind,
        category="file",
        occurred_at=given.occurred_at,
        currency=currency,
        amount=-amount,
        fee=fee,
        net=-amount - fee,
        object_id=object_id,
        payment_id=line.external_id,
    )


def _of_totals(subject: str, totals: Sequence[Total]) -> Iterator[values.Page]:
    """Payments that grow as the totals of a person did, each at the latest moment it can be of."""
    totals = sorted(totals, key=_place)
    for number, (amount, at, total) in enumerate(growths(totals)):
        if amount:
            payment = values.Payment(
                external_id=f"{subject}{GROWTH}{number}",
                occurred_at=at,
                status=PaymentStatus.REPORTED,
                kind=PurchaseKind.MEMBERSHIP,
                currency=total.currency,
                amount=amount,
                description=total.product,
                customer_id=_customer_id(total.payer),
                email=total.payer.email,
                name=total.payer.name,
                country=total.payer.country,
            )
            yield values.Page(payments=[payment])


def growths(totals: Sequence[Total]) -> list[tuple[int, datetime, Total]]:
    """(amount, moment, total that tells of it) of each growth of `totals`, oldest first.

    The first stands where the person began, or two years back where nobody knows; each later one
    at the last payment, if that lies between the two totals, else at the later of them. What a
    total is less than the one before it was given back, of the newest growth first. Minor units.
    """
    if not totals:
        return []
    first = totals[0]
    at = first.since or before(moment_of(first.as_of), UNKNOWN_MONTHS)
    found = [(first.amount, at, first)]
    for earlier, later in pairwise(totals):
        lacking = earlier.amount - later.amount
        paid_at = later.last_paid_at or later.as_of
        is_between = moment_of(earlier.as_of) < moment_of(paid_at) <= moment_of(later.as_of)
        found.append((max(-lacking, 0), moment_of(paid_at if is_between else later.as_of), later))
        for place in range(len(found) - 1, -1, -1):
            amount, moment, total = found[place]
            taken = min(max(lacking, 0), amount)
            found[place] = (amount - taken, moment, total)
            lacking -= taken
    return found


def _place(total: Total) -> tuple[datetime, datetime, int]:
    """Where a total stands among those of its person: of what was paid last, then of when it was
    said. What is told at once may come late."""
    as_of = moment_of(total.as_of)
    return total.last_paid_at or as_of, as_of, total.amount


def moment_of(at: datetime | None) -> datetime:
    """`at`, or before all that is known."""
    return at or datetime.min.replace(tzinfo=UTC)


def _of_person(source: Source, person: Person) -> values.Page:
    paying = values.MembershipState.ACTIVE if person.is_paying else values.MembershipState.ENDED
    membership = values.Membership(
        external_id=person.external_id,
        customer_id=_customer_id(person.payer) or person.external_id,
        state=person.state or paying,
        currency=person.currency or source.creator.currency,
        amount=person.amount,
        interval=person.interval,
        since=person.since or source.connected_at,
        ends_at=person.until,
        description=person.product,
        email=person.payer.email,
    )
    return values.Page(memberships=[membership])


def _customer_id(payer: Payer) -> str:
    """What the payer is known by beside an address; a Stripe customer as Stripe writes it."""
    for kind, value in payer.ids:
        if kind == "stripe_customer":
            return value
    return next((f"{kind}:{value}" for kind, value in payer.ids if kind != "email"), "")
