"""Any other file: guessed, mapped, read; and what an import would bring."""

import json

import pytest

from revenue.files.deciding import decide
from revenue.files.guessing import guess
from revenue.files.mapping import LABELS, Mapping, Meaning
from revenue.files.outcomes import Line, Return
from revenue.files.previewing import preview
from revenue.files.sheet import Decisions
from revenue.files.translating import translate
from tests.revenue.files.opened import in_words, outcomes, table

GERMAN = (
    "Kunde;E-Mail;Datum;Betrag (EUR);Produkt\n"
    "Jürgen Groß;j@example.org;13.02.2026;1.234,50;Bild\n"
    "Jürgen Groß;j@example.org;13.02.2026;1.234,50;Bild\n"
    "Anna;anna@example.org;01.03.2026;-20,00;Bild\n"
)


def guessed(text: str) -> dict[str, str]:
    return dict(guess(table(text)).mapping.columns)


def read(text: str, columns: dict[str, str] | None = None, **answers: str):
    opened = table(text)
    mapping = Mapping(columns, Decisions(**answers)) if columns else guess(opened).mapping
    match = mapping.match(opened)
    decided = decide(opened, match, Decisions(**answers))
    return list(translate(opened, match, decided.decisions))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            GERMAN,
            {
                "Kunde": "name",
                "E-Mail": "email",
                "Datum": "date",
                "Betrag (EUR)": "amount",
                "Produkt": "product",
            },
        ),
        (
            "Order ID,First name,Last name,Email address,Order date,Subtotal,Tax,Total,Currency,"
            "Payment status,Shipping name\n"
            "1,Jane,Doe,j@x.org,03/04/2026,10.00,2.00,12.00,USD,paid,Jane D\n"
            "2,Joe,Roe,k@x.org,05/06/2026,10.00,2.00,12.00,USD,refunded,X\n",
            {
                "Order ID": "id",
                "First name": "first_name",
                "Last name": "last_name",
                "Email address": "email",
                "Order date": "date",
                "Total": "amount",
                "Currency": "currency",
                "Payment status": "status",
            },
        ),
        (
            'Fecha,Cliente,Importe,Concepto\n31/01/2026,Ana,"12,50",Libro\n',
            {"Fecha": "date", "Cliente": "name", "Importe": "amount", "Concepto": "product"},
        ),
        (
            "When,Who,How much\n2026-01-02,Jane Doe <jane@example.org>,$12.50\n",
            {"When": "date", "Who": "name", "How much": "amount"},
        ),
        (
            "jane@example.org,2026-01-02,12.50\njoe@example.org,2026-01-03,5.00\n",
            {"1": "email", "2": "date", "3": "amount"},
        ),
        (
            "Date,Due date,Customer,Amount,Fee,Net,Balance\n"
            "2026-01-02,2026-02-02,Jane,12.50,0.50,12.00,100.00\n",
            {"Date": "date", "Customer": "name", "Amount": "amount", "Fee": "fee", "Net": "net"},
        ),
        (
            "Email,Date,Price,Currency,Transaction ID,Type\n"
            "a@x.org,2026-01-31,10.00,USD,t1,paid\nb@x.org,2026-01-31,10.00,USD,t2,refunded\n",
            {
                "Email": "email",
                "Date": "date",
                "Price": "amount",
                "Currency": "currency",
                "Transaction ID": "id",
                "Type": "status",
            },
        ),
        (
            "Email,Paid at,Total,Payment Type,Lineitem name,Billing name\n"
            "a@x.org,2026-01-31,$10,Card,Mug,Ann\nb@x.org,2026-01-31,$10,PayPal,Print,Bo\n",
            {
                "Email": "email",
                "Paid at": "date",
                "Total": "amount",
                "Billing name": "name",
            },
        ),
        (
            "Date,Email,Amount\n2026-01-31,a@x.org,5\n,,\nTotal,,5\n",
            {"Date": "date", "Email": "email", "Amount": "amount"},
        ),
        (
            "Datum;Auftraggeber;Soll;Haben;Saldo\n"
            "05.01.2026;Ada;;10,00;110,00\n06.01.2026;Landlord;-900,00;;-790,00\n",
            {"Datum": "date", "Auftraggeber": "name", "Haben": "amount"},
        ),
        (
            "Email,Sold at,Type,Price,Refunded?\n"
            "a@x.org,2026-01-31,Sale,$10,no\nb@x.org,2026-01-31,Refund,$10,yes\n",
            {
                "Email": "email",
                "Sold at": "date",
                "Type": "kind",
                "Price": "amount",
                "Refunded?": "is_returned",
            },
        ),
        (
            "Email,Date,Amount,Refunded\na@x.org,2026-01-31,10.00,0\nb@x.org,2026-01-31,9.00,4\n",
            {"Email": "email", "Date": "date", "Amount": "amount", "Refunded": "returned"},
        ),
    ],
)
def test_what_columns_probably_mean(text, expected):
    assert guessed(text) == expected


