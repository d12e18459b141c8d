"""What is told at once and what files say: one payment, whatever comes first, twice or late."""

import csv
import io
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revenue.books import check_books
from revenue.ingest import ingest
from revenue.live.reading import read_messages
from revenue.models import Membership
from revenue.values import Movement, MovementKind, Page, Payment, PaymentStatus, PurchaseKind
from tests.factories import NOW, CreatorFactory, SourceFactory
from tests.revenue.books_of import books_of, differences
from tests.revenue.bringing import bring, take_back
from tests.revenue.histories import examples
from tests.revenue.telling import inbox_of, sample, tell, work_off
from tests.revenue.test_told_at_once import changed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(time_machine, now):
    time_machine.move_to(now, tick=False)


@pytest.fixture
def creator():
    return CreatorFactory(currency="EUR")


def table(**cells: str) -> str:
    """A file with one row."""
    out = io.StringIO()
    csv.writer(out).writerows([cells.keys(), cells.values()])
    return out.getvalue()


KOFI = {
    "DateTime (UTC)": "2026-10-04T13:04:30Z", "From": "Ada", "Message": "Thanks!",
    "Item": "Ko-fi Support", "Received": "3.00", "Given": "0.00", "Currency": "EUR",
    "TransactionType": "Tip", "TransactionId": "kf-live-1", "Reference": "",
    "BuyerCountry": "DE", "BuyerEmail": "ada@example.org",
}  # fmt: skip
GUMROAD = {
    "Purchase ID": "g1==", "Item Name": "Course", "Buyer Name": "Ada Lovelace",
    "Purchase Email": "ada@work.example", "Buyer Email": "", "Purchase Date": "2026-10-01",
    "Purchase Time (UTC timezone)": "2026-10-01 10:11:12 UTC", "Sale Price ($)": "10.0",
    "Fees ($)": "1.5", "Net Total ($)": "8.5", "Country": "Germany", "Refunded?": "0",
    "Partial Refund ($)": "0.0", "Fully Refunded?": "0", "Disputed?": "0", "Dispute Won?": "0",
    "Recurring Charge?": "0", "Quantity": "1",
}  # fmt: skip
COFFEE = {
    "support_id": "1", "support_created_on": "2026-10-01 10:00:00", "support_coffees": "3",
    "support_coffee_price": "5.0000", "support_currency": "USD", "supporter_name": "Ada",
    "support_email": "ada@example.org", "support_note": "Great!", "transaction_id": "",
    "is_refunded": "", "refunded_at": "", "country": "",
}  # fmt: skip
SHOPIFY = {
    "Name": "#1003", "Email": "ada@example.org", "Financial Status": "paid",
    "Paid at": "2026-10-14 11:23:45 +0100", "Currency": "GBP", "Total": "54.50",
    "Created at": "2026-10-14 11:23:40 +0100", "Lineitem quantity": "2", "Lineitem name": "Mug",
    "Billing Name": "Ada Lovelace", "Billing Country": "GB", "Notes": "",
    "Refunded Amount": "0.00", "Outstanding Balance": "0.00", "Id": "'7210448301122",
}  # fmt: skip
PATREON = {
    "Name": "Ada Lovelace", "Email": "ada@example.org", "Discord": "",
    "Patron Status": "Active patron", "Lifetime Amount": "12.00", "Pledge Amount": "12.00",
    "Tier": "Fan", "Patronage Since Date": "2026-09-01 13:37:12.123000",
    "Last Charge Date": "2026-09-01 13:37:20", "Last Charge Status": "Paid", "User ID": "1001",
    "Last Updated": "2026-09-01 13:37:30", "Currency": "EUR",
}  # fmt: skip
BOTH = [
    ("kofi/tip", KOFI, {}),
    ("gumroad/sale", GUMROAD, {}),
    ("buymeacoffee/donation", COFFEE, {}),
    ("shopify/order", SHOPIFY, {"topic": "orders/paid"}),
]


