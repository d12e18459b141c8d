"""Servers that speak Stripe's API and give less than Stripe: the books are the same, or say so."""

import random
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import orjson
import pytest

from revenue import planning
from revenue.books import check_books, check_lines
from revenue.gateways.stripe import client
from revenue.gateways.stripe.lines import line_of
from revenue.gateways.stripe.pages import PageMaker
from revenue.ingest import ingest, known_lines
from revenue.reconciling import reconcile
from revenue.syncing import gateway_of
from sandbox import App, Fault
from sandbox.workshop import Workshop
from tests.factories import CreatorFactory, SourceFactory
from tests.revenue.books_of import books_of, differences
from tests.revenue.histories import finish, found, objects_of
from tests.revenue.importing import bought, connected, sync

pytestmark = pytest.mark.django_db

LEDGER, CHARGES = "/v1/balance_transactions", "/v1/charges"
REFUNDS, DISPUTES = "/v1/refunds", "/v1/disputes"


class Poor(App):
    """Is `deaf_to` parameters, by the beginnings of their names (of all lists, or `only` some), or
    `refuses` them, and does not know addresses that begin as those it is `without`."""

    def __init__(self, shop: Workshop, *, deaf_to=(), without=(), refuses="") -> None:
        super().__init__([shop.account])
        self.deaf_to, self.without, self.refuses = tuple(deaf_to), tuple(without), refuses
        self.only: list[str] = []
        self.asked: list[str] = []

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        self.asked.append(path)
        if self.without and path.startswith(self.without):
            return _refused(start_response, "404 Not Found", "Unrecognized request URL")
        asked = parse_qsl(environ.get("QUERY_STRING", ""))
        if self.refuses and any(name.startswith(self.refuses) for name, _ in asked):
            return _refused(start_response, "400 Bad Request", f"Unknown parameter {self.refuses}")
        is_deaf = not self.only or path in self.only
        heard = [pair for pair in asked if not (is_deaf and pair[0].startswith(self.deaf_to))]
        return super().__call__(environ | {"QUERY_STRING": urlencode(heard)}, start_response)


def _refused(start_response, status, message):
    body = orjson.dumps({"error": {"message": message}})
    start_response(status, [("Content-Length", str(len(body)))])
    return [body]


@pytest.fixture
def shop():
    """Payments of which something was returned, or not, in every way there is."""
    shop = Workshop(currency="usd", start=datetime.now(UTC) - timedelta(days=300))
    sales = [shop.charge(2000 + n, email=f"fan{n}@example.com") for n in range(9)]
    shop.pass_time(days=100)
    shop.refund(sales[0])
    shop.refund(sales[1], 300)
    shop.fail_refund(shop.refund(sales[2], 400))
    shop.refund(sales[3], 500, status="pending")
    shop.dispute(sales[4], fee=1500)
    shop.win(shop.dispute(sales[5], fee=1500))
    shop.lose(shop.dispute(sales[6], 700, fee=1500))
    shop.capture(shop.authorise(900, email="hold@example.com"), 600, reversal=True)
    shop.fail(shop.debit(800, email="debit@example.com"), fee=50)
    return shop


def assert_right(source, shop):
    assert found(source.creator)[0] == shop.truth().purchases
    assert list(check_books(creator=source.creator, now=datetime.now(UTC))) == []


@pytest.mark.parametrize("how", [{"deaf_to": ["expand"]}, {"refuses": "expand"}], ids=str)
@pytest.mark.parametrize("without", [[], [f"{REFUNDS}/", f"{DISPUTES}/"], [f"{CHARGES}/"]])
def test_lines_that_only_name_what_they_are_about_are_of_its_payment(shop, stripe, how, without):
    stripe(Poor(shop, without=without, **how))
    source = connected(shop)

    sync(source)

    assert_right(source, shop)
    result = reconcile(source=source, gateway=gateway_of(source), now=datetime.now(UTC))
    assert result.outcome == "equal"
    assert not source.set_aside.exists()


