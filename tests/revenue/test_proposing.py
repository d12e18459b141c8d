"""Who may be one person: proposed for a reason, never decided, and not asked again."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from fans.models import Identity, Proposal, Reason, Refusal
from revenue.merging import merge, part
from revenue.models import Customer
from revenue.proposing import propose, propose_proved
from revenue.refusing import ask_again, refuse
from tests.factories import (
    AcquaintanceFactory,
    AssignmentFactory,
    CreatorFactory,
    FanFactory,
    IdentityFactory,
    PurchaseFactory,
    SourceFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def creator():
    return CreatorFactory()


@pytest.fixture
def known(creator):
    """`known("jane@x.example", name="Jane Doe", country="GB")`: somebody with that address."""

    def make(address="", name="", **fields):
        fan = FanFactory(creator=creator, email=address, name=name, **fields)
        if address:
            IdentityFactory(fan=fan)
        return fan

    return make


def proposed(creator, now) -> dict[tuple[int, int], list[int]]:
    propose(creator=creator, now=now)
    rows = creator.proposals.open()
    return {(row.first_id, row.second_id): row.reasons for row in rows}


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("jane@x.example", "jane+shop@x.example", Reason.TAG),
        ("jane+a@x.example", "jane+b@x.example", Reason.TAG),
        ("jane.doe@gmail.com", "janedoe@gmail.com", Reason.DOTS),
        ("jane@gmail.com", "jane+x@googlemail.com", Reason.DOTS),
        ("jane.doe@x.example", "janedoe@x.example", None),
        ("jane@x.example", "jane@y.example", None),
        ("+a@x.example", "+b@x.example", None),
    ],
)
def test_addresses_of_one_mailbox_are_proposed(creator, known, now, one, other, reason):
    first, second = known(one), known(other)
    expected = {(first.pk, second.pk): [reason]} if reason else {}
    assert proposed(creator, now) == expected


@pytest.mark.parametrize(
    ("name", "country", "is_proposed"),
    [
        ("jane  DOE", "GB", True),
        ("Jane Döe", "GB", True),
        ("Jane Doe", "FR", False),
        ("Jane Doe", "", False),
        ("Jane Roe", "GB", False),
    ],
)
def test_one_name_in_one_country_is_a_reason(creator, known, now, name, country, is_proposed):
    known("a@x.example", name="Jane Doe", country="GB")
    known("b@x.example", name=name, country=country)
    assert bool(proposed(creator, now)) == is_proposed


def test_a_name_of_one_word_or_of_many_people_is_none(creator, known, now):
    for number in range(2):
        known(f"anna{number}@x.example", name="Anna", country="GB")
    for number in range(5):
        known(f"jane{number}@x.example", name="Jane Doe", country="GB")
    for number in range(5):
        known(f"relay+{number}@shop.example")
    assert proposed(creator, now) == {}


def test_two_birthdays_are_two_people(creator, known, now):
    for day in (1, 2):
        fan = known(f"{day}@x.example", name="Jane Doe", country="GB")
        AcquaintanceFactory(fan=fan, birth_month=5, birth_day=day)
    assert proposed(creator, now) == {}


def test_one_customer_with_two_addresses_is_a_reason_unless_it_was_said_by_hand(
    creator, known, now
):
    source = SourceFactory(creator=creator)
    a, b, c = (known(f"{who}@x.example") for who in "abc")
    for fan in (a, b, c):
        paid = PurchaseFactory(source=source, fan=fan, customer_id="cus_1")
    AssignmentFactory(source=source, fan=c, external_id=paid.external_id)
    assert proposed(creator, now) == {(a.pk, b.pk): [Reason.CUSTOMER]}


def test_an_account_at_gumroad_is_of_who_has_its_address(creator, known, now):
    """Whatever address was typed at the checkout, and wherever the other one comes from."""
    typed, owner = known("jane@work.example"), known("jane@home.example")
    shop = SourceFactory(creator=creator, account_id="gumroad")
    paid = PurchaseFactory(source=shop, fan=typed, customer_id="gumroad:jane@home.example")
    assert proposed(creator, now) == {(typed.pk, owner.pk): [Reason.CUSTOMER]}

    AssignmentFactory(source=shop, external_id=paid.external_id, fan=typed)
    assert proposed(creator, now) == {}


def test_an_address_of_a_customer_of_whom_it_was_said_who_they_are(creator, known, now):
    source = SourceFactory(creator=creator)
    one, other = known(), known("jane@x.example")
    IdentityFactory(fan=one, kind=Identity.Kind.STRIPE_CUSTOMER, value="cus_1", stands=True)
    Customer.objects.create(source=source, external_id="cus_1", email="jane@x.example")
    assert proposed(creator, now) == {(one.pk, other.pk): [Reason.CUSTOMER]}


def test_payments_of_somebody_else_by_a_customer_of_whom_it_was_said_who_they_are(
    creator, known, now
):
    one, other = known(), known("jane@x.example")
    IdentityFactory(fan=one, kind=Identity.Kind.OUTSIDE, value="patreon:7", stands=True)
    source = SourceFactory(creator=creator)
    for fan in (other, None):
        PurchaseFactory(source=source, fan=fan, customer_id="patreon:7")
    assert proposed(creator, now) == {(one.pk, other.pk): [Reason.CUSTOMER]}


def proves(*addresses: str, verified=True) -> int:
    user = UserFactory()
    for address in addresses:
        EmailAddress.objects.create(user=user, email=address, verified=verified)
    return user.pk


def test_who_proved_two_addresses_is_proposed_at_once_and_to_their_creators_alone(
    creator, known, now
):
    one, other = known("a@x.example"), known("b@x.example")
    IdentityFactory(fan=FanFactory(email="a@x.example"))
    user = proves("a@x.example", "b@x.example", "c@x.example")
    proves("a@y.example", "b@y.example")

    propose_proved(user=user, now=now)
    propose_proved(user=user, now=now)

    [pair] = Proposal.objects.all()
    assert (pair.creator, pair.first, pair.second) == (creator, one, other)
    assert pair.sentences == ["They proved both addresses."]
    assert proposed(creator, now) == {(one.pk, other.pk): [Reason.PROVED]}


def test_an_address_that_was_only_typed_proves_nothing(creator, known, now):
    known("a@x.example"), known("b@x.example")
    propose_proved(user=proves("a@x.example", "b@x.example", verified=False), now=now)
    assert proposed(creator, now) == {}


def test_several_reasons_stand_together_the_best_first(creator, known, now):
    one = known("jane@x.example", name="Jane Doe", country="GB")
    other = known("jane+1@x.example", name="Jane Doe", country="GB")
    user = proves("jane@x.example", "jane+1@x.example")
    assert proposed(creator, now) == {(one.pk, other.pk): [Reason.PROVED, Reason.TAG, Reason.NAME]}
    propose_proved(user=user, now=now)
    assert Proposal.objects.get().best == Reason.PROVED


def test_what_was_refused_is_not_proposed_again_until_it_is_taken_back(creator, known, now):
    one, other = known("jane@x.example"), known("jane+1@x.example")
    propose(creator=creator, now=now)
    pair = refuse(creator=creator, people=(other.pk, one.pk), by=creator.owner, now=now)

    assert proposed(creator, now) == {}
    propose_proved(user=proves("jane@x.example", "jane+1@x.example"), now=now)
    assert not Proposal.objects.open().exists()
    ask_again(pair)
    assert Proposal.objects.open().count() == 1


def test_two_who_come_back_with_their_source_are_not_proposed_again(creator, known, now):
    one, other = known("jane@x.example"), known("jane+1@x.example")
    propose(creator=creator, now=now)
    refuse(creator=creator, people=(one.pk, other.pk), by=creator.owner, now=now)
    for fan in (one, other):
        fan.delete()
    known("jane+1@x.example"), known("jane@x.example")
    third = known("jane+2@x.example")

    assert len(proposed(creator, now + timedelta(days=1))) == 2
    again = creator.proposals.exclude(refused_at=None).get()
    assert third.pk not in (again.first_id, again.second_id)
    assert (again.refused_at, again.by) == (now, creator.owner)

    ask_again(again)
    assert len(proposed(creator, now)) == 3
    assert not Refusal.objects.exists()


def test_of_two_who_are_one_by_now_nothing_is_remembered_until_they_are_two_again(
    creator, known, now
):
    one, other, third = (known(f"jane+{n}@x.example") for n in range(3))
    for fan in (one, other, third):
        AcquaintanceFactory(fan=fan, cares_about="Bees")  # who leaves no trace is forgotten
    refuse(creator=creator, people=(one.pk, other.pk), by=None, now=now)
    refuse(creator=creator, people=(other.pk, third.pk), by=None, now=now)

    merged = merge(creator=creator, people=(one.pk, other.pk), by=None, now=now)
    assert Refusal.objects.count() == 1
    assert proposed(creator, now) == {}  # who is not the one of them is not both
    part(merged=merged, by=None, now=now + timedelta(minutes=1))

    assert Refusal.objects.count() == 2
    assert proposed(creator, now) == {(one.pk, third.pk): [Reason.TAG]}


def test_nothing_of_a_refusal_tells_an_address(creator, known, now):
    one, other = known("jane@x.example"), known("jane+1@x.example")
    refuse(creator=creator, people=(one.pk, other.pk), by=None, now=now)
    said = Refusal.objects.get()
    assert [len(digest) for digest in (*said.one, *said.other)] == [64, 64]
    assert "jane" not in repr((said.one, said.other))


def test_what_is_no_reason_any_more_is_forgotten(creator, known, now):
    one, other = (known(f"{n}@x.example", name="Jane Doe", country="GB") for n in range(2))
    assert len(proposed(creator, now)) == 1
    other.country = "FR"
    other.save()
    assert proposed(creator, now) == {}
    assert not Proposal.objects.exists()
    assert one.pk


def test_who_was_joined_is_not_proposed(creator, known, now):
    one, other = known("jane@x.example"), known("jane+1@x.example")
    merge(creator=creator, people=(one.pk, other.pk), by=None, now=now + timedelta(days=1))
    assert proposed(creator, now) == {}


def test_everybody_is_looked_at_in_the_same_number_of_statements(
    creator, known, now, django_assert_num_queries
):
    for number in range(6):
        known(f"jane{number // 2}+{number}@x.example")
    with django_assert_num_queries(9):
        propose(creator=creator, now=now)
    assert Proposal.objects.count() == 3