def told(creator, name, changes=None, **how):
    """Have a platform tell, and a worker read it."""
    inbox = inbox_of(creator, name.partition("/")[0], currency="EUR")
    assert tell(inbox, changed(name, changes or {}), **how).status_code == 200
    work_off(creator)
    return inbox


def sums(creator):
    """What counts: ids, amounts, what is known of the fee; and who they are."""
    rows = creator.purchases.order_by("external_id")
    found = rows.values_list("external_id", "state", "amount", "returned", "fee", "occurred_at")
    people = creator.fans.order_by("email").values_list("email", "lifetime_gross", "purchases")
    return list(found), list(people)


@pytest.mark.parametrize(("name", "row", "how"), BOTH, ids=[name for name, *_ in BOTH])
def test_a_payment_in_a_file_and_told_at_once_is_one_in_one_source(name, row, how):
    first, second = CreatorFactory(currency="EUR"), CreatorFactory(currency="EUR")
    told(first, name, **how)
    only_told = sums(first)
    bring(first, table(**row))
    bring(second, table(**row))
    only_filed = sums(second)
    told(second, name, **how)

    assert sums(first) == sums(second) == only_told == only_filed
    assert [first.sources.count(), first.purchases.count()] == [1, 1]


@pytest.mark.parametrize(("name", "row", "how"), BOTH, ids=[name for name, *_ in BOTH])
def test_a_file_taken_back_leaves_what_was_told_and_the_other_way_round(name, row, how, creator):
    other = CreatorFactory(currency="EUR")
    told(creator, name, **how)
    before = books_of(creator)
    assert creator.purchases.count() == 1

    take_back(bring(creator, table(**row)))

    assert differences(books_of(creator), before) == {}
    take_back(bring(other, table(**row)))
    assert not other.purchases.exists()


def test_a_file_brings_the_fee_that_was_not_told(creator):
    told(creator, "gumroad/sale", {"gumroad_fee": ""})
    assert creator.purchases.get().fee is None

    bring(creator, table(**GUMROAD))

    assert creator.purchases.get().fee == 1_50


def test_returns_told_at_once_are_returns_whatever_else_is_said(creator):
    told(creator, "gumroad/sale", {"refunded": "true", "resource_name": "refund"})
    told(creator, "gumroad/sale")
    bring(creator, table(**GUMROAD))

    purchase = creator.purchases.get()
    assert (purchase.state, purchase.returned, purchase.amount) == ("refunded", 10_00, 10_00)


def test_a_dispute_that_was_won_is_paid_again_in_any_order(creator):
    stages = [{}, {"disputed": "true"}, {"disputed": "true", "dispute_won": "true"}]
    for stage in (stages[1], stages[0]):
        told(creator, "gumroad/sale", stage)
    assert creator.purchases.get().state == "lost"

    told(creator, "gumroad/sale", stages[2])
    bring(creator, table(**GUMROAD | {"Disputed?": "1"}))
    told(creator, "gumroad/sale", stages[1] | {"quantity": "2"})

    assert (creator.purchases.get().state, creator.purchases.get().returned) == ("paid", 0)


def test_a_refund_told_by_itself_and_in_its_order_and_in_the_file_is_given_back_once(creator):
    refund = sample("shopify/refund")
    told(creator, "shopify/refund", topic="refunds/create")  # before its order is known
    assert not creator.purchases.exists()
    told(creator, "shopify/order")
    told(creator, "shopify/order", {"refunds": [refund], "financial_status": "partially_refunded"})
    row = {"Refunded Amount": "25.00", "Financial Status": "partially_refunded"}
    bring(creator, table(**SHOPIFY | row))

    purchase = creator.purchases.get()
    assert (purchase.state, purchase.returned) == ("partly_refunded", 25_00)
    bring(creator, table(**SHOPIFY | row | {"Refunded Amount": "30.00"}))
    assert creator.purchases.get().returned == 30_00


