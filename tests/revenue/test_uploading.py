"""Files that creators bring, imported and taken back: the same books whatever the order."""

import threading

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from revenue import values
from revenue.doubles import BEHIND
from revenue.files.platforms import PLATFORMS
from revenue.ingest import ingest, lock
from revenue.models import Purchase, Upload
from revenue.removing import begin_removal, remove
from revenue.uploading import (
    _store,
    begin_import,
    begin_undoing,
    import_rows,
    keep,
    undo_rows,
)
from tests.factories import NOW, CreatorFactory, SourceFactory
from tests.revenue.books_of import books_of, differences
from tests.revenue.bringing import FOREVER, bring, stripe_file, take_back
from tests.revenue.files.opened import SAMPLES
from tests.revenue.histories import examples
from tests.revenue.workers import wait_until

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


@examples(8)
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


def two_rows_of(creator):
    return keep(
        creator=creator, by=None, name="x", chunks=[stripe_file(ZOE, JOSE).encode()], now=NOW
    )


def test_two_clicks_on_import_count_once(creator, monkeypatch):
    monkeypatch.setattr("revenue.uploading.BATCH", 1)
    upload = two_rows_of(creator)
    second = Upload.objects.get(pk=upload.pk)
    begin_import(upload=upload, now=NOW)
    assert not import_rows(upload=upload, until=NOW, clock=lambda: NOW)  # one row

    assert begin_import(upload=second, now=NOW) == creator.sources.get()

    upload.refresh_from_db()
    assert (upload.state, upload.rows_done) == (Upload.State.IMPORTING, 1)


def test_what_is_wanted_back_at_the_last_row_is_taken_back(creator):
    upload = two_rows_of(creator)
    begin_import(upload=upload, now=NOW)

    def wanted_back_after_the_last_row():
        if creator.purchases.count() == 2:
            begin_undoing(upload=upload, now=NOW)
        return NOW

    import_rows(upload=upload, until=FOREVER, clock=wanted_back_after_the_last_row)

    upload.refresh_from_db()
    assert upload.state == Upload.State.UNDOING
    assert undo_rows(upload=upload, until=FOREVER, clock=lambda: NOW)
    assert not creator.purchases.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("work", [import_rows, undo_rows])
def test_who_takes_a_source_away_never_waits_for_a_file_that_waits_for_the_source(creator, work):
    upload = two_rows_of(creator)
    source = begin_import(upload=upload, now=NOW)
    if work is undo_rows:
        begin_undoing(upload=upload, now=NOW)

    def work_meanwhile():
        work(upload=upload, until=FOREVER, clock=lambda: NOW)
        connection.close()

    worker = threading.Thread(target=work_meanwhile)
    with transaction.atomic():
        lock(source)
        worker.start()
        wait_until(somebody_waits, seconds=20)
        free = list(Upload.objects.select_for_update(skip_locked=True).filter(pk=upload.pk))
    worker.join(20)

    assert free == [upload]
    upload.refresh_from_db()
    assert upload.state in (Upload.State.DONE, Upload.State.UNDONE)


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database()"
        )
        return cursor.fetchone() is not None


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


ACTIVITY = (
    "Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,"
    "From Email Address,To Email Address,Transaction ID,Reference Txn ID"
)
SOLD = "13/02/2026,10:00:00,GMT,Ada,Payment,Completed,GBP,20.00,-1,19,ada@example.org,me@x.org,T1,"
REFUND = (
    "20/02/2026,10:00:00,GMT,Ada,Payment Refund,Completed,GBP,-5.00,0,-5,"
    "me@x.org,ada@example.org,T2,T1"
)
CHARGEBACK = REFUND.replace("Payment Refund", "Chargeback").replace("T2", "T3")
REVERSED = CHARGEBACK.replace("Chargeback", "Chargeback Reversal").replace("T3", "T4")
REVERSED = REVERSED.replace("-5.00,0,-5", "5.00,0,5")


