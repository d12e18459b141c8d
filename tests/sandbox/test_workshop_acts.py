"""Each act in a workshop, and the objects that follow from it."""

import pytest

from sandbox.workshop import Impossible, Purchase
from tests.sandbox.reading import balance, lines, told


def test_a_sale_abroad_settles_in_another_currency_with_both_fees(shop):
    terms = {"settlement": ("eur", 2300), "fee": 90, "application_fee": 40}
    sale = shop.charge(2500, presentment=("jpy", 3500), **terms)
    (line,) = lines(shop, sale)
    assert (line["currency"], line["amount"], line["fee"]) == ("eur", 2300, 130)
    assert {part["type"] for part in line["fee_details"]} == {"stripe_fee", "application_fee"}
    assert line["exchange_rate"] == pytest.approx(0.92)
    shown = shop.look(sale)
    assert (shown["currency"], shown["application_fee_amount"]) == ("usd", 40)
    assert shown["presentment_details"]["presentment_currency"] == "jpy"
    back = shop.refund(sale, 1000)
    assert lines(shop, back)[0]["amount"] == -920
    assert shop.look(back)["presentment_details"]["presentment_amount"] == 1400


def test_what_a_platform_passes_on_names_nobody(shop):
    sale = shop.charge(700, from_platform=True)
    shown = shop.look(sale)
    assert (shown["id"][:3], shown["customer"], shown["payment_intent"]) == ("py_", None, None)
    assert shown["source_transfer"].startswith("tr_")
    assert shown["billing_details"]["email"] is None
    assert [(r["type"], r["reporting_category"]) for r in lines(shop, sale)] == [
        ("payment", "charge")
    ]


def test_an_address_may_stand_on_the_checkout_session_alone(shop, client):
    sale = shop.charge(900, checkout_email="till@example.com", name="T")
    shown = shop.look(sale)
    assert (shown["billing_details"]["email"], shown["receipt_email"]) == (None, None)
    (visit,) = client.v1.checkout.sessions.list({"payment_intent": sale.intent}).data
    assert (visit.customer_details.email, visit.payment_status) == ("till@example.com", "paid")
    assert told(shop)[-1] == "checkout.session.completed"


def test_a_second_try_is_a_second_charge_of_one_intent(shop, client, ann):
    declined = shop.decline(1000, customer=ann)
    assert client.v1.payment_intents.retrieve(declined.intent).status == "requires_payment_method"
    paid = shop.charge(1000, customer=ann, again=declined)
    intent = client.v1.payment_intents.retrieve(paid.intent)
    assert (intent.status, intent.latest_charge, intent.last_payment_error) == (
        "succeeded",
        paid.id,
        None,
    )
    assert len(client.v1.charges.list({"payment_intent": paid.intent}).data) == 2
    assert lines(shop, declined) == []


def test_a_hold_is_no_money_until_it_is_captured(shop, ann):
    hold = shop.authorise(5000, customer=ann)
    assert (shop.look(hold)["captured"], lines(shop, hold)) == (False, [])
    shop.capture(hold, 3000)
    shown = shop.look(hold)
    assert (shown["captured"], shown["amount"], shown["amount_captured"]) == (True, 5000, 3000)
    assert [row["amount"] for row in lines(shop, hold)] == [3000]
    assert told(shop)[-2:] == ["charge.captured", "payment_intent.succeeded"]


def test_a_reversal_shows_the_whole_amount_and_looks_like_a_refund(shop, client):
    hold = shop.authorise(5000, fee=0)
    shop.capture(hold, 3000, reversal=True)
    (whole,) = lines(shop, hold)
    (refund,) = client.v1.refunds.list({"charge": hold.id}).data
    (reversal,) = lines(shop, refund)
    assert (whole["amount"], reversal["amount"]) == (5000, -2000)
    assert (reversal["type"], reversal["reporting_category"]) == (
        "refund",
        "partial_capture_reversal",
    )


def test_a_released_hold_has_a_refund_that_moved_no_money(shop, client):
    hold = shop.authorise(5000)
    shop.release(hold, expired=True)
    charge = client.v1.charges.retrieve(hold.id, {"expand": ["refunds"]})
    assert (charge.captured, charge.refunded) == (False, True)
    (refund,) = charge.refunds.data
    assert (refund.reason, refund.balance_transaction) == ("expired_uncaptured_charge", None)


def test_a_charge_that_settles_later_has_no_line_at_first(shop):
    sale = shop.charge(1200, settles=False)
    assert (shop.look(sale)["balance_transaction"], lines(shop, sale)) == (None, [])
    shop.pass_time(hours=1)
    shop.settle(sale)
    (line,) = lines(shop, sale)
    assert shop.look(sale)["balance_transaction"] == line["id"]
    assert line["created"] == sale.at + 3600
    assert told(shop)[-1] == "charge.updated"