def test_an_order_that_was_never_paid_counts_nothing(creator):
    told(creator, "shopify/order", {"financial_status": "pending"})
    assert not creator.purchases.exists()
    assert not creator.sources.get().set_aside.exists()

    told(creator, "shopify/order")
    assert creator.purchases.get().amount == 54_50
    told(creator, "shopify/order", {"financial_status": "voided"})
    assert not creator.purchases.exists()


@pytest.mark.parametrize("stripe_is_first", [True, False])
def test_a_coffee_that_stripe_tells_of_too_counts_once(creator, stripe_is_first, now):
    def at_stripe():
        ingest(source=SourceFactory(creator=creator), page=charge(now), now=now)
        work_off(creator)

    if stripe_is_first:
        at_stripe()
    told(creator, "buymeacoffee/donation")
    if not stripe_is_first:
        at_stripe()

    states = dict(creator.purchases.values_list("external_id", "state"))
    assert states == {"ch_1": "paid", "1": "elsewhere"}
    assert creator.fans.get().purchases == 1


def charge(now):
    payment = Payment(
        external_id="ch_1", occurred_at=now - timedelta(days=50), status=PaymentStatus.SUCCEEDED,
        kind=PurchaseKind.SALE, currency="USD", amount=15_00, email="ada@example.org",
        intent_id="pi_3ABCDEF12345",
    )  # fmt: skip
    line = Movement(
        external_id="txn_1", kind=MovementKind.PAYMENT, category="charge", currency="USD",
        occurred_at=payment.occurred_at, amount=15_00, fee=75, net=14_25, object_id="ch_1",
        payment_id="ch_1",
    )  # fmt: skip
    return Page(payments=[payment], movements=[line])


ATTRIBUTES = "data.attributes."
LATER = {
    f"{ATTRIBUTES}campaign_lifetime_support_cents": 3600,
    f"{ATTRIBUTES}last_charge_date": "2026-11-01T08:00:00Z",
}


def test_a_patron_is_a_total_whose_growth_is_what_was_paid(creator):
    told(creator, "patreon/member")
    told(creator, "patreon/member", LATER)
    bring(creator, table(**PATREON))  # from before both

    found = creator.purchases.order_by("occurred_at").values_list("amount", "occurred_at")
    assert [(amount, f"{at:%m-%d}") for amount, at in found] == [
        (12_00, "09-01"), (12_00, "10-01"), (12_00, "11-01")
    ]  # fmt: skip
    assert creator.fans.get().lifetime_gross == 36_00
    bring(creator, table(**PATREON | {"Lifetime Amount": "36.00", "Last Updated": "2026-11-02",
                                      "Last Charge Date": "2026-11-01 08:00:00"}))  # fmt: skip
    assert creator.fans.get().lifetime_gross == 36_00


def test_what_a_patron_got_back_is_gone_until_they_pay_again(creator):
    told(creator, "patreon/member")
    back = {
        f"{ATTRIBUTES}campaign_lifetime_support_cents": 1200,
        f"{ATTRIBUTES}last_charge_status": "Refunded",
    }
    told(creator, "patreon/member", back)
    assert creator.fans.get().lifetime_gross == 12_00

    told(creator, "patreon/member", {f"{ATTRIBUTES}note": "late, and from before"})
    assert creator.fans.get().lifetime_gross == 12_00
    told(creator, "patreon/member", LATER | {f"{ATTRIBUTES}campaign_lifetime_support_cents": 2400})
    assert creator.fans.get().lifetime_gross == 24_00


def test_a_patron_is_a_member_until_they_leave(creator, time_machine, now):
    def state():
        return creator.memberships.get().state

    told(creator, "patreon/member")
    member = creator.memberships.get()
    assert (member.state, member.amount, member.currency, member.interval) == (
        "active", 12_00, "EUR", "month"
    )  # fmt: skip
    assert member.fan == creator.fans.get()
    time_machine.move_to(now + timedelta(hours=1), tick=False)
    told(creator, "patreon/member", {f"{ATTRIBUTES}patron_status": "declined_patron"})
    assert state() == "past_due"
    time_machine.move_to(now + timedelta(hours=2), tick=False)
    told(creator, "patreon/member", {f"{ATTRIBUTES}patron_status": "former_patron"})
    assert state() == "ended"
    late = {f"{ATTRIBUTES}last_charge_date": "2026-09-02T08:00:00Z"}
    told(creator, "patreon/member", late)
    assert state() == "ended"
    assert Membership.objects.count() == creator.fans.count() == 1


