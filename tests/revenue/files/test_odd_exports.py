"""What real exports do that the samples do not: a header, rows as they may come, what they are."""

import pytest

from revenue.files.outcomes import DISPUTE
from revenue.files.previewing import preview
from tests.revenue.files.opened import outcomes, questions, told

STRIPE = (
    "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Status,Mode,Fee,"
    "Customer Email,email (metadata),Customer Description"
)


def rows(header: str, *lines: str) -> str:
    return "\n".join([header, *lines]) + "\n"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("ch_1,{at},20,0,usd,non,Paid,,0,a@x.org,", "skipped authorised"),
        ("ch_1,{at},9,5,usd,,Partially Refunded,,1,a@x.org,", "paid USD 9.00 a@x.org, back 5.00"),
        ("ch_1,{at},20,,usd,TRUE,REFUNDED,,1,a@x.org,", "paid USD 20.00 a@x.org, back 20.00"),
        ("ch_1,{at},20,0,usd,FALSCH,Paid,,0,a@x.org,", "skipped authorised"),
        ("ch_1,{at},20,0,usd,true,Disputed,,1,a@x.org,", "paid USD 20.00 a@x.org, back 20.00"),
        ("ch_1,{at},20,0,usd,true,Paid,test,0,a@x.org,", "skipped test"),
        ("ch_1,{at},20,0,usd,true,Paid,Live,0,,m@x.org", "paid USD 20.00 m@x.org"),
        ("ch_1,{at},20,0,usd,true,Paid,Live,0,N/A,m@x.org", "paid USD 20.00 m@x.org"),
        ("ch_1,{at},20,0,usd,true,Paid,Live,0,,,Old@x.org", "paid USD 20.00 old@x.org"),
        ("ch_1,{at},0.00,0,usd,true,Paid,Live,0,a@x.org,", "person a@x.org"),
        ("ch_1,{at},5.100,0,kwd,true,Paid,Live,1.5,a@x.org,", "paid KWD 5.100 a@x.org"),
        ("ch_1,{at},20,0,usd,true,Paid,Live,?,a@x.org,", "paid USD 20.00 a@x.org"),
        ("ch_1,{at},8.549999999999999,0,usd,true,Paid,,0,a@x.org,", "paid USD 8.55 a@x.org"),
        ("ch_1,{at},8.5499,0,usd,true,Paid,,0,a@x.org,", "skipped bad_amount"),
    ],
)  # fmt: skip
def test_stripe_payments_as_they_come(row, expected):
    assert told(rows(STRIPE, row.format(at="2026-01-02 03:04:05"))) == [f"2 {expected}"]


def test_a_fee_of_a_dispute_comes_back_with_it():
    text = rows(
        "id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Description",
        "txn_1,adjustment,du_1,-10,15,-25,usd,2026-02-10 08:00,Chargeback withdrawal for ch_1AAAA",
        "txn_2,adjustment,du_1,10,-15,25,usd,2026-02-20 08:00,Chargeback reversal for ch_1AAAA",
    )
    assert [back.fee for back in outcomes(text)] == [15_00, -15_00]


PAYPAL = (
    "Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,From Email Address,"
    "To Email Address,Transaction ID,Reference Txn ID"
)


@pytest.mark.parametrize(
    ("kind", "gross", "expected"),
    [
        ("Payment Release", "20.00", "skipped hold"),
        ("Freigabe der Zahlungseinbehaltung", "20.00", "skipped hold"),
        ("Déblocage de paiement", "20.00", "skipped hold"),
        ("Mass Pay Payment", "99.00", "skipped payout"),
        ("Sammelzahlung", "99.00", "skipped payout"),
        ("Shopping Cart Item", "20.00", "skipped other"),
        ("Annulation de paiement", "−5.00", "dispute GBP 5.00 ann@x.org of T1"),
        ("Rejet de débit", "−5.00", "dispute GBP 5.00 ann@x.org of T1"),
        ("Update to eCheck Received", "20.00", "skipped other"),
        ("eCheck Received", "20.00", "paid GBP 20.00 ann@x.org"),
        ("Payment Review", "20.00", "skipped hold"),
        ("Charge From Credit Card", "20.00", "skipped transfer"),
        ("Transfer", "20.00", "skipped transfer"),
        ("Money Transfer", "20.00", "paid GBP 20.00 ann@x.org"),
        ("PayPal Working Capital Loan", "20.00", "skipped other"),
        ("Request Received", "20.00", "skipped other"),
    ],
)
def test_what_paypal_lists_beside_payments(kind, gross, expected):
    who = "me@x.org,ann@x.org" if gross[0] == "−" else "ann@x.org,me@x.org"
    row = f"13/01/2026,10:00:00,GMT,Ann,{kind},Completed,GBP,{gross},0,{gross},{who},T2,T1"

    assert told(rows(PAYPAL, row)) == [f"2 {expected}"]


