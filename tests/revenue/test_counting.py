"""What a payment counts for: the table of states, a row each."""

from dataclasses import dataclass
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revenue.counting import Outcome, count
from revenue.models import Purchase
from revenue.values import MovementKind as Kind
from revenue.values import PaymentStatus as Status
from revenue.values import ReturnKind

State = Purchase.State


@dataclass
class Paid:
    external_id: str = "ch"
    amount: int = 20_00
    is_elsewhere: bool = False
    currency: str = "GBP"
    status: Status = Status.SUCCEEDED


@dataclass
class Line:
    kind: Kind
    amount: int
    fee: int = 0
    object_id: str = "ch"
    currency: str = "GBP"

    @property
    def net(self) -> int:
        return self.amount - self.fee


@dataclass
class Back:
    external_id: str
    amount: int
    status: str
    kind: ReturnKind = ReturnKind.REFUND
    currency: str = "GBP"


CHARGE = Line(Kind.PAYMENT, 20_00, 50)
REFUND_5 = Line(Kind.REFUND, -5_00, object_id="re1")
REFUND_15 = Line(Kind.REFUND, -15_00, object_id="re2")
REFUND_BACK = Line(Kind.REFUND_FAILURE, 5_00, object_id="re1")
DISPUTE = Line(Kind.DISPUTE, -20_00, 15_00, object_id="du")
WON = Line(Kind.DISPUTE_REVERSAL, 20_00, object_id="du")
WON_FEE_BACK = Line(Kind.DISPUTE_REVERSAL, 20_00, -15_00, object_id="du")
BOUNCED = Line(Kind.PAYMENT_FAILURE, -20_00)


def refund(status="succeeded", external_id="re1", amount=5_00):
    return Back(external_id, amount, status)


def dispute(status, amount=20_00, external_id="du"):
    return Back(external_id, amount, status, ReturnKind.DISPUTE)


CASES = {
    "paid": ([CHARGE], [], State.PAID, 0, 50, 19_50),
    "the provider's line is not there yet": ([], [], State.SETTLING, 0, None, None),
    "a refund of a part": ([CHARGE, REFUND_5], [refund()], State.PARTLY_REFUNDED, 5_00, 50, 14_50),
    "two refunds of all": (
        [CHARGE, REFUND_5, REFUND_15],
        [refund(), refund(external_id="re2", amount=15_00)],
        State.REFUNDED,
        20_00,
        50,
        -50,
    ),
    "a refund on its way": ([CHARGE], [refund("pending")], State.REFUND_PENDING, 0, 50, 19_50),
    "a refund that failed": (
        [CHARGE, REFUND_5, REFUND_BACK],
        [refund("failed")],
        State.PAID,
        0,
        50,
        19_50,
    ),
    "a cancelled refund counts like a failed one": (
        [CHARGE, REFUND_5],
        [refund("canceled")],
        State.PAID,
        0,
        50,
        14_50,
    ),
    "the ledger took the refund back, the refund does not know yet": (
        [CHARGE, REFUND_5, REFUND_BACK],
        [refund("succeeded")],
        State.PAID,
        0,
        50,
        19_50,
    ),
    "an open dispute": (
        [CHARGE, DISPUTE],
        [dispute("needs_response")],
        State.DISPUTED,
        20_00,
        15_50,
        -15_50,
    ),
    "a lost dispute": ([CHARGE, DISPUTE], [dispute("lost")], State.LOST, 20_00, 15_50, -15_50),
    "a dispute won, the fee kept": (
        [CHARGE, DISPUTE, WON],
        [dispute("won")],
        State.PAID,
        0,
        15_50,
        4_50,
    ),
    "a dispute won, the fee given back": (
        [CHARGE, DISPUTE, WON_FEE_BACK],
        [dispute("won")],
        State.PAID,
        0,
        50,
        19_50,
    ),
    "an inquiry moves no money": (
        [CHARGE],
        [dispute("warning_needs_response")],
        State.PAID,
        0,
        50,
        19_50,
    ),
    "a refund and then a dispute of all": (
        [CHARGE, REFUND_5, DISPUTE],
        [refund(), dispute("needs_response")],
        State.DISPUTED,
        20_00,
        15_50,
        -20_50,
    ),
    "a delayed payment that bounced": ([CHARGE, BOUNCED], [], State.FAILED, 0, 50, -50),
}