def test_a_guess_says_how_sure_it_is_and_shows_rows():
    found = guess(table(GERMAN))

    assert found.missing == ()
    assert found.confidence["E-Mail"] == 1.0
    assert 0.4 <= found.confidence["Produkt"] < found.confidence["Datum"] <= 1.0
    assert found.samples[0] == ("Jürgen Groß", "j@example.org", "13.02.2026", "1.234,50", "Bild")


def test_a_guess_says_what_it_could_not_find():
    found = guess(table("Colour,Size\nred,XL\n"))

    assert set(found.missing) == {Meaning.EMAIL, Meaning.DATE, Meaning.AMOUNT}


def test_ids_that_repeat_are_no_ids_of_payments():
    text = "Order number,Name,Date,Amount\n1,Jane,2026-01-01,5.00\n1,Jane,2026-01-01,6.00\n"

    assert "id" not in guessed(text).values()


def test_any_table_is_read_with_a_mapping():
    assert [in_words(outcome) for outcome in read(GERMAN)] == [
        "2 paid EUR 1234.50 j@example.org",
        "3 paid EUR 1234.50 j@example.org",
        "4 refund EUR 20.00 anna@example.org of ?",
    ]


def test_identical_rows_stay_apart_and_the_same_file_gives_the_same_ids():
    first, again, _ = read(GERMAN)

    assert first.external_id != again.external_id
    assert [outcome.external_id for outcome in read(GERMAN)][:2] == [
        first.external_id,
        again.external_id,
    ]


def test_an_id_does_not_depend_on_what_else_the_file_has():
    wider = (
        "Produkt,Betrag (EUR),Notiz,Datum,E-Mail,Kunde\n"
        'Bild,"1234,50",neu,2026-02-13,J@example.org,Jürgen Groß\n'
    )
    assert read(wider)[0].external_id == read(GERMAN)[0].external_id


def test_rows_of_one_order_keep_their_money_and_a_refund_finds_its_payment():
    text = (
        "Id,Name,Day,Sum,State\n"
        "7,Jane,2026-01-01,$5.00,paid\n"
        "7,Jane,2026-01-01,$6.00,paid\n"
        "8,Joe,2026-01-02,$9.00,pending\n"
        "7,Jane,2026-01-03,-$5.00,\n"
        "9,Ada,2026-01-03,$4.00,refunded\n"
    )
    columns = {"Id": "id", "Name": "name", "Day": "date", "Sum": "amount", "State": "status"}
    first, second, pending, back, refunded = read(text, columns)

    assert (first.external_id, second.external_id) == ("7", "7-2")
    assert in_words(pending) == "4 skipped pending"
    assert isinstance(back, Return)
    assert (back.of, back.external_id) == ("7", "7-return")
    assert (refunded.amount, refunded.returned) == (4_00, 4_00)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("t3,b@x.org,2026-01-09,Refund,5.00,", "refund EUR 5.00 b@x.org of ?"),
        ("t3,b@x.org,2026-01-09,,-5.00,", "refund EUR 5.00 b@x.org of ?"),
        ("t3,,2026-01-09,,(5.00),", "refund EUR 5.00 ? of t3"),
        ("t2,b@x.org,2026-01-09,Refund,5.00,", "refund EUR 5.00 b@x.org of t2"),
        ("t3,b@x.org,2026-01-09,Refunded,5.00,", "paid EUR 5.00 b@x.org, back 5.00"),
        ("t3,b@x.org,2026-01-09,Sale,5.00,Yes", "paid EUR 5.00 b@x.org, back 5.00"),
        ("t3,b@x.org,2026-01-09,Sale,5.00,No", "paid EUR 5.00 b@x.org"),
        ("t2,b@x.org,2026-01-09,Processing fee,5.00,", "skipped fee"),
        ("t3,,2026-01-09,Payout,5.00,", "skipped payout"),
    ],
)
def test_a_refund_may_be_a_row_with_an_id_of_its_own_or_under_that_of_its_payment(last, expected):
    text = f"Id,Email,Day,Type,Sum,Refunded\nt2,b@x.org,2026-01-06,Sale,20.00,\n{last}\n"
    columns = {
        "Id": "id",
        "Email": "email",
        "Day": "date",
        "Type": "kind",
        "Sum": "amount",
        "Refunded": "is_returned",
    }
    assert in_words(read(text, columns, currency="EUR")[1]) == f"3 {expected}"


