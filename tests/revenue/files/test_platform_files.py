"""Exports of patronage, shops, crowdfunding, newsletters and video: what becomes of each row."""

import pytest

from revenue.files.outcomes import DISPUTE, OutsideId, Person
from revenue.files.problems import NotUsable
from tests.revenue.files.opened import outcomes, questions, told


def test_patreon_members_are_totals_of_all_time():
    assert told("patreon_2026.csv") == [
        "2 total USD 1440.00 ada@example.org",
        "4 total EUR 0.00 grace@example.org",
        "5 skipped never_paid",
        "6 total PLN 9.00 patreon:1004",
        "7 total USD 0.00 t@example.org",
    ]


def test_a_patron_pays_who_is_active_and_on_no_trial():
    totals = [outcome for outcome in outcomes("patreon_2026.csv") if "is_paying" in dir(outcome)]

    assert [total.is_paying for total in totals] == [True, False, False, False]
    assert totals[0].as_of.isoformat() == "2026-03-01T08:05:00.000001+00:00"


def test_patreon_of_2023():
    assert told("patreon_2023.csv") == ["2 total USD 36.00 ada@example.org"]


def test_kofi():
    assert told("kofi.csv") == [
        "2 paid EUR 3.00 ada@example.org",
        "4 paid USD 5.00 ?",
        "5 paid USD 10.00 grace@example.org",
        "6 skipped given",
    ]
    tip, nobody, tier, _given = outcomes("kofi.csv")
    assert (tip.note, tip.payer.country) == ('Thanks!\nTwo lines, and a "quote"', "DE")
    assert nobody.payer.name == "", "“Ko-fi Supporter” is nobody's name"
    assert tier.kind == "membership"


def test_kofi_with_fewer_columns():
    assert told("kofi_short.csv") == [
        "2 paid USD 10.00 ada@example.com",
        "3 paid USD 3.00 NoMail",
    ]


def test_gumroad():
    assert told("gumroad.csv") == [
        "2 paid USD 10.00 ada@work.example",
        "3 paid USD 100.00 grace@example.org, back 40.00",
        "4 paid USD 100.00 alan@example.org, back 100.00",
        "5 person free@example.org",
        "6 paid USD 5.00 lost@example.org, back 5.00",
        "7 paid USD 5.00 won@example.org",
        "8 paid USD 7.00 paypal@example.org",
        "9 skipped totals",
    ]


def test_gumroad_knows_two_addresses_of_a_buyer_and_what_they_saw():
    first, *_, lost, _won, paypal, _totals = outcomes("gumroad.csv")

    account = OutsideId("email", "ada@example.org"), OutsideId("gumroad", "ada@example.org")
    assert first.payer.ids == account
    assert first.payer.country == "DE", "a custom field of the same name is another column"
    assert (first.shown_currency, first.shown_amount) == ("EUR", 10_99)
    assert (first.fee, first.net) == (1_50, 8_50)
    assert (lost.return_kind, lost.kind) == (DISPUTE, "membership")
    assert paypal.payer.name == "=cmd"
    assert paypal.links == (OutsideId("paypal", "0TEST00000000007G"),)


def test_bandcamp_raw_data():
    assert told("bandcamp.csv") == [
        "2 paid EUR 62.50 ada@example.org",
        "4 paid EUR 1.00 ada@example.org",
        "5 paid JPY 3000 yuki@example.jp",
        "6 paid EUR 1.00 ada@example.org",
        "7 refund EUR 62.50 ada@example.org of ?",
        "8 skipped payout",
        "9 skipped undecided",
        "10 person ada@example.org",
    ]


def test_the_items_of_a_bandcamp_cart_stay_apart_and_the_fee_stays_on_the_last():
    first, last, pending, *_ = outcomes("bandcamp.csv")

    assert (first.external_id, last.external_id) == ("2001:Hits LP", "2001:Bonus")
    assert (first.fee, last.fee, pending.fee) == (None, 2_81, None)
    assert outcomes("bandcamp.csv")[3].links == (OutsideId("bandcamp", "2004"),), "a remark"


