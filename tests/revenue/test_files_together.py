"""Files that tell of the same payments, in any order: what the books are in the end."""

import pytest

from tests.factories import CreatorFactory
from tests.revenue.bringing import bring

pytestmark = pytest.mark.django_db


@pytest.fixture
def creator():
    return CreatorFactory(currency="GBP")


FOREIGN = (
    "id,Created date (UTC),Amount,Amount Refunded,Currency,Converted Amount,"
    "Converted Amount Refunded,Converted Currency,Status,Fee,Customer Email\n"
    "ch_1,2026-03-01 10:00:00,5000,{back},jpy,{paid},{returned},gbp,Paid,1.00,yuki@example.jp\n"
)


@pytest.mark.parametrize(
    ("back", "returned", "net"),
    [("0", "0.00", 24_00), ("5000", "25.20", -1_20), ("1000", "", 19_00)],
)
def test_what_went_back_of_a_foreign_payment_is_not_kept(creator, back, returned, net):
    bring(creator, FOREIGN.format(back=back, paid="25.00", returned=returned))

    purchase = creator.purchases.get()
    assert (purchase.returned, purchase.fee, purchase.net) == (int(back), 1_00, net)
