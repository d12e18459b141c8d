"""PayPal's activity and statement, in the languages of its accounts."""

import pytest

from revenue.files.outcomes import DISPUTE, OutsideId
from tests.revenue.files.opened import outcomes, questions, told


def test_the_american_activity():
    assert told("paypal_us.csv") == [
        "2 paid EUR 200.00 ada@example.org",
        "4 paid USD 1120.00 grace@example.org",
        "5 refund USD 120.00 grace@example.org of 0TEST0000000002B2",
        "6 skipped pending",
        "7 skipped transfer",
        "8 skipped conversion",
        "9 skipped conversion",
        "10 skipped own_purchase",
        "11 dispute USD 45.50 ada@example.org of 9ZZ",
        "12 skipped own_refund",
        "13 skipped transfer",
        "14 skipped hold",
        "15 paid USD 5.00 ada@example.org",
    ]


def test_clocks_hang_where_the_row_says():
    first, *_, last = outcomes("paypal_us.csv")

    assert first.occurred_at.isoformat() == "2025-12-31T22:50:41+00:00"
    assert last.occurred_at.isoformat() == "2026-01-14T17:00:00+00:00", "PDT"


def test_fees_of_payments_and_of_what_went_back():
    paid, _, refund, *_ = outcomes("paypal_us.csv")
    chargeback = outcomes("paypal_us.csv")[8]

    assert (paid.fee, paid.net) == (7_75, 192_25)
    assert refund.fee == -59, "some of the fee came back"
    assert (chargeback.kind, chargeback.fee) == (DISPUTE, 20_00)
    assert paid.links == (OutsideId("paypal", "0TEST0000000001A1"),)


def test_the_british_activity_has_the_day_first():
    assert [line.occurred_at.date().isoformat() for line in outcomes("paypal_uk.csv")] == [
        "2025-12-31",
        "2026-01-02",
    ]


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        (
            "paypal_de.csv",
            [
                "2 paid EUR 1234.56 juergen@example.de",
                "3 refund EUR 34.56 juergen@example.de of D1",
                "4 skipped own_purchase",
                "5 skipped transfer",
                "6 skipped conversion",
                "7 skipped transfer",
                "8 skipped pending",
            ],
        ),
        (
            "paypal_fr.csv",
            [
                "2 paid EUR 1234.50 emile@example.fr",
                "3 refund EUR 34.50 emile@example.fr of F1",
                "4 skipped transfer",
            ],
        ),
        (
            "paypal_es.csv",
            [
                "2 paid EUR 120.00 ana@example.es",
                "3 refund EUR 20.00 ana@example.es of E1",
                "4 skipped conversion",
                "5 skipped pending",
            ],
        ),
        (
            "paypal_statement_de.csv",
            [
                "2 paid EUR 3.50 samuel@example.de",
                "3 skipped own_purchase",
                "4 skipped transfer",
                "5 skipped own_refund",
                "6 refund EUR 1.50 samuel@example.de of S1",
            ],
        ),
        ("paypal_statement_en.csv", ["2 paid GBP 15.00 ada@example.org", "3 skipped transfer"]),
    ],
)
def test_other_languages_and_the_statement(sample, expected):
    assert told(sample) == expected


HEADER = (
    "Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,From Email Address,Transaction ID"
)


def activity(*rows: str) -> str:
    return "\n".join([HEADER, *rows, ""])


def test_an_english_file_that_does_not_show_the_order_of_its_dates_asks():
    text = activity(
        "03/04/2026,10:00:00,GMT,Ada,Payment,Completed,GBP,5.00,0,5.00,ada@example.org,T1",
        "05/06/2026,10:00:00,GMT,Ada,Payment,Completed,GBP,5.00,0,5.00,ada@example.org,T2",
    )
    (question,) = questions(text)

    assert (question.about, question.column) == ("date_order", "Date")
    assert [(choice.value, choice.readings) for choice in question.choices] == [
        ("day", (("03/04/2026", "2026-04-03"), ("05/06/2026", "2026-06-05"))),
        ("month", (("03/04/2026", "2026-03-04"), ("05/06/2026", "2026-05-06"))),
    ]
    assert outcomes(text, date_order="day")[0].occurred_at.date().isoformat() == "2026-04-03"


def test_a_german_or_french_file_does_not_ask():
    assert questions("paypal_fr.csv") == questions("paypal_de.csv") == ()


def test_decimal_commas_under_an_english_header():
    text = activity(
        '31/12/2025,10:00:00,CET,Ada,Payment,Completed,EUR,"23,00","-1,03","21,97",a@example.org,T1'
    )
    assert told(text) == ["2 paid EUR 23.00 a@example.org"]


@pytest.mark.parametrize(
    ("kind", "gross", "expected"),
    [
        ("Payment Refund", "-5.00", "refund"),
        ("Payment Reversal", "-5.00", "dispute"),
        ("Chargeback Reversal", "5.00", "dispute"),
        ("Payment Reversal", "5.00", "own_refund"),
        ("Chargeback Fee", "-20.00", "fee"),
        ("Hold on Balance for Dispute Investigation", "-5.00", "hold"),
        ("General Card Deposit", "5.00", "transfer"),
        ("Donation Payment", "5.00", "paid"),
        ("PreApproved Payment Bill User Payment", "-5.00", "own_purchase"),
    ],
)
def test_what_the_type_of_a_row_says(kind, gross, expected):
    text = activity(
        f"31/12/2025,10:00:00,GMT,Ada,{kind},Completed,GBP,{gross},0,{gross},a@example.org,T2,T1"
    ).replace("Transaction ID", "Transaction ID,Reference Txn ID")
    assert expected in told(text)[0]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Completed", "paid"),
        ("Partially Refunded", "paid"),
        ("Canceled", "cancelled"),
        ("Denied", "failed"),
        ("Under Review", "pending"),
    ],
)
def test_what_the_status_of_a_row_says(status, expected):
    text = activity(
        f"31/12/2025,10:00:00,GMT,Ada,Payment,{status},GBP,5.00,0,5.00,a@example.org,T1"
    )
    assert expected in told(text)[0]
