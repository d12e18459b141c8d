"""Stripe's objects as values: what is optional is treated so, what is unknown is kept."""

import pytest

from revenue.gateways.stripe.billing import to_membership
from revenue.gateways.stripe.pages import to_page
from revenue.gateways.stripe.translate import to_customer, to_movement, to_payment
from revenue.packed import unpack
from revenue.values import InvalidValue, MovementKind, Payment, PaymentStatus, PurchaseKind
from tests.factories import NOW

CHARGE = {
    "object": "charge", "id": "ch_1", "created": 1790000000, "amount": 2000,
    "amount_captured": 2000, "captured": True, "currency": "gbp", "customer": "cus_1",
    "status": "succeeded", "description": "Album",
    "billing_details": {
        "email": "Zoe@Example.com ", "name": " Zoë ", "address": {"country": "gb"},
    },
}  # fmt: skip
LINE = {
    "object": "balance_transaction", "id": "txn_1", "created": 1790000000, "amount": 2000,
    "fee": 50, "net": 1950, "currency": "gbp", "type": "charge", "reporting_category": "charge",
    "source": CHARGE,
}  # fmt: skip
DISPUTE = {
    "object": "dispute", "id": "du_1", "created": 1790000000, "amount": 2000, "currency": "gbp",
    "charge": "ch_1", "status": "needs_response",
}  # fmt: skip
REFUND = DISPUTE | {"object": "refund", "id": "re_1", "status": "succeeded"}


def test_a_charge_is_a_payment_by_somebody():
    payment = to_payment(CHARGE)

    assert (payment.amount, payment.currency) == (2000, "GBP")
    assert (payment.email, payment.name, payment.country) == ("zoe@example.com", "Zoë", "GB")
    assert (payment.customer_id, payment.description) == ("cus_1", "Album")
    assert payment.occurred_at.isoformat() == "2026-09-21T14:13:20+00:00"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, PaymentStatus.SUCCEEDED),
        ({"status": "failed", "captured": False}, PaymentStatus.FAILED),
        ({"status": "pending"}, PaymentStatus.PENDING),
        ({"captured": False}, PaymentStatus.AUTHORISED),
        ({"captured": False, "refunded": True}, PaymentStatus.CANCELLED),
    ],
)
def test_what_became_of_a_charge(changes, status):
    assert to_payment(CHARGE | changes).status == status


@pytest.mark.parametrize(
    ("changes", "amount"),
    [
        ({}, 2000),
        ({"amount_captured": 1500}, 1500),
        ({"captured": False, "amount_captured": 0}, 2000),
        ({"amount_captured": None}, 2000),
    ],
)
def test_the_amount_is_what_was_captured_or_would_have_been(changes, amount):
    assert to_payment(CHARGE | changes).amount == amount


def test_a_bare_charge_of_an_old_server_is_enough():
    bare = {"object": "charge", "id": "ch_1", "created": 1, "amount": 5, "currency": "jpy"}

    payment = to_payment(bare)

    assert (payment.status, payment.amount, payment.customer_id) == ("succeeded", 5, "")


@pytest.mark.parametrize(
    ("customer", "found"),
    [("cus_1", "cus_1"), ({"id": "cus_2"}, "cus_2"), ({"id": "cus_3", "deleted": True}, "cus_3"),
     (None, "")],
)  # fmt: skip
def test_a_customer_may_be_expanded_deleted_or_missing(customer, found):
    assert to_payment(CHARGE | {"customer": customer}).customer_id == found


def test_the_receipts_address_is_used_where_billing_has_none():
    charge = CHARGE | {"billing_details": None, "receipt_email": "RECEIPT@example.com"}

    assert to_payment(charge).email == "receipt@example.com"


def test_payments_of_a_subscription_are_a_membership():
    assert to_payment(CHARGE | {"description": "Subscription update"}).kind == (
        PurchaseKind.MEMBERSHIP
    )


KINDS = [
    ("charge", "charge", CHARGE, MovementKind.PAYMENT, "ch_1"),
    ("refund", "refund", REFUND, MovementKind.REFUND, "ch_1"),
    ("refund_failure", "refund_failure", REFUND, MovementKind.REFUND_FAILURE, "ch_1"),
    ("adjustment", "dispute", DISPUTE, MovementKind.DISPUTE, "ch_1"),
    ("adjustment", "dispute_reversal", DISPUTE, MovementKind.DISPUTE_REVERSAL, "ch_1"),
    ("payment_failure_refund", "charge_failure", CHARGE, MovementKind.PAYMENT_FAILURE, "ch_1"),
    ("stripe_fee", "fee", None, MovementKind.FEE, ""),
    ("payout", "payout", {"object": "payout", "id": "po_1"}, MovementKind.PAYOUT, ""),
    ("transfer", "transfer", "tr_1", MovementKind.OTHER, ""),
    ("adjustment", "other_adjustment", None, MovementKind.OTHER, ""),
    ("refund", "partial_capture_reversal", REFUND, MovementKind.UNCAPTURED, "ch_1"),
]


