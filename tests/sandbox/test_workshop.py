"""A history written act by act: its clock, its books, its events, and what is wrong in it."""

import threading
from datetime import UTC, datetime

import pytest

import sandbox
from sandbox import webhooks
from sandbox.workshop import Impossible, Workshop
from tests.sandbox.reading import balance, net, told


def everything(shop):
    """An account in which every act has happened, the last of them long ago."""
    ann, bob = shop.customer("ann@example.com", country="GB"), shop.customer(" Bob@Example.com")
    sale = shop.charge(2500, customer=ann, country="GB", presentment=("jpy", 3500))
    abroad = shop.charge(2500, customer=bob, settlement=("eur", 2300), application_fee=100)
    shop.charge(900, checkout_email="till@example.com")
    shop.charge(700, from_platform=True)
    shop.charge(1000, customer=ann, again=shop.decline(1000, customer=ann))
    shop.capture(shop.authorise(5000, customer=ann), 3000, reversal=True)
    shop.release(shop.authorise(5000, customer=ann))
    late, debit = shop.charge(1200, customer=ann, settles=False), shop.debit(1000, customer=bob)
    certain = shop.debit(800, customer=bob)
    shop.pass_time(days=1)
    shop.settle(late)
    shop.settle(certain)
    shop.fail(debit, fee=400)
    shop.fail_refund(shop.refund(sale, 1000))
    shop.complete(shop.refund(sale, 500, status="pending"))
    shop.cancel_refund(shop.refund(sale, 500, status="requires_action"))
    shop.refund(abroad, 1000, settled=950, fee=-20)
    case = shop.dispute(sale, 1500)
    shop.counter_fee(case)
    shop.answer(case)
    shop.win(case, fee_back=1500)
    shop.appeal(case)
    shop.lose(case)
    shop.escalate(shop.inquire(late))
    shop.close_inquiry(shop.inquire(certain))
    shop.network_costs(1234)
    shop.account_fee(55)
    shop.unheard_of(source="quantum")
    plan = shop.membership(ann, 500)
    shop.renewal_fails(plan)
    shop.renew(plan)
    shop.renew(plan, plain=True)
    shop.cancel(plan)
    shop.membership(bob, 6000, interval="year", trial_days=14)
    shop.invoice(ann, 4000, paid="out_of_band", record=True)
    shop.void(shop.invoice(ann, 4100, paid="unpaid"))
    shop.pass_time(days=5)
    shop.payout()
    shop.payout(300)
    shop.payout_fails()
    shop.change_customer(ann, email="new@example.com")
    shop.delete_customer(bob)
    shop.pass_time(days=60)
    return shop


def test_the_same_acts_give_the_same_objects_and_another_name_gives_others(shop):
    rows = everything(shop).account.books.shelf("charge").rows
    assert everything(Workshop()).account.books.shelf("charge").rows == rows
    other = everything(Workshop(name="bench")).account.books.shelf("charge").rows
    assert {row["id"] for row in other}.isdisjoint(row["id"] for row in rows)


def test_the_balance_is_the_sum_of_the_ledger_after_every_kind_of_act(shop):
    everything(shop)
    assert balance(shop) == net(shop)
    assert set(net(shop)) == {"usd", "eur"}


def test_every_object_that_is_named_can_be_read(shop, client):
    books = everything(shop).account.books
    for row in books.shelf("balance_transaction").rows:
        assert row["source"] is None or books.find(row["source"])
        assert client.v1.balance_transactions.retrieve(row["id"]).net == row["net"]
    for charge in books.shelf("charge").rows:
        for name in ("balance_transaction", "payment_intent", "customer"):
            assert charge[name] is None or books.find(charge[name])


def test_every_object_that_events_tell_of_was_there(shop):
    everything(shop)
    moments = [event["created"] for event in shop.events]
    assert moments == sorted(moments)
    assert len({event["id"] for event in shop.events}) == len(moments)
    known = {webhooks.thin(event)["related_object"]["id"] for event in shop.events}
    assert all(shop.account.books.find(identifier) for identifier in known)


def test_an_event_keeps_its_object_as_it_was(shop):
    sale = shop.charge(2500)
    shop.refund(sale)
    first = next(e for e in shop.events if e["type"] == "charge.succeeded")
    last = next(e for e in shop.events if e["type"] == "charge.refunded")
    assert first["data"]["object"]["refunded"] is False
    assert last["data"]["object"]["refunded"] is True
    assert last["data"]["previous_attributes"] == {"amount_refunded": 0}


def test_the_server_forgets_events_after_thirty_days(shop, client):
    shop.charge(2500)
    assert client.v1.events.list().data
    shop.pass_time(days=31)
    assert client.v1.events.list().data == []
    assert "charge.succeeded" in told(shop)


def test_time_passes_only_when_it_is_told_to(shop):
    shop = Workshop(start=datetime(2026, 1, 31, 12, tzinfo=UTC))
    shop.charge(1000)
    assert shop.pass_time(days=1, hours=1) == datetime(2026, 2, 1, 13, tzinfo=UTC)
    shop.charge(1000)
    first, second = shop.account.books.shelf("charge").created
    assert second - first == 25 * 3600
    with pytest.raises(Impossible):
        shop.pass_time(seconds=-1)


def test_money_becomes_available_as_time_passes(shop):
    shop.charge(2500, fee=100)
    assert shop.account.books.balance["pending"][0]["amount"] == 2400
    shop.pass_time(days=2)
    assert shop.account.books.balance["available"][0]["amount"] == 2400
    assert shop.account.books.balance["pending"][0]["amount"] == 0


