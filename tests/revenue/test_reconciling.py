"""Our books against Stripe's balance: equal, or mended by itself.

Completeness is proved by this and not by “no error” (pitfall 22 of importers: a run that ends well
may still have lost a line).
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from revenue.gateways.stripe.client import StripeGateway
from revenue.gateways.stripe.connecting import connect
from revenue.gateways.stripe.reading import account_balance
from revenue.models import Reconciliation
from revenue.reconciling import KEPT, compare, reconcile
from revenue.syncing import gateway_of, run_sync, start_sync
from sandbox import Account, Books, Fault, Key
from sandbox.directory import load
from sandbox.workshop import Workshop
from tests.factories import (
    CreatorFactory,
    ReconciliationFactory,
    SourceFactory,
    SyncFactory,
)
from tests.revenue.comparing import (
    BALANCE,
    LEDGER,
    Noted,
    check,
    differences,
    half_a_year,
    imported,
    line,
    read,
)
from tests.revenue.recording import FULL

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Workshop:
    return half_a_year()


# Equal.


def test_right_books_are_equal_to_the_cent_at_the_price_of_three_questions(shop, stripe):
    app = Noted([shop.account])
    stripe(app)
    source = imported(shop)
    app.asked.clear()

    result = check(source, shop)

    assert (result.outcome, result.compared) == ("equal", 6)
    total = sum(1900 + month for month in range(6))
    assert result.figures == [["USD", total, total]]
    assert (result.month, result.lines, result.problem) == (None, [], "")
    assert Counter(path for path, _ in app.asked) == {LEDGER: 2, BALANCE: 1}


def test_the_whole_recording_is_equal_in_each_of_its_currencies(stripe):
    stripe(load(FULL))
    source = connect(creator=CreatorFactory(currency="USD"), key="rk_test_any")
    now = datetime.now(UTC)
    run_sync(sync=start_sync(source=source, full=True, now=now), gateway=gateway_of(source))
    source.refresh_from_db()

    result = reconcile(source=source, gateway=gateway_of(source), now=now)

    assert (result.outcome, result.compared) == ("equal", 2048)
    assert [currency for currency, *_ in result.figures] == ["EUR", "JPY", "USD"]


def test_an_account_without_any_money_is_equal(stripe):
    shop = Workshop()
    stripe(shop.account)

    result = check(imported(shop), shop)

    assert (result.outcome, result.figures) == ("equal", [["USD", 0, 0]])


def test_money_in_other_balances_of_stripe_is_part_of_the_balance(stripe):
    amount = {"currency": "usd", "amount": 300}
    parts = {"available": [amount], "pending": [amount]}
    balance = parts | {
        "object": "balance",
        "instant_available": [amount],  # a part of what is available: not counted twice
        "issuing": {"available": [amount]},
        "refund_and_dispute_prefunding": parts,
    }
    stripe(Account({}, lambda: Books({}, currency="usd", balance=balance), any_key=True))

    assert account_balance(StripeGateway("rk_test_any")) == {"USD": 1500}


# Lines that come late (pitfall 26: they show up some time after the moment they carry).


def test_a_line_that_shows_up_too_late_for_every_overlap_is_found_and_read(shop, stripe):
    stripe(shop.account)
    with shop.hidden_for(minutes=300):
        late = shop.charge(7000, email="late@example.com", fee=300)
    shop.pass_time(hours=3)
    shop.charge(1000, email="bob@example.com")
    source = imported(shop)
    assert check(source, shop).outcome == "equal"
    shop.pass_time(hours=3)
    shop.charge(1000, email="bob@example.com")
    read(source, shop)
    assert not source.movements.filter(external_id=late.line).exists()

    result = check(source, shop)

    assert (result.outcome, result.differing) == ("repaired", 1)
    assert result.lines == [
        {
            "id": late.line,
            "what": "missing here",
            "currency": "USD",
            "ours": None,
            "theirs": 6700,
        }
    ]
    assert source.purchases.get(external_id=late.id).net == 6700
    assert differences(source, shop) == []
    assert check(source, shop).outcome == "equal"


def test_what_is_newer_than_the_last_run_is_read_before_anything_is_compared(shop, stripe):
    stripe(shop.account)
    source = imported(shop)
    shop.pass_time(minutes=1)
    sale = shop.charge(5000, email="bob@example.com")

    result = check(source, shop)

    assert (result.outcome, result.compared) == ("equal", 7)
    assert source.purchases.filter(external_id=sale.id).exists()


def test_money_that_moves_once_during_the_check_does_no_harm(shop, stripe):
    def sell_once(path: str) -> None:
        if path == BALANCE:
            shop.charge(5000, email="bob@example.com")
            app.when = lambda path: None

    app = Noted([shop.account])
    stripe(app)
    source = imported(shop)
    app.when = sell_once

    result = check(source, shop)

    assert (result.outcome, result.compared) == ("equal", 7)


def test_money_that_never_rests_is_told_and_no_line_is_called_wrong(shop, stripe):
    def sell(path: str) -> None:
        if path == BALANCE:
            shop.charge(5000, email="bob@example.com")

    app = Noted([shop.account])
    stripe(app)
    source = imported(shop)
    app.when = sell

    result = check(source, shop)

    assert (result.outcome, result.figures, result.lines) == ("moving", [], [])
    assert compare(source=source, gateway=gateway_of(source)) is None


def test_nothing_is_compared_while_lines_are_being_read(shop, stripe):
    app = Noted([shop.account])
    stripe(app)
    source = imported(shop)
    SyncFactory(source=source)
    app.asked.clear()

    assert check(source, shop).outcome == "moving"
    assert app.asked == []


# Lines that got lost here.


def test_lines_that_were_deleted_by_hand_are_read_again_and_the_books_are_right(shop, stripe):
    stripe(shop.account)
    source = imported(shop)
    lost = list(source.movements.order_by("occurred_at")[:2])
    net = sum(source.purchases.values_list("net", flat=True))
    source.movements.filter(pk__in=[movement.pk for movement in lost]).delete()

    result = check(source, shop)

    assert result.outcome == "repaired"
    assert (result.month, result.differing) == (date(2026, 2, 1), 2)
    assert result.lines == [
        line(movement, "missing here", ours=None, theirs=movement.net) for movement in lost[::-1]
    ]
    assert result.figures[0][1] == result.figures[0][2]
    assert sum(source.purchases.values_list("net", flat=True)) == net
    assert differences(source, shop) == []


def test_what_was_mended_is_told_even_if_money_moves_from_then_on(shop, stripe):
    def sell(path: str) -> None:
        if path == BALANCE and app.hits[BALANCE] > asked:
            shop.charge(5000, email="bob@example.com")

    app = Noted([shop.account])
    stripe(app)
    source = imported(shop)
    lost = source.movements.order_by("occurred_at").first()
    balance = sum(source.movements.values_list("net", flat=True))
    lost.delete()
    asked = app.hits[BALANCE] + 1  # the first look is at rest
    app.when = sell

    result = check(source, shop)

    assert (result.outcome, result.compared) == ("repaired", 6)
    assert result.figures == [["USD", balance, balance]]
    assert result.lines == [line(lost, "missing here", ours=None, theirs=lost.net)]


def test_a_whole_ledger_that_got_lost_comes_back_month_by_month(shop, stripe):
    app = Noted([shop.account])
    stripe(app)
    source = imported(shop)
    source.movements.all().delete()
    app.asked.clear()

    result = check(source, shop)

    assert (result.outcome, result.compared, result.differing) == ("repaired", 6, 6)
    assert differences(source, shop) == []
    walk = [query for path, query in app.asked if path == LEDGER and query["limit"] == ["100"]]
    spans = [
        (int(query["created[gte]"][0]), int(query["created[lt]"][0]))
        for query in walk
        if "expand[]" not in query
    ]
    newest, oldest = spans[0], spans[-1]
    assert newest[1] == int(shop.now.timestamp()) + 1
    assert datetime.fromtimestamp(oldest[0], UTC) == datetime(2026, 1, 1, tzinfo=UTC)
    assert [until for _, until in spans[1:]] == [since for since, _ in spans[:-1]]
    assert all(until - since <= 31 * 86_400 for since, until in spans)


# When nothing can be compared.


def test_a_key_that_is_revoked_during_the_check_is_a_result_in_words(shop, stripe):
    def revoke(path: str) -> None:
        if path == BALANCE:
            app._doors[shop.key] = (app.accounts[0], Key(shop.key, state="revoked"))

    app = Noted([shop.account])
    stripe(app)
    source = imported(shop)
    app.when = revoke
    read_before = list(source.movements.values())

    result = check(source, shop)

    assert (result.outcome, result.figures) == ("failed", [])
    assert "mistyped, expired or revoked" in result.problem
    assert list(source.movements.values()) == read_before


def test_an_outage_in_the_middle_of_the_search_keeps_what_was_mended(shop, stripe):
    stripe(shop.account, faults=[Fault(LEDGER, nth=9, times=99, status=503)])
    source = imported(shop)
    source.movements.all().delete()
    patient = StripeGateway(shop.key, sleep=lambda seconds: None)

    broken = reconcile(source=source, gateway=patient, now=shop.now)
    kept = source.movements.count()
    stripe(shop.account)
    result = check(source, shop)

    assert broken.outcome == "failed"
    assert "HTTP 503" in broken.problem
    assert 0 < kept < 6
    assert (result.outcome, result.differing) == ("repaired", 6 - kept)


# What is kept.


def test_the_last_hundred_results_of_a_source_are_kept(shop, stripe, django_assert_num_queries):
    stripe(shop.account)
    source = imported(shop)
    other = ReconciliationFactory(source=SourceFactory())
    for hours in range(KEPT + 5):
        ReconciliationFactory(source=source, checked_at=shop.now - timedelta(hours=hours + 1))

    with django_assert_num_queries(10):
        result = reconcile(source=source, gateway=gateway_of(source), now=shop.now)

    kept = source.reconciliations.order_by("-checked_at")
    assert (kept.count(), kept.first()) == (KEPT, result)
    assert kept.last().checked_at == shop.now - timedelta(hours=KEPT - 1)
    assert Reconciliation.objects.filter(pk=other.pk).exists()