def test_bandcamp_keeps_its_share_besides_the_fee_and_the_shipping_is_the_sellers():
    text = (
        "date,item type,item name,currency,item total,shipping,transaction fee,net amount\n"
        "1/2/26 3:04pm,package,LP,GBP,25.50,4.50,1.02,17.88\n"
        "1/2/26 3:04pm,track,Song,GBP,1.00,,*,\n"
    )
    record, pending = outcomes(text)

    assert (record.fee, pending.fee) == (3_12, None)  # 2.10 of 21.00, and the payment's 1.02


def test_identical_bandcamp_rows_without_ids_are_two_sales():
    first, second = outcomes("bandcamp_no_buyers.csv")

    assert first.external_id != second.external_id
    assert [o.external_id for o in outcomes("bandcamp_no_buyers.csv")] == [
        first.external_id,
        second.external_id,
    ]


@pytest.mark.parametrize(
    ("sample", "instead"),
    [
        ("bandcamp_summary.csv", "raw data"),
        ("etsy_statement.csv", "Sold Orders"),
        ("square_items.csv", "transactions"),
    ],
)
def test_reports_that_name_nobody_are_refused_with_the_way_to_those_that_do(sample, instead):
    with pytest.raises(NotUsable, match=instead):
        outcomes(sample)


def test_a_shopify_order_of_several_rows_is_one_payment():
    assert told("shopify_orders.csv") == [
        "2 paid GBP 54.50 ada@example.org",
        "5 paid GBP 20.00 grace@example.org, back 5.00",
        "6 skipped cancelled",
        "7 paid GBP 8.00 ?, back 8.00",
        "8 paid GBP 20.00 late@example.org",
        "9 person gift@example.org",
    ]
    first = outcomes("shopify_orders.csv")[0]
    assert (first.external_id, first.more_lines) == ("7210448301122", (4,))
    assert (first.product, first.quantity) == ("Mug, Print", 3)
    assert first.occurred_at.isoformat() == "2026-05-14T10:23:45+00:00"


def test_further_rows_of_a_shopify_order_that_stand_elsewhere_are_not_counted():
    text = (
        "Name,Email,Financial Status,Created at,Total,Currency,Lineitem name\n"
        "#1,a@example.org,paid,2026-01-01 10:00:00 +0000,5.00,GBP,Mug\n"
        "#2,b@example.org,paid,2026-01-01 10:00:00 +0000,7.00,GBP,Mug\n"
        "#1,,,2026-01-01 10:00:00 +0000,,,Print\n"
    )
    assert told(text) == [
        "2 paid GBP 5.00 a@example.org",
        "3 paid GBP 7.00 b@example.org",
        "4 skipped continued",
    ]


def test_shopify_customers_ask_for_the_currency_of_the_shop():
    (question,) = questions("shopify_customers.csv")

    assert (question.about, question.column, question.texts) == (
        "currency",
        "Total Spent",
        ("74.50", "0.00"),
    )
    assert told("shopify_customers.csv", currency="GBP") == [
        "2 total GBP 74.50 ada@example.org",
        "3 person grace@example.org",
    ]


def test_woocommerce_orders():
    assert told("woocommerce_orders.csv") == [
        "2 paid EUR 1234.50 Ada Lovelace",
        "3 paid EUR 20.00 Grace Hopper, back 5.00",
        "4 paid EUR 20.00 Alan Turing, back 20.00",
        "5 skipped pending",
    ]


def test_woocommerce_customers():
    assert told("woocommerce_customers.csv", currency="EUR") == [
        "2 total EUR 1254.50 ada@example.org",
        "3 person n@example.org",
    ]


def test_etsy_orders_without_the_tax_that_etsy_passes_on():
    assert told("etsy_orders.csv") == [
        "2 paid USD 17.00 etsy:ada77",
        "3 paid USD 1000.00 Guest Person, back 100.00",
    ]
    whole, adjusted = outcomes("etsy_orders.csv")
    assert (whole.fee, whole.net) == (1_20, 15_80)
    assert (adjusted.fee, adjusted.net) == (28_00, 872_00)


