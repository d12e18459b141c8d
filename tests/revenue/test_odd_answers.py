"""Answers that no version of Stripe would send to a single question: told, and no traceback."""

import pytest

from revenue.gateways.problems import UnexpectedAnswer
from revenue.gateways.stripe.client import StripeGateway
from revenue.gateways.stripe.reading import account_balance, newest_movement_id
from sandbox import App, Fault
from sandbox.directory import load
from sandbox.workshop import Workshop
from tests.revenue.comparing import BALANCE, LEDGER, check, imported
from tests.revenue.recording import SMALL

pytestmark = pytest.mark.django_db

NO_BALANCE = [
    b'{"object": "balance"}',
    b'{"available": [], "pending": "x"}',
    b'{"available": [5], "pending": []}',
    b'{"available": [{"currency": "usd"}], "pending": []}',
    b'{"available": [{"currency": "usd", "amount": 1.5}], "pending": []}',
    b'{"available": [{"currency": "usd", "amount": "12"}], "pending": []}',
    b'{"available": [{"currency": "", "amount": 12}], "pending": []}',
    b'{"available": [], "pending": [], "issuing": "x"}',
]


@pytest.fixture
def answers(stripe):
    """`answers(path, body)`: a small account that says `body` whatever is asked of `path`."""
    return lambda path, body: stripe(load(SMALL), faults=[Fault(path, times=99, body=body)])


@pytest.mark.parametrize("body", NO_BALANCE)
def test_a_balance_that_makes_no_sense_is_told(answers, body):
    answers(BALANCE, body)

    with pytest.raises(UnexpectedAnswer, match=r"(Validation|Key)Error at /v1/balance\)"):
        account_balance(StripeGateway("rk_test_any"))


@pytest.mark.parametrize("body", [b'{"data": 5}', b'{"data": {"id": "txn_1"}}'])
def test_a_last_line_that_makes_no_sense_is_told(answers, body):
    answers(LEDGER, body)

    with pytest.raises(UnexpectedAnswer, match=LEDGER):
        newest_movement_id(StripeGateway("rk_test_any"))


def test_books_are_not_compared_with_a_balance_that_makes_no_sense(stripe):
    shop = Workshop(currency="usd")
    shop.charge(2500, email="ann@example.com")
    stripe(shop.account)
    source = imported(shop)
    stripe(App([shop.account], faults=[Fault(BALANCE, body=NO_BALANCE[1])]))

    result = check(source, shop)

    assert result.outcome == "failed"
    assert "does not understand (ValidationError at /v1/balance)" in result.problem
