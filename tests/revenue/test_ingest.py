"""The same books whatever the order, the repetition and the size of the pages."""

import copy
import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fans.models import Fan
from revenue.books import check_fans, check_purchases, check_sums
from revenue.gateways.stripe.pages import to_page
from revenue.gateways.stripe.translate import to_customer
from revenue.ingest import ingest
from revenue.models import Purchase
from revenue.reconciling import net_by_currency
from revenue.spend import recompute_due_fans
from revenue.values import Page
from tests.factories import NOW, CreatorFactory, SourceFactory
from tests.revenue.books_of import books_of
from tests.revenue.recording import FULL, SMALL, objects

pytestmark = pytest.mark.django_db


def fresh_source():
    creator = CreatorFactory(currency="USD", time_zone="America/New_York")
    creator.create_default_tiers()
    return SourceFactory(creator=creator)


def deliver(source, pages, now):
    for page in pages:
        ingest(source=source, page=page, now=now)
    recompute_due_fans(creator=source.creator, now=now)
    return books_of(source.creator)


def clean_pages(folder):
    transactions = objects("balance_transactions_expanded", folder)
    customers = [to_customer(c) for c in objects("customers", folder)]
    pages = [Page(customers=customers)]
    size = 100
    return pages + [
        to_page(transactions[i : i + size], read_at=NOW) for i in range(0, len(transactions), size)
    ]


def test_the_recording_comes_in_whole(now):
    source = fresh_source()

    deliver(source, clean_pages(FULL), now)

    assert net_by_currency(source) == {"USD": 39562, "EUR": 135736, "JPY": 13785}
    assert source.movements.count() == 2048
    assert source.purchases.count() == 1858
    findings = [
        *check_fans(creator=source.creator, now=now),
        *check_purchases(creator=source.creator),
        *check_sums(creator=source.creator, now=now),
    ]
    assert findings == []


def test_people_of_the_recording_are_who_they_are(now):
    source = fresh_source()
    deliver(source, clean_pages(FULL), now)
    by_email = {}
    for customer in objects("customers", FULL):
        if customer["email"]:
            by_email.setdefault(customer["email"].lower(), set()).add(customer["id"])
    shared = {email: ids for email, ids in by_email.items() if len(ids) > 1}
    charges = [
        t["source"] for t in objects("balance_transactions_expanded", FULL) if t["type"] == "charge"
    ]
    listed = {c["id"] for c in objects("customers", FULL)}

    assert shared
    for email, ids in shared.items():
        paid = source.purchases.filter(customer_id__in=ids)
        owners = {fan.identities.get(kind="email").value for fan in {p.fan for p in paid}}
        assert owners <= {email}
    gone = {c["id"] for c in charges if c["customer"] and c["customer"] not in listed}
    assert len(gone) == 104
    assert not source.purchases.filter(external_id__in=gone, fan=None).exists()
    nobodys = {
        c["id"]
        for c in charges
        if not c["customer"] and not c["billing_details"]["email"] and not c["receipt_email"]
    }
    unattributed = set(source.purchases.unattributed().values_list("external_id", flat=True))
    assert unattributed == nobodys
    assert len(nobodys) == 25


def test_a_second_delivery_changes_nothing_and_marks_nobody(now):
    source = fresh_source()
    pages = clean_pages(SMALL)
    books = deliver(source, pages, now)
    later = now + timedelta(minutes=1)

    for page in pages:
        written = ingest(source=source, page=page, now=later)
        assert (written.movements, written.purchases) == (0, 0)

    assert not Fan.objects.filter(recompute_at=later).exists()
    assert books_of(source.creator) == books


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32), size=st.integers(7, 60), again=st.integers(0, 20))
def test_any_order_any_repetition_any_page_size_gives_the_same_books(now, seed, size, again):
    expected = deliver(fresh_source(), clean_pages(SMALL), now)
    chance = random.Random(seed)
    transactions = list(objects("balance_transactions_expanded", SMALL))
    transactions += chance.sample(transactions, min(again, len(transactions)))
    chance.shuffle(transactions)
    customers = [to_customer(c) for c in objects("customers", SMALL)]
    chance.shuffle(customers)
    pages = [
        to_page(transactions[i : i + size], read_at=NOW) for i in range(0, len(transactions), size)
    ]
    pages += [Page(customers=customers[i : i + size]) for i in range(0, len(customers), size)]
    chance.shuffle(pages)

    assert deliver(fresh_source(), pages, now) == expected