def test_a_debit_is_on_the_ledger_before_it_is_certain_and_may_fail(shop, client):
    debit = shop.debit(1000, fee=50)
    assert shop.look(debit)["status"] == "pending"
    shop.pass_time(days=4)
    shop.fail(debit, fee=400)
    first, second = lines(shop, debit)
    assert (first["type"], first["reporting_category"]) == ("payment", "charge")
    assert (second["type"], second["reporting_category"]) == (
        "payment_failure_refund",
        "charge_failure",
    )
    assert (second["amount"], second["net"]) == (-1000, -1400)
    charge = client.v1.charges.retrieve(debit.id, {"expand": ["failure_balance_transaction"]})
    assert (charge.status, charge.failure_balance_transaction.id) == ("failed", second["id"])


def test_a_refund_waits_completes_and_fails_each_with_a_line_of_its_day(shop):
    sale = shop.charge(2500)
    back = shop.refund(sale, 1000, status="pending", fee=-30)
    assert (lines(shop, back), shop.look(back)["status"]) == ([], "pending")
    assert shop.look(sale)["amount_refunded"] == 1000
    shop.pass_time(days=2)
    shop.complete(back)
    shop.pass_time(days=5)
    shop.fail_refund(back)
    gone, returned = lines(shop, back)
    assert (gone["net"], gone["created"] - sale.at) == (-970, 2 * 86_400)
    assert (returned["net"], returned["created"] - sale.at) == (970, 7 * 86_400)
    assert returned["reporting_category"] == "refund_failure"
    shown = shop.look(back)
    assert (shown["status"], shown["failure_balance_transaction"]) == ("failed", returned["id"])
    assert "pending_reason" not in shown
    assert shop.look(sale)["amount_refunded"] == 0
    assert told(shop)[-4:] == [
        "refund.failed",
        "refund.updated",
        "charge.refund.updated",
        "charge.updated",
    ]


def test_a_dispute_with_all_its_fees_and_an_appeal(shop, client):
    sale = shop.charge(2500)
    case = shop.dispute(sale, 2000, fee=1500)
    shop.counter_fee(case, 900)
    shop.answer(case)
    assert shop.look(case)["status"] == "under_review"
    shop.win(case, fee_back=500)
    found = [(r["reporting_category"], r["amount"], r["fee"]) for r in lines(shop, case)]
    assert found == [
        ("dispute", -2000, 1500),
        ("fee", -900, 0),
        ("dispute_reversal", 2000, -500),
        ("fee", 900, 0),
    ]
    shown = client.v1.disputes.retrieve(case.id)
    assert (shown.status, shown.amount) == ("won", 2000)
    assert [row.id for row in shown.balance_transactions] == case.lines
    shop.appeal(case)
    assert shop.look(case)["status"] == "appeal_needs_response"
    shop.answer(case)
    assert shop.look(case)["status"] == "appeal_under_review"


def test_an_inquiry_moves_no_money_until_it_escalates(shop):
    case = shop.inquire(shop.charge(2500))
    assert (shop.look(case)["status"], lines(shop, case)) == ("warning_needs_response", [])
    assert "charge.dispute.funds_withdrawn" not in told(shop)
    shop.escalate(case)
    assert shop.look(case)["status"] == "needs_response"
    assert [row["amount"] for row in lines(shop, case)] == [-2500]


def test_fees_and_strange_rows_have_no_fan_behind_them(shop, client):
    shop.network_costs(1234)
    shop.account_fee(55)
    shop.unheard_of(type="quantum_adjustment", amount=100, source="quantum")
    page = client.v1.balance_transactions.list({"expand": ["data.source"]})
    strange, fee, costs = page.data
    assert (costs.reporting_category, costs.source) == ("network_cost", None)
    assert (fee.reporting_category, fee.amount) == ("fee", -55)
    assert (strange.type, strange.source.object) == ("quantum_adjustment", "quantum")


def test_a_payout_takes_what_is_available_arrives_and_may_fail(shop, client):
    sale = shop.charge(2500, fee=100)
    with pytest.raises(Impossible):
        shop.payout()
    shop.pass_time(days=3)
    out = shop.payout()
    assert out.amount == 2400
    rows = client.v1.balance_transactions.list({"payout": out.id}).data
    assert {row.source for row in rows} == {sale.id, out.id}
    assert balance(shop) == {"usd": 0}
    shop.pass_time(days=2)
    assert shop.look(out)["status"] == "paid"
    shop.payout_fails()
    assert (shop.look(out)["status"], balance(shop)) == ("failed", {"usd": 2400})
    assert shop.payout().amount == 2400


