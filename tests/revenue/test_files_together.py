"""Files that tell of the same payments, in any order: what the books are in the end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fans.models import Reason
from revenue import values
from revenue.ingest import ingest
from revenue.proposing import propose
from revenue.removing import begin_removal, remove
from tests.factories import NOW, CreatorFactory, SourceFactory
from tests.revenue.books_of import books_of, differences
from tests.revenue.bringing import FOREVER, bring, take_back
from tests.revenue.histories import examples

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


STRIPE = (
    "id,Created date (UTC),Amount,Amount Refunded,Currency,Status,Customer Email,PaymentIntent ID"
)
CHARGE = "ch_1AAAAAAA,2026-03-01 10:00:00,49.00,{back},gbp,Paid,zoe@example.org,pi_1AAAAAAA"
BALANCE = (
    "id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Description\n"
    "txn_2,refund,ch_1AAAAAAA,-9.00,0.00,-9.00,gbp,2026-04-01 10:00,REFUND FOR CHARGE\n"
)
SHOP = (
    "DateTime (UTC),From,Received,Given,Currency,TransactionType,TransactionId,Reference,"
    "BuyerEmail\n"
    "2026-03-01T10:00:00Z,Zoe,49.00,0,GBP,Tip,kf-1,{reference},zoe@example.org\n"
)
PAYPAL = (
    "Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,From Email Address,"
    "To Email Address,Transaction ID,Reference Txn ID\n"
)
REFUND = (
    "20/04/2026,10:00:00,GMT,Zoe,Payment Refund,Completed,GBP,-9.00,0,-9.00,"
    "me@x.org,zoe@example.org,0TEST00000000002G,0TEST00000000001G\n"
)


def stripe(back: str = "0.00") -> str:
    return f"{STRIPE}\n{CHARGE.format(back=back)}\n"


def counted(creator) -> list[tuple[int, int]]:
    """(amount, returned) of each payment that counts."""
    one_of_several = creator.purchases.exclude(state="elsewhere")
    return sorted(one_of_several.values_list("amount", "returned"))


BOTH_WAYS = pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in turn", "the other way"])


@BOTH_WAYS
@pytest.mark.parametrize(
    ("files", "lifetime"),
    [
        # A shop names only the intent of a charge that Stripe's file lists.
        ((stripe(), SHOP.format(reference="pi_1AAAAAAA")), 49_00),
        # … and what Stripe says came back is not kept, though the shop does not know of it.
        ((stripe("9.00"), SHOP.format(reference="pi_1AAAAAAA")), 40_00),
        ((stripe("49.00"), SHOP.format(reference="ch_1AAAAAAA")), 0),
        # The balance history has the refund of a charge that only the payments export lists.
        ((stripe(), BALANCE), 40_00),
        # … which says so itself by now.
        ((stripe("9.00"), BALANCE), 40_00),
        ((stripe("15.00"), BALANCE), 34_00),
        # PayPal has the refund of what only a shop lists.
        ((SHOP.format(reference="0TEST00000000001G"), PAYPAL + REFUND), 40_00),
        # Two shops name one payment that nobody else lists.
        (
            (
                SHOP.format(reference="pi_1AAAAAAA"),
                "support_id,support_created_on,support_coffees,support_coffee_price,"
                "support_currency,support_email,transaction_id\n"
                "7,2026-03-01 10:00:00,1,49.00,GBP,zoe@example.org,pi_1AAAAAAA\n",
            ),
            49_00,
        ),
    ],
)
def test_two_files_of_one_payment_in_any_order(creator, files, order, lifetime):
    uploads = [bring(creator, files[number]) for number in order]

    assert creator.fans.get().lifetime_gross == lifetime
    assert counted(creator) == [(49_00, 49_00 - lifetime)]
    assert not any(upload.statements.waiting().exists() for upload in uploads)


GHOST = (
    "id,email,name,complimentary_plan,stripe_customer_id,created_at,tiers\n"
    "65a,Zoe@example.org,Zoe,false,cus_ZOE,2024-01-01T00:00:00.000Z,Gold\n"
)


@BOTH_WAYS
def test_a_member_of_ghost_is_who_pays_with_that_address(creator, order):
    for number in order:
        bring(creator, (stripe(), GHOST)[number])

    member = creator.fans.get()
    assert (member.email, member.memberships.count()) == ("zoe@example.org", 1)


def test_a_member_who_pays_with_another_address_is_proposed_as_one_with_them(creator):
    paid = stripe().replace("PaymentIntent ID", "Customer ID").replace("pi_1AAAAAAA", "cus_ZOE")
    bring(creator, paid.replace("zoe@example.org", "zoe@muller.example"))
    bring(creator, GHOST)
    propose(creator=creator, now=NOW)

    first, second = creator.fans.order_by("pk")
    pair = creator.proposals.get()
    assert (pair.first_id, pair.second_id) == (first.pk, second.pk)
    assert pair.reasons == [Reason.CUSTOMER]


def test_a_file_of_members_that_is_taken_back_leaves_nobody(creator):
    again = GHOST.replace("Gold", "Silver")
    first, second = bring(creator, GHOST), bring(creator, again)

    take_back(second)
    assert creator.memberships.get().description == "Gold"
    take_back(first)
    assert not creator.memberships.exists()
    assert not creator.fans.exists()


def test_who_pays_stays_when_a_file_of_members_is_taken_back(creator):
    bring(creator, stripe())
    take_back(bring(creator, GHOST))

    assert creator.fans.get().lifetime_gross == 49_00
    assert not creator.memberships.exists()


def test_a_member_of_ghost_is_the_customer_whom_a_connected_account_knows(creator):
    source = SourceFactory(creator=creator)
    known = values.Customer(external_id="cus_ZOE", email="zoe@work.example", name="Zoe")
    member = values.Membership(
        external_id="sub_1",
        customer_id="cus_ZOE",
        state=values.MembershipState.ACTIVE,
        currency="GBP",
        amount=5_00,
        since=NOW,
    )
    ingest(source=source, page=values.Page(customers=[known], memberships=[member]), now=NOW)
    bring(creator, GHOST)

    assert creator.fans.get().email == "zoe@work.example"


@BOTH_WAYS
def test_a_shop_that_names_only_the_intent_beside_a_connected_account(creator, order):
    page = values.Page(
        payments=[
            values.Payment(
                external_id="ch_1AAAAAAA",
                intent_id="pi_1AAAAAAA",
                occurred_at=NOW,
                status=values.PaymentStatus.SUCCEEDED,
                kind=values.PurchaseKind.SALE,
                currency="GBP",
                amount=49_00,
                email="zoe@example.org",
            )
        ]
    )
    connected = SourceFactory(creator=creator)
    for number in order:
        if number:
            ingest(source=connected, page=page, now=NOW)
        else:
            bring(creator, SHOP.format(reference="pi_1AAAAAAA"))

    assert sorted(creator.purchases.values_list("source__kind", "state")) == [
        ("file", "elsewhere"),
        ("stripe", "settling"),
    ]


@pytest.mark.parametrize("is_removed", [False, True])
def test_what_another_file_said_came_back_is_unsaid_with_it(creator, is_removed):
    bring(creator, stripe())
    balance = bring(creator, BALANCE)
    assert counted(creator) == [(49_00, 9_00)]

    if is_removed:
        begin_removal(source=balance.source, now=NOW)
        assert remove(source=balance.source, until=FOREVER, clock=lambda: NOW)
    else:
        take_back(balance)

    assert counted(creator) == [(49_00, 0)]


def test_orders_of_two_shops_with_one_number_are_two(creator):
    header = "Number,Date,Buyer first name,Buyer last name,Buyer email,Items,Total price,Currency"
    bring(creator, f"{header}\n1001,2026-03-01,Zoe,M,zoe@example.org,product_name:Mug,5.00,GBP\n")
    header = "Date,Order #,N. Revenue (formatted),Status,Customer,Product(s),Net Sales"
    bring(creator, f"{header}\n2026-03-01 10:00:00,1001,£7.00 £0.00,completed,Jo,1× Print,7\n")

    assert counted(creator) == [(5_00, 0), (7_00, 7_00)]


ATTENDEES = (
    "Order #,Order Date,First Name,Last Name,Email,Ticket Type,Attendee #,Currency,Total Paid,"
    "Attendee Status\n"
    "9001,11/29/24 22:28,Ada,L,ada@x.org,VIP,1,GBP,25.00,Attending\n"
    "9001,11/29/24 22:28,Ada,L,ada@x.org,VIP,2,GBP,25.00,Refunded\n"
)
ORDERS = (
    "Order ID,Order date,Buyer first name,Buyer last name,Buyer email,Currency,Gross sales,"
    "Net sales\n"
    "9001,2024-11-29 22:28:00,Ada,L,ada@x.org,GBP,50.00,23.00\n"
    "9002,2024-11-29 22:28:00,Ada,L,ada@x.org,GBP,10.00,9.00\n"
)


@BOTH_WAYS
def test_tickets_and_orders_of_one_event_count_once(creator, order):
    for number in order:
        bring(creator, (ATTENDEES, ORDERS)[number])

    assert counted(creator) == [(10_00, 0), (25_00, 0), (25_00, 25_00)]


TILL = "Date,Time Zone,Total Collected,Net Total,Transaction ID,Description,Event Type,Customer ID"


@pytest.mark.parametrize(
    ("given", "returned"),
    [
        ("", [(5_00, 0), (5_00, 5_00)]),
        ("Refund: Mug", [(5_00, 0), (5_00, 5_00)]),
        ("Print", [(5_00, 0), (5_00, 5_00)]),
        ("Poster", [(5_00, 0), (5_00, 0)]),
    ],
)
def test_a_refund_by_who_got_it_is_of_the_product_that_it_names_if_any(creator, given, returned):
    rows = (
        "2026-03-01,Europe/London,£5.00,£4.90,TX1,Mug,Payment,C1\n"
        "2026-03-02,Europe/London,£5.00,£4.90,TX2,Print,Payment,C1\n"
        f"2026-03-03,Europe/London,-£5.00,-£5.00,,{given},Refund,C1\n"
    )
    bring(creator, f"{TILL}\n{rows}")

    assert counted(creator) == returned
    back = creator.purchases.filter(returned__gt=0).values_list("description", flat=True)
    assert list(back) == {"": ["Print"], "Refund: Mug": ["Mug"], "Print": ["Print"]}.get(given, [])


TOLD = [
    stripe(),
    stripe("9.00"),
    stripe("15.00"),
    BALANCE,
    SHOP.format(reference="pi_1AAAAAAA"),
    SHOP.format(reference="0TEST00000000001G"),
    PAYPAL + REFUND,
]


@examples(6)
@given(
    files=st.lists(st.sampled_from(range(len(TOLD))), min_size=2, max_size=4, unique=True),
    gone=st.sets(st.integers(0, 3), max_size=2),
    data=st.data(),
)
def test_files_of_several_sources_in_any_order_and_taken_back(files, gone, data):
    left = [number for place, number in enumerate(files) if place not in gone]
    clean, other = CreatorFactory(currency="GBP"), CreatorFactory(currency="GBP")
    for number in left:
        bring(clean, TOLD[number])

    uploads = {number: bring(other, TOLD[number]) for number in data.draw(st.permutations(files))}
    for number in set(files) - set(left):
        take_back(uploads[number])

    assert differences(books_of(other), books_of(clean)) == {}