@pytest.mark.parametrize(
    ("status", "kind", "returned"),
    [("Refunded", "Refund", 20_00), ("Reversed", "Reversal", 20_00), ("Completed", "Refund", 5_00)],
)
def test_what_a_payment_says_itself_of_its_return_counts_once(status, kind, returned):
    paid = f"13/01/2012,10:00:00,GMT,Ann,Payment Received,{status},GBP,20,0,20,a@x.org,me@x.org,T1,"
    back = f"14/01/2012,10:00:00,GMT,Ann,{kind},Completed,GBP,-5,0,-5,me@x.org,a@x.org,T2,T1"

    for lines in ([paid, back], [back, paid]):
        assert preview(outcomes(rows(PAYPAL, *lines))).currencies["GBP"].returned == returned
    if status != "Completed":
        [alone] = outcomes(rows(PAYPAL, paid))
        assert (alone.returned, alone.return_kind == DISPUTE) == (20_00, status == "Reversed")


def test_another_french_paypal():
    text = rows(
        "Date;Heure;Fuseau horaire;Nom;Type;État;Devise;Brut;Frais;Net;"
        "Adresse e-mail de l’expéditeur;Identifiant de transaction;Pays",
        "05/02/2026;09:05:00;CET;Émile;Paiement;Terminé;EUR;1\u202f005,00;−0,10;1\u202f004,90;e@x.fr;"
        "A;Allemagne",
    )
    assert told(text) == ["2 paid EUR 1005.00 e@x.fr"]
    assert outcomes(text)[0].payer.country == "DE"


def test_another_spanish_paypal():
    text = rows(
        "Fecha;Hora;Zona horaria;Nombre;Tipo;Estado;Divisa;Bruto;Comisión;Neto;"
        "Correo electrónico del remitente;Correo electrónico del destinatario;Id. de transacción;"
        "Nombre del artículo;Id. de referencia de la transacción;Repercusiones en el saldo",
        "5/02/2026;09:05:00;CET;Ana;Pago;Completado;EUR;1.005,00;-1,00;1.004,00;a@x.es;yo@x.es;A;"
        "Lámina;;Crédito",
        "6/02/2026;09:05:00;CET;Ana;Reembolso;Completado;EUR;-5,00;0,00;-5,00;yo@x.es;a@x.es;B;;A;"
        "Cargo",
        "7/02/2026;09:05:00;CET;Ana;Pago;Completado;EUR;9,00;0,00;9,00;a@x.es;yo@x.es;C;;;Memo",
        "7/02/2026;09:05:00;CET;Ana;Pago;Denegado;EUR;9,00;0,00;9,00;a@x.es;yo@x.es;D;;;Memo",
    )
    assert told(text) == [
        "2 paid EUR 1005.00 a@x.es",
        "3 refund EUR 5.00 a@x.es of A",
        "4 skipped hold",
        "5 skipped failed",
    ]


def test_a_refund_at_bandcamp_takes_no_id_from_its_sale():
    header = "date,item type,item name,currency,item total,bandcamp transaction id,buyer email"
    sale = "1/22/26 12:00pm,album,Hits,USD,10,300,a@x.org"
    refund = "2/25/26 9:00am,refund,Hits,USD,-10,300,a@x.org"
    alone = outcomes(rows(header, sale))[0].external_id
    back, sold = outcomes(rows(header, refund, sale))

    assert sold.external_id == alone != back.external_id

    [nameless] = outcomes(rows(header, refund.removesuffix("a@x.org")))
    assert nameless.of == alone, "who names nobody bears the id of the sale"