def charge(**changes):
    """A ledger line for a charge of £20 with its charge expanded."""
    source = {
        "object": "charge", "id": "ch_1", "created": 1790000000, "amount": 2000,
        "amount_captured": 2000, "captured": True, "currency": "usd", "customer": "cus_1",
        "status": "succeeded", "billing_details": {"email": None, "name": "Zoë"},
    } | changes  # fmt: skip
    return {
        "object": "balance_transaction", "id": f"txn_{source['id']}", "created": source["created"],
        "amount": 2000, "fee": 50, "net": 1950, "currency": "usd", "type": "charge",
        "reporting_category": "charge", "source": source,
    }  # fmt: skip


def page_of(*transactions, customers=()):
    return to_page([copy.deepcopy(t) for t in transactions], read_at=NOW), Page(
        customers=[to_customer(c) for c in customers]
    )


def test_a_customer_whose_address_comes_later_is_joined_and_the_nameless_record_goes(now):
    source = fresh_source()
    payments, customers = page_of(
        charge(), customers=[{"id": "cus_1", "email": "Zoe@example.com", "name": "Zoë Quill"}]
    )
    ingest(source=source, page=payments, now=now)
    nameless = source.creator.fans.get()
    assert nameless.email == ""

    ingest(source=source, page=customers, now=now)

    fan = source.creator.fans.get()
    assert (fan.email, fan.name) == ("zoe@example.com", "Zoë Quill")
    assert source.purchases.get().fan == fan
    assert sorted(fan.identities.values_list("value", flat=True)) == ["cus_1", "zoe@example.com"]


def test_a_deleted_customer_keeps_the_address_that_was_known(now):
    source = fresh_source()
    for known in (
        {"id": "cus_1", "email": "zoe@example.com"},
        {"id": "cus_1", "deleted": True},
    ):
        ingest(source=source, page=page_of(customers=[known])[1], now=now)
    ingest(source=source, page=page_of(charge())[0], now=now)

    assert source.creator.fans.get().email == "zoe@example.com"


def test_a_guest_and_a_customer_with_the_same_address_are_one_person(now):
    source = fresh_source()
    guest = charge(id="ch_2", customer=None, billing_details={"email": "ZOE@example.com"})
    payments, customers = page_of(
        charge(), guest, customers=[{"id": "cus_1", "email": "zoe@example.com"}]
    )
    ingest(source=source, page=customers, now=now)
    ingest(source=source, page=payments, now=now)

    assert source.creator.fans.get().purchase_set.count() == 2


def test_hostile_text_is_stored_harmlessly(now):
    source = fresh_source()
    name = "<script>alert(1)</script>\0\ud800" + "x" * 10_000
    payments, _ = page_of(
        charge(billing_details={"email": "a@example.com", "name": name}, description="=1+1\0")
    )

    ingest(source=source, page=payments, now=now)

    fan = source.creator.fans.get()
    assert fan.name == name.replace("\0", "").replace("\ud800", "?")
    assert source.purchases.get().description == "=1+1"


def test_money_of_a_kind_nobody_has_heard_of_is_kept_and_shown(now):
    source = fresh_source()
    strange = {
        "object": "balance_transaction", "id": "txn_new", "created": 1790000000,
        "amount": 777, "fee": 0, "net": 777, "currency": "usd",
        "type": "moon_dividend", "reporting_category": "moon_dividend",
        "source": None,
    }  # fmt: skip

    ingest(source=source, page=page_of(strange)[0], now=now)

    movement = source.movements.get()
    assert (movement.kind, movement.category, movement.net) == ("other", "moon_dividend", 777)


def test_a_page_takes_a_constant_number_of_queries(now, django_assert_max_num_queries):
    source = fresh_source()
    customers, *pages = clean_pages(FULL)
    ingest(source=source, page=customers, now=now)

    with django_assert_max_num_queries(30):
        ingest(source=source, page=pages[0], now=now)
    with django_assert_max_num_queries(30):
        ingest(source=source, page=to_page(
            objects("balance_transactions_expanded", FULL)[100:500], read_at=NOW
        ), now=now)  # fmt: skip
    assert Purchase.objects.count() > 300
