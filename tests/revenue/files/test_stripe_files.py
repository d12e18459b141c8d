"""Stripe's exports: payments of three ages, balance reports, customers, payouts."""

import pytest

from revenue.files.outcomes import DISPUTE, OutsideId
from revenue.files.problems import NotUsable
from tests.revenue.files.opened import outcomes, told


def test_payments_with_default_columns():
    assert told("stripe_payments.csv") == [
        "2 paid EUR 1250.00 ada@example.org, back 250.00",
        "4 paid USD 30.00 grace@example.org, back 30.00",
        "5 paid JPY 5000 yuki@example.jp",
        "6 skipped failed",
        "7 skipped incomplete",
        "8 skipped authorised",
        "9 paid GBP 12.50 ?",
    ]


def test_the_fee_is_in_the_currency_of_the_account():
    foreign, own, *_ = outcomes("stripe_payments.csv")

    assert (foreign.fee, foreign.settled_currency, foreign.settled_amount) == (
        45_10,
        "USD",
        1450_00,
    )
    assert (own.fee, own.settled_currency, own.settled_amount) == (1_17, "", None)


def test_a_payment_knows_its_charge_its_invoice_and_its_customer():
    first = outcomes("stripe_payments.csv")[0]

    assert first.external_id == "ch_A1"
    assert first.links == (
        OutsideId("stripe_charge", "ch_A1"),
        OutsideId("stripe_invoice", "in_A1"),
    )
    assert first.payer.ids == (OutsideId("stripe_customer", "cus_A"),)
    assert first.payer.name == "Ada Lovelace"
    assert first.product == 'Painting, "large"\nwith a frame'


def test_what_stripe_itself_writes_on_a_subscription_makes_a_membership():
    assert [line.kind for line in outcomes("stripe_payments.csv")[:3]] == [
        "sale",
        "sale",
        "membership",
    ]


def test_payments_with_all_columns():
    assert told("stripe_payments_all.csv") == [
        "2 paid USD 40.00 ada@example.org, back 40.00",
        "3 paid USD 40.00 grace@example.org",
        "4 skipped test",
        "5 paid USD 15.00 alan@example.org",
        "6 paid USD 25.00 ?",
    ]


def test_a_lost_dispute_is_money_lost_and_an_inquiry_is_not():
    lost, won, _test, no_charge, inquiry = outcomes("stripe_payments_all.csv")

    assert (lost.return_kind, lost.returned_at.isoformat()) == (
        DISPUTE,
        "2026-02-20T00:00:00+00:00",
    )
    assert (won.returned, inquiry.returned) == (0, 0)
    assert no_charge.external_id == "pi_B4", "a paid intent without a charge is not dropped"


def test_payments_of_2019_with_decimal_commas():
    assert told("stripe_payments_legacy.csv") == [
        "2 paid EUR 8.00 emile@example.fr",
        "3 paid EUR 1250.00 emile@example.fr, back 50.00",
    ]


def test_a_file_that_excel_saved_again_asks_for_the_order_of_its_dates():
    text = (
        "id,Created (UTC),Amount,Amount Refunded,Currency,Status\nch_1,6/1/2026 0:00,5,0,usd,Paid\n"
    )

    assert told(text) == ["2 skipped bad_date"]
    assert outcomes(text, date_order="month")[0].occurred_at.isoformat() == (
        "2026-06-01T00:00:00+00:00"
    )


def test_a_skipped_row_names_the_payment_that_it_is_about():
    assert outcomes("stripe_payments.csv")[3].external_id == "ch_A4"


def test_the_balance_history():
    assert told("stripe_balance.csv") == [
        "2 paid EUR 1250.00 ?",
        "3 refund EUR 250.00 ? of ch_A1",
        "4 skipped payout",
        "5 dispute USD 40.00 ? of ch_B1",
        "6 dispute USD -40.00 ? of ch_B1",
        "7 skipped fee",
    ]


def test_the_balance_history_knows_what_arrived():
    first = outcomes("stripe_balance.csv")[0]

    assert (first.external_id, first.fee, first.net) == ("ch_A1", 45_10, 1404_90)
    assert (first.settled_currency, first.settled_amount) == ("USD", 1450_00)


@pytest.mark.parametrize("kept", [10, 14])
def test_shorter_balance_histories_read_the_same(kept):
    header = (
        "id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Available On (UTC),Description,"
        "Customer Facing Amount,Customer Facing Currency,Transfer,Transfer Date (UTC)"
    )
    columns = header.split(",")[:kept]
    row = (
        "txn_1,charge,ch_1,30.00,1.17,28.83,usd,2022-04-23 21:56,2022-04-30 00:00,Book,30.00,usd,,"
    )
    text = ",".join(columns) + "\n" + ",".join(row.split(",")[:kept]) + "\n"

    assert told(text) == ["2 paid USD 30.00 ?"]


def test_the_itemised_balance_report():
    assert told("stripe_balance_itemised.csv") == [
        "2 paid USD 20.00 ada@example.org",
        "3 refund USD 5.00 ada@example.org of ch_D1",
        "4 dispute USD 15.00 ? of ch_D1",
        "5 skipped payout",
    ]


def test_customers_are_people_and_no_money():
    assert told("stripe_customers.csv") == [
        "2 person ada@example.org",
        "3 person ada@example.org",
        "4 person stripe_customer:cus_B",
    ]


def test_payouts_are_refused_with_the_way_to_what_is_needed():
    with pytest.raises(NotUsable, match="Export Payments instead"):
        outcomes("stripe_payouts.csv")
