"""Ids stay ids until a request asks for the objects behind them."""

import pytest

import sandbox


def test_references_are_ids_unless_expanded(speak, band):
    client = speak(band)
    row = client.v1.balance_transactions.list({"type": "charge", "limit": 1}).data[0]
    charge = client.v1.charges.retrieve(row.source)
    assert (charge.balance_transaction, charge.customer[:4]) == (row.id, "cus_")
    assert "refunds" not in charge
    assert "invoice" not in charge


def test_recorded_objects_that_hold_objects_are_served_flat(speak, recorded):
    client = speak(recorded)
    assert all(isinstance(row.source, str) for row in client.v1.balance_transactions.list())
    charges = client.v1.charges.list({"limit": 100}).data
    assert {type(c.balance_transaction) for c in charges} <= {str, type(None)}
    assert not any("refunds" in charge for charge in charges)


def test_a_source_is_expanded_to_whatever_it_is_and_its_charge_too(speak, band):
    expand = ["data.source.charge"]
    client = speak(band)
    for kind in ("refund", "adjustment", "charge", "payout", "refund_failure"):
        page = client.v1.balance_transactions.list({"type": kind, "limit": 3, "expand": expand})
        for row in page.data:
            assert row.source.object in {"refund", "dispute", "charge", "payout"}
            if row.source.object in {"refund", "dispute"}:
                assert row.source.charge.object == "charge"
    (fee, *_) = client.v1.balance_transactions.list({"type": "stripe_fee", "expand": expand}).data
    assert fee.source is None


def test_four_levels_are_expanded(speak, band):
    client = speak(band)
    path = "data.source.charge.customer"
    page = client.v1.balance_transactions.list({"type": "refund", "limit": 50, "expand": [path]})
    customers = [row.source.charge.customer for row in page.data]
    assert any(customer.object == "customer" for customer in customers if customer)


def test_single_objects_expand_without_the_word_data(speak, band):
    client = speak(band)
    identifier = client.v1.balance_transactions.list({"type": "refund"}).data[0].source
    refund = client.v1.refunds.retrieve(
        identifier, {"expand": ["charge.refunds", "balance_transaction"]}
    )
    assert identifier in [row.id for row in refund.charge.refunds.data]
    assert refund.balance_transaction.source == identifier


def test_an_invoice_shows_its_payments_and_a_subscription_its_latest_invoice(speak, band):
    client = speak(band)
    page = client.v1.subscriptions.list({"limit": 1, "expand": ["data.latest_invoice.payments"]})
    invoice = page.data[0].latest_invoice
    (payment,) = invoice.payments.data
    assert payment.invoice == invoice.id
    assert payment.payment.payment_intent.startswith("pi_")


def test_a_deleted_customer_is_a_stub_that_no_list_has(speak, band):
    client = speak(band)
    listed = band.books.shelf("customer").place
    charges = band.books.shelf("charge").rows
    gone = next(row["customer"] for row in charges if (row["customer"] or "") not in ("", *listed))
    stub = client.v1.customers.retrieve(gone)
    assert stub.to_dict() == {"id": gone, "object": "customer", "deleted": True}
    charges = client.v1.charges.list({"customer": gone, "expand": ["data.customer"]}).data
    assert charges[0].customer.deleted


def test_events_are_snapshots_and_never_expanded(speak, band):
    page = speak(band).v1.events.list(
        {"type": "charge.succeeded", "expand": ["data.data.object.customer"], "limit": 50}
    )
    customers = [event.data.object.customer for event in page.data]
    assert any(customers)
    assert {type(customer) for customer in customers} <= {str, type(None)}


@pytest.fixture
def many_refunds():
    charge = {"id": "ch_1", "object": "charge", "created": 1}
    refunds = [
        {"id": f"re_{n:02}", "object": "refund", "created": n, "charge": "ch_1"} for n in range(12)
    ]
    books = sandbox.Books({"charge": [charge], "refund": refunds}, currency="gbp")
    return sandbox.Account({"id": "acct_1"}, lambda: books)


def test_an_inner_list_stops_at_ten_and_says_so(speak, many_refunds):
    charge = speak(many_refunds).v1.charges.retrieve("ch_1", {"expand": ["refunds"]})
    assert (len(charge.refunds.data), charge.refunds.has_more) == (10, True)
    assert charge.refunds.data[0].id == "re_11"
