"""The truth about a history: what is kept of each payment, and whose it is."""

import pytest

from sandbox.workshop import Purchase
from tests.sandbox.reading import balance, net


def _failed_later(shop):
    shop.fail(shop.debit(2500))


def _released(shop):
    shop.release(shop.authorise(2500))


def _captured(shop):
    hold = shop.authorise(2500)
    shop.capture(hold, 2000, reversal=True)
    shop.refund(hold, 500)


def _won_at_another_rate(shop):
    sale = shop.charge(2500, settlement=("eur", 2300))
    shop.win(shop.dispute(sale), settled=2100)


def _lost_with_counter_fee(shop):
    case = shop.dispute(shop.charge(2500), 2000)
    shop.counter_fee(case)
    shop.lose(case)


def _appealed(shop):
    case = shop.dispute(shop.charge(2500), 2000)
    shop.win(case)
    shop.appeal(case)


def _two_refunds(shop):
    sale = shop.charge(2500)
    shop.refund(sale, 1000)
    shop.refund(sale, 500, status="pending")


def _refund_failed_at_another_rate(shop):
    sale = shop.charge(2500, settlement=("eur", 2300))
    shop.fail_refund(shop.refund(sale, settled=2400), settled=2200)


def _more_than_all(shop):
    sale = shop.charge(2500)
    shop.refund(sale, 2000)
    shop.dispute(sale)


CASES = {
    "paid": (lambda shop: shop.charge(2500), "paid", 2500),
    "declined": (lambda shop: shop.decline(2500), "failed", 0),
    "a debit that waits": (lambda shop: shop.debit(2500), "paid", 2500),
    "a debit that failed": (_failed_later, "failed", 0),
    "held": (lambda shop: shop.authorise(2500), "authorised", 0),
    "released": (_released, "cancelled", 0),
    "partly captured, with a reversal": (_captured, "partly_refunded", 1500),
    "settling": (lambda shop: shop.charge(2500, settles=False), "settling", 2500),
    "partly refunded": (
        lambda shop: shop.refund(shop.charge(2500), 1000),
        "partly_refunded",
        1500,
    ),
    "refunded": (lambda shop: shop.refund(shop.charge(2500)), "refunded", 0),
    "a refund that waits": (
        lambda shop: shop.refund(shop.charge(2500), status="requires_action"),
        "refund_pending",
        2500,
    ),
    "one that waits beside one that went": (_two_refunds, "refund_pending", 1500),
    "a refund that failed": (
        lambda shop: shop.fail_refund(shop.refund(shop.charge(2500))),
        "paid",
        2500,
    ),
    "one that failed at another rate": (_refund_failed_at_another_rate, "paid", 2500),
    "a refund that was cancelled": (
        lambda shop: shop.cancel_refund(shop.refund(shop.charge(2500), status="pending")),
        "paid",
        2500,
    ),
    "an inquiry": (lambda shop: shop.inquire(shop.charge(2500)), "paid", 2500),
    "disputed in part": (lambda shop: shop.dispute(shop.charge(2500), 2000), "disputed", 500),
    "lost, with a counter fee": (_lost_with_counter_fee, "lost", 500),
    "won": (lambda shop: shop.win(shop.dispute(shop.charge(2500))), "paid", 2500),
    "won at another rate": (_won_at_another_rate, "paid", 2500),
    "appealed after it was won": (_appealed, "disputed", 500),
    "refunded and disputed": (_more_than_all, "disputed", 0),
}


@pytest.mark.parametrize(("act", "state", "kept"), CASES.values(), ids=CASES)
def test_the_state_of_a_payment_and_what_is_kept_of_it(shop, act, state, kept):
    act(shop)
    (purchase,) = shop.truth().purchases.values()
    assert purchase == Purchase(state, kept, "usd", None)
    assert shop.truth().people == {(None, "usd"): kept}
    assert balance(shop) == net(shop)


@pytest.mark.parametrize(
    ("terms", "who"),
    [
        ({"email": " Guest@Example.COM "}, "guest@example.com"),
        ({"email": "a@example.com", "receipt_email": "b@example.com"}, "a@example.com"),
        ({"receipt_email": "b@example.com"}, "b@example.com"),
        ({"checkout_email": "c@example.com"}, "c@example.com"),
        ({"from_platform": True}, None),
        ({}, None),
    ],
)
def test_who_a_guest_is(shop, terms, who):
    shop.charge(900, **terms)
    assert shop.truth().people == {(who, "usd"): 900}


def test_several_customers_of_one_address_are_one_person(shop):
    for address in ("ann@example.com", "Ann@Example.com"):
        shop.charge(1000, customer=shop.customer(address), email="other@example.com")
    shop.charge(500, email="ANN@example.com", currency="eur")
    assert shop.truth().people == {
        ("ann@example.com", "usd"): 2000,
        ("ann@example.com", "eur"): 500,
    }


def test_a_customer_without_an_address_is_known_by_their_id(shop):
    nobody = shop.customer(None)
    shop.charge(1000, customer=nobody)
    assert shop.truth().people == {(nobody.id, "usd"): 1000}


def test_a_customer_who_was_deleted_is_known_by_what_their_payments_carry(shop, ann):
    shop.charge(1000, customer=ann)
    shop.charge(500, customer=ann, email="")
    shop.change_customer(ann, email="new@example.com")
    assert shop.truth().people == {("new@example.com", "usd"): 1500}
    shop.delete_customer(ann)
    assert shop.truth().people == {("ann@example.com", "usd"): 1000, (ann.id, "usd"): 500}
    assert shop.truth(remembering=True).people == {("new@example.com", "usd"): 1500}