GUMROAD = (
    "Purchase ID,Item Name,Purchase Email,Purchase Date,Sale Price ($),Free trial purchase?,"
    "Pre-order authorization?,Net Total ($)"
)
SHOPIFY = (
    "Name,Email,Financial Status,Created at,Total,Currency,Lineitem name,Payment Reference,"
    "Payment References"
)
ETSY = (
    "Sale Date,Order ID,Buyer User ID,Full Name,Currency,Order Total,Order Net,"
    "Adjusted Order Total,Adjusted Net Order Amount"
)
ETSY_IN_FULL = (
    "Sale Date,Order ID,Buyer User ID,Full Name,Currency,Order Value,Discount Amount,Shipping,"
    "Sales Tax,Order Total,Card Processing Fees,Order Net,Adjusted Order Total,"
    "Adjusted Card Processing Fees,Adjusted Net Order Amount"
)
EVENTBRITE = (
    "Order ID,Order date,Buyer first name,Buyer last name,Buyer email,Currency,Gross sales,"
    "Net sales,Payment status,Refund amount"
)
TEACHABLE = "Date,Student,Student email,Product,Price,Earnings (USD)"
ITEMS = (
    "Sale Date,Item Name,Buyer,Order Shipping,Item Total,Currency,Transaction ID,Ship Name,Order ID"
)
BACKERS = "Backer Number,Backer Name,Email,Pledge Amount,Pledged At,Pledged Status"
CONTRIBUTIONS = "Pledge ID,Fulfillment Status,Funding Date,Name,Email,Amount,Currency"
ATTENDEES = (
    "Order #,Order Date,First Name,Last Name,Email,Ticket Type,Attendee #,Currency,Total Paid"
)
GHOST = "email,name,complimentary_plan,stripe_customer_id,created_at,deleted_at,tiers"
PATRONS = "First Name,Last Name,Email,Patron Status,Lifetime Amount,Currency,User ID,Discord"


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (GUMROAD, "a,Pack,a@x.org,2026-01-31,25.0,0,1,", "skipped authorised"),
        (GUMROAD, "a,Pack,a@x.org,2026-01-31,25.0,1,0,", "person a@x.org"),
        (GUMROAD, "a,Pack,'+a@x.org,2026-01-31,25.0,0,0,21.4", "paid USD 25.00 +a@x.org"),
        (GUMROAD, "a,Pack,a@x.org,2026-01-31,25.0,0,WAHR,", "skipped authorised"),
        (
            SHOPIFY,
            "#1,a@x.org,Partially Paid,2026-05-14 11:23:45 +0100,20,GBP,Mug,,",
            "paid GBP 20.00 a@x.org",
        ),
        (ETSY, "02/03/26,1,ada77,Ada,USD,17.62,15.80,0.00,0.00", "paid USD 17.62 etsy:ada77"),
        (
            ETSY,
            "02/03/26,1,ada77,Ada,USD,17.62,15.80,0.00,-0.30",
            "paid USD 17.62 etsy:ada77, back 17.62",
        ),
        (  # a tax without a column
            ETSY_IN_FULL,
            "12/30/25,1,ada77,Ada,EUR,82.27,8.23,0,0,80.85,3.53,70.51,0,0,0",
            "paid EUR 74.04 etsy:ada77",
        ),
        (  # with the tax on it
            ETSY_IN_FULL,
            "12/30/25,1,ada77,Ada,EUR,10,0,4,0.88,14.88,0.67,13.33,9.44,0.5,8.5",
            "paid EUR 14.00 etsy:ada77, back 5.00",
        ),
        (
            ETSY_IN_FULL,
            "12/30/25,1,ada77,Ada,EUR,,,,5,25,,21,12.5,,",
            "paid EUR 20.00 etsy:ada77, back 10.00",
        ),
        (
            EVENTBRITE,
            "7,2026-03-30 16:01,A,L,a@x.org,USD,40,0,Refunded,",
            "paid USD 40.00 a@x.org, back 40.00",
        ),
        (
            EVENTBRITE,
            "7,2026-03-30 16:01,A,L,a@x.org,USD,40,30,Partially Refunded,10",
            "paid USD 40.00 a@x.org, back 10.00",
        ),
        (
            TEACHABLE,
            '"Fri Mar 13, 2026 10:00 AM",Ada,a@x.org,Course,$49.00,-$44.00',
            "refund USD 49.00 a@x.org of ?",
        ),
        (TEACHABLE, "2026-03-13,Ada,,Course,$49.00,-$44.00", "skipped of_nothing"),
        (ITEMS, "02/03/26,Mug,Ada (ada77),4.50,10.00,USD,11,Ada,1", "paid USD 14.50 etsy:ada77"),
        (ITEMS, "02/03/26,Mug,ada77,4.50,10.00,USD,11,Ada L,1", "paid USD 14.50 etsy:ada77"),
        (ITEMS, "02/03/26,Mug,Ada Lovelace,4.50,10.00,USD,11,--,1", "paid USD 14.50 Ada Lovelace"),
        (BACKERS, "1,Ada,a@x.org,£5,2014/09/23 01:57,refunded", "paid GBP 5.00 a@x.org, back 5.00"),
        (CONTRIBUTIONS, "1,Sent,2025-10-05 01:02 -0700,A,a@x.org,30,EUR", "paid EUR 30.00 a@x.org"),
        (
            ATTENDEES,
            "9,11/29/24 22:28,Info Requested,Info Requested,Info Requested,VIP,1,USD,25",
            "paid USD 25.00 ?",
        ),
        (GHOST, "a@x.org,Ada,false,cus_A,2024-02-01,,Gold", "person a@x.org"),
        (PATRONS, "Ada,L,a@x.org,Active patron,12.00,USD,N/A,-", "total USD 12.00 a@x.org"),
    ],
)  # fmt: skip
def test_rows_as_they_come(header, row, expected):
    assert told(rows(header, row)) == [f"2 {expected}"]


