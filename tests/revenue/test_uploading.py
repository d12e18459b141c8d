"""Files that creators bring, imported and taken back: the same books whatever the order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revenue import values
from revenue.ingest import ingest
from revenue.models import Purchase, Upload
from revenue.removing import begin_removal, remove
from revenue.uploading import _store, begin_import, import_rows, keep
from tests.factories import NOW, CreatorFactory, SourceFactory
from tests.revenue.books_of import books_of, differences
from tests.revenue.bringing import FOREVER, bring, stripe_file, take_back
from tests.revenue.histories import examples

pytestmark = pytest.mark.django_db

ZOE = "ch_1,2026-03-01 10:00:00,49.00,0.00,gbp,Zoe@Example.org,Paid,1.20"
JOSE = "ch_2,2026-04-01 10:00:00,100.00,25.00,gbp,jose@example.com,Paid,15.00"
NOBODY = "ch_3,2026-05-01 10:00:00,12.50,0.00,gbp,,Paid,0.50"
FAILED = "ch_4,2026-05-02 10:00:00,20.00,0.00,gbp,zoe@example.org,Failed,"


@pytest.fixture
def creator():
    return CreatorFactory(currency="GBP")


def test_what_a_file_says_is_stored_as_purchases_of_people(creator):
    upload = bring(creator, stripe_file(ZOE, JOSE, NOBODY, FAILED))

    assert upload.state == Upload.State.DONE
    assert [fan.email for fan in creator.fans.order_by("email")] == [
        "jose@example.com",
        "zoe@example.org",
    ]
    zoe, jose = (creator.fans.get(email=e) for e in ("zoe@example.org", "jose@example.com"))
    assert (zoe.lifetime_gross, zoe.lifetime_net) == (49_00, 47_80)
    assert (jose.lifetime_gross, jose.lifetime_net) == (75_00, 60_00)
    assert creator.purchases.unattributed().get().amount == 12_50
    assert [(row.line, row.why) for row in upload.skipped.all()] == [(5, "failed")]
    assert not upload.parts.exists()


def test_the_same_file_dropped_twice_changes_nothing(creator):
    bring(creator, stripe_file(ZOE, JOSE))
    before = books_of(creator)

    bring(creator, stripe_file(ZOE, JOSE))

    assert books_of(creator) == before


def test_an_upload_taken_back_is_as_if_it_had_never_been(creator):
    first = bring(creator, stripe_file(ZOE))
    before = books_of(creator)
    second = bring(creator, stripe_file(ZOE, JOSE, NOBODY))

    take_back(second)

    assert books_of(creator) == before
    assert second.state == Upload.State.UNDONE
    take_back(first)
    assert not Purchase.objects.exists()
    assert not creator.fans.exists()


def test_of_two_statements_the_one_that_gives_more_back_counts_whichever_came_first(creator):
    whole, returned = ZOE, ZOE.replace("49.00,0.00", "49.00,9.00")
    other = CreatorFactory(currency="GBP")
    for one, order in ((creator, (whole, returned)), (other, (returned, whole))):
        for row in order:
            bring(one, stripe_file(row))

    assert creator.fans.get().lifetime_gross == other.fans.get().lifetime_gross == 40_00


def test_a_payment_without_a_fee_is_paid_and_its_net_unknown(creator):
    bring(creator, stripe_file(ZOE.replace(",1.20", ",")))

    purchase = creator.purchases.get()
    assert (purchase.state, purchase.net, purchase.counted_gross) == ("paid", None, 49_00)


STATEMENTS = [
    ZOE,
    ZOE.replace("49.00,0.00", "49.00,9.00"),
    ZOE.replace(",1.20", ","),
    JOSE,
    JOSE.replace("jose@", "pepe@"),
    NOBODY,
    FAILED,
    FAILED.replace("Failed", "Paid"),
]
FILES = st.lists(st.sets(st.sampled_from(STATEMENTS), min_size=1, max_size=4), max_size=4)


@examples(12)
@given(files=FILES, gone=st.lists(st.integers(0, 3), max_size=3), data=st.data())
def test_any_order_any_repetition_and_anything_taken_back_give_the_same_books(files, gone, data):
    texts = [stripe_file(*sorted(rows)) for rows in files]
    kept = [text for number, text in enumerate(texts) if number not in gone]
    clean, other = CreatorFactory(currency="GBP"), CreatorFactory(currency="GBP")
    for text in kept:
        bring(clean, text)

    order = data.draw(st.permutations(range(len(texts))))
    uploads = {number: bring(other, texts[number]) for number in order}
    for number in {*gone} & uploads.keys():
        take_back(uploads[number])
    for text in data.draw(st.lists(st.sampled_from(kept), max_size=1) if kept else st.just([])):
        bring(other, text)

    books, expected = books_of(other), books_of(clean)
    assert differences(books, expected) == {}
    assert books == expected


def test_a_worker_that_was_overtaken_leaves(creator, monkeypatch):
    monkeypatch.setattr("revenue.uploading.BATCH", 1)
    upload = keep(
        creator=creator, by=None, name="x", chunks=[stripe_file(ZOE, JOSE).encode()], now=NOW
    )
    begin_import(upload=upload, now=NOW)
    slow = Upload.objects.select_related("source").get(pk=upload.pk)
    assert not import_rows(upload=upload, until=NOW, clock=lambda: NOW)  # one row

    assert not _store(slow, [], now=NOW)

    assert import_rows(upload=upload, until=FOREVER, clock=lambda: NOW)
    assert creator.purchases.count() == 2


def test_a_file_that_names_a_charge_of_the_connected_account_counts_it_once(creator):
    connected = SourceFactory(creator=creator)
    page = values.Page(payments=[charge("ch_1", 49_00)])
    ingest(source=connected, page=page, now=NOW)

    bring(creator, stripe_file(ZOE, JOSE))

    states = dict(creator.purchases.values_list("source__kind", "state").filter(external_id="ch_1"))
    assert states == {"stripe": "settling", "file": "elsewhere"}
    assert creator.fans.get(email="zoe@example.org").lifetime_gross == 49_00


def test_the_file_counts_again_once_the_connected_account_is_gone(creator):
    upload = bring(creator, stripe_file(ZOE))
    connected = SourceFactory(creator=creator)
    ingest(source=connected, page=values.Page(payments=[charge("ch_1", 49_00)]), now=NOW)
    assert creator.purchases.get(source=upload.source).state == "elsewhere"

    begin_removal(source=connected, now=NOW)
    assert remove(source=connected, until=FOREVER, clock=lambda: NOW)

    assert creator.purchases.get().state == "paid"


def charge(external_id: str, amount: int) -> values.Payment:
    return values.Payment(
        external_id=external_id,
        occurred_at=NOW,
        status=values.PaymentStatus.SUCCEEDED,
        kind=values.PurchaseKind.SALE,
        currency="GBP",
        amount=amount,
        email="zoe@example.org",
    )