def test_what_is_returned_later_of_an_old_payment_is_found_in_the_lists(shop, stripe):
    stripe(Poor(shop, deaf_to=["expand"], without=[f"{REFUNDS}/", f"{DISPUTES}/", "/v1/events"]))
    sale, other = shop.charge(2500, email="ann@example.com"), shop.charge(2600)
    source = connected(shop)
    sync(source)
    shop.pass_time(days=200)
    shop.refund(sale, 150)
    shop.dispute(other, 250, fee=1500)

    sync(source)

    assert_right(source, shop)


@pytest.mark.parametrize("seed", range(6))
def test_a_line_finds_its_payment_by_what_it_names_in_any_order(shop, seed):
    """Lines, refunds, disputes and payments come one by one, and none of them says all."""
    rows = [
        row | {"source": row["source"]["id"]} if isinstance(row.get("source"), dict) else row
        for row in objects_of(shop)
    ]
    clean, source = (
        SourceFactory(creator=CreatorFactory(currency="USD", time_zone="UTC"), synced_at=None)
        for _ in range(2)
    )
    now = datetime.now(UTC)
    for row in objects_of(shop):
        read(clean, row, now)
    finish(clean, now)
    random.Random(seed).shuffle(rows)

    for row in rows:
        read(source, row, now)
    finish(source, now)

    assert differences(books_of(source.creator), books_of(clean.creator)) == {}
    assert found(source.creator)[0] == shop.truth().purchases
    assert list(check_lines(creator=source.creator)) == []


def read(source, row, now):
    maker = PageMaker(now)
    if row["object"] == "balance_transaction":
        maker.lines([line_of(row)], known_lines(source, [row["id"]]))
    else:
        maker.add(row)
    ingest(source=source, page=maker.page(), now=now)


def test_books_with_a_line_whose_payment_is_nowhere_are_not_called_right(stripe):
    shop = Workshop(currency="usd", start=datetime.now(UTC) - timedelta(days=60))
    sale = shop.charge(2500, email="ann@example.com")
    refund = shop.refund(sale, 1000)
    app = Poor(shop, deaf_to=["expand"], without=[REFUNDS, "/v1/events"])
    stripe(app)
    source = connected(shop)

    sync(source)

    line = shop.look(refund)["balance_transaction"]
    result = reconcile(source=source, gateway=gateway_of(source), now=datetime.now(UTC))
    findings = [str(finding) for finding in check_books(creator=source.creator, now=shop.now)]
    assert [(one["id"], one["what"]) for one in result.lines] == [(line, "nobody's")]
    assert (result.outcome, result.differing, result.is_explained) == ("drift", 1, True)
    assert f"{source}: line {line} is of a payment that is not there" in findings

    app.without = ()
    sync(source, full=True)

    assert bought(source, sale).returned == 1000
    result = reconcile(source=source, gateway=gateway_of(source), now=datetime.now(UTC))
    assert result.outcome == "equal"


def test_what_a_line_is_of_is_found_as_soon_as_the_list_that_has_it_can_be_read(stripe):
    shop = Workshop(currency="usd", start=datetime.now(UTC) - timedelta(days=60))
    sale = shop.charge(2500, email="ann@example.com")
    shop.refund(sale, 1000)
    shop.pass_time(days=20)
    shop.charge(2600, email="bo@example.com")
    app = Poor(shop, deaf_to=["expand"], without=[REFUNDS, f"{REFUNDS}/", "/v1/events"])
    stripe(app)
    source = connected(shop)
    sync(source)
    app.asked.clear()
    sync(source)
    assert bought(source, sale).returned == 0
    assert app.asked.count(CHARGES) == 1  # not over and over

    app.without = (f"{REFUNDS}/", "/v1/events")
    sync(source)

    assert bought(source, sale).returned == 1000


