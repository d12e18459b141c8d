"""One purchase: whose it is and why, and everything that is known of it."""

import pytest

from tests.dashboard.income_pages import INCOME, refund
from tests.factories import (
    InvoiceFactory,
    MembershipFactory,
    MovementFactory,
    PurchaseFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_minute_later")]


@pytest.mark.parametrize(
    ("fields", "has_customer", "why"),
    [
        ({}, False, "no address and no customer"),
        ({"customer_id": "cus_1"}, False, "by the customer it was paid by, who has no address"),
        ({"payer_email": "a@example.com"}, False, "by the address given with the payment"),
        ({"customer_id": "cus_1"}, True, "by the address of the customer"),
    ],
)
def test_a_purchase_tells_why_it_is_whose_it_is(client, source, fields, has_customer, why):
    if has_customer:
        source.customers.create(external_id="cus_1", email="a@example.com")
    purchase = PurchaseFactory(source=source, **fields)

    assert why in client.get(f"{INCOME}/{purchase.pk}").text.lower()


def test_a_purchase_tells_everything_that_is_known_of_it(client, source, buyer, now):
    bought = buyer(24_00, name="Zoë").purchase_set.get()
    plan = MembershipFactory(source=source, description="Club")
    bill = InvoiceFactory(source=source, membership_id=plan.external_id, description="1 × Club")
    type(bought).objects.filter(pk=bought.pk).update(
        kind="membership", invoice_id=bill.external_id, currency="EUR", shown_currency="SEK",
        shown_amount=270_00, rate="0.8575", rate_origin="ecb", counted_gross=20_58,
        payer_country="DE",
    )  # fmt: skip
    MovementFactory(source=source, payment_id=bought.external_id, currency="EUR", amount=24_00)
    refund(bought, now, amount=4_00, status="pending")
    MovementFactory(payment_id=bought.external_id, amount=99_99)  # of another's ledger

    text = client.get(f"{INCOME}/{bought.pk}").text.replace("\xa0", "")

    for told in ("Zoë", "1 × Club", "SEK270.00", "€24.00", "£20.58", "0.8575", "Germany",
                 "they asked for it", "on its way", plan.description):  # fmt: skip
        assert told in text
    assert "£99.99" not in text


def test_a_purchase_costs_the_same_queries_however_many_lines_it_has(
    client, source, buyer, now, django_assert_num_queries
):
    bought = buyer(24_00).purchase_set.get()
    type(bought).objects.update(customer_id="cus_1", invoice_id="in_1")
    source.customers.create(external_id="cus_1")
    plan = MembershipFactory(source=source)
    InvoiceFactory(source=source, external_id="in_1", membership_id=plan.external_id)
    for number in range(3):
        MovementFactory(source=source, payment_id=bought.external_id)
        refund(bought, now, external_id=f"re_{number}")
        with django_assert_num_queries(10):
            client.get(f"{INCOME}/{bought.pk}")


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_of_a_payment_that_failed_nothing_more_is_promised(client, source, state):
    failed = PurchaseFactory(
        source=source, state=state, fee=None, net=None, settlement_currency="",
        counted_gross=0, counted_net=0,
    )  # fmt: skip

    page = client.get(f"{INCOME}/{failed.pk}").text

    assert "not known yet" not in page
    assert "None yet" not in page
    assert "None: nothing was charged, so no money moved." in page


def test_a_debit_that_failed_tells_what_it_cost(client, source):
    failed = PurchaseFactory(
        source=source, state="failed", fee=50, net=-50, settlement_currency="GBP",
        counted_gross=0, counted_net=-50,
    )  # fmt: skip
    for kind, amount, fee in (("payment", 800, 0), ("payment_failure", -800, 50)):
        MovementFactory(
            source=source, payment_id=failed.external_id, kind=kind, amount=amount, fee=fee
        )

    page = client.get(f"{INCOME}/{failed.pk}").text

    assert '<td class="number">none</td>' not in page
    assert '<td class="number">£0.50</td>' in page