def test_a_member_who_has_paid_nothing_yet_is_one_person_when_they_do(creator):
    unpaid = {
        f"{ATTRIBUTES}campaign_lifetime_support_cents": 0,
        f"{ATTRIBUTES}last_charge_date": None,
    }
    told(creator, "patreon/member", unpaid)
    assert creator.fans.get().email == "ada@example.org"

    told(creator, "patreon/member")

    assert creator.fans.get().lifetime_gross == 24_00


def test_seats_do_not_wait_for_a_platform_that_only_tells(creator):
    inbox = inbox_of(creator, "kofi")

    assert inbox.source.synced_at is not None


def test_what_was_told_stays_when_the_file_of_another_day_is_imported(creator):
    told(creator, "kofi/tip")
    bring(creator, table(**KOFI | {"TransactionId": "kf-2"}))

    assert creator.sources.count() == 1
    assert set(creator.purchases.values_list("external_id", flat=True)) == {"kf-live-1", "kf-2"}


EVENTS = [
    ("gumroad/sale", {}, ""),
    ("gumroad/sale", {"disputed": "true"}, ""),
    ("gumroad/sale", {"disputed": "true", "dispute_won": "true"}, ""),
    ("gumroad/sale", {"sale_id": "g2==", "refunded": "true"}, ""),
    ("gumroad/sale", {"sale_id": "g2=="}, ""),
    ("buymeacoffee/donation", {}, ""),
    ("buymeacoffee/donation", {"type": "donation.refunded", "data.refunded": "true"}, ""),
    ("buymeacoffee/extra", {}, ""),
    ("shopify/order", {"financial_status": "pending"}, "orders/create"),
    ("shopify/order", {}, "orders/paid"),
    ("shopify/refund", {}, "refunds/create"),
    ("shopify/order", {"refunds": [sample("shopify/refund")]}, "orders/updated"),
    ("kofi/tip", {}, ""),
    ("kofi/tip", {"message": "retried"}, ""),
    ("patreon/member", {}, ""),
    ("patreon/member", LATER, ""),
    (
        "patreon/member",
        {
            f"{ATTRIBUTES}campaign_lifetime_support_cents": 1200,
            f"{ATTRIBUTES}last_charge_status": "Refunded",
        },
        "",
    ),
]


SLUGS = sorted({name.partition("/")[0] for name, *_ in EVENTS})


def tell_all(order, *, all_at_once):
    creator = CreatorFactory(currency="EUR")
    for place in order:
        name, changes, topic = EVENTS[place]
        inbox = inbox_of(creator, name.partition("/")[0], currency="EUR")
        tell(inbox, changed(name, changes), topic=topic)
        if not all_at_once:
            read_messages(source=inbox.source, now=NOW)
    work_off(creator)
    assert not list(check_books(creator=creator, now=NOW))
    books = books_of(creator)
    for fan in books["fans"].values():
        del fan["seat"]  # which is kept for ever by who was true for a moment only
    books["statements"] = {row.rank for s in creator.sources.all() for row in s.statements.all()}
    return books


@examples(8)
@given(slug=st.sampled_from(SLUGS), seed=st.integers(0, 10**6), all_at_once=st.booleans())
def test_deliveries_in_any_order_and_twice_leave_the_same_books(slug, seed, all_at_once):
    places = [place for place, (name, *_) in enumerate(EVENTS) if name.startswith(slug)]
    order = places + places[::3]
    Random(seed).shuffle(order)

    books = tell_all(order, all_at_once=all_at_once)

    assert differences(books, tell_all(places, all_at_once=True)) == {}