def activity(*rows: str) -> str:
    return "\n".join([ACTIVITY, *rows]) + "\n"


def test_a_refund_waits_for_the_file_with_its_payment_and_is_told_of_until_then(creator):
    early = bring(creator, activity(REFUND))

    assert not creator.purchases.exists()
    assert not creator.fans.exists()
    assert [row.line for row in early.statements.waiting()] == [2]

    late = bring(creator, activity(SOLD))
    assert creator.fans.get().lifetime_gross == 15_00
    assert not early.statements.waiting().exists()

    take_back(late)
    assert not creator.purchases.exists()
    assert early.statements.waiting().count() == 1


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1), (1, 3, 0, 2)])
def test_returns_in_files_of_their_own_meet_their_payment_in_any_order(creator, order):
    rows = (SOLD, REFUND, CHARGEBACK, REVERSED)
    for number in order:
        bring(creator, activity(rows[number]))

    purchase = creator.purchases.get()
    assert (purchase.returned, purchase.fee, purchase.net) == (5_00, 1_00, 14_00)


def test_what_comes_back_of_an_unknown_dispute_is_no_income(creator):
    back = bring(creator, activity(SOLD, REVERSED))

    assert creator.purchases.get().net == 19_00
    assert [row.line for row in back.statements.waiting()] == [3]


def test_a_return_of_nobody_and_of_nothing_is_told_of(creator):
    nobody = REFUND.removesuffix("T1").replace("ada@example.org", "").replace("Ada", "")
    upload = bring(creator, activity(SOLD, nobody))

    assert [(row.line, row.why) for row in upload.skipped.all()] == [(3, "of_nothing")]


def test_a_refund_by_who_got_it_waits_as_well(creator):
    upload = bring(creator, activity(SOLD.replace("20.00", "4.00"), REFUND.removesuffix("T1")))
    assert [row.line for row in upload.statements.waiting()] == [3]

    bring(creator, activity(SOLD.replace(",T1,", ",T9,")))
    assert creator.fans.get().lifetime_gross == 4_00 + 15_00
    assert not upload.statements.waiting().exists()


BALANCE = "id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Description"
BALANCE_CHARGE = "txn_1,charge,ch_1,49.00,1.20,47.80,gbp,2026-03-01 10:00:00,A record"
BALANCE_REFUND = "txn_2,refund,re_1,-9.00,0.00,-9.00,gbp,2026-04-01 10:00:00,REFUND FOR CHARGE ch_1"


def balance_file(*rows: str) -> str:
    return "\n".join([BALANCE, *rows]) + "\n"


def test_a_charge_in_two_of_stripes_files_counts_once(creator):
    bring(creator, balance_file(BALANCE_CHARGE))
    bring(creator, stripe_file(ZOE))

    assert sorted(creator.purchases.values_list("source__account_id", "state")) == [
        ("stripe_balance", "elsewhere"),
        ("stripe_payments", "paid"),
    ]


def test_a_refund_in_a_later_balance_file_meets_its_charge(creator):
    later = bring(creator, balance_file(BALANCE_REFUND))
    assert later.statements.waiting().count() == 1

    bring(creator, balance_file(BALANCE_CHARGE))
    assert creator.purchases.get().returned == 9_00
    assert not later.statements.waiting().exists()


def test_an_order_in_two_of_etsys_files_counts_once(creator):
    for sample in ("etsy_items.csv", "etsy_orders.csv"):
        bring(creator, (SAMPLES / sample).read_text())

    told = creator.purchases.filter(external_id="etsy-3001")
    assert sorted(told.values_list("source__account_id", "state")) == [
        ("etsy_items", "elsewhere"),
        ("etsy_orders", "paid"),
    ]


def test_the_files_that_stand_behind_others_exist():
    assert {platform.slug for platform in PLATFORMS} >= {*BEHIND}