def test_a_discount_that_differs_from_item_to_item_is_the_items():
    header = f"{ITEMS},Discount Amount"
    row = "02/03/26,{},ada77,0,{},USD,{},Ada,1,{}"
    own = rows(header, row.format("A4", "20", "11", "2"), row.format("A3", "30", "12", "3"))
    same = rows(header, row.format("A4", "20", "11", "3"), row.format("A3", "30", "12", "3"))

    assert told(own) == ["2 paid USD 45.00 etsy:ada77"]
    assert told(same) == ["2 paid USD 47.00 etsy:ada77"]


def test_rows_of_nothing_but_commas_part_no_order():
    row = "02/03/26,Mug,ada77,4.50,10.00,USD,11,Ada,1"

    assert told(rows(ITEMS, row, "," * 8, " " + "," * 8, row)) == ["2 paid USD 24.50 etsy:ada77"]


def test_a_line_of_sums_is_nobody():
    sums = rows(GHOST, "a@x.org,Ada,false,cus_A,2024-02-01,,Gold", "Total,,,,,,2")
    user = rows("Username,Subscribe Date,Current Tier,Tenure,Sub Type", "total,,Tier 1,2,prime")

    assert told(sums) == ["2 person a@x.org", "3 skipped totals"]
    assert told(user) == ["2 person twitch:total"]


def test_a_british_eventbrite_is_asked_which_number_is_the_month():
    row = "9,03/10/24 22:28,A,L,a@x.org,VIP,1,USD,25"
    asked = questions(rows(ATTENDEES.replace("Last Name", "Surname"), row))

    assert [question.about for question in asked] == ["date_order"]
    assert not questions(rows(ATTENDEES, row))


def test_who_left_ghost_pays_no_more():
    row = "a@x.org,Ada,false,cus_A,2024-02-01,{},Gold"
    stays, left = outcomes(rows(GHOST, row.format(""), row.format("2025-02-01T10:00:00.000Z")))

    assert (stays.is_paying, left.is_paying) == (True, False)


def test_a_placeholder_is_nobody_and_no_number():
    text = rows(
        "DateTime (UTC),From,Received,Currency,TransactionType,TransactionId,BuyerEmail",
        "2026-01-31 10:00,Ann,3,EUR,Tip,-,N/A",
        "2026-01-31 11:00,N/A,4,EUR,Tip,-,N/A",
    )
    first, second = outcomes(text)

    assert (first.payer.name, second.payer.name, second.payer.identity) == ("Ann", "", "")
    assert first.external_id != second.external_id


@pytest.mark.parametrize(
    "references", ["pi_3ABCDEFGH,", ",pi_3ABCDEFGH", "c1234.1,pi_3ABCDEFGH; 0TEST00000000001G"]
)
def test_what_shopify_calls_a_payment_elsewhere(references):
    reference, others = references.split(",")
    text = rows(
        SHOPIFY, f"#1,a@x.org,paid,2026-05-14 11:23:45 +0100,20,GBP,Mug,{reference},{others}"
    )
    assert outcomes(text)[0].links[0] == ("stripe_intent", "pi_3ABCDEFGH")