@pytest.mark.parametrize(
    ("lines", "returns", "state", "returned", "fee", "net"), CASES.values(), ids=CASES.keys()
)
def test_every_row_of_the_table_in_any_order(lines, returns, state, returned, fee, net):
    for shuffled in permutations(lines):
        outcome = count(Paid(), shuffled, reversed(returns))

        assert (outcome.state, outcome.returned) == (state, returned)
        assert (outcome.fee, outcome.net) == (fee, net)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (Status.FAILED, State.FAILED),
        (Status.AUTHORISED, State.AUTHORISED),
        (Status.CANCELLED, State.CANCELLED),
    ],
)
def test_what_was_never_taken_counts_nothing(status, state):
    outcome = count(Paid(status=status), [], [])

    assert outcome == Outcome(state, 0)
    assert state in Purchase.NOTHING_PAID


def test_a_refund_settled_in_another_currency_is_counted_in_the_fans():
    lines = [
        Line(Kind.PAYMENT, 17_00, currency="GBP"),
        Line(Kind.REFUND, -9_00, object_id="re1", currency="GBP"),
    ]

    given = Back("re1", 10_00, "succeeded", currency="EUR")
    outcome = count(Paid(amount=20_00, currency="EUR"), lines, [given])

    assert outcome.returned == 10_00
    assert outcome.net == 8_00
    assert outcome.settlement_currency == "GBP"


def test_a_dispute_won_in_part_gives_back_that_part():
    lines = [
        Line(Kind.PAYMENT, 17_00, currency="GBP"),
        Line(Kind.DISPUTE, -16_00, object_id="du", currency="GBP"),
        Line(Kind.DISPUTE_REVERSAL, 4_00, object_id="du", currency="GBP"),
    ]

    given = Back("du", 20_00, "lost", ReturnKind.DISPUTE, currency="EUR")
    outcome = count(Paid(amount=20_00, currency="EUR"), lines, [given])

    assert outcome.returned == 15_00


#: What a dispute over 20.00 EUR did to a balance in GBP, its status, and what it took.
AT_ANOTHER_RATE = [
    ([-17_00], "under_review", 20_00),
    ([-17_00, 17_90], "won", 0),
    ([-17_00, 17_90], "lost", 0),
    ([-17_00, 17_00, -17_00], "lost", 20_00),
    ([-17_00, 17_90, -16_50], "under_review", 20_00),
    ([-17_00, 17_90, -16_50, 16_80], "won", 0),
    ([-16_00, 16_00, -16_00, 4_00], "lost", 15_00),
    ([0], "needs_response", 20_00),
    ([0, 1], "lost", 0),
    ([0, 0], "won", 0),
    ([-1, 0], "won", 0),
    ([0, 0, 0], "won", 20_00),
    ([0, 0, 0], "appeal_under_review", 20_00),
    ([0, 0, 0, 0], "won", 0),
    ([0, 0, 0], "lost", 20_00),
    ([-17_00, 0], "under_review", 20_00),
]


@pytest.mark.parametrize(("amounts", "status", "returned"), AT_ANOTHER_RATE)
def test_a_dispute_that_is_appealed_takes_its_money_once_whatever_the_rate_did(
    amounts, status, returned
):
    kinds = [Kind.DISPUTE, Kind.DISPUTE_REVERSAL] * 2
    lines = [
        Line(kind, amount, object_id="du") for kind, amount in zip(kinds, amounts, strict=False)
    ]
    given = Back("du", 20_00, status, ReturnKind.DISPUTE, currency="EUR")

    for shuffled in permutations(lines):
        paid = Paid(amount=20_00, currency="EUR")
        assert count(paid, [CHARGE, *shuffled], [given]).returned == returned


def test_a_refund_that_comes_to_nothing_in_the_currency_of_the_balance_was_given_all_the_same():
    lines = [Line(Kind.PAYMENT, 16), Line(Kind.REFUND, 0, object_id="re1")]

    outcome = count(
        Paid(amount=30, currency="JPY"), lines, [Back("re1", 1, "succeeded", currency="JPY")]
    )

    assert (outcome.state, outcome.returned) == (State.PARTLY_REFUNDED, 1)


