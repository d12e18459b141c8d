"""Whether all was read: what `sync_stripe` ends with, and what it says then."""

import io

import pytest
from django.core.management import CommandError, call_command

from fans.models import Fan
from revenue.models import Source
from sandbox import Account, App, Fault, Key
from sandbox.workshop import Workshop
from tests.revenue.importing import connected

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr("revenue.gateways.stripe.client.ATTEMPTS", 1)


@pytest.fixture
def shop() -> Workshop:
    shop = Workshop(currency="usd")
    shop.charge(2500, fee=100)
    shop.charge(900, fee=100)
    return shop


@pytest.fixture
def source(shop, stripe) -> Source:
    """Connected, and read once."""
    stripe(shop.account)
    source = connected(shop, handle="band", name="Band")
    assert not read()[1]
    source.refresh_from_db()
    return source


def read(**options) -> tuple[str, str]:
    """What `sync_stripe` prints, and what it fails with: "" where all went well."""
    out, problem = io.StringIO(), ""
    try:
        call_command("sync_stripe", "band", stdout=out, stderr=io.StringIO(), **options)
    except CommandError as error:
        problem = str(error)
    return out.getvalue(), problem


def test_what_differs_from_the_balance_is_told(source):
    line = source.movements.order_by("pk").last()
    source.movements.filter(pk=line.pk).update(amount=line.amount + 7, net=line.net + 7)

    said, problem = read(full=True)

    assert not problem
    assert "Everything that was read is kept" in said
    assert "books and balance: not equal." in said
    assert f"{source}: the books come to US$32.07, the balance is US$32.00" in said
    assert f"{source}: line {line.external_id} is different: US$" in said


def test_a_balance_that_could_not_be_read_is_told(shop, source, stripe):
    key = Key(shop.key, missing=frozenset({"rak_balance_read"}))
    stripe(Account(shop.account.profile, shop.account.read, keys=(key,)))

    said, problem = read(full=True)

    assert not problem
    assert "may not read “Balance”" in said


def test_news_that_could_not_be_read_are_no_success(shop, source, stripe):
    ann = shop.customer("ann@example.com")
    shop.change_customer(ann, email="ann@example.org")
    paths = f"/v1/customers/{ann.id}", "/v1/balance"
    stripe(App([shop.account], faults=[Fault(path, status=503) for path in paths]))

    _said, problem = read()

    assert "cannot be reached right now (HTTP 503)" in problem
    assert problem.count("Everything read so far is kept") == 1
    assert not read()[1]
    assert source.customers.get().email == "ann@example.org"


def test_one_thing_that_could_not_be_read_is_told(shop, source, stripe):
    ann = shop.customer("ann@example.com")
    shop.change_customer(ann, name="Ann")
    stripe(App([shop.account], faults=[Fault(f"/v1/customers/{ann.id}", status=418)]))

    said, problem = read()

    assert not problem
    assert f"(HTTP 418 at /v1/customers/{ann.id})" in said


def test_lines_that_came_with_a_dispute_are_not_said_to_be_of_those_that_were_read(shop, stripe):
    for _ in range(3):
        shop.dispute(shop.charge(2000))
    # What the key may read and how old the ledger is are two questions; its first page never comes.
    late = Fault("/v1/balance_transactions", nth=3, delay=2, status=503)
    stripe(App([shop.account], faults=[late]))
    connected(shop, handle="band")

    said, problem = read()
    assert "HTTP 503" in problem
    assert "failed; 0 customers and 0 lines of the ledger read; 3 movements newly stored" in said

    said, problem = read()
    assert not problem
    assert "done; 0 customers and 8 lines of the ledger read; 8 movements newly stored" in said


def test_all_sources_are_read_though_one_of_them_fails(shop, source, stripe):
    other = Workshop(currency="usd", name="other")
    other.charge(700, email="bob@example.com")
    stripe(App([shop.account, other.account]))
    second = Source.objects.create(
        creator=source.creator, account_id=other.account.id, key=other.key, livemode=False
    )
    Source.objects.filter(pk=source.pk).update(key="rk_test_gone")

    _said, problem = read()

    assert "Stripe refuses this key" in problem
    second.refresh_from_db()
    assert second.synced_at
    assert Fan.objects.get(identities__value="bob@example.com").spend == 700
