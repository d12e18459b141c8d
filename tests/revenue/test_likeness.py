"""Payments that look like one are put to the creator; the creator's word holds."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revenue.books import check_books
from revenue.ingest import ingest
from revenue.likeness import NotInQuestion, find_doubles, say, unsay
from revenue.models import Double
from revenue.removing import begin_removal, remove
from revenue.spend import recompute_due_fans
from revenue.values import Movement, Page, Payment
from tests.factories import (
    CreatorFactory,
    DoubleFactory,
    FanFactory,
    PaymentLinkFactory,
    PurchaseFactory,
    SourceFactory,
    UploadFactory,
)
from tests.revenue.books_of import books_of
from tests.revenue.histories import examples

pytestmark = pytest.mark.django_db


@pytest.fixture
def creator():
    return CreatorFactory(currency="GBP", time_zone="UTC")


@pytest.fixture
def shop(creator):
    """The connected account, with so much that the other one is looked for in it."""
    source = SourceFactory(creator=creator, name="Shop")
    PurchaseFactory.create_batch(3, source=source, payer_name="Somebody else", amount=1)
    return source


@pytest.fixture
def file(creator):
    return SourceFactory(creator=creator, kind="file", account_id="kofi", name="Ko-fi")


def pair(shop, file, **fields):
    """A payment of Zoë's in both, with something otherwise in the file's."""
    ours = {"amount": 20_00, "payer_name": "Zoë"}
    one = PurchaseFactory(source=shop, external_id="ch_1", **ours)
    other = PurchaseFactory(source=file, external_id="row-1", **ours | fields)
    return one, other


def asked(creator) -> list[tuple[str, str, str]]:
    find_doubles(creator=creator)
    rows = Double.objects.in_question().filter(creator=creator)
    return list(rows.order_by("pk").values_list("external_id", "twin_id", "reason"))


@pytest.mark.parametrize(
    ("fields", "is_asked"),
    [
        ({}, True),
        ({"payer_name": "zoë"}, True),
        ({"payer_name": "Zoe"}, False),
        ({"payer_name": ""}, False),
        ({"amount": 20_01}, False),
        ({"currency": "EUR"}, False),
        ({"occurred_at": datetime(2026, 11, 25, 12, 0, tzinfo=UTC)}, True),
        ({"occurred_at": datetime(2026, 11, 19, 12, 0, tzinfo=UTC)}, True),
        ({"occurred_at": datetime(2026, 11, 25, 12, 1, tzinfo=UTC)}, False),
        ({"state": "failed"}, False),
        ({"state": "elsewhere"}, False),
        ({"state": "refunded", "returned": 20_00}, True),
    ],
)
def test_what_looks_like_one_is_asked_about(creator, shop, file, fields, is_asked):
    pair(shop, file, **fields)

    assert asked(creator) == ([("ch_1", "row-1", "name")] if is_asked else [])


def test_the_amount_that_is_left_after_a_known_fee_looks_like_it_too(creator, shop, file):
    PurchaseFactory(source=shop, amount=20_00, fee=59, external_id="ch_1", payer_name="Zoë")
    PurchaseFactory(source=file, amount=19_41, external_id="row-1", payer_name="Zoë")
    # Two that are alike only after both fees are not.
    PurchaseFactory(source=file, amount=20_10, fee=69, external_id="row-2", payer_name="Zoë")

    assert asked(creator) == [("ch_1", "row-1", "name")]


def test_the_person_goes_before_the_address_and_the_address_before_the_name(creator, shop, file):
    zoe = FanFactory(creator=creator)
    pair(shop, file, fan=None, payer_name="")
    shop.purchases.update(payer_email="zoe@example.com")
    file.purchases.update(payer_email="zoe@example.com")
    assert asked(creator) == [("ch_1", "row-1", "address")]

    Double.objects.all().delete()
    creator.purchases.filter(external_id__in=["ch_1", "row-1"]).update(fan=zoe)
    assert asked(creator) == [("ch_1", "row-1", "person")]


def test_two_of_one_source_and_those_of_two_creators_are_never_asked_about(creator, shop):
    PurchaseFactory.create_batch(2, source=shop, payer_name="Zoë")
    other = SourceFactory(kind="file")
    PurchaseFactory(source=other, payer_name="Zoë")

    assert asked(creator) == asked(other.creator) == []


@pytest.mark.parametrize("by_intent", [False, True])
def test_what_an_exact_id_says_is_no_question(creator, shop, file, by_intent):
    one, _other = pair(shop, file)
    shop.purchases.filter(pk=one.pk).update(intent_id="pi_1")
    third = PurchaseFactory(source=file, amount=20_00, payer_name="Zoë", external_id="row-2")
    assert len(asked(creator)) == 2

    upload = UploadFactory(source=file)
    value = "pi_1" if by_intent else "ch_1"
    PaymentLinkFactory(upload=upload, source=file, external_id="row-1", value=value)
    assert asked(creator) == []  # row-2 is not the one either
    third.delete()


def test_what_does_not_look_alike_any_more_is_forgotten_and_what_was_said_is_not(
    creator, shop, file
):
    _one, other = pair(shop, file)
    find_doubles(creator=creator)
    names = {"external_id": "ch_said", "twin_id": "row-said"}
    said = DoubleFactory(
        source=shop, twin_source=file, verdict="two", said_at=datetime.now(UTC), **names
    )
    file.purchases.filter(pk=other.pk).update(amount=1_00)

    assert asked(creator) == []
    assert list(Double.objects.all()) == [said]


def test_it_takes_one_statement_however_much_there_is(
    creator, shop, file, django_assert_num_queries
):
    for number in range(2):
        PurchaseFactory(source=shop, payer_name=f"Zoë {number}")
        PurchaseFactory(source=file, payer_name=f"Zoë {number}")
        with django_assert_num_queries(1):
            find_doubles(creator=creator)
    assert Double.objects.count() == 2


# What the creator says


def read(source, external_id, at, **fields) -> None:
    """A payment of Zoë's, read from `source`, with the line that it has there."""
    payment = Payment(
        external_id=external_id, occurred_at=at, status="succeeded", kind="sale",
        currency="GBP", amount=20_00, email="zoe@example.com", name="Zoë", **fields,
    )  # fmt: skip
    line = Movement(
        external_id=external_id, kind="payment", category="charge", occurred_at=at, currency="GBP",
        amount=20_00, fee=50, net=19_50, object_id=external_id, payment_id=external_id,
    )  # fmt: skip
    ingest(source=source, page=Page(payments=[payment], movements=[line]), now=at)


