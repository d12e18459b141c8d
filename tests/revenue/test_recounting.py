"""Another currency: every purchase is counted anew, and no sum ever adds two currencies."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from hypothesis import example, given
from hypothesis import strategies as st

from revenue import recounting
from revenue.books import check_books, check_fans
from revenue.measure import change_measure
from revenue.models import Recount
from revenue.recounting import recount
from revenue.spend import (
    may_seat,
    recompute_all_fans,
    recompute_due_fans,
    recompute_usual,
)
from revenue.tasks.books import check_books_of
from revenue.tasks.currencies import recount_creator
from revenue.tasks.figures import recompute, recompute_creator
from sandbox.workshop import Workshop
from tests.factories import FanFactory, PurchaseFactory, SourceFactory
from tests.revenue.books_of import books_of, differences, leave_out_who_only_sits
from tests.revenue.histories import Story, acts, examples
from tests.revenue.importing import connected, sync

pytestmark = pytest.mark.django_db

ANY = examples(6)
FOREVER = timedelta(days=1)
CURRENCIES = st.sampled_from(["EUR", "GBP", "JPY", "KES", "SEK"])


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(recounting, "BATCH", 3)


@pytest.fixture
def creator(now):
    """Counts in pounds; one fan with ten purchases, one purchase of nobody."""
    source = SourceFactory(creator__target_spend=50_00)
    fan = FanFactory(creator=source.creator)
    for days in range(10):
        PurchaseFactory(source=source, fan=fan, amount=8_00, occurred_at=now - timedelta(days=days))
    PurchaseFactory(source=source, amount=3_00)
    source.creator.create_default_tiers()
    recompute_all_fans(creator=source.creator, now=now + timedelta(seconds=1))
    return source.creator


def switch(creator, currency, target, *, now=None):
    """The creator counts in `currency` from now on; nothing is counted anew yet."""
    creator.currency, creator.target_spend = currency, target
    fields = ["currency", "target_spend"]
    change_measure(creator=creator, fields=fields, now=now or datetime.now(UTC))


def finish(creator, *, now=None):
    now = now or datetime.now(UTC)
    assert recount(creator=creator, until=now + FOREVER, clock=lambda: now)
    recompute_due_fans(creator=creator, now=now)


def one_batch(creator, now):
    return recount(creator=creator, until=now, clock=lambda: now)


def assert_unmixed(creator, now):
    """While there are two currencies, no sum is anything but nothing, whoever recomputes."""
    recompute()
    recompute_due_fans(creator=creator, now=now)
    recompute_all_fans(creator=creator, now=now)
    if Recount.objects.get(creator=creator).is_under_way:
        assert not creator.fans.exclude(**recounting.NOTHING).exists()
    else:
        assert not creator.purchases.exclude(counted_currency=creator.currency).exists()


def test_everything_is_counted_in_the_new_currency(creator, now):
    later = now + timedelta(minutes=1)
    switch(creator, "EUR", 60_00, now=later)

    finish(creator, now=later)

    purchase = creator.purchases.first()
    assert set(creator.purchases.values_list("counted_currency", flat=True)) == {"EUR"}
    assert (purchase.rate_origin, purchase.currency, purchase.amount) == ("ecb", "GBP", 8_00)
    assert purchase.counted_gross == round(purchase.amount * purchase.rate)
    assert creator.fans.get().lifetime_gross == sum(
        p.counted_gross for p in creator.purchases.exclude(fan=None)
    )
    assert creator.fans.get().is_true_fan
    assert Recount.objects.get().finished_at


def test_the_usual_order_is_one_of_the_new_currency_as_soon_as_all_is_counted(creator, now):
    recompute_usual(creator=creator, now=now)
    assert creator.fans.get().usual_order == 8_00
    switch(creator, "EUR", 60_00)
    assert creator.fans.get().usual_order is None

    finish(creator)

    assert creator.fans.get().usual_order > 8_00
    assert list(check_fans(creator=creator, now=datetime.now(UTC))) == []


def test_from_the_change_on_sums_are_nothing_until_all_is_counted(creator, now, small_batches):
    later = now + timedelta(minutes=1)
    creator.fans.update(seat=7)
    switch(creator, "EUR", 60_00, now=later)

    fan = creator.fans.get()
    assert (fan.lifetime_gross, fan.spend, fan.is_true_fan, fan.tier) == (0, 0, False, None)
    assert_unmixed(creator, later)
    batches = 0
    while not one_batch(creator, later):
        assert_unmixed(creator, later)
        assert creator.fans.due(later).count() == 1
        batches += 1

    assert batches == 4  # of three, and the last of two
    fan = creator.fans.get()
    assert (fan.is_true_fan, fan.seat) == (True, 7)
    assert (
        fan.lifetime_gross
        == creator.purchases.exclude(fan=None).aggregate(sum=Sum("counted_gross"))["sum"]
    )


def test_the_check_of_the_books_says_that_it_must_wait(creator, now, small_batches):
    switch(creator, "EUR", 60_00, now=now)
    one_batch(creator, now)

    assert list(map(str, check_books(creator=creator, now=now))) == [
        "all purchases: recount is 27 %, should be finished"
    ]
    check_books_of(creator.pk)
    assert not creator.books_checks.exists()
    finish(creator)
    check_books_of(creator.pk)
    assert creator.books_checks.exists()


def test_people_are_not_exported_meanwhile(creator, now):
    switch(creator, "EUR", 60_00, now=now)

    with pytest.raises(CommandError, match="being counted in EUR right now"):
        call_command("export_fans", creator.handle)

    finish(creator)
    call_command("export_fans", creator.handle, stdout=StringIO())


def test_a_worker_counts_its_turn_and_recomputes_once_at_the_end(
    creator, now, small_batches, monkeypatch, django_capture_on_commit_callbacks
):
    asked = []
    for task in (recount_creator, recompute_creator):
        name = task.__name__
        monkeypatch.setattr(task, "delay", lambda pk, name=name: asked.append((name, pk)))
    monkeypatch.setattr("revenue.tasks.currencies.TURN", timedelta(0))
    switch(creator, "EUR", 60_00, now=now)

    for _ in range(5):
        with django_capture_on_commit_callbacks(execute=True):
            recount_creator(creator.pk)

    assert asked == [("recount_creator", creator.pk)] * 4 + [("recompute_creator", creator.pk)]


def test_progress_is_told(creator, now, small_batches):
    switch(creator, "EUR", 60_00, now=now)
    assert (Recount.objects.get().total, Recount.objects.get().percent) == (11, 0)

    one_batch(creator, now + timedelta(seconds=9))

    run = Recount.objects.get()
    assert (run.done, run.percent, run.finished_at) == (3, 27, None)
    assert run.heard_at == now + timedelta(seconds=9)


def test_a_batch_that_fails_leaves_the_cursor_where_it_was(
    creator, now, small_batches, monkeypatch
):
    switch(creator, "EUR", 60_00, now=now)
    one_batch(creator, now)

    def broken(*_, **__):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(recounting, "upsert", broken)
        with pytest.raises(RuntimeError):
            one_batch(creator, now)

    assert Recount.objects.get().done == 3
    finish(creator)
    assert Recount.objects.get().done == 11
    assert set(creator.purchases.values_list("counted_currency", flat=True)) == {"EUR"}


def test_it_is_not_finished_before_everybody_is_recomputed(creator, now, monkeypatch):
    switch(creator, "EUR", 60_00, now=now)

    def broken(**_):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(recounting, "recompute_all_fans", broken)
        with pytest.raises(RuntimeError):
            recount(creator=creator, until=datetime.now(UTC) + FOREVER)

    assert Recount.objects.get().is_under_way
    assert recount(creator=creator, until=datetime.now(UTC) + FOREVER)
    assert not Recount.objects.get().is_under_way
    assert creator.fans.get().lifetime_gross > 80_00


def test_a_second_change_starts_over(creator, now, small_batches):
    before, later = creator.fans.get(), now + timedelta(minutes=1)
    assert (before.lifetime_gross, before.is_true_fan) == (80_00, True)
    switch(creator, "EUR", 60_00, now=now)
    one_batch(creator, now)

    switch(creator, "GBP", 50_00, now=later)

    run = Recount.objects.get()
    assert (run.currency, run.cursor, run.done) == ("GBP", 0, 0)
    finish(creator, now=later)
    after = creator.fans.get()
    assert (after.lifetime_gross, after.is_true_fan) == (80_00, True)
    assert after.tier == before.tier
    assert set(creator.purchases.values_list("rate_origin", flat=True)) == {"same"}


def test_nobody_gets_a_seat_while_it_is_being_counted(creator, now):
    assert may_seat(creator)

    switch(creator, "EUR", 60_00)

    assert not may_seat(creator)
    finish(creator)
    assert may_seat(creator)


def test_another_creator_is_not_touched(creator, now):
    other = PurchaseFactory(source__creator__currency="GBP")

    switch(creator, "EUR", 60_00)
    finish(creator)

    other.refresh_from_db()
    assert other.counted_currency == "GBP"


def test_a_currency_nobody_has_a_rate_for_counts_only_itself(creator, now):
    PurchaseFactory(
        source=creator.sources.get(), currency="KES", amount=900_00, counted_gross=None,
        counted_net=None, net=None, fee=None, settlement_currency="", rate=None, rate_date=None,
        rate_origin="missing", status="pending",
    )  # fmt: skip

    switch(creator, "KES", 10_000_00)
    finish(creator)

    counted = dict(creator.purchases.values_list("currency", "counted_gross"))
    assert counted == {"GBP": None, "KES": 900_00}


def test_a_task_that_finds_nothing_to_do_does_nothing(creator):
    before = books_of(creator)

    recount_creator(creator.pk)
    recount_creator(creator.pk + 1000)

    assert books_of(creator) == before


@ANY
@given(acts=acts, currency=CURRENCIES, size=st.integers(1, 20))
@example(acts=[("charge abroad", n, 1000) for n in range(9)], currency="JPY", size=2)
def test_any_history_in_another_currency_is_a_clean_import_and_back_is_the_identity(
    stripe, monkeypatch, acts, currency, size
):
    monkeypatch.setattr(recounting, "BATCH", size)
    shop = Workshop(currency="usd")
    Story(shop).play(acts)
    stripe(shop.account)
    source = connected(shop, target_spend=20_00)
    creator = source.creator
    sync(source)
    before = books_of(creator)
    clean = connected(shop, currency=currency, target_spend=15_00)
    sync(clean)

    switch(creator, currency, 15_00)
    finish(creator)

    assert without_seats(differences(books_of(creator), books_of(clean.creator))) == {}
    assert list(check_books(creator=creator, now=datetime.now(UTC))) == []
    switch(creator, "USD", 20_00)
    finish(creator)
    assert without_seats(differences(books_of(creator), before)) == {}
    assert list(check_books(creator=creator, now=datetime.now(UTC))) == []


@ANY
@given(first=acts, then=acts, size=st.integers(1, 20), steps=st.integers(0, 10))
@example(  # somebody who has a seat turns out to be nobody
    first=[
        ("customer", 133, 280),
        ("charge late", 76, 394),
        ("charge abroad", 11, 477),
        ("unheard of", 203, 2918),
        ("charge again", 211, 3141),
    ],
    then=[("change customer", 286, 109)],
    size=1,
    steps=5,
)
def test_what_is_bought_meanwhile_counts_in_the_new_currency(
    stripe, monkeypatch, first, then, size, steps
):
    monkeypatch.setattr(recounting, "BATCH", size)
    shop = Workshop(currency="usd", start=datetime.now(UTC) - timedelta(days=300))
    story = Story(shop)
    story.play(first)
    stripe(shop.account)
    source = connected(shop, target_spend=20_00)
    sync(source)
    creator = source.creator
    switch(creator, "EUR", 20_00)
    now = datetime.now(UTC)
    for _ in range(steps):
        one_batch(creator, now)
    story.play(then)

    sync(source, full=True)
    assert_unmixed(creator, datetime.now(UTC))
    finish(creator)

    by_itself = connected(shop, currency="EUR", target_spend=20_00)
    sync(by_itself)
    books, clean = books_of(creator), books_of(by_itself.creator)
    leave_out_who_only_sits(books, clean)
    assert without_seats(differences(books, clean)) == {}


def without_seats(differing):
    """A seat that was given is kept for ever, however it would have come by another measure."""
    return {path: both for path, both in differing.items() if not path.endswith("/seat")}