def test_a_customer_changes_and_is_deleted_with_their_memberships(shop, client, ann):
    plan = shop.membership(ann, 500)
    shop.change_customer(ann, email="new@example.com")
    assert shop.events[-1]["data"]["previous_attributes"] == {"email": "ann@example.com"}
    shop.delete_customer(ann)
    assert client.v1.customers.list().data == []
    assert client.v1.customers.retrieve(ann.id).deleted
    assert shop.look(plan)["status"] == "canceled"
    assert shop.events[-1]["data"]["object"]["email"] == "new@example.com"
    assert client.v1.charges.retrieve(plan.sales[0].id).customer == ann.id


def test_a_membership_renews_fails_recovers_and_ends_with_its_period(shop, client, ann):
    plan = shop.membership(ann, 500)
    shop.pass_time(days=31)
    shop.renewal_fails(plan)
    assert shop.look(plan)["status"] == "past_due"
    shop.renew(plan)
    shown = shop.look(plan)
    assert (shown["status"], len(plan.bills), len(plan.sales)) == ("active", 2, 3)
    assert shown["items"]["data"][0]["current_period_start"] == plan.period[0]
    assert shop.look(plan.sales[0])["description"] == "Subscription creation"
    assert shop.look(plan.sales[2])["description"] == "Subscription update"
    first, second = client.v1.invoices.list({"subscription": plan.id}).data[::-1]
    assert (first.billing_reason, second.billing_reason) == (
        "subscription_create",
        "subscription_cycle",
    )
    asked = {"payment": {"type": "payment_intent", "payment_intent": plan.sales[2].intent}}
    (link,) = client.v1.invoice_payments.list(asked).data
    assert (link.invoice, link.status, link.amount_paid) == (second.id, "paid", 500)
    shop.cancel(plan)
    shown = shop.look(plan)
    assert (shown["status"], shown["cancel_at_period_end"]) == ("active", True)
    assert shown["cancellation_details"]["reason"] == "cancellation_requested"
    with pytest.raises(Impossible):
        shop.renew(plan)
    shop.pass_time(days=40)
    shown = shop.look(plan)
    assert (shown["status"], shown["ended_at"]) == ("canceled", plan.period[1])
    assert told(shop)[-1] == "customer.subscription.deleted"


def test_a_trial_begins_with_an_invoice_over_nothing(shop, client, ann):
    plan = shop.membership(ann, 500, trial_days=14)
    invoice = client.v1.invoices.retrieve(plan.bills[0].id, {"expand": ["payments"]})
    assert (invoice.status, invoice.amount_paid, invoice.payments.data) == ("paid", 0, [])
    assert shop.look(plan)["status"] == "trialing"
    assert client.v1.charges.list().data == []
    shop.renew(plan)
    assert shop.look(plan)["status"] == "active"


def test_a_plain_renewal_is_known_as_one_by_its_invoice_alone(shop, client, ann):
    sale = shop.renew(shop.membership(ann, 500), plain=True)
    shown = shop.look(sale)
    assert (shown["description"], shown["payment_intent"]) == (None, None)
    page = client.v1.invoices.list({"limit": 1, "expand": ["data.payments"]})
    (link,) = page.data[0].payments.data
    assert (link.payment.type, link.payment.charge) == ("charge", sale.id)


@pytest.mark.parametrize("record", [True, False])
def test_what_was_paid_out_of_band_is_on_the_invoice_alone(shop, client, ann, record):
    bill = shop.invoice(ann, 4000, paid="out_of_band", record=record)
    asked = {"expand": ["payments", "amount_paid_off_stripe"]}
    invoice = client.v1.invoices.retrieve(bill.id, asked)
    assert (invoice.status, invoice.amount_paid, invoice.amount_paid_off_stripe) == (
        "paid",
        4000,
        4000,
    )
    assert [link.payment.type for link in invoice.payments.data] == ["payment_record"] * record
    assert client.v1.balance_transactions.list().data == []
    assert shop.truth().people == {}
    assert shop.truth().offline[bill.id] == Purchase("paid", 4000, "usd", "ann@example.com")


def test_what_was_paid_off_stripe_is_shown_only_when_asked_for(shop, client, ann):
    shop.invoice(ann, 4000, paid="out_of_band")
    (invoice,) = client.v1.invoices.list().data
    assert "amount_paid_off_stripe" not in invoice
    (asked,) = client.v1.invoices.list({"expand": ["data.amount_paid_off_stripe"]}).data
    assert asked.amount_paid_off_stripe == 4000
    paid = client.v1.events.list({"type": "invoice.paid"}).data[0]
    assert "amount_paid_off_stripe" not in paid.data.object


def test_an_open_invoice_is_paid_later_or_voided(shop, ann):
    late = shop.invoice(ann, 4000, paid="unpaid")
    off = shop.invoice(ann, 4000, paid="unpaid")
    assert shop.look(late)["status"] == "open"
    shop.pay(late)
    shop.void(off)
    assert (shop.look(late)["status"], shop.look(off)["status"]) == ("paid", "void")
    assert shop.truth().people == {("ann@example.com", "usd"): 4000}
    with pytest.raises(Impossible):
        shop.void(late)