def test_what_is_taken_from_another_balance_counts_at_the_payments_own_rate():
    lines = [
        Line(Kind.PAYMENT, 40_00, 1_00),
        Line(Kind.DISPUTE, -50_00, 15_00, object_id="du", currency="USD"),
    ]

    given = Back("du", 50_00, "lost", ReturnKind.DISPUTE, currency="USD")
    outcome = count(Paid(amount=50_00, currency="USD"), lines, [given])

    assert (outcome.state, outcome.returned, outcome.settled) == (State.LOST, 50_00, 40_00)
    assert (outcome.fee, outcome.net) == (13_00, -13_00)


@pytest.mark.parametrize(("balance", "paid"), [("EUR", 50_00), ("USD", 0)])
def test_what_is_taken_from_a_balance_without_a_rate_leaves_the_net_unknown(balance, paid):
    lines = [CHARGE, Line(Kind.REFUND, -9_00, object_id="re1", currency=balance)]

    outcome = count(Paid(amount=paid, currency="USD"), lines, [])

    assert (outcome.settled, outcome.fee, outcome.net) == (20_00, None, None)


@pytest.mark.parametrize(
    ("lines", "returns", "state", "returned"),
    [
        ([Line(Kind.REFUND, -5_00)], [], State.PARTLY_REFUNDED, 5_00),
        ([Line(Kind.REFUND, -5_00)], [refund()], State.PARTLY_REFUNDED, 5_00),
        ([Line(Kind.REFUND, -5_00), Line(Kind.REFUND_FAILURE, 5_00)], [], State.PAID, 0),
        ([Line(Kind.DISPUTE, -20_00)], [dispute("lost")], State.LOST, 20_00),
        ([Line(Kind.DISPUTE, -20_00), Line(Kind.DISPUTE_REVERSAL, 20_00)], [], State.PAID, 0),
    ],
)
def test_a_line_may_name_the_payment_and_not_what_took_the_money(lines, returns, state, returned):
    outcome = count(Paid(), [CHARGE, *lines], returns)

    assert (outcome.state, outcome.returned) == (state, returned)
    in_euros = count(Paid(amount=40_00, currency="EUR"), [CHARGE, *lines], returns)
    assert (in_euros.state, in_euros.returned) == (state, 2 * returned)


@pytest.mark.parametrize(
    ("taken", "returned"), [(8_50, 10_00), (17_00, 20_00), (18_00, 20_00), (1, 1)]
)
def test_a_dispute_over_what_was_settled_takes_as_much_of_what_was_paid(taken, returned):
    lines = [Line(Kind.PAYMENT, 17_00), Line(Kind.DISPUTE, -taken, object_id="du")]

    outcome = count(Paid(amount=20_00, currency="EUR"), lines, [dispute("lost", amount=taken)])

    assert outcome.returned == returned


@pytest.mark.parametrize("others", [["needs_response"], ["lost", "under_review"], ["won"]])
def test_as_long_as_one_dispute_that_took_money_is_not_lost_the_payment_is_disputed(others):
    statuses = ["lost", *others]
    disputes = [dispute(status, 5_00, f"du{at}") for at, status in enumerate(statuses)]
    lines = [Line(Kind.DISPUTE, -5_00, object_id=given.external_id) for given in disputes]

    for shuffled in permutations(disputes):
        assert count(Paid(), [CHARGE, *lines], shuffled).state == State.DISPUTED


@pytest.mark.parametrize("other", ["lost", "won", "warning_needs_response", "warning_closed"])
def test_a_dispute_is_lost_whatever_became_of_one_that_took_nothing(other):
    disputes = [dispute("lost"), dispute(other, external_id="du0")]

    for shuffled in permutations(disputes):
        assert count(Paid(), [CHARGE, DISPUTE], shuffled).state == State.LOST


@given(
    refunds=st.lists(st.integers(1, 30_00), max_size=4),
    disputed=st.integers(0, 30_00),
)
def test_a_payment_is_returned_at_most_up_to_its_amount(refunds, disputed):
    returns = [refund(external_id=f"re{i}", amount=a) for i, a in enumerate(refunds)]
    lines = [Line(Kind.REFUND, -a, object_id=f"re{i}") for i, a in enumerate(refunds)]
    if disputed:
        returns.append(dispute("lost", disputed))
        lines.append(Line(Kind.DISPUTE, -disputed, object_id="du"))

    outcome = count(Paid(), [CHARGE, *lines], returns)

    assert 0 <= outcome.returned <= 20_00
    assert outcome.returned == min(sum(refunds) + disputed, 20_00)
