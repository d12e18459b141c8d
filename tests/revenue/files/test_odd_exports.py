"""What real exports do that the samples do not: a header, rows as they may come, what they are."""

import pytest

from tests.revenue.files.opened import outcomes, told

STRIPE = (
    "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Status,Mode,Fee,"
    "Customer Email,email (metadata)"
)


def rows(header: str, *lines: str) -> str:
    return "\n".join([header, *lines]) + "\n"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("ch_1,{at},9,5,usd,,Partially Refunded,,1,a@x.org,", "paid USD 9.00 a@x.org, back 5.00"),
        ("ch_1,{at},20,,usd,TRUE,REFUNDED,,1,a@x.org,", "paid USD 20.00 a@x.org, back 20.00"),
        ("ch_1,{at},20,0,usd,FALSCH,Paid,,0,a@x.org,", "skipped authorised"),
        ("ch_1,{at},20,0,usd,true,Paid,test,0,a@x.org,", "skipped test"),
        ("ch_1,{at},20,0,usd,true,Paid,Live,0,,m@x.org", "paid USD 20.00 m@x.org"),
        ("ch_1,{at},20,0,usd,true,Paid,Live,0,N/A,m@x.org", "paid USD 20.00 m@x.org"),
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
