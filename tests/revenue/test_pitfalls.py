"""What importers of Stripe have stumbled over, by the number it has in our list: a test each.

Those about webhooks (3, 7, 17, 20) and about the proof by the balance (19, 22) stand with the
tests of these, under the same numbers.
"""

from datetime import UTC, datetime, timedelta

import pytest

from revenue.books import check_books
from revenue.gateways.problems import NotConnectable, PermissionMissing
from revenue.gateways.stripe.connecting import connect
from revenue.gateways.stripe.pages import to_page
from revenue.gateways.stripe.translate import to_payment
from revenue.ingest import ingest
from revenue.models import Purchase, Source
from sandbox import Account, App, Fault, Key
from sandbox.directory import load
from sandbox.workshop import Workshop
from tests.factories import NOW, CreatorFactory, SourceFactory
from tests.revenue.importing import bought, connected, sync
from tests.revenue.recording import FULL, SMALL

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(stripe):
    shop = Workshop(currency="usd", start=datetime.now(UTC) - timedelta(days=60))
    stripe(shop.account)
    return shop


def findings(source):
    return list(check_books(creator=source.creator, now=datetime.now(UTC)))


def test_01_an_object_is_stored_once_by_its_account_and_id(shop):
    sale = shop.charge(2500)
    source = connected(shop)
    sync(source)

    sync(source, full=True)

    assert source.purchases.filter(external_id=sale.id).count() == 1
    assert Purchase._meta.constraints[0].name == "purchase_is_stored_once"


