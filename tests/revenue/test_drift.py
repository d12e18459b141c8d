"""Where our books do not equal Stripe's balance: told line by line, and never made to fit."""

from datetime import UTC, date, datetime, timedelta

import pytest

from revenue.books import check_balance
from revenue.gateways.stripe.connecting import connect
from revenue.models import Movement
from revenue.reconciling import LINES_KEPT, compare, reconcile
from revenue.syncing import gateway_of, run_sync, start_sync
from sandbox import Account, Books
from sandbox.workshop import Workshop
from tests.factories import (
    CreatorFactory,
    MovementFactory,
)
from tests.revenue.comparing import LEDGER, Noted, check, half_a_year, imported, line, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Workshop:
    return half_a_year()


def test_a_line_that_was_altered_by_hand_is_named_with_its_month(shop, stripe):
    app = Noted([shop.account])
    stripe(app)
    source = imported(shop)
    altered = source.movements.order_by("-occurred_at")[1]
    source.movements.filter(pk=altered.pk).update(amount=altered.amount + 7, net=altered.net + 7)
    app.asked.clear()

    result = check(source, shop)

    assert (result.outcome, result.is_explained) == ("drift", True)
    assert (result.month, result.differing) == (date(2026, 5, 1), 1)
    assert result.lines == [line(altered, "different", ours=altered.net + 7, theirs=altered.net)]
    [[currency, ours, theirs]] = result.figures
    assert (currency, ours - theirs) == ("USD", 7)
    # Once the whole difference is found nothing older is looked at.
    months = [q for path, q in app.asked if path == LEDGER and q["limit"] == ["100"]]
    assert len(months) == 2


def test_a_line_that_was_invented_is_named(shop, stripe):
    stripe(shop.account)
    source = imported(shop)
    at = shop.now - timedelta(days=40)
    invented = MovementFactory(source=source, currency="USD", occurred_at=at)

    result = check(source, shop)

    assert (result.outcome, result.month) == ("drift", date(2026, 4, 1))
    assert result.lines == [line(invented, "not at Stripe", ours=9_65, theirs=None)]
    assert Movement.objects.filter(pk=invented.pk).exists()  # told, and never taken away


def test_an_invented_line_older_than_stripes_own_ledger_is_found_too(shop, stripe):
    stripe(shop.account)
    source = imported(shop)
    at = datetime(2025, 10, 9, tzinfo=UTC)
    invented = MovementFactory(source=source, currency="USD", occurred_at=at)

    result = check(source, shop)

    assert (result.month, result.is_explained) == (date(2025, 10, 1), True)
    assert [found["id"] for found in result.lines] == [invented.external_id]


def test_several_currencies_are_held_apart_whatever_their_decimals(stripe):
    shop = Workshop(currency="usd")
    ann = shop.customer("ann@example.com")
    for currency, amount in (("usd", 2500), ("jpy", 1200), ("kwd", 7500), ("eur", 990)):
        shop.charge(amount, currency=currency, customer=ann, fee=10)
        shop.pass_time(days=40)
    stripe(shop.account)
    source = imported(shop)
    assert check(source, shop).figures == [
        ["EUR", 980, 980], ["JPY", 1190, 1190], ["KWD", 7490, 7490], ["USD", 2490, 2490],
    ]  # fmt: skip
    yen = source.movements.get(currency="JPY")
    dinar = source.movements.get(currency="KWD")
    source.movements.filter(pk=yen.pk).delete()
    # The same sum in another currency is as wrong as another sum.
    source.movements.filter(pk=dinar.pk).update(currency="USD")

    result = check(source, shop)

    assert (result.outcome, result.is_explained) == ("drift", True)
    assert result.figures == [
        ["EUR", 980, 980], ["JPY", 1190, 1190], ["KWD", 0, 7490], ["USD", 9980, 2490],
    ]  # fmt: skip
    assert result.lines == [
        line(dinar, "different", ours=7490, theirs=None) | {"currency": "USD"},
        line(dinar, "different", ours=None, theirs=7490),
    ]


