"""What Stripe may answer, and seldom does: lists that change while they are read, objects that name
less than usual, servers that give less."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import orjson
import pytest
from django.db.models import F

from revenue import planning
from revenue.books import check_books, check_lines
from revenue.gateways.stripe.client import StripeGateway
from revenue.gateways.stripe.lines import line_of
from revenue.gateways.stripe.lists import NEWS, TOLD
from revenue.gateways.stripe.pages import PageMaker, to_page
from revenue.gateways.stripe.reading import Question, ask, ask_for
from revenue.ingest import ingest, known_lines
from revenue.models import Purchase
from revenue.syncing import start_sync
from revenue.values import Listing
from sandbox import Account, App, Fault, Key
from sandbox.workshop import Workshop
from tests.factories import NOW, SourceFactory
from tests.revenue.histories import objects_of
from tests.revenue.importing import bought, connected, sync

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return Workshop(currency="usd", start=datetime.now(UTC) - timedelta(days=60))


class Meddling(App):
    """`meddle` is called with path and query of each request before it is answered; the query that
    it returns, if any, is answered instead."""

    def __init__(self, shop: Workshop) -> None:
        super().__init__([shop.account])
        self.asked: list[str] = []
        self.meddle = lambda path, query: None

    def __call__(self, environ, start_response):
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        self.asked.append(path)
        return super().__call__(
            environ | {"QUERY_STRING": self.meddle(path, query) or query}, start_response
        )


def test_a_customer_who_is_deleted_while_the_list_is_read_takes_nobody_along(shop, stripe):
    clients = {}
    for number in range(250):
        shop.pass_time(minutes=number % 3)
        client = shop.customer(f"fan{number}@example.com")
        clients[client.id] = client
    app = Meddling(shop)
    stripe(app)
    source = connected(shop)

    def delete_the_last_of_the_first_page(path, query):
        after = parse_qs(query).get("starting_after", [""])[0]
        if path == "/v1/customers" and after and len(clients) == 250:
            shop.delete_customer(clients.pop(after))

    app.meddle = delete_the_last_of_the_first_page
    run = sync(source)

    assert (run.state, source.lacks, len(clients)) == ("done", [], 249)
    assert source.customers.filter(external_id__in=clients).count() == 249


def test_a_refund_that_names_only_its_intent_is_of_the_payment_that_succeeded(shop, stripe):
    stripe(shop.account)
    sale = shop.charge(2500, email="ann@example.com")
    shop.malformed(shop.refund(sale, 1000), charge=None)
    source = connected(shop)

    sync(source)

    assert not source.set_aside.exists()
    assert (bought(source, sale).state, bought(source, sale).returned) == ("partly_refunded", 1000)


def test_many_guests_are_asked_about_together(shop, stripe, monkeypatch):
    monkeypatch.setattr(planning, "ONE_BY_ONE", 2)
    app = Meddling(shop)
    stripe(app)
    for number in range(5):
        shop.charge(2500, checkout_email=f"guest{number}@example.com")
    source = connected(shop)
    app.asked.clear()

    sync(source)

    assert source.creator.fans.count() == 5
    assert app.asked.count("/v1/checkout/sessions") == 1


def test_what_stripe_dates_ahead_of_our_clock_is_no_error_in_the_books(stripe):
    shop = Workshop(currency="usd", start=datetime.now(UTC) + timedelta(minutes=10))
    stripe(shop.account)
    sale = shop.charge(2500, email="ann@example.com")
    source = connected(shop)
    sync(source)

    assert list(check_books(creator=source.creator, now=datetime.now(UTC))) == []
    due_at = source.creator.fans.get().recompute_at
    assert due_at - bought(source, sale).occurred_at < timedelta(seconds=1)


def test_who_was_not_read_for_longer_than_stripe_tells_of_events_is_read_whole(shop, stripe):
    stripe(shop.account)
    shop.charge(2500, email="ann@example.com")
    source = connected(shop)
    sync(source)

    def next_run(days):
        now = datetime.now(UTC) + timedelta(days=days)
        run = start_sync(source=source, full=False, now=now)
        run.delete()
        return run

    assert not next_run(days=29).is_full
    assert next_run(days=31).is_full


def test_stripe_is_asked_for_events_by_at_most_twenty_whole_names():
    assert len(set(NEWS)) == len(NEWS) <= 20
    assert not any("*" in kind for kind in NEWS)
    assert set(NEWS) < set(TOLD)


def test_what_no_list_tells_of_an_old_payment_comes_by_events(shop, stripe):
    stripe(shop.account)
    sale, plan = shop.charge(2500), shop.membership(shop.customer("ann@example.com"), 500)
    shop.pass_time(days=50)
    source = connected(shop)
    sync(source)

    shop.cancel(plan)
    shop.refund(sale, 100)
    run = sync(source)

    kinds = set(source.nudges.values_list("kind", flat=True))
    assert run.state == "done"
    assert kinds >= {"customer.subscription.updated", "charge.refunded"}


def test_where_nothing_is_heard_of_all_that_may_change_is_read_once_a_day(shop, stripe):
    missing = frozenset({"rak_event_read"})
    account = shop.account
    stripe(Account(account.profile, account.read, keys=(Key(shop.key, missing=missing),)))
    ann = shop.customer("ann@example.com")
    plan, bill = shop.membership(ann, 500), shop.invoice(ann, 4000, paid="unpaid")
    shop.pass_time(days=50)
    shop.charge(2500)  # from which on lists are read
    source = connected(shop)
    sync(source)
    sync(source)
    shop.cancel(plan, at_period_end=False)
    shop.pay(bill, "out_of_band")
    shop.change_customer(ann, email="ann@example.org")

    def what_was_read():
        lists = sync(source).stretches.filter(listing__in=planning.CHANGING)
        state, address = source.memberships.get().state, source.customers.get().email
        past_stripe = source.purchases.filter(is_elsewhere=True).count()
        return {stretch.since is None for stretch in lists}, state, address, past_stripe

    assert what_was_read() == ({False}, "active", "ann@example.com", 0)
    source.syncs.update(started_at=F("started_at") - timedelta(days=1))
    assert what_was_read() == ({True}, "ended", "ann@example.org", 1)
    assert what_was_read() == ({False}, "ended", "ann@example.org", 1)


def test_an_intent_stands_for_its_charges(shop, stripe):
    stripe(shop.account)
    sale = shop.charge(2500, email="ann@example.com")

    found = ask_for(StripeGateway(shop.key), sale.intent)

    assert [row["id"] for row in found] == [sale.id]
    assert found[0]["balance_transaction"]["id"] == sale.line


def test_what_a_server_refuses_to_expand_is_asked_for_once(shop, stripe):
    app = Meddling(shop)
    app.meddle = lambda path, query: query.replace("amount_paid_off_stripe", "nothing")
    stripe(app)
    gateway = StripeGateway(shop.key)

    for _ in range(3):
        ask(gateway, Question(Listing.INVOICES))

    assert app.asked == ["/v1/invoices"] * 4


def test_a_row_of_no_possible_time_stops_no_reading(shop, stripe):
    rows = [{"id": "cus_1", "object": "customer", "created": NOW.timestamp() // 1}]
    rows.append({"id": "cus_2", "object": "customer", "created": 10**18})
    body = orjson.dumps({"data": rows, "has_more": True})
    stripe(shop.account, faults=[Fault("/v1/customers", body=body)])

    answer = ask(StripeGateway(shop.key), Question(Listing.CUSTOMERS))

    assert (answer.cursor, answer.count) == ("cus_2", 2)


@pytest.mark.parametrize("damage", [{"source": None}, {"currency": "zzz"}])
def test_a_line_that_came_damaged_is_mended_when_it_comes_again(damage, shop, now):
    sale = shop.charge(2500, email="ann@example.com")
    [line] = [row for row in objects_of(shop) if row["object"] == "balance_transaction"]
    source = SourceFactory(synced_at=now)

    def read(row):
        maker = PageMaker(now)
        maker.lines([line_of(row)], known_lines(source, [row["id"]]))
        ingest(source=source, page=maker.page(), now=now)

    read(line)
    [clean] = source.purchases.values_list("state", "fee", "net", "settlement_currency")
    source.movements.all().delete()
    source.purchases.all().delete()
    read(line | damage)
    found = [str(finding) for finding in check_lines(creator=source.creator)]
    is_lost = "source" in damage
    assert found == [f"{source}: line {line['id']} is of a payment that is not there"] * is_lost
    read(line)

    assert list(check_lines(creator=source.creator)) == []
    assert source.movements.get().payment_id == sale.id
    assert source.purchases.values_list("state", "fee", "net", "settlement_currency").get() == clean
    read(line | {"source": sale.id})
    assert source.movements.get().payment_id == sale.id


def test_an_object_that_does_not_say_what_it_is_is_known_by_its_id(now):
    charge = {"id": "ch_1", "created": 1_790_000_000, "currency": "usd", "amount": 2500}
    line = {
        "id": "txn_1",
        "created": 1_790_000_000,
        "currency": "usd",
        "amount": 2500,
        "type": "charge",
        "source": charge,
    }

    page = to_page([line, {"what": "nobody knows"}], read_at=now)

    assert [payment.external_id for payment in page.payments] == ["ch_1"]
    assert [movement.payment_id for movement in page.movements] == ["ch_1"]
    assert len(page.set_aside) == 1


def test_a_failed_refund_of_the_time_before_categories_gives_back_what_it_took(shop, stripe):
    stripe(shop.account)
    sale = shop.charge(2500, email="ann@example.com")
    refund = shop.refund(sale)
    shop.pass_time(days=3)
    shop.fail_refund(refund)
    source = connected(shop)
    line = shop.look(refund)["failure_balance_transaction"]
    shop.malformed(line, type="adjustment", reporting_category="adjustment")

    sync(source)

    assert bought(source, sale).state == Purchase.State.PAID


@pytest.mark.parametrize(
    "wrong", [7, 1.5, True, [None], {"id": 5}, {"data": [None]}, "a\0b", "\ud800"]
)
def test_a_malformed_field_costs_at_most_its_own_object(now, wrong):
    """Whatever is wrong, what came with it is stored."""
    shop = Workshop(currency="usd")
    ann = shop.customer("ann@example.com")
    plan = shop.membership(ann, 500)
    sale = shop.charge(2500, customer=ann, checkout_email="ann@example.com")
    back = shop.refund(sale, 100)
    rows = [shop.look(one) for one in (ann, sale, back, plan, sale.line)]
    rows[4] |= {"source": shop.look(sale)}
    broken = [
        row | {"id": f"{row['id']}_{field}", field: wrong}
        for row in rows
        for field in row
        if field != "object"
    ]
    broken += [row | {"id": wrong} for row in rows]
    source = SourceFactory()

    ingest(source=source, page=to_page([*broken, *rows], read_at=now), now=now)

    assert source.purchases.get(external_id=sale.id).returned == 0  # its line has not come
    assert source.purchases.get(external_id=sale.id).fan.email == "ann@example.com"
    assert source.set_aside.exists()
