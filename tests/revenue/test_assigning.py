"""Whose a payment is where only the creator can know: said once, it holds."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from fans.models import Fan
from revenue.assigning import MOST, assign, take_back
from revenue.books import check_assignments, check_books
from revenue.gateways.stripe.connecting import connect
from revenue.gateways.stripe.pages import to_page
from revenue.ingest import ingest
from revenue.models import Assignment, Customer
from revenue.removing import begin_removal, remove
from revenue.spend import recompute_due_fans
from revenue.tasks.sources import begin_reading
from revenue.values import Order, Page, Payment
from sandbox.directory import load
from sandbox.workshop import Workshop
from tests.factories import (
    AssignmentFactory,
    CreatorFactory,
    FanFactory,
    IdentityFactory,
    NoteFactory,
    PurchaseFactory,
    SourceFactory,
)
from tests.revenue.books_of import books_of, differences
from tests.revenue.histories import Story, acts, examples, finish, objects_of
from tests.revenue.recording import FULL
from tests.revenue.workers import wait_until, worker

pytestmark = pytest.mark.django_db

ANY = examples(6)


@pytest.fixture
def source():
    creator = CreatorFactory(currency="USD", time_zone="UTC")
    creator.create_default_tiers()
    return SourceFactory(creator=creator)


def payment(external_id="ch_1", **fields) -> Payment:
    given = {
        "external_id": external_id,
        "occurred_at": datetime(2026, 11, 1, tzinfo=UTC),
        "status": "succeeded",
        "kind": "sale",
        "currency": "USD",
        "amount": 20_00,
    }
    return Payment(**given | fields)


def read(source, *payments, now, **page) -> None:
    ingest(source=source, page=Page(payments=payments, **page), now=now)
    recompute_due_fans(creator=source.creator, now=now)


def give(source, to, now, purchases=None):
    """All of nobody's payments, or `purchases`, are those of `to`."""
    if purchases is None:
        purchases = source.creator.purchases.unattributed()
    ids = [purchase.pk for purchase in purchases]
    creator = source.creator
    fan, count = assign(creator=creator, purchases=ids, to=to, by=creator.owner, now=now)
    recompute_due_fans(creator=creator, now=now)
    fan.refresh_from_db()
    return fan, count


def findings(creator):
    return list(check_books(creator=creator, now=datetime.now(UTC), ask=False))


def test_an_assigned_payment_is_that_persons_and_counts_for_them(source, now):
    read(source, payment("ch_1"), payment("ch_2"), now=now)
    zoe = FanFactory(creator=source.creator, name="Zoë")
    one, two = source.purchases.order_by("external_id")

    fan, count = give(source, zoe, now, [one])

    assert (fan, count) == (zoe, 1)
    assert (fan.lifetime_gross, fan.purchases, fan.name) == (20_00, 1, "Zoë")
    assert list(source.creator.purchases.unattributed()) == [two]
    assert source.assignments.get().by == source.creator.owner
    assert findings(source.creator) == []


def test_somebody_new_is_made_by_a_name_and_keeps_it(source, now):
    read(source, payment(name="Somebody Else"), now=now)

    fan, _count = give(source, "Grandma", now)
    read(source, payment(name="Somebody Else", description="Read again"), now=now)

    fan.refresh_from_db()
    assert (fan.name, fan.purchases, fan.creator) == ("Grandma", 1, source.creator)
    assert source.purchases.get().description == "Read again"


def test_what_is_written_on_an_assigned_payment_renames_nobody(source, now):
    read(source, payment("ch_1", email="zoe@example.com", name="Zoë"), now=now)
    zoe = source.creator.fans.get()
    later = datetime(2026, 11, 9, tzinfo=UTC)
    read(source, payment("ch_2", name="Card of Dad", occurred_at=later), now=now)

    give(source, zoe, now)
    read(source, payment("ch_1", email="zoe@example.com", name="Zoë Q"), now=now)

    zoe.refresh_from_db()
    assert (zoe.name, zoe.purchases) == ("Zoë Q", 2)


def test_an_address_that_turns_up_later_does_not_move_it_until_it_is_taken_back(source, now):
    read(source, payment(intent_id="pi_1"), now=now)
    fan, _ = give(source, "Grandma", now)

    order = Order(external_id="cs_1", intent_id="pi_1", email="dad@example.com", name="Dad")
    read(source, now=now, orders=[order])

    assert source.purchases.get().fan == fan
    assert source.creator.fans.count() == 1

    take_back(creator=source.creator, purchases=[source.purchases.get().pk], now=now)
    assert source.creator.fans.get().email == "dad@example.com"