def test_a_hidden_line_comes_to_light_at_its_old_place(shop, client):
    with shop.hidden_for(minutes=10):
        sale = shop.charge(2500)
    shop.pass_time(minutes=5)
    shop.charge(1000)
    newest = client.v1.balance_transactions.list().data
    assert [row.amount for row in newest] == [1000]
    assert client.v1.charges.retrieve(sale.id).balance_transaction == sale.line
    assert balance(shop) == net(shop)
    shop.pass_time(minutes=5)
    rows = client.v1.balance_transactions.list().data
    assert [row.amount for row in rows] == [1000, 2500]
    assert rows[1].created < rows[0].created
    assert balance(shop) == net(shop)


@pytest.mark.parametrize(
    ("kind", "without", "wrong"),
    [
        ("balance_transaction", (), {"net": 7}),
        ("balance_transaction", ("amount",), {"currency": None}),
        ("charge", ("currency",), {}),
        ("charge", (), {"created": "yesterday"}),
        ("refund", (), {"amount": "lots"}),
        ("dispute", ("status",), {}),
        ("customer", (), {"email": 5}),
        ("payment_intent", ("status",), {}),
        ("invoice", (), {"lines": None}),
        ("subscription", ("items",), {}),
        ("payout", (), {"created": None}),
    ],
)
def test_a_malformed_object_is_served_and_leaves_the_rest_alone(
    shop, client, ann, kind, without, wrong
):
    shop.charge(2500, customer=ann)
    identifier = shop.malformed(kind, without=without, **wrong)
    shown = client.raw_request("get", f"/v1/{kind}s/{identifier}").data
    assert shown.keys().isdisjoint(without)
    assert {name: shown[name] for name in wrong} == wrong
    listed = client.raw_request("get", f"/v1/{kind}s").data["data"]
    assert identifier in [row["id"] for row in listed]
    sound = client.raw_request("get", "/v1/balance").data
    truth = shop.truth()
    assert truth.people["ann@example.com", "usd"] == 2500
    assert truth.aside.isdisjoint(truth.purchases)
    assert all(isinstance(part["amount"], int) for part in sound["available"])


def test_an_object_that_was_sound_may_be_damaged_and_go_on(shop, ann):
    sale, other = shop.charge(2500, customer=ann), shop.charge(100, customer=ann)
    before = balance(shop)
    shop.malformed(sale.line, currency=None)
    shop.malformed(other, without=["amount"])
    assert balance(shop) == before
    shop.refund(other, 50)
    assert "amount" not in shop.look(other)
    refunded = next(e for e in shop.events if e["type"] == "charge.refunded")
    assert "amount" not in refunded["data"]["object"]
    assert (shop.truth().aside, shop.truth().people) == ({sale.id, other.id}, {})


def test_a_reader_in_another_thread_never_sees_half_an_act(shop):
    done = threading.Event()

    def look():
        while not done.is_set():
            books = shop.account.books
            rows = books.shelf("balance_transaction").rows
            seen.append(
                sum(row["net"] for row in rows)
                == sum(part["amount"] for part in books.balance["pending"])
                and all(books.find(row["source"])["balance_transaction"] for row in rows)
            )

    seen = []
    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(300):
        shop.charge(2500)
    done.set()
    reader.join()
    assert seen
    assert all(seen)


def test_books_are_bound_anew_only_after_an_act(shop):
    shop.charge(2500)
    first = shop.account.books
    assert shop.account.books is first
    shop.truth()
    assert shop.account.books is first
    shop.charge(2500)
    assert len(shop.account.books.shelf("charge").rows) == 2


@pytest.mark.parametrize(
    "act",
    [
        lambda shop, sale: shop.refund(sale, 2501),
        lambda shop, sale: (shop.refund(sale, 2000, status="pending"), shop.refund(sale, 501)),
        lambda shop, sale: shop.refund(shop.decline(1000)),
        lambda shop, sale: shop.refund(shop.authorise(1000)),
        lambda shop, sale: shop.complete(shop.refund(sale)),
        lambda shop, sale: shop.cancel_refund(shop.refund(sale)),
        lambda shop, sale: shop.capture(sale),
        lambda shop, sale: shop.capture(shop.authorise(1000), 1001),
        lambda shop, sale: shop.settle(sale),
        lambda shop, sale: shop.fail(sale),
        lambda shop, sale: shop.dispute(shop.authorise(1000)),
        lambda shop, sale: shop.lose(shop.inquire(sale)),
        lambda shop, sale: shop.appeal(shop.dispute(sale)),
        lambda shop, sale: shop.charge(100, again=sale),
        lambda shop, sale: shop.charge(0),
        lambda shop, sale: shop.invoice(shop.customer(), 0),
        lambda shop, sale: shop.membership(shop.customer(), 0, trial_days=7),
        lambda shop, sale: shop.malformed("charge", id="ch_other"),
    ],
)
def test_what_stripe_refuses_is_impossible(shop, act):
    sale = shop.charge(2500)
    with pytest.raises(Impossible):
        act(shop, sale)


def test_two_workshops_are_served_side_by_side(speak):
    one, two = Workshop(name="one"), Workshop(name="two", currency="eur")
    one.charge(1000)
    client = speak(sandbox.App([one.account, two.account]), key=two.key)
    assert client.v1.charges.list().data == []
    assert client.v1.accounts.retrieve_current().default_currency == "eur"