def test_what_gives_the_lines_with_all_they_are_about_is_read_once(shop, stripe):
    app = Poor(shop)
    stripe(app)

    sync(connected(shop))

    lists = (CHARGES, REFUNDS, DISPUTES)
    assert [app.asked.count(path) for path in lists] == [2, 1, 2]  # one each to try the key


def test_a_refund_is_not_of_whatever_payment_a_server_names_for_its_intent(stripe):
    shop = Workshop(currency="usd", start=datetime.now(UTC) - timedelta(days=60))
    sale = shop.charge(2500, email="ann@example.com")
    refund = shop.refund(sale, 1000)
    shop.pass_time(days=1)
    other = shop.charge(4000, email="bo@example.com")
    shop.malformed(refund, charge=None)
    stripe(Poor(shop, deaf_to=["payment_intent"]))
    source = connected(shop)

    sync(source)

    assert bought(source, other).returned == 0
    assert bought(source, sale).returned == 1000


@pytest.mark.parametrize("birth", [None, timedelta(days=400)])
def test_a_server_that_does_not_heed_the_time_costs_no_more_questions(stripe, birth, monkeypatch):
    monkeypatch.setattr(planning, "FEWEST_ROWS", 20)
    monkeypatch.setattr(client, "PAGE", 10)
    start = datetime.now(UTC) - timedelta(days=300)
    shop = Workshop(currency="usd", start=start)
    for number in range(150):
        shop.pass_time(days=1)
        shop.charge(1000 + number, customer=shop.customer(f"fan{number}@example.com"))
    app = Poor(shop, deaf_to=["created"])
    stripe(app)
    source = connected(shop)
    source.account_created_at = birth and datetime.now(UTC) - birth
    source.save()
    app.asked.clear()

    sync(source)

    assert_right(source, shop)
    assert len(app.asked) < 60  # 15 pages each of lines, customers and payments
    app.asked.clear()
    shop.pass_time(days=1)
    shop.charge(5000, email="new@example.com")
    sync(source)
    assert_right(source, shop)
    assert app.asked.count(LEDGER) <= 5


@pytest.mark.parametrize("lists", [["/v1/customers"], [LEDGER]])
def test_one_list_that_does_not_heed_the_time_is_cut_only_once(stripe, lists, monkeypatch):
    monkeypatch.setattr(planning, "FEWEST_ROWS", 20)
    monkeypatch.setattr(client, "PAGE", 10)
    shop = Workshop(currency="usd", start=datetime.now(UTC) - timedelta(days=300))
    for number in range(300):
        shop.pass_time(hours=20)
        shop.charge(1000 + number, customer=shop.customer(f"fan{number}@example.com"))
    app = Poor(shop)
    stripe(app)
    source = connected(shop)
    app.deaf_to, app.only = ("created",), lists
    app.asked.clear()

    sync(source)

    assert_right(source, shop)
    assert max(app.asked.count(path) for path in lists) < 8 * 30


@pytest.mark.parametrize("path", [DISPUTES, REFUNDS])
def test_an_empty_page_that_promises_more_ends_a_list_and_not_the_import(shop, stripe, path):
    body = b'{"object": "list", "data": [], "has_more": true}'
    source = connected_to(stripe, shop, Fault(path, times=99, body=body))

    assert sync(source).state == "done"

    assert source.purchases.count() == len(shop.truth().purchases)


def test_a_ledger_with_an_empty_page_that_promises_more_is_not_read_to_the_end(shop, stripe):
    body = b'{"object": "list", "data": [], "has_more": true}'
    source = connected_to(stripe, shop, Fault(LEDGER, times=99, body=body))

    run = sync(source)

    assert (run.state, source.state) == ("failed", "unreachable")


def connected_to(stripe, shop, fault):
    """A source that is connected before what will go wrong does."""
    stripe(shop.account)
    source = connected(shop)
    stripe(App([shop.account], faults=[fault]))
    return source