def test_a_customer_stays_whose_they_are_though_one_payment_of_theirs_was_assigned(source, now):
    read(source, payment(), now=now)
    fan, _ = give(source, "Grandma", now)
    Customer.objects.create(source=source, external_id="cus_1", email="dad@example.com")

    read(source, payment(customer_id="cus_1"), payment("ch_2", customer_id="cus_1"), now=now)

    dad = source.creator.identities.get(value="cus_1").fan
    assert dad.identities.filter(value="dad@example.com").exists()
    assert set(source.purchases.values_list("external_id", "fan")) == {
        ("ch_1", fan.pk),
        ("ch_2", dad.pk),
    }


def test_taking_it_back_leaves_nobody_who_was_made_for_it(source, now):
    read(source, payment("ch_1"), payment("ch_2"), now=now)
    known = FanFactory(creator=source.creator, name="Known of old")
    NoteFactory(fan=known)
    one, two = source.purchases.order_by("external_id")
    give(source, "Grandma", now, [one])
    give(source, known, now, [two])

    count = take_back(creator=source.creator, purchases=[one.pk, two.pk], now=now)
    recompute_due_fans(creator=source.creator, now=now)

    assert count == 2
    assert source.creator.purchases.unattributed().count() == 2
    assert not source.assignments.exists()
    assert list(source.creator.fans.values_list("name", "purchases")) == [("Known of old", 0)]
    assert findings(source.creator) == []


def test_only_what_is_nobodys_is_assigned(source, now):
    read(source, payment(email="zoe@example.com"), now=now)
    before = source.purchases.get().fan

    fan, count = give_nothing(source, "Grandma", now)

    assert (count, fan.pk) == (0, None)
    assert source.purchases.get().fan == before
    assert not Assignment.objects.exists()


def give_nothing(source, to, now):
    ids = [purchase.pk for purchase in source.creator.purchases.all()]
    creator = source.creator
    return assign(creator=creator, purchases=ids, to=to, by=creator.owner, now=now)


def test_payments_and_people_of_another_creator_are_out_of_reach(source, now):
    theirs = PurchaseFactory()
    mine = PurchaseFactory(source=source)
    stranger = FanFactory()
    creator = source.creator

    _, count = assign(
        creator=creator, purchases=[theirs.pk], to="Grandma", by=creator.owner, now=now
    )
    assert count == 0
    with pytest.raises(Fan.DoesNotExist):
        assign(creator=creator, purchases=[mine.pk], to=stranger, by=creator.owner, now=now)
    assert take_back(creator=creator, purchases=[theirs.pk], now=now) == 0


def test_payments_of_several_sources_are_assigned_at_once(source, now):
    other = SourceFactory(creator=source.creator)
    read(source, payment("ch_1"), now=now)
    read(other, payment("ch_1"), payment("ch_2"), now=now)

    fan, count = give(source, "Grandma", now)

    assert (count, fan.purchases, fan.lifetime_gross) == (3, 3, 60_00)
    one = other.purchases.get(external_id="ch_1")
    assert take_back(creator=source.creator, purchases=[one.pk], now=now) == 1
    assert source.purchases.get().fan == fan
    assert findings(source.creator) == []


def test_what_is_assigned_at_once_is_bounded(source, now, monkeypatch):
    monkeypatch.setattr("revenue.assigning.MOST", 2)
    read(source, *(payment(f"ch_{n}") for n in range(3)), now=now)

    _, count = give(source, "Grandma", now)

    assert (count, MOST) == (2, 2000)
    everything = list(source.purchases.values_list("pk", flat=True))
    assert take_back(creator=source.creator, purchases=everything, now=now) == 2


def test_assignments_go_with_their_source_and_so_do_people_made_for_them(source, now):
    beside = SourceFactory(creator=source.creator)
    read(source, payment("ch_1"), now=now)
    read(beside, payment("ch_2"), now=now)
    give(source, "Grandma", now, source.purchases.all())
    stays, _ = give(source, "Aunt", now, beside.purchases.all())

    begin_removal(source=source, now=now)
    assert remove(source=source, until=now + timedelta(days=9), clock=lambda: now)

    assert [row.fan for row in Assignment.objects.all()] == [stays]
    assert list(source.creator.fans.all()) == [stays]
    assert findings(source.creator) == []


def test_who_is_known_by_an_assignment_alone_is_not_forgotten(source, now):
    fan = FanFactory(creator=source.creator, name="Grandma")
    AssignmentFactory(source=source, fan=fan, external_id="ch_1")

    read(source, payment("ch_1", name="Another name"), now=now)

    fan.refresh_from_db()
    assert (fan.name, fan.purchases) == ("Grandma", 1)