def test_an_order_that_tried_out_the_shop_is_none():
    order = "#1,a@x.org,paid,2026-05-14 11:23:45 +0100,20,GBP,Mug,bogus"
    text = rows(SHOPIFY.replace("Payment Reference,Payment References", "Payment Method"), order)

    assert told(text) == ["2 skipped test"]


@pytest.mark.parametrize("spoiled", ["7.21045E+12", "7,21045E+12", "'7.2E+12"])
def test_ids_that_a_spreadsheet_has_shortened_make_no_one_order_of_two(spoiled):
    text = rows(
        SHOPIFY.replace("Payment Reference,Payment References", "Id"),
        f'#1,a@x.org,paid,2026-05-14 11:23:45 +0100,20,GBP,Mug,"{spoiled}"',
        f'#2,b@x.org,paid,2026-05-14 11:23:45 +0100,5,GBP,Print 1E+10,"{spoiled}"',
        "#3,c@x.org,paid,2026-05-14 11:23:45 +0100,7,GBP,Pin,7210448301122",
    )
    found = outcomes(text)

    assert [line.external_id for line in found] == ["#1", "#2", "7210448301122"]
    assert found[1].product == "Print 1E+10"


def test_an_order_whose_first_row_stands_behind_others_is_not_lost():
    text = rows(
        SHOPIFY,
        "#1,,,2026-05-14 11:23:45 +0100,,,Print,,",
        "#2,b@x.org,paid,2026-05-14 11:23:45 +0100,7.00,GBP,Mug,,",
        "#1,a@x.org,paid,2026-05-14 11:23:45 +0100,5.00,GBP,Mug,,",
    )
    assert told(text) == [
        "2 skipped continued",
        "3 paid GBP 7.00 b@x.org",
        "4 paid GBP 5.00 a@x.org",
    ]


BY_ITEM = (
    "Order Number,Order Status,Order Date,First Name (Billing),Last Name (Billing),Email (Billing),"
    "Order Refund Amount,Order Total Amount,Order Currency,Item Name,Quantity,Transaction ID"
)


def test_an_order_export_of_woocommerce_with_a_row_for_each_item():
    text = rows(
        BY_ITEM,
        "101,Completed,2026-01-31 10:00,Ann,X,a@x.org,0,20,EUR,Mug,1,pi_3ABCDEFGH",
        "101,Completed,2026-01-31 10:00,Ann,X,a@x.org,0,20,EUR,Print,2,pi_3ABCDEFGH",
        "102,wc-refunded,2026-01-31 10:00,Bo,X,b@x.org,20,20,EUR,Mug,1,",
        "103,completed,2026-01-31 10:00,Bo,X,b@x.org,-5.00,20,EUR,Mug,1,",
        "104,on-hold,2026-01-31 10:00,Bo,X,b@x.org,0,20,EUR,Mug,1,",
    )
    assert told(text) == [
        "2 paid EUR 20.00 a@x.org",
        "4 paid EUR 20.00 b@x.org, back 20.00",
        "5 paid EUR 20.00 b@x.org, back 5.00",
        "6 skipped pending",
    ]
    first = outcomes(text)[0]
    assert (first.product, first.quantity, first.more_lines) == ("Mug, Print", 3, (3,))
    assert first.links == (("stripe_intent", "pi_3ABCDEFGH"),)


BY_API = (
    "order_id,order_number,date,status,order_total,order_currency,billing_email,"
    "billing_first_name,refund_items"
)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("101,2026-01-31 10:00:00,completed,50,EUR,a@x.org,Ann,", ""),
        ("101,2026-01-31,completed,50,EUR,a@x.org,Ann,amount:20.00|reason:late", ", back 20.00"),
        ("101,2026-01-31,completed,50,EUR,a@x.org,Ann,amount:20|x;amount:-5.50", ", back 25.50"),
        ("101,2026-01-31,completed,50,EUR,a@x.org,Ann,reason:the amount:none", ""),
    ],
)  # fmt: skip
def test_refunds_among_the_words_of_an_order_export(cells, expected):
    assert told(rows(BY_API, f"1,{cells}")) == [f"2 paid EUR 50.00 a@x.org{expected}"]