def test_etsy_items_make_the_same_payment_as_the_order():
    first, second = outcomes("etsy_items.csv")
    order = outcomes("etsy_orders.csv")[0]

    assert (first.external_id, first.amount, first.more_lines) == (
        order.external_id,
        order.amount,
        (3,),
    )
    assert (second.currency, second.amount) == ("EUR", 16_50), "one amount with a comma"


def test_a_square_refund_is_counted_once():
    assert told("square.csv") == [
        "2 paid USD 1072.16 square_customer:CUST1",
        "3 refund USD 3.00 square_customer:CUST1 of TX1",
        "4 paid USD 12.96 ?",
    ]
    first, back, _last = outcomes("square.csv")
    assert first.occurred_at.isoformat() == "2026-10-05T18:30:00+00:00"
    assert first.returned == 0, "its Partial Refunds say the same once more"
    assert OutsideId("square", back.of) in first.links


def test_eventbrite_attendees():
    assert told("eventbrite_attendees.csv") == [
        "2 paid USD 25.00 ada@example.org",
        "3 paid USD 25.00 grace@example.org, back 25.00",
        "4 person free@example.org",
    ]
    first = outcomes("eventbrite_attendees.csv")[0]
    assert (first.external_id, first.fee) == ("9001-501", 2_00)
    assert first.occurred_at.isoformat() == "2024-11-09T22:28:00+00:00", "month first"


def test_the_buyer_of_a_ticket_is_who_paid():
    text = (
        "Order No.,Order Date,First Name,Last Name,Email,Quantity,Ticket Type,Order Type,"
        "Total Paid,Event Name,Buyer First Name,Buyer Last Name,Buyer Email\n"
        "1,2026-08-01 10:15:00,Guest,One,g1@example.org,1,VIP,Paid,$25.00,Gig,Ada,L,a@example.org\n"
        "1,2026-08-01 10:15:00,Guest,Two,g2@example.org,1,VIP,Paid,$25.00,Gig,Ada,L,a@example.org\n"
    )
    first, second = outcomes(text)

    assert {first.payer.email, second.payer.email} == {"a@example.org"}
    assert (first.external_id, second.external_id) == ("1", "1-2")


def test_eventbrite_orders_ask_for_their_currency():
    assert [question.about for question in questions("eventbrite_orders.csv")] == ["currency"]
    assert told("eventbrite_orders.csv", currency="USD") == ["2 paid USD 16.00 ada@example.org"]


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("kickstarter_2014.csv", ["2 paid GBP 1253.00 ada@example.org", "3 skipped failed"]),
        ("kickstarter_2025.csv", ["2 paid EUR 45.00 ada@example.org"]),
        (
            "indiegogo.csv",
            ["2 paid USD 30.00 ada@example.org", "3 paid USD 1030.00 grace@example.org"],
        ),
    ],
)
def test_crowdfunding(sample, expected):
    assert told(sample) == expected


def test_one_backer_number_of_two_campaigns_is_two_pledges():
    text = "Backer Number,Backer Name,Email,Pledge Amount,Pledged At\n1,Ada,a@example.org,$5,{}\n"
    (one,) = outcomes(text.format("2014-01-01 10:00"))
    (other,) = outcomes(text.format("2016-01-01 10:00"))

    assert one.external_id != other.external_id


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        (
            "substack_email_list.csv",
            [("ada@example.org", True), ("ada@example.org", False), ("gift@example.org", False)],
        ),
        (
            "ghost.csv",
            [("ada@example.org", True), ("comp@example.org", False), ("free@example.org", False)],
        ),
        ("memberful.csv", [("ada@example.org", True), ("ada@example.org", False)]),
        ("steady.csv", [("ada@example.org", True)]),
        ("twitch.csv", [("twitch:adaplays", True), ("twitch:prime_user", False)]),
    ],
)
def test_people_without_money_and_whether_they_pay(sample, expected):
    people = outcomes(sample)

    assert all(isinstance(one, Person) for one in people)
    assert [(one.payer.identity, one.is_paying) for one in people] == expected


def test_ghost_and_memberful_know_the_customer_at_stripe():
    for sample in ("ghost.csv", "memberful.csv"):
        assert OutsideId("stripe_customer", "cus_A") in outcomes(sample)[0].payer.ids