@pytest.mark.parametrize("owner", ["nobody", "another"])
def test_the_books_are_wrong_where_an_assignment_does_not_hold(source, now, owner):
    read(source, payment(), now=now)
    fan, _ = give(source, "Grandma", now)
    another = IdentityFactory(fan__creator=source.creator).fan
    wrong = None if owner == "nobody" else another
    source.purchases.update(fan=wrong)

    [finding] = check_assignments(creator=source.creator)

    assert (finding.what, finding.expected) == ("purchase ch_1", fan.pk)
    assert finding.stored == (wrong and wrong.pk)


def asked_for_assignments(source, now) -> list[str]:
    """The queries about assignments alone that storing a page takes."""
    with CaptureQueriesContext(connection) as context:
        read(source, payment(description=f"at {now}"), now=now)
    return [q["sql"] for q in context if q["sql"].startswith('SELECT "revenue_assignment"')]


def test_a_page_costs_a_query_more_only_where_something_was_assigned(source, now):
    without = asked_for_assignments(source, now)
    give(source, "Grandma", now)

    with_some = asked_for_assignments(source, now + timedelta(days=1))

    assert (len(without), len(with_some)) == (0, 1)


@ANY
@given(
    acts=acts,
    seed=st.integers(0, 2**32),
    size=st.integers(1, 40),
    given_first=st.booleans(),
)
def test_it_holds_in_any_order_and_leaves_no_trace_when_taken_back(acts, seed, size, given_first):
    shop = Workshop(currency="usd")
    Story(shop).play([*acts, ("charge", 5, 700), ("charge", 26, 900)])  # by nobody
    rows, now, chance = objects_of(shop), datetime.now(UTC), random.Random(seed)
    clean, source = (
        SourceFactory(creator=CreatorFactory(currency="USD", time_zone="UTC"), synced_at=None)
        for _ in range(2)
    )
    ingest(source=clean, page=to_page(rows, read_at=now), now=now)
    finish(clean, now)
    chance.shuffle(rows)
    half = len(rows) // 2
    grandma = FanFactory(creator=source.creator, name="Grandma")
    NoteFactory(fan=grandma)

    for start in range(0, half, size):
        ingest(source=source, page=to_page(rows[start : min(start + size, half)], read_at=now),
               now=now)  # fmt: skip
    if given_first:
        give(source, grandma, now)
    for start in range(half, len(rows), size):
        ingest(source=source, page=to_page(rows[start : start + size], read_at=now), now=now)
    finish(source, now)
    give(source, grandma, now)
    said = set(source.assignments.values_list("external_id", flat=True))
    chance.shuffle(rows)
    for start in range(0, len(rows), size):
        ingest(source=source, page=to_page(rows[start : start + size], read_at=now), now=now)
    finish(source, now)

    assert said
    assert set(grandma.purchase_set.values_list("external_id", flat=True)) == said
    assert not source.creator.purchases.unattributed().exists()
    assert findings(source.creator) == []

    ids = list(source.creator.purchases.assigned().values_list("pk", flat=True))
    assert take_back(creator=source.creator, purchases=ids, now=now) == len(said)
    finish(source, now)
    Fan.objects.filter(pk=grandma.pk, purchase_set=None).delete()
    differing = differences(books_of(source.creator), books_of(clean.creator))
    # Who was seated while the payments were theirs keeps the seat, and the next have later ones.
    assert {path: both for path, both in differing.items() if not path.endswith("/seat")} == {}


@pytest.mark.django_db(transaction=True)
def test_it_holds_while_workers_read_the_history_and_read_it_again(stripe):
    stripe(load(FULL), latency=0.05)
    creator = CreatorFactory(currency="USD", time_zone="UTC")
    source = connect(creator=creator, key="rk_test_any")
    given = set()

    def assigned_until_read(sync) -> bool:
        """Whatever is nobody's at the moment is assigned."""
        nobodys = list(creator.purchases.unattributed().values_list("pk", "external_id"))
        now = datetime.now(UTC)
        ids = [pk for pk, _ in nobodys]
        assign(creator=creator, purchases=ids, to=grandma, by=creator.owner, now=now)
        given.update(name for _, name in nobodys)
        sync.refresh_from_db()
        return not sync.is_running

    grandma = FanFactory(creator=creator, name="Grandma")
    with worker():
        for _ in range(2):
            sync = begin_reading(source=source, full=True, now=datetime.now(UTC))
            wait_until(lambda sync=sync: assigned_until_read(sync))
            assert sync.state == "done"
        wait_until(lambda: not creator.fans.due(datetime.now(UTC)).exists())

    assert len(given) >= 25  # some find their address only later
    assert set(grandma.purchase_set.values_list("external_id", flat=True)) == given
    assert findings(creator) == []