@pytest.fixture
def double(creator, file, now):
    """Zoë's payment in a file and at the account that was connected after it."""
    account = SourceFactory(creator=creator)
    read(account, "ch_1", now - timedelta(days=1))
    read(file, "row-1", now)
    recompute_due_fans(creator=creator, now=now)
    find_doubles(creator=creator)
    return Double.objects.get()


def states(creator) -> dict[str, str]:
    return dict(creator.purchases.values_list("external_id", "state"))


def sure(double, verdict, now):
    say(double=double, verdict=verdict, by=double.creator.owner, now=now)
    recompute_due_fans(creator=double.creator, now=now)


def findings(creator):
    return list(check_books(creator=creator, now=datetime.now(UTC), ask=False))


def test_of_one_payment_exactly_one_counts_and_it_can_be_unsaid(creator, double, now):
    later = now + timedelta(hours=1)
    sure(double, "one", later)

    assert states(creator) == {"ch_1": "paid", "row-1": "elsewhere"}
    fan = creator.fans.get()
    assert (fan.lifetime_gross, fan.purchases) == (20_00, 1)
    double.refresh_from_db()
    assert (double.by, double.said_at) == (creator.owner, later)
    assert asked(creator) == findings(creator) == []

    unsay(double=double, now=later)
    recompute_due_fans(creator=creator, now=later)
    assert states(creator) == {"ch_1": "paid", "row-1": "paid"}
    assert creator.fans.get().lifetime_gross == 40_00
    assert len(asked(creator)) == 1
    assert findings(creator) == []


def test_two_payments_are_never_asked_about_again(creator, double, now):
    sure(double, "two", now)

    assert asked(creator) == []
    assert states(creator) == {"ch_1": "paid", "row-1": "paid"}


def test_it_holds_however_often_they_are_read(creator, double, now):
    sure(double, "one", now)

    read(double.source, double.external_id, now, description="Read again")
    read(double.twin_source, double.twin_id, now, description="Read again")

    assert states(creator) == {"ch_1": "paid", "row-1": "elsewhere"}
    assert findings(creator) == []


def test_where_the_one_that_counts_goes_the_other_counts(creator, double, now):
    sure(double, "one", now)
    account = creator.sources.get(kind="stripe")

    begin_removal(source=account, now=now)
    assert remove(source=account, until=now + timedelta(days=1), clock=lambda: now)

    assert states(creator) == {"row-1": "paid"}
    assert not Double.objects.exists()
    assert findings(creator) == []


def test_who_is_one_with_a_payment_is_not_with_another_of_that_source(creator, double, now):
    read(double.creator.sources.get(kind="file"), "row-2", now)
    assert len(asked(creator)) == 2

    sure(double, "one", now)

    assert asked(creator) == []


def test_what_is_not_asked_any_more_is_not_answered(creator, double, now):
    sure(double, "one", now)

    with pytest.raises(NotInQuestion):
        sure(double, "two", now)

    assert states(creator) == {"ch_1": "paid", "row-1": "elsewhere"}


@examples(5)
@given(seed=st.integers(0, 2**32), order=st.permutations(["stripe", "file", "hand"]))
def test_in_any_order_the_books_are_the_same(seed, order):
    """Three sources with the same payment: whichever came in first, and whichever pair was said to
    be one when, exactly one counts, and always the same one."""
    now, chance = datetime.now(UTC), random.Random(seed)

    def books(kinds, *, early: bool):
        creator = CreatorFactory(currency="GBP", time_zone="UTC")
        sources = {kind: SourceFactory(creator=creator, kind=kind) for kind in kinds}
        for kind in [*kinds, kinds[0]]:
            read(sources[kind], f"pay_{kind}", now - timedelta(hours=1 + len(kind)))
            if early:
                say_all(creator)
        say_all(creator)
        recompute_due_fans(creator=creator, now=now)
        assert findings(creator) == []
        return books_of(creator)

    def say_all(creator):
        find_doubles(creator=creator)
        while open_ones := list(Double.objects.in_question().filter(creator=creator)):
            say(double=chance.choice(open_ones), verdict="one", by=creator.owner, now=now)

    one, other = books(["hand", "file", "stripe"], early=False), books(order, early=True)

    assert one == other
    states = {name: purchase["state"] for name, purchase in one["purchases"].items()}
    assert states == {"pay_stripe": "paid", "pay_file": "elsewhere", "pay_hand": "elsewhere"}