def test_substack_subscribers_have_their_revenue_of_all_time():
    assert told("substack_subscribers.csv") == [
        "2 total EUR 65.00 ada@example.org",
        "3 person free@example.org",
    ]


def test_youtube_members_are_their_channels_in_any_language():
    assert told("youtube_en.csv") == [
        "2 person youtube:UCCtMiOyY0wnVgCgGREAwT4g",
        "3 skipped no_person",
    ]
    assert told("youtube_ja.tsv") == ["2 person youtube:UC4WDD8TysLiICbVIkAD4ESA"]


def test_small_shops():
    assert told("lemonsqueezy_orders.csv", currency="USD") == ["2 paid USD 12.50 ada@example.org"]
    assert told("bigcartel.csv", currency="USD") == ["2 paid USD 24.00 ada@example.org"]
    assert outcomes("bigcartel.csv", currency="USD")[0].product == "Mug, Print"
    assert told("teachable.csv") == ["2 paid USD 49.00 ada@example.org"]


def test_amounts_that_may_be_cents_are_asked_about():
    text = (
        "identifier,order_number,date_utc,user_name,user_email,currency,subtotal\n"
        "a-1,1,2026-01-31 10:00:00,Ada,ada@example.org,USD,1250\n"
    )
    (question,) = questions(text)

    assert question.about == "unit"
    assert [choice.readings for choice in question.choices] == [
        (("1250", "1250"),),
        (("1250", "12.50"),),
    ]
    assert told(text, unit="minor") == ["2 paid USD 12.50 ada@example.org"]


def test_coffees_are_counted_and_their_payer_may_be_the_only_address():
    assert told("buymeacoffee_api.csv") == [
        "2 paid USD 15.00 ada@example.org",
        "3 paid USD 5.00 grace@example.org, back 5.00",
    ]
    assert outcomes("buymeacoffee_api.csv")[0].links == (
        OutsideId("stripe_intent", "pi_3ABCDEF12345"),
    )


def test_buy_me_a_coffees_own_lists():
    assert told("buymeacoffee_supporters.csv") == [
        "2 paid USD 15.00 rene@example.org",
        "3 paid EUR 5.50 gone@example.org",
    ]
    first, second = outcomes("buymeacoffee_supporters.csv")
    assert (first.payer.name, first.note, second.payer.name) == (
        "René Descartes",
        "I think & I tip",
        "",
    )
    assert first.links == (OutsideId("stripe_intent", "pi_3ABCDEF12345"),)
    members = outcomes("buymeacoffee_members.csv")
    assert [(m.is_paying, m.amount, m.interval) for m in members] == [
        (True, 5_00, "month"),
        (False, 50_00, "month"),
        (False, 5_00, "month"),
    ]


@pytest.mark.parametrize("called", ["Support Date", "Date", "When somebody was kind"])
def test_the_day_of_a_coffee_may_be_called_anything(called):
    text = (
        f"Supporter Name,Supporter Email,Coffee Count,Coffee Price,Support Currency,{called}\n"
        "Ada,ada@example.org,2,5.00,USD,2026-01-31 10:00\n"
    )
    assert told(text) == ["2 paid USD 10.00 ada@example.org"]


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("Stripe", "pi_3ABCDEF12345", [("stripe_intent", "pi_3ABCDEF12345")]),
        ("Charge", "ch_3ABCDEF12345", [("stripe_charge", "ch_3ABCDEF12345")]),
        ("PayPal id", "0TEST00000000001G", [("paypal", "0TEST00000000001G")]),
        ("Tracking", "0TEST00000000001G", []),
        ("Customer", "cus_3ABCDEF12345", []),
        ("Invoice", "in_3ABCDEF12345", []),
    ],
)
def test_what_a_column_that_nobody_knows_says_of_a_payment_elsewhere(column, cell, expected):
    text = (
        f"Number,Date,Buyer first name,Buyer last name,Buyer email,Items,Total price,{column}\n"
        f"1,2026-01-31,Ada,L,ada@example.org,product_name:Mug,$5.00,{cell}\n"
    )
    assert [tuple(link) for link in outcomes(text)[0].links] == expected