def test_two_mistakes_that_make_up_for_each_other_are_mended_where_they_are_met(shop, stripe):
    stripe(shop.account)
    source = imported(shop)
    shop.pass_time(hours=2)
    lost, more, less = (shop.charge(3000, email="bob@example.com").line for _ in range(3))
    read(source, shop)
    for name, change in ((more, 5), (less, -5)):
        movement = source.movements.get(external_id=name)
        movement.amount, movement.net = movement.amount + change, movement.net + change
        movement.save()
    source.movements.filter(external_id=lost).delete()

    result = check(source, shop)

    assert result.outcome == "repaired"
    assert {(found["id"], found["what"]) for found in result.lines} == {
        (lost, "missing here"),
        (more, "different"),
        (less, "different"),
    }
    assert source.movements.get(external_id=more).amount == 3000
    assert not compare(source=source, gateway=gateway_of(source)).drift


def test_a_line_that_was_set_aside_explains_the_difference(shop, stripe):
    odd = shop.charge(4000, email="bob@example.com", fee=100)
    shop.malformed(odd.line, amount="lots")
    shop.pass_time(days=3)
    shop.charge(1000, email="bob@example.com")
    stripe(shop.account)
    source = imported(shop)
    assert source.set_aside.get().external_id == odd.line

    result = check(source, shop)

    assert (result.outcome, result.is_explained) == ("drift", True)
    assert result.lines == [
        {"id": odd.line, "what": "set aside", "currency": "USD", "ours": None, "theirs": 3900}
    ]


def test_a_line_of_a_payment_that_was_set_aside_is_not_said_to_be_of_none(shop, stripe):
    odd = shop.charge(4000, email="bob@example.com", fee=100)
    shop.malformed(odd, currency=7)
    stripe(shop.account)
    source = imported(shop)
    assert source.set_aside.get().external_id == odd.id

    result = check(source, shop)

    assert (result.outcome, result.is_explained) == ("drift", True)
    (found,) = result.lines
    assert (found["id"], found["what"]) == (odd.line, "of set aside")
    findings = [str(finding) for finding in check_balance(source=source, ask=False)]
    words = "is of a payment that is not understood, and set aside"
    assert [words in finding for finding in findings if odd.line in finding] == [True]


def test_a_line_set_aside_of_which_nobody_knows_the_amount_explains_nothing(shop, stripe):
    odd = shop.charge(4000, email="bob@example.com", fee=100)
    shop.malformed(odd.line, without=["net", "amount"], currency=None)
    stripe(shop.account)
    source = imported(shop)

    result = check(source, shop)

    assert (result.outcome, result.is_explained) == ("drift", False)
    assert result.lines == [
        {"id": odd.line, "what": "set aside", "currency": "", "ours": None, "theirs": None}
    ]


def test_a_ledger_that_came_empty_though_there_is_a_balance_is_a_difference(stripe):
    """Pitfall 19: a run that brings nothing and ends well."""
    money = {"currency": "usd", "amount": 1234}
    balance = {"object": "balance", "available": [money], "pending": []}
    profile = {"id": "acct_1", "object": "account"}
    stripe(Account(profile, lambda: Books({}, currency="usd", balance=balance), any_key=True))
    source = connect(creator=CreatorFactory(currency="USD"), key="rk_test_any")
    now = datetime.now(UTC)
    sync = start_sync(source=source, full=True, now=now)
    assert run_sync(sync=sync, gateway=gateway_of(source)).state == "done"
    source.refresh_from_db()

    result = reconcile(source=source, gateway=gateway_of(source), now=now)

    assert (result.outcome, result.compared, result.is_explained) == ("drift", 0, False)
    assert (result.figures, result.lines) == ([["USD", 0, 1234]], [])


def test_of_many_lines_the_newest_are_kept_and_all_are_counted(shop, stripe):
    stripe(shop.account)
    source = imported(shop)
    for hours in range(LINES_KEPT + 5):
        at = shop.now - timedelta(hours=hours)
        MovementFactory(source=source, currency="USD", occurred_at=at, external_id=f"txn_{hours}")

    result = check(source, shop)

    assert (result.differing, len(result.lines)) == (LINES_KEPT + 5, LINES_KEPT)
    assert [found["id"] for found in result.lines[:2]] == ["txn_0", "txn_1"]
