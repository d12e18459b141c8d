"""A source goes: its key at once, its money if that is wanted, and nothing of anybody else."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fans.models import Fan
from revenue import leave_taking, removing
from revenue.books import check_books
from revenue.gateways.problems import NotConnectable
from revenue.gateways.stripe.connecting import connect
from revenue.models import (
    Customer,
    Invoice,
    Movement,
    Nudge,
    Removal,
    Return,
    SetAside,
    Source,
    Stretch,
    Sync,
)
from revenue.removing import begin_removal, disconnect, refuse_while_removing, remove
from revenue.spend import may_seat, recompute_due_fans
from revenue.syncing import gateway_of, run_sync
from revenue.tasks.sources import begin_reading, remove_source, sync_sources
from sandbox import App
from sandbox.workshop import Workshop
from tests.factories import (
    AssignmentFactory,
    ClaimFactory,
    CreatorFactory,
    DoubleFactory,
    FanFactory,
    IdentityFactory,
    InboxFactory,
    MembershipFactory,
    MessageFactory,
    PaymentLinkFactory,
    PurchaseFactory,
    SaidRateFactory,
    SaleEntryFactory,
    SourceFactory,
    StatementFactory,
    SyncFactory,
    UploadFactory,
)
from tests.revenue.books_of import books_of, differences, leave_out_who_only_sits
from tests.revenue.histories import Story, acts, examples
from tests.revenue.importing import connected, sync

pytestmark = pytest.mark.django_db

ANY = examples(6)
FOREVER = timedelta(days=1)


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(removing, "BATCH", 3)


def take_away(source):
    begin_removal(source=source, now=datetime.now(UTC))
    assert remove(source=source, until=datetime.now(UTC) + FOREVER)
    recompute_due_fans(creator=source.creator, now=datetime.now(UTC))


def findings(creator):
    return list(check_books(creator=creator, now=datetime.now(UTC)))


# Disconnecting


def test_a_disconnected_source_has_no_key_and_its_money_stays(now):
    source = SourceFactory(webhook_secrets="whsec_1", problem="It broke.", lacks=["Invoices"])
    PurchaseFactory(source=source)

    disconnect(source=source, now=now)

    source.refresh_from_db()
    assert (source.key, source.webhook_secrets, source.problem) == ("", "", "")
    assert (source.state, source.synced_at) == ("disconnected", now)
    assert source.purchases.count() == 1


def test_a_run_under_way_ends_with_a_sentence(now):
    source = SourceFactory()
    running, done = SyncFactory(source=source), SyncFactory(source=source, state="done",
                                                            finished_at=now)  # fmt: skip

    disconnect(source=source, now=now)

    running.refresh_from_db()
    done.refresh_from_db()
    assert (running.state, running.finished_at) == ("failed", now)
    assert "disconnected" in running.problem
    assert (done.state, done.problem) == ("done", "")


def test_nothing_is_asked_for_a_disconnected_source(now):
    source = SourceFactory()
    disconnect(source=source, now=now)

    assert begin_reading(source=source, full=True, now=now) is None
    sync_sources()

    assert not Sync.objects.exists()
    assert findings(source.creator) == []


def test_a_source_that_is_being_removed_stays_so(now):
    source = SourceFactory()
    begin_removal(source=source, now=now)

    disconnect(source=source, now=now)

    source.refresh_from_db()
    assert source.state == "removing"


def test_a_key_of_the_same_account_goes_on_where_it_was(stripe):
    shop = Workshop(currency="usd", start=datetime.now(UTC) - timedelta(days=30))
    story = Story(shop)
    story.play([("customer", 0, 0), ("charge", 0, 500), ("charge", 7, 900)])
    stripe(shop.account)
    source = connected(shop)
    sync(source)
    disconnect(source=source, now=datetime.now(UTC))
    story.play([("charge", 0, 700), ("refund", 1, 100)])

    again = connect(creator=source.creator, key=shop.key)
    run = sync(again)

    assert again == source
    assert (run.state, run.is_full) == ("done", False)
    assert source.purchases.count() == 3
    assert findings(source.creator) == []


def test_a_whole_history_that_was_interrupted_is_read_on_from_there(stripe):
    shop = Workshop(currency="usd")
    Story(shop).play([("charge", which, 500) for which in range(10)])
    stripe(shop.account)
    source = connected(shop)
    run = begin_reading(source=source, full=True, now=datetime.now(UTC))
    disconnect(source=source, now=datetime.now(UTC))

    again = connect(creator=source.creator, key=shop.key)
    taken_up = begin_reading(source=again, full=False, now=datetime.now(UTC))

    assert (taken_up, taken_up.state, taken_up.problem) == (run, "running", "")
    assert run_sync(sync=taken_up, gateway=gateway_of(again)).state == "done"


# Removing


def one_of_everything(source, now):
    """A row in every table that knows of a source."""
    fan = FanFactory(creator=source.creator)
    common = {"source": source, "external_id": "x"}
    PurchaseFactory(source=source, fan=fan)
    MembershipFactory(source=source, fan=fan)
    AssignmentFactory(source=source, fan=fan)
    SaidRateFactory(source=source)
    Movement.objects.create(
        **common, kind="payment", category="charge", occurred_at=now, currency="GBP",
        amount=1, fee=0, net=1,
    )  # fmt: skip
    Return.objects.create(
        **common, kind="refund", payment_id="ch", occurred_at=now, currency="GBP", amount=1
    )
    Invoice.objects.create(**common, currency="GBP", amount_paid=1)
    Customer.objects.create(**common)
    Nudge.objects.create(**common, kind="charge.refunded", way="poll", arrived_at=now)
    SetAside.objects.create(**common, kind="moon", problem="unknown", seen_at=now)
    Stretch.objects.create(sync=SyncFactory(source=source), listing="movements")
    AssignmentFactory(source=source, fan=fan)
    SaidRateFactory(source=source)
    upload = UploadFactory(source=source)
    StatementFactory(upload=upload)
    PaymentLinkFactory(upload=upload)
    InboxFactory(source=source)
    MessageFactory(source=source)
    SaleEntryFactory(source=source)
    ClaimFactory(source=source)
    DoubleFactory(source=source)
    source.reconciliations.create(checked_at=now, outcome="equal")
    source.creator.books_checks.create(checked_at=now, found=0)
    return fan


def everything_of(source):
    tables = [r.related_model for r in Source._meta.related_objects]
    return {t.__name__: t.objects.filter(source_id=source.pk).count() for t in tables} | {
        "Stretch": Stretch.objects.filter(sync__source_id=source.pk).count()
    }


def test_nothing_is_left_of_a_source_and_nothing_of_another_is_touched(now, small_batches):
    gone, other = SourceFactory(), SourceFactory()
    beside = SourceFactory(creator=gone.creator)
    for source in (gone, other, beside):
        one_of_everything(source, now)
    whole = everything_of(gone) | {"Removal": 0}
    assert {name for name, rows in whole.items() if not rows} == {"Removal"}
    gone_pk = gone.pk

    take_away(gone)

    assert not Source.objects.filter(pk=gone_pk).exists()
    gone.pk = gone_pk
    assert not gone.creator.books_checks.exists()
    assert other.creator.books_checks.exists()
    assert set(everything_of(gone).values()) == {0}
    assert everything_of(other) == everything_of(beside) == whole


def test_people_of_whom_nothing_is_left_go_and_others_stay(now, small_batches):
    source = SourceFactory()
    beside = SourceFactory(creator=source.creator)
    only_here = FanFactory(creator=source.creator)
    IdentityFactory(fan=only_here)
    buys_there, member_there, seated = FanFactory.create_batch(3, creator=source.creator)
    for fan in (only_here, buys_there, member_there, seated):
        PurchaseFactory.create_batch(2, source=source, fan=fan)
        MembershipFactory(source=source, fan=fan)
    PurchaseFactory(source=beside, fan=buys_there, payer_name="Zoë")
    MembershipFactory(source=beside, fan=member_there)
    Fan.objects.filter(pk=seated.pk).update(seat=7)
    never_bought = FanFactory(creator=source.creator)

    take_away(source)

    left = {fan.pk: fan for fan in source.creator.fans.all()}
    assert left.keys() == {buys_there.pk, member_there.pk, seated.pk, never_bought.pk}
    assert left[buys_there.pk].name == "Zoë"
    assert (left[seated.pk].seat, left[seated.pk].name) == (7, seated.name)
    assert not source.creator.identities.exists()
    assert [fan.purchases for fan in (left[buys_there.pk], left[seated.pk])] == [1, 0]


def test_people_are_known_as_a_customer_only_where_another_source_or_nothing_else_says_so(now):
    source = SourceFactory()
    beside = SourceFactory(creator=source.creator)
    fan, nameless = FanFactory.create_batch(2, creator=source.creator, seat=None)
    Fan.objects.filter(pk=nameless.pk).update(seat=1)
    for value in ("cus_here", "cus_both"):
        IdentityFactory(fan=fan, kind="stripe_customer", value=value)
        Customer.objects.create(source=source, external_id=value, email=fan.email)
    Customer.objects.create(source=beside, external_id="cus_both", email=fan.email)
    Customer.objects.create(source=source, external_id="cus_alone")
    IdentityFactory(fan=nameless, kind="stripe_customer", value="cus_alone")
    IdentityFactory(fan=fan)
    stranger = IdentityFactory(kind="stripe_customer", value="cus_here")
    PurchaseFactory(source=beside, fan=fan)

    take_away(source)

    assert set(fan.identities.values_list("value", flat=True)) == {fan.email, "cus_both"}
    assert nameless.identities.get().value == "cus_alone"
    stranger.refresh_from_db()


def test_removal_stops_when_its_time_is_up_and_says_how_far_it_is(now, small_batches):
    source = SourceFactory()
    PurchaseFactory.create_batch(10, source=source)
    removal = begin_removal(source=source, now=now)
    assert (removal.total, removal.percent) == (10, 0)

    assert not remove(source=source, until=now, clock=lambda: now + timedelta(seconds=1))

    removal.refresh_from_db()
    assert (removal.done, removal.percent) == (3, 30)
    assert removal.heard_at == now + timedelta(seconds=1)
    assert source.purchases.count() == 7


def test_a_batch_that_fails_leaves_everything_as_it_was(now, small_batches, monkeypatch):
    source = SourceFactory()
    fan = FanFactory(creator=source.creator)
    PurchaseFactory.create_batch(4, source=source, fan=fan)
    begin_removal(source=source, now=now)

    def broken(**_):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(leave_taking, "introduce", broken)
        with pytest.raises(RuntimeError):
            remove(source=source, until=now)

    assert source.purchases.count() == 4
    assert Removal.objects.get().done == 0
    assert remove(source=source, until=datetime.now(UTC) + FOREVER)


def test_a_worker_that_comes_second_finds_nothing_to_do(now):
    source = SourceFactory()
    copy = Source.objects.get(pk=source.pk)
    take_away(source)

    assert remove(source=copy, until=now)
    remove_source(copy.pk)


def test_nobody_gets_a_seat_while_a_source_is_being_removed(now):
    source = SourceFactory()
    assert may_seat(source.creator)

    begin_removal(source=source, now=now)

    assert not may_seat(source.creator)


def test_an_account_cannot_be_connected_while_it_is_being_removed(now):
    source = SourceFactory()
    refuse_while_removing(source)
    begin_removal(source=source, now=now)

    with pytest.raises(NotConnectable, match="being removed"):
        refuse_while_removing(source)


def test_beginning_twice_is_beginning_once(now):
    source = SourceFactory()
    PurchaseFactory.create_batch(3, source=source)
    begin_removal(source=source, now=now)
    source.purchases.first().delete()

    assert begin_removal(source=source, now=now + timedelta(minutes=1)).total == 3
    assert Removal.objects.get().started_at == now


@ANY
@given(first=acts, second=acts, size=st.integers(1, 20))
def test_what_is_left_after_a_removal_is_what_the_other_source_alone_would_have_given(
    stripe, monkeypatch, first, second, size
):
    monkeypatch.setattr(removing, "BATCH", size)
    creator = CreatorFactory(currency="USD", time_zone="UTC", target_spend=20_00)
    creator.create_default_tiers()
    source, kept_shop = sources_of(stripe, creator, first, second)
    bystander = connected(kept_shop, target_spend=20_00)
    sync(bystander)
    untouched = books_of(bystander.creator)

    take_away(source)

    assert findings(creator) == []
    left, clean = books_of(creator), books_of(bystander.creator)
    assert clean == untouched
    leave_out_who_only_sits(left, clean)
    assert without_seats(differences(left, clean)) == {}


@ANY
@given(acts=acts, size=st.integers(1, 20))
def test_a_source_that_comes_back_gives_the_books_of_a_clean_import(
    stripe, monkeypatch, acts, size
):
    monkeypatch.setattr(removing, "BATCH", size)
    shop = Workshop(currency="usd")
    Story(shop).play(acts)
    stripe(shop.account)
    source = connected(shop, target_spend=20_00)
    sync(source)
    before = books_of(source.creator)
    creator = source.creator
    take_away(source)
    assert not creator.purchases.exists()

    sync(connect(creator=creator, key=shop.key))

    assert differences(books_of(creator), before) == {}
    assert findings(creator) == []


def sources_of(stripe, creator, first, second):
    """Two accounts of one creator, both read; the first, and the shop of the second."""
    shops = [Workshop(currency="usd", name=name) for name in ("goes", "stays")]
    for shop, history in zip(shops, (first, second), strict=True):
        Story(shop).play(history)
    stripe(App([shop.account for shop in shops]))
    sources = [connect(creator=creator, key=shop.key) for shop in shops]
    for source in sources:
        sync(source)
    return sources[0], shops[1]


def without_seats(differing):
    return {path: both for path, both in differing.items() if not path.endswith("/seat")}