def test_a_name_that_nobody_else_has_may_stand_for_a_person():
    names = ("Ada Lovelace", "ada  lovelace", "A7", "Anonymous")
    text = "Who,Day,Sum\n" + "".join(f"{name},2026-01-05,£5\n" for name in names)
    columns = {"Who": "customer", "Day": "date", "Sum": "amount"}
    first, again, number, nobody = read(text, columns)

    assert first.payer.identity == again.payer.identity == "customer:ada lovelace"
    assert (first.payer.name, number.payer.name) == ("Ada Lovelace", "")
    assert number.payer.identity == "customer:A7"
    assert nobody.payer.identity == ""


def test_names_and_addresses_in_one_cell_are_told_apart():
    (line,) = read("When,Who,How much\n2026-01-02,Jane Doe <Jane@example.org>,$12.50\n")

    assert (line.payer.email, line.payer.name) == ("jane@example.org", "Jane Doe")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "email,created_at,amount_cents,currency\na@x.org,2026-01-31T10:00:00Z,1250,usd\n",
            "2 paid USD 12.50 a@x.org",
        ),
        (
            "Email,Date,Total (pence)\na@x.org,2026-01-31,£1250\n",
            "2 paid GBP 12.50 a@x.org",
        ),
        (
            "Email,Date,Amount (no cents),Currency\na@x.org,2026-01-31,12.50,USD\n",
            "2 paid USD 12.50 a@x.org",
        ),
    ],
)
def test_whole_cents_are_told_by_the_name_of_their_column(text, expected):
    assert [in_words(outcome) for outcome in read(text)] == [expected]


@pytest.mark.parametrize(
    ("names", "expected"),
    [("Lovelace,Ada", "Ada Lovelace"), ("Ada Lovelace,Ada", "Ada Lovelace"), (",Ada", "Ada")],
)
def test_a_family_name_that_is_called_a_name(names, expected):
    text = f"Nom,Prénom,Courriel,Date,Montant\n{names},a@x.org,2026-01-31,5 €\n"

    assert read(text)[0].payer.name == expected


def test_a_mapping_is_plain_data():
    mapping = Mapping({"Kunde": "name"}, Decisions(date_order="day", currency="EUR"))
    data = json.loads(json.dumps(mapping.as_json()))

    assert Mapping.from_json(data) == mapping
    assert data["columns"] == {"Kunde": "name"}


def test_a_mapping_says_what_it_lacks():
    assert Mapping({"A": "date", "B": "amount"}).missing() == (Meaning.EMAIL,)
    assert Mapping({"A": "customer", "B": "amount"}).missing() == (Meaning.DATE,)


def test_a_mapping_of_another_file_reads_nothing_and_breaks_nothing():
    opened = table("A,B\n1,2\n")
    match = Mapping({"Date": "date", "Amount": "amount", "X": "nonsense"}).match(opened)

    assert [in_words(o) for o in translate(opened, match, Decisions(currency="EUR"))] == [
        "2 skipped no_amount"
    ]


def test_every_meaning_has_words():
    assert set(LABELS) == set(Meaning)


def test_a_preview_has_people_months_and_what_is_left_out():
    met: list[str] = []
    found = preview(outcomes("paypal_us.csv"), meet=met.extend)

    assert (found.rows, found.people) == (13, 2)
    assert met == ["ada@example.org", "grace@example.org"]
    usd = found.months["USD", "2026-01"]
    assert (usd.gross, usd.returned, usd.payments, usd.net) == (1125_00, 165_50, 2, 959_50)
    assert found.currencies["EUR"].gross == 200_00
    assert {why.value: left.count for why, left in found.skipped.items()} == {
        "pending": 1,
        "transfer": 2,
        "conversion": 2,
        "own_purchase": 1,
        "own_refund": 1,
        "hold": 1,
    }


def test_a_preview_counts_every_row_once():
    found = preview(outcomes("shopify_orders.csv"))

    assert found.rows == 7
    assert sum(left.count for left in found.skipped.values()) == 1


def test_a_preview_knows_totals_of_all_time_and_payments_of_nobody():
    assert preview(outcomes("patreon_2026.csv")).totals["USD"].gross == 1440_00
    assert preview(outcomes("stripe_payments.csv")).unknown == 1


def test_a_payment_that_stands_twice_is_counted_once():
    row = "2026-01-04T13:04:30Z,Ada,,Tip,3.00,,EUR,Tip,kf-1,ada@example.org\n"
    header = (
        "DateTime (UTC),From,Message,Item,Received,Given,Currency,TransactionType,TransactionId,"
        "Email\n"
    )
    found = preview(outcomes(header + row + header + row))

    assert (found.repeated, found.currencies["EUR"].gross) == (1, 3_00)
    assert {why.value for why in found.skipped} == {"header"}


def test_months_are_those_of_the_creator():
    from zoneinfo import ZoneInfo

    lines = [outcome for outcome in outcomes("paypal_us.csv") if isinstance(outcome, Line)]
    assert ("EUR", "2025-12") in preview(lines).months
    assert ("EUR", "2026-01") in preview(lines, zone=ZoneInfo("Asia/Tokyo")).months