def test_02_rows_are_written_in_the_order_of_their_ids(now, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    rows = [{"object": "customer", "id": f"cus_{n}", "created": 1} for n in (3, 1, 2)]

    with CaptureQueriesContext(connection) as queries:
        ingest(source=SourceFactory(), page=to_page(rows, read_at=now), now=now)

    [written] = [q["sql"] for q in queries if 'INSERT INTO "revenue_customer"' in q["sql"]]
    assert written.index("cus_1") < written.index("cus_2") < written.index("cus_3")


def test_04_a_deleted_customers_payments_stay_theirs(shop):
    ann = shop.customer("ann@example.com", name="Ann")
    sale = shop.charge(2500, customer=ann, email="")
    source = connected(shop)
    sync(source)
    shop.delete_customer(ann)
    sync(source)

    assert bought(source, sale).fan.email == "ann@example.com"


def test_04_a_customer_whom_nobody_knows_any_more_is_one_person_all_the_same(shop):
    ann = shop.customer("ann@example.com")
    sales = [shop.charge(2500, customer=ann, email="") for _ in range(2)]
    shop.delete_customer(ann)
    source = connected(shop)
    sync(source)

    assert {bought(source, sale).fan for sale in sales} == {source.creator.fans.get()}


def test_05_the_period_of_a_membership_is_read_from_its_items(shop):
    plan = shop.membership(shop.customer("ann@example.com"), 500)
    source = connected(shop)
    sync(source)

    assert "current_period_end" not in shop.look(plan)
    paid_until = source.memberships.get().paid_until
    assert paid_until.timestamp() == plan.period[1]


def test_06_what_paid_an_invoice_is_read_from_its_payments(shop):
    plan = shop.membership(shop.customer("ann@example.com"), 500, plain=True)
    shop.pass_time(days=31)
    sale = shop.renew(plan, plain=True)
    source = connected(shop)
    sync(source)

    assert "invoice" not in shop.look(sale)
    assert bought(source, sale).kind == "membership"
    assert bought(source, sale).invoice_id.startswith("in_")


def test_08_refunded_is_what_the_ledger_says_and_not_a_stale_charge(shop, now):
    sale = shop.charge(2500)
    stale = shop.look(sale)
    source = connected(shop)
    shop.refund(sale)
    sync(source)

    ingest(source=source, page=to_page([stale], read_at=datetime.now(UTC)), now=now)

    assert bought(source, sale).state == "refunded"


def test_09_play_money_never_stands_beside_real_money(stripe):
    account = load(SMALL)
    stripe(App([account]))
    creator = CreatorFactory()
    connect(creator=creator, key="rk_live_any")

    with pytest.raises(NotConnectable, match="play money"):
        connect(creator=creator, key="rk_test_any")

    other = CreatorFactory()
    connect(creator=other, key="rk_test_any")
    with pytest.raises(NotConnectable, match="remove the test account first"):
        connect(creator=other, key="rk_live_any")
    modes = Source.objects.values_list("creator", "livemode")
    assert set(modes) == {(creator.pk, True), (other.pk, False)}


def test_10_every_creator_is_read_with_their_own_key(stripe):
    one, other = Workshop(name="one"), Workshop(name="other")
    stripe(App([one.account, other.account]))
    sales = [one.charge(100), other.charge(200)]
    sources = [connected(one), connected(other)]
    for source in sources:
        sync(source)

    assert [s.purchases.get().external_id for s in sources] == [sale.id for sale in sales]


def test_11_more_refunds_than_stripe_shows_inside_a_charge_are_all_read(shop):
    sale = shop.charge(2500)
    source = connected(shop)
    sync(source)
    for _ in range(13):
        shop.refund(sale, 100)
    from revenue.gateways.stripe.client import StripeGateway
    from revenue.gateways.stripe.reading import ask_for

    page = to_page(ask_for(StripeGateway(source.key), sale.id), read_at=datetime.now(UTC))
    ingest(source=source, page=page, now=datetime.now(UTC))

    assert bought(source, sale).returned == 1300


def test_12_ids_and_words_may_be_long(now):
    charge = {
        "object": "charge", "id": "ch_" + "x" * 300, "created": 1790000000, "currency": "usd",
        "amount": 5, "description": "d" * 5000, "customer": "cus_" + "y" * 300,
    }  # fmt: skip
    source = SourceFactory()

    ingest(source=source, page=to_page([charge], read_at=now), now=now)

    purchase = source.purchases.get()
    assert (len(purchase.external_id), len(purchase.description)) == (303, 5000)


def test_12_a_parent_that_comes_after_its_child_is_joined_with_it(shop, now):
    sale = shop.charge(2500)
    back = shop.refund(sale, 1000)
    source = SourceFactory(creator=CreatorFactory(currency="USD"))
    line = shop.look(back.lines[0]) | {"source": shop.look(back)}
    ingest(source=source, page=to_page([line], read_at=now), now=now)

    own = shop.look(sale.line) | {"source": shop.look(sale)}
    ingest(source=source, page=to_page([own], read_at=now), now=now)

    assert bought(source, sale).returned == 1000


def test_13_a_page_takes_a_constant_number_of_queries(shop, django_assert_max_num_queries):
    for number in range(60):
        shop.charge(100 + number, email=f"p{number}@example.com")
    lines = [
        line | {"source": shop.look(line["source"])}
        for line in shop.account.books.shelf("balance_transaction").rows
    ]
    source = SourceFactory()
    with django_assert_max_num_queries(30):
        ingest(source=source, page=to_page(lines[:5], read_at=NOW), now=NOW)
    with django_assert_max_num_queries(30):
        ingest(source=source, page=to_page(lines, read_at=NOW), now=NOW)


def test_14_customers_are_read_as_a_list_and_not_one_by_one(stripe):
    shop = Workshop()
    for number in range(30):
        shop.charge(100, customer=shop.customer(f"p{number}@example.com"))
    app = App([shop.account])
    stripe(app)

    sync(connected(shop))

    assert app.hits["/v1/customers"] == 2  # one of them by connecting
    assert not [path for path in app.hits if path.startswith("/v1/customers/")]


def test_15_fields_of_tomorrow_are_kept_as_they_came(now):
    line = {
        "object": "balance_transaction", "id": "txn_1", "created": 1790000000, "amount": 5,
        "currency": "usd", "net": 5, "type": "charge", "new_in_2028": {"deep": [1]}, "source": None,
    }  # fmt: skip
    source = SourceFactory()

    ingest(source=source, page=to_page([line], read_at=now), now=now)

    assert source.movements.get().as_sent()["new_in_2028"] == {"deep": [1]}


@pytest.mark.parametrize(
    ("currency", "amount", "shown"),
    [("jpy", 500, "500"), ("kwd", 1234, "1.234"), ("isk", 50000, "500.00"), ("ugx", 100, "1.00")],
)
def test_16_amounts_are_whole_minor_units_with_stripes_own_exponents(shop, currency, amount, shown):
    from truefans.money import to_major

    sale = shop.charge(amount, currency=currency)
    source = connected(shop)
    sync(source)

    purchase = bought(source, sale)
    assert (purchase.amount, str(to_major(amount, purchase.currency))) == (amount, shown)


def test_18_a_run_that_failed_says_so_and_the_next_one_is_whole(stripe):
    stripe(load(SMALL), faults=[Fault("/v1/balance_transactions", nth=3, times=50, status=500)])
    source = connect(creator=CreatorFactory(currency="USD"), key="rk_test_any")
    failed = sync(source)
    assert (failed.state, source.state) == ("failed", "unreachable")
    stripe(load(SMALL))

    again = sync(source)

    assert (again.state, source.state, findings(source)) == ("done", "ok", [])


def test_21_every_field_may_be_missing():
    bare = {"object": "charge", "id": "ch_1", "created": 1, "amount": 5, "currency": "usd"}

    assert to_payment(bare).amount == 5


def test_21_what_cannot_be_understood_is_set_aside_and_the_rest_is_read(shop):
    whole = shop.charge(2500)
    broken = shop.malformed("balance_transaction", without=["currency"])
    source = connected(shop)

    run = sync(source)

    assert (run.state, bought(source, whole).state) == ("done", "paid")
    aside = source.set_aside.get()
    assert (aside.external_id, aside.kind) == (broken, "balance_transaction")
    assert aside.as_sent()["id"] == broken


def test_23_a_refund_that_is_heard_of_before_its_payment_gives_the_same_books(shop, now):
    test_12_a_parent_that_comes_after_its_child_is_joined_with_it(shop, now)


def test_24_what_changed_months_ago_is_found_without_events(shop):
    sale = shop.charge(2500)
    source = connected(shop)
    sync(source)
    shop.refund(sale, 1000)
    shop.pass_time(days=45)  # events are shown for thirty days
    sync(source)

    assert bought(source, sale).returned == 1000


def test_25_a_line_at_the_edge_of_two_windows_is_stored_once(stripe, monkeypatch):
    monkeypatch.setattr("revenue.run.PAGES_AT_ONCE", 2)  # or all is read before it can be cut
    shop = Workshop(start=datetime.now(UTC) - timedelta(days=300))
    for _ in range(650):
        shop.charge(100)
        shop.charge(100)  # of the same second
        shop.pass_time(hours=8)
    stripe(shop.account)
    source = connected(shop)

    run = sync(source)

    assert source.syncs.get().stretches.filter(listing="movements").count() > 1
    assert (run.movements_read, source.movements.count()) == (1300, 1300)


def test_26_a_line_that_shows_up_late_is_found_by_the_overlap(shop):
    shop.charge(1000)
    source = connected(shop)
    with shop.hidden_for(minutes=20):
        late = shop.charge(2500)
    shop.pass_time(minutes=10)
    shop.charge(300)
    sync(source)
    assert not source.movements.filter(external_id=late.line).exists()
    shop.pass_time(minutes=30)

    sync(source)

    assert source.movements.filter(external_id=late.line).exists()


def test_27_a_long_history_is_read_in_pages_that_can_be_gone_on_with(stripe):
    stripe(load(FULL))
    source = connect(creator=CreatorFactory(currency="USD"), key="rk_test_any")

    class Killed(BaseException):
        pass

    def kill(run):
        raise Killed

    for _ in range(2):
        with pytest.raises(Killed):
            sync(source, after_page=kill)
    run = sync(source)

    assert (source.syncs.count(), run.movements_read) == (1, 2048)


def test_28_a_refund_that_fails_gives_the_spend_back(shop):
    sale = shop.charge(2500)
    back = shop.refund(sale)
    source = connected(shop)
    sync(source)
    assert bought(source, sale).kept == 0
    shop.pass_time(days=3)
    shop.fail_refund(back)

    sync(source)

    assert (bought(source, sale).state, bought(source, sale).kept) == ("paid", 2500)


def test_29_a_refund_that_is_cancelled_counts_like_one_that_failed(shop):
    sale = shop.charge(2500)
    back = shop.refund(sale, 1000, status="requires_action")
    source = connected(shop)
    sync(source)
    shop.cancel_refund(back)

    sync(source)

    assert (bought(source, sale).state, bought(source, sale).kept) == ("paid", 2500)


def test_30_a_refund_on_its_way_is_shown_as_that(shop):
    sale = shop.charge(2500)
    back = shop.refund(sale, 1000, status="pending")
    source = connected(shop)
    sync(source)
    assert (bought(source, sale).state, bought(source, sale).kept) == ("refund_pending", 2500)
    shop.complete(back)

    sync(source)

    assert (bought(source, sale).state, bought(source, sale).kept) == ("partly_refunded", 1500)


def test_31_an_invoice_over_nothing_and_one_paid_elsewhere_have_no_charge(shop):
    ann = shop.customer("ann@example.com")
    shop.membership(ann, 500, trial_days=14)
    bill = shop.invoice(ann, 4000, paid="out_of_band")
    source = connected(shop)
    sync(source)

    purchase = source.purchases.get()
    assert (purchase.external_id, purchase.is_elsewhere) == (bill.id, True)
    assert (purchase.state, purchase.kept, purchase.fee) == ("paid", 4000, 0)
    assert source.memberships.get().state == "trial"
    assert findings(source) == []


def test_31_an_invoice_is_never_counted_beside_its_payment(shop):
    shop.invoice(shop.customer("ann@example.com"), 4000)
    source = connected(shop)
    sync(source)

    assert source.purchases.get().is_elsewhere is False


def test_32_a_dispute_that_was_won_may_be_lost_in_the_end(shop):
    sale = shop.charge(2500)
    case = shop.dispute(sale)
    shop.win(case)
    source = connected(shop)
    sync(source)
    assert bought(source, sale).state == "paid"
    shop.pass_time(days=2)
    shop.appeal(case)
    sync(source)
    assert (bought(source, sale).state, bought(source, sale).kept) == ("disputed", 0)
    shop.lose(case)

    sync(source)

    assert bought(source, sale).state == "lost"


def test_33_several_customers_with_one_address_are_one_person(shop):
    sales = [
        shop.charge(100, customer=shop.customer(address))
        for address in ("Ann@example.com", " ann@EXAMPLE.com ")
    ]
    source = connected(shop)
    sync(source)

    assert {bought(source, sale).fan for sale in sales} == {source.creator.fans.get()}


def test_34_a_permission_that_is_missing_is_named_when_connecting(stripe):
    account = load(SMALL)
    key = Key("rk_test_narrow", missing=frozenset({"rak_dispute_read"}))
    stripe(Account(account.profile, account.read, keys=(key,)))

    with pytest.raises(PermissionMissing, match="Disputes"):
        connect(creator=CreatorFactory(), key="rk_test_narrow")


def test_34_a_key_without_invoices_is_connected_and_says_what_it_lacks(stripe):
    account = load(SMALL)
    missing = frozenset({"rak_invoice_read", "rak_event_read"})
    stripe(Account(account.profile, account.read, keys=(Key("rk_test_narrow", missing=missing),)))
    source = connect(creator=CreatorFactory(currency="USD"), key="rk_test_narrow")
    assert source.lacks == ["Invoices", "Events"]

    assert sync(source).state == "done"
    assert sync(source).state == "done"
    assert source.lacks == ["Events", "Invoices"]
    assert findings(source) == []


def test_35_too_many_requests_are_waited_out_by_ourselves(stripe):
    path = "/v1/balance_transactions"
    faults = [Fault(path, nth=nth, status=429, retry_after=1) for nth in (2, 5)]
    stripe(load(SMALL), faults=faults)
    source = connect(creator=CreatorFactory(currency="USD"), key="rk_test_any")

    assert sync(source).state == "done"
    assert findings(source) == []