def test_an_order_export_that_names_billing_first():
    text = rows(
        "Order ID,Order Key,Order Date,Order Status,Order Currency,Order Total,Billing First Name,"
        "Billing Last Name,Billing Email Address,Refund Amount",
        "101,wc_1,2026-01-31,Completed,EUR,50.00,Ann,X,a@x.org,7.50",
    )
    assert told(text) == ["2 paid EUR 50.00 a@x.org, back 7.50"]


def test_further_rows_of_an_order_may_have_nothing_but_an_item():
    text = rows(
        BY_ITEM,
        "101,Completed,2026-01-31 10:00,Ann,X,a@x.org,0,20,EUR,Mug,1,",
        ",,,,,,,,,Print,2,",
    )
    assert told(text) == ["2 paid EUR 20.00 a@x.org", "3 skipped continued"]


ANALYTICS = "Date,Order #,N. Revenue (formatted),Status,Customer,Product(s),Net Sales"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("&#36;12.00,completed", "paid USD 12.00 Ann"),
        ("1.234\xa0€,shipped", "paid EUR 1234.00 Ann"),
        ("€20,trash", "skipped cancelled"),
        ("€20,In Wartestellung", "skipped pending"),
        ("€20,a-status-of-its-own", "skipped other"),
    ],
)
def test_the_orders_report_of_woocommerce(cells, expected):
    text = rows(ANALYTICS, f"2026-02-03 10:00:00,1,{cells},Ann,1× Mug,10")

    assert told(text, mark="," if "\xa0" in cells else "") == [f"2 {expected}"]


def test_a_bare_dollar_is_that_of_the_creator_who_says_so():
    text = rows(BACKERS, "1,Ada,a@x.org,$5,2014/09/23 01:57,collected")

    assert told(text) == ["2 paid USD 5.00 a@x.org"]
    assert told(text, currency="CAD") == ["2 paid CAD 5.00 a@x.org"]
    assert told(text.replace("$", "US$"), currency="CAD") == ["2 paid USD 5.00 a@x.org"]


LEMON = (
    "identifier,order_number,date_utc,user_name,user_email,subtotal,discount_total,tax,total,"
    "currency,status,refunded,refunded_amount"
)
SQUARE = "Date,Time,Time Zone,Total Collected,Net Total,Transaction ID,Transaction Status"


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (LEMON, "a,1,2026-01-31,A,a@x.org,20,5,3.00,18.00,USD,paid,0,0", "paid USD 15.00 a@x.org"),
        (LEMON, "a,1,2026-01-31,A,a@x.org,20.00,5.00,,,USD,paid,0,0", "paid USD 15.00 a@x.org"),
        (
            LEMON,
            "a,1,2026-01-31,A,a@x.org,20.00,0.00,3.00,23.00,USD,,1,",
            "paid USD 20.00 a@x.org, back 20.00",
        ),
        (  # saved by a spreadsheet in German
            LEMON,
            "a,1,2026-01-31,A,a@x.org,20.00,0.00,3.00,23.00,USD,,WAHR,",
            "paid USD 20.00 a@x.org, back 20.00",
        ),
        (  # with the tax on it
            LEMON,
            "a,1,2026-01-31,A,a@x.org,20.00,0.00,4.00,24.00,USD,partial_refund,0,6.00",
            "paid USD 20.00 a@x.org, back 5.00",
        ),
        (SQUARE, "2026-09-13,14:30:00,London,£5.00,£4.90,T1,Refunded", "paid GBP 5.00 ?"),
        (SQUARE, "2026-09-13,14:30:00,London,£5.00,£4.90,T1,Failed", "skipped failed"),
    ],
)  # fmt: skip
def test_what_was_paid_at_lemon_squeezy_and_square(header, row, expected):
    assert told(rows(header, row)) == [f"2 {expected}"]


def test_members_of_youtube_of_whom_one_has_left():
    header = "Członek,Link,Poziom,Miesiące,Razem,Zmiana,Kiedy"
    link = "https://www.youtube.com/channel/UCCtMiOyY0wnVgCgGREAwT4g"
    text = rows(header, f"Ada,{link},Gold,1,2,x,y", "Bo,,Gold,1,2,x,y")

    assert told(text)[1] == "3 skipped no_person"
