"""A sale by hand is stored once, says what it was before, and can be taken back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revenue.assigning import take_back
from revenue.books import check_books
from revenue.ingest import SourceClosed
from revenue.models import Claim, Purchase, SaleEntry, Source
from revenue.removing import begin_removal, disconnect, remove
from revenue.selling import (
    ChangedMeanwhile,
    Sale,
    SoldOtherwise,
    TooMuchReturned,
    change,
    given_back,
    sell,
)
from revenue.spend import recompute_due_fans
from tests.factories import CreatorFactory, FanFactory
from tests.revenue.books_of import books_of
from tests.revenue.histories import examples

pytestmark = pytest.mark.django_db

T_SHIRT = Sale(
    external_id="sale_1",
    occurred_at=datetime(2026, 11, 20, 20, 15, tzinfo=UTC),
    currency="GBP",
    amount=25_00,
    description="T-shirt",
)


@pytest.fixture
def creator():
    return CreatorFactory(currency="GBP")


def sold(creator, now, to=None, **fields) -> Purchase | None:
    """The purchase of a T-shirt, with some things otherwise."""
    sale = replace(T_SHIRT, **fields)
    sell(creator=creator, sale=sale, to=to, by=creator.owner, now=now)
    recompute_due_fans(creator=creator, now=now)
    return creator.purchases.filter(external_id=sale.external_id).first()


def say(creator, now, external_id="sale_1", **said):
    source = creator.sources.get(kind="hand")
    entry = change(source=source, external_id=external_id, by=creator.owner, now=now, **said)
    recompute_due_fans(creator=creator, now=now)
    return entry


def findings(creator):
    return list(check_books(creator=creator, now=datetime.now(UTC), ask=False))


def test_a_sale_is_paid_in_full_and_costs_nothing(creator, now):
    purchase = sold(creator, now)

    assert (purchase.state, purchase.kind, purchase.description) == ("paid", "sale", "T-shirt")
    assert (purchase.counted_gross, purchase.counted_net, purchase.fee) == (25_00, 25_00, 0)
    assert (purchase.fan, purchase.occurred_at) == (None, T_SHIRT.occurred_at)
    assert (purchase.source.kind, purchase.source.synced_at) == ("hand", now)
    assert findings(creator) == []


def test_the_same_form_sent_twice_is_one_sale(creator, now):
    sold(creator, now)

    _entry, is_new = sell(
        creator=creator, sale=T_SHIRT, to=None, by=creator.owner, now=now + timedelta(minutes=1)
    )

    assert (is_new, creator.purchases.count(), SaleEntry.objects.count()) == (False, 1, 1)


def test_a_form_that_comes_again_with_something_else_is_not_swallowed(creator, now):
    sold(creator, now)

    with pytest.raises(SoldOtherwise):
        sold(creator, now, amount=10_00)

    assert creator.purchases.get().amount == 25_00


def test_who_is_chosen_has_it_as_if_it_had_been_assigned(creator, now):
    zoe = FanFactory(creator=creator, name="Zoë")

    purchase = sold(creator, now, to=zoe)

    zoe.refresh_from_db()
    assert (purchase.fan, zoe.lifetime_gross, zoe.name) == (zoe, 25_00, "Zoë")
    assert purchase.source.assignments.get().by == creator.owner
    assert not Claim.objects.exists()
    assert findings(creator) == []


def test_an_address_makes_somebody_and_a_name_alone_does_not(creator, now):
    by_address = sold(creator, now, email="zoe@example.com")
    by_name = sold(creator, now, external_id="sale_2", name="Tom")

    assert by_address.fan.email == "zoe@example.com"
    assert (by_name.fan, by_name.payer_name) == (None, "Tom")


def test_a_change_says_what_it_was_who_changed_it_and_when(creator, now):
    sold(creator, now)
    later, day = now + timedelta(hours=1), T_SHIRT.occurred_at - timedelta(days=3)

    say(creator, later, amount=20_00, description="Shirt", occurred_at=day)

    purchase = creator.purchases.get()
    assert (purchase.amount, purchase.net, purchase.description) == (20_00, 20_00, "Shirt")
    assert [m.occurred_at for m in purchase.source.movements.all()] == [day]
    rows = SaleEntry.objects.order_by("number").values_list("amount", "by", "created_at")
    assert list(rows) == [(25_00, creator.owner_id, now), (20_00, creator.owner_id, later)]
    assert findings(creator) == []


def test_saying_the_same_again_leaves_no_trace(creator, now):
    sold(creator, now)

    assert say(creator, now, amount=25_00) is None
    assert say(creator, now, external_id="sale_unknown", amount=1) is None
    assert SaleEntry.objects.count() == 1


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(creator, now):
    sold(creator, now)
    say(creator, now, returned=5_00, seen=0)

    with pytest.raises(ChangedMeanwhile):
        say(creator, now, returned=10_00, seen=0)

    assert creator.purchases.get().returned == 5_00


def test_money_is_given_back_in_parts_up_to_the_whole(creator, now):
    zoe = FanFactory(creator=creator)
    sold(creator, now, to=zoe)

    say(creator, now, returned=5_00)
    assert creator.purchases.get().state == "partly_refunded"
    say(creator, now + timedelta(days=1), returned=25_00)

    purchase = creator.purchases.get()
    assert (purchase.state, purchase.returned, purchase.net) == ("refunded", 25_00, 0)
    returns = purchase.source.returns.order_by("occurred_at").values_list("amount", "occurred_at")
    assert list(returns) == [(5_00, now), (20_00, now + timedelta(days=1))]
    with pytest.raises(TooMuchReturned):
        say(creator, now, returned=25_01)
    assert findings(creator) == []


@pytest.mark.parametrize(
    ("returned", "parts"),
    [
        ([0], []),
        ([0, 3, 3, 5], [3, 2]),
        ([0, 3, 5, 4], [3, 1]),
        ([0, 3, 5, 2, 6], [2, 4]),
        ([0, 3, 5, 0], []),
    ],
)
def test_what_was_noted_too_much_comes_off_the_newest(returned, parts, now):
    entries = [SaleEntry(returned=value, created_at=now) for value in returned]

    assert [amount for _at, amount in given_back(entries)] == parts


def test_a_sale_taken_back_leaves_nothing_but_its_trace_and_can_be_put_back(creator, now):
    zoe = FanFactory(creator=creator)  # of whom nothing else is known
    sold(creator, now, to=zoe)
    before = books_of(creator)
    say(creator, now, returned=5_00)

    say(creator, now, is_undone=True)
    zoe.refresh_from_db()
    assert not creator.purchases.exists()
    assert not creator.sources.get().movements.exists()
    assert (zoe.lifetime_gross, findings(creator)) == (0, [])
    assert sold(creator, now) is None  # the form that is sent once more

    say(creator, now, is_undone=False, returned=0)
    assert books_of(creator) == before
    assert SaleEntry.objects.count() == 4


def test_taking_the_assignment_back_frees_it_for_another_code(creator, now):
    purchase = sold(creator, now, to=FanFactory(creator=creator))

    take_back(creator=creator, purchases=[purchase.pk], now=now)

    assert creator.purchases.get().fan is None


def test_after_all_was_removed_the_next_sale_begins_anew(creator, now):
    purchase = sold(creator, now)
    begin_removal(source=purchase.source, now=now)
    with pytest.raises(SourceClosed):
        sold(creator, now, external_id="sale_2")

    assert remove(source=purchase.source, until=now + timedelta(1), clock=lambda: now)
    assert not any(model.objects.exists() for model in (SaleEntry, Claim, Source))
    assert sold(creator, now, external_id="sale_2").source != purchase.source


def test_a_till_that_was_closed_opens_with_the_next_sale(creator, now):
    purchase = sold(creator, now)
    disconnect(source=purchase.source, now=now)

    sold(creator, now, external_id="sale_2")

    assert (creator.sources.get().state, creator.purchases.count()) == ("ok", 2)


WORDS = st.fixed_dictionaries(
    {},
    optional={
        "amount": st.integers(30_00, 40_00),
        "returned": st.integers(0, 25_00),
        "is_undone": st.booleans(),
        "description": st.sampled_from(["Box", "Pin"]),
    },
)


@examples(8)
@given(words=st.lists(WORDS, max_size=6))
def test_the_books_are_those_of_the_last_word(words):
    now = datetime.now(UTC)
    creator, clean = CreatorFactory(currency="GBP"), CreatorFactory(currency="GBP")
    sold(creator, now, email="zoe@example.com")
    last = {"returned": 0, "is_undone": False}
    for said in words:
        say(creator, now, **said)
        last |= said
    plain = {k: v for k, v in last.items() if k in ("amount", "description")}
    sold(clean, now, email="zoe@example.com", **plain)
    say(clean, now, **{k: last[k] for k in ("returned", "is_undone")})

    one, other = books_of(creator), books_of(clean)
    assert one["fans"] == other["fans"]
    assert {k: v["state"] for k, v in one["purchases"].items()} == {
        k: v["state"] for k, v in other["purchases"].items()
    }
    assert [p["counted_net"] for p in one["purchases"].values()] == [
        p["counted_net"] for p in other["purchases"].values()
    ]
    assert findings(creator) == []