@pytest.mark.parametrize(("type_", "category", "source", "kind", "payment"), KINDS)
def test_lines_are_classified_by_their_reporting_category(type_, category, source, kind, payment):
    movement = to_movement(LINE | {"type": type_, "reporting_category": category, "source": source})

    assert (movement.kind, movement.payment_id) == (kind, payment)


@pytest.mark.parametrize(
    ("type_", "amount", "source", "kind"),
    [
        ("payment", 5, CHARGE, MovementKind.PAYMENT),
        ("payment_refund", -5, REFUND, MovementKind.REFUND),
        ("adjustment", -5, DISPUTE, MovementKind.DISPUTE),
        ("adjustment", 5, DISPUTE, MovementKind.DISPUTE_REVERSAL),
        ("payment_failure_refund", -5, CHARGE, MovementKind.PAYMENT_FAILURE),
    ],
)
def test_a_server_without_reporting_categories_is_understood(type_, amount, source, kind):
    line = LINE | {"type": type_, "amount": amount, "source": source, "net": amount, "fee": 0}
    del line["reporting_category"]

    assert to_movement(line).kind == kind


def test_what_a_partial_capture_gives_back_is_no_refund():
    page = to_page(
        [LINE | {"type": "refund", "reporting_category": "partial_capture_reversal",
                 "source": REFUND}],
        read_at=NOW,
    )  # fmt: skip

    assert list(page.returns) == []


def test_a_page_has_each_payment_and_return_once():
    page = to_page(
        [LINE, LINE | {"id": "txn_2"}, LINE | {"id": "txn_3", "source": DISPUTE},
         LINE | {"id": "txn_4", "source": DISPUTE}],
        read_at=NOW,
    )  # fmt: skip

    assert len(page.movements) == 4
    assert [len(page.payments), len(page.returns), page.rows] == [1, 1, 4]


def test_a_line_is_kept_as_it_came_with_what_it_is_about():
    line = LINE | {"new_in_2027": {"deep": 1}}

    (movement,) = to_page([line], read_at=NOW).movements

    assert unpack(movement.raw) == line


def test_a_deleted_customer_has_nothing_but_an_id():
    customer = to_customer({"id": "cus_1", "object": "customer", "deleted": True})

    assert (customer.is_deleted, customer.email) == (True, "")


@pytest.mark.parametrize(
    "wrong",
    [{"amount": -1}, {"currency": "gbp"}, {"currency": "G1P"}, {"external_id": ""},
     {"country": "GBR"}],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused_by_its_field(wrong):
    fields = {name: getattr(to_payment(CHARGE), name) for name in Payment.__struct_fields__} | wrong

    with pytest.raises(InvalidValue, match=next(iter(wrong))):
        Payment(**fields)


@pytest.mark.parametrize(
    ("status", "state"), [("active", "paused"), ("past_due", "paused"), ("canceled", "ended")]
)
def test_who_has_left_is_not_paused_any_more(status, state):
    plan = CHARGE | {"object": "subscription", "id": "sub_1"}

    membership = to_membership(plan | {"status": status, "pause_collection": {"behavior": "void"}})

    assert membership.state == state


MONTHLY = {"recurring": {"interval": "month"}}
BY_USE = {"recurring": {"interval": "month", "usage_type": "metered"}}


@pytest.mark.parametrize(
    ("items", "amount"),
    [
        ([{"price": MONTHLY | {"unit_amount": 500}}], 500),
        ([{"price": MONTHLY | {"unit_amount": 500}, "quantity": 3}], 1500),
        ([{"price": MONTHLY | {"unit_amount": 500}, "quantity": 0}], 0),
        ([{"price": MONTHLY | {"unit_amount_decimal": "0.5"}, "quantity": 2000}], 1000),
        ([{"price": MONTHLY | {"unit_amount_decimal": "0.1"}, "quantity": 25}], 3),
        ([{"price": MONTHLY | {"unit_amount_decimal": "0.333333333333"}, "quantity": 3}], 1),
        ([{"price": MONTHLY | {"unit_amount": 500, "unit_amount_decimal": "500"}}] * 2, 1000),
        ([{"plan": {"interval": "month", "amount": 500}}], 500),
        ([{"plan": {"interval": "month", "amount": None, "amount_decimal": "0.5"}}], 1),
        # What is paid by use, or in tiers, is not the same each time.
        ([{"price": BY_USE | {"unit_amount": 10}}], 0),
        ([{"price": BY_USE | {"unit_amount_decimal": "0.5"}}], 0),
        ([{"plan": {"interval": "month", "amount": 10, "usage_type": "metered"}}], 0),
        ([{"price": MONTHLY | {"unit_amount": 500}}, {"price": BY_USE | {"unit_amount": 1}}], 500),
        ([{"price": MONTHLY | {"unit_amount": None, "billing_scheme": "tiered"}}], 0),
    ],
)
def test_a_membership_costs_what_its_prices_say_of_each_time(items, amount):
    plan = CHARGE | {"object": "subscription", "id": "sub_1", "items": {"data": items}}

    assert to_membership(plan).amount == amount
