"""Two records become one person's by the creator's word: nothing is lost, and all of it can be
taken back."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from fans.models import Acquaintance, Fan, Identity, Merge, Proposal
from fans.seats import assign_seats
from fans.touches import record_touch
from revenue import merging
from revenue.assigning import assign
from revenue.attribution import know
from revenue.merging import NotTheLast, merge, part
from revenue.refusing import refuse
from revenue.removing import begin_removal, remove
from revenue.spend import recompute_due_fans
from revenue.values import Payment, PaymentStatus, PurchaseKind
from tests.factories import (
    AssignmentFactory,
    CreatorFactory,
    DeliveryFactory,
    FanFactory,
    LetterFactory,
    MembershipFactory,
    MergeFactory,
    NoteFactory,
    PerkFactory,
    ProposalFactory,
    SourceFactory,
    TagFactory,
    TaggingFactory,
    TurnFactory,
)
from tests.revenue.joining import bring, clean, customer, join, known_as, payment

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(now):
    creator = CreatorFactory(currency="USD", time_zone="UTC", target_spend=100_00)
    creator.create_default_tiers()
    return SourceFactory(creator=creator)


def dump() -> dict[str, list[Any]]:
    """Every row of every table that has to do with people, whole; but for the parts of names, which
    the database makes, and the numbers it gives them."""
    tables = {relation.related_model for relation in Fan._meta.related_objects} | {Fan}
    rows: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        for table in tables:
            name = table._meta.db_table
            columns = "fan_id, place, text" if name == "fans_namepart" else "*"
            cursor.execute(f"SELECT {columns} FROM {name} ORDER BY 1, 2")
            rows[name] = cursor.fetchall()
    return rows


def one_of_everything_for(source, fan: Fan, other: Fan, *, day: int) -> None:
    """A row of everything that a person can have; some of it only once, and the same for all."""
    creator = source.creator
    fan.refresh_from_db()
    tag, _made = creator.tags.get_or_create(name="vinyl")
    tier = creator.tiers.first()
    perk = tier.perks.first() or PerkFactory(tier=tier)
    TaggingFactory(fan=fan, tag=tag)
    TaggingFactory(fan=fan, tag=TagFactory(creator=creator))
    DeliveryFactory(fan=fan, perk=perk)
    DeliveryFactory(fan=fan, perk=perk, period=date(2026, day, 1))
    TurnFactory(fan=fan, outcome="done" if day == 1 else "open")
    TurnFactory(fan=fan, circle=day + 1)
    NoteFactory(fan=fan, text=f"A note of {day}")
    LetterFactory(fan=fan)
    AssignmentFactory(source=source, fan=fan)
    MembershipFactory(source=source, fan=fan, customer_id=f"cus_{day}")
    ProposalFactory(
        creator=creator,
        first=min(fan, other, key=lambda f: f.pk),
        second=max(fan, other, key=lambda f: f.pk),
    )
    MergeFactory(fan=fan, seat=900 + day)
    record_touch(fan=fan, kind="wrote", occurred_at=fan.last_purchase_at + timedelta(days=day))


@pytest.fixture
def two(source, now) -> tuple[Fan, Fan]:
    """Jane at home, who sits on No. 2 and is a member, and Jane at work on No. 1; with everything
    that people can have."""
    at = now - timedelta(days=9)
    customers = [
        customer(f"cus_{n}", f"jane@{at_}.example", at=at) for n, at_ in ((1, "home"), (2, "work"))
    ]
    bring(
        source,
        now,
        payment(1, "jane@home.example", at=at, amount=70_00, name="Jane Doe"),
        payment(2, "jane@home.example", at=at + timedelta(days=2), amount=50_00),
        payment(3, "jane@work.example", at=at + timedelta(days=1), amount=110_00, name="J. Doe"),
        payment(4, "cus_2", at=at + timedelta(days=3), amount=5_00),
        payment(8, "cus_1", at=at + timedelta(days=3), amount=5_00),
        payment(5, "sam@example.com", at=at, amount=5_00),
        customers=customers,
    )
    home, work = known_as(source, "jane@home.example"), known_as(source, "jane@work.example")
    sam = known_as(source, "sam@example.com")
    one_of_everything_for(source, home, sam, day=1)
    one_of_everything_for(source, work, sam, day=2)
    know(fan=home, facts={"called": "Janey", "cares_about": "Harps", "household": "Doe"}, now=now)
    know(fan=work, facts={"cares_about": "Tea", "birth_day": 3, "birth_month": 5}, now=now)
    recompute_due_fans(creator=source.creator, now=now)
    for fan in (home, work):
        fan.refresh_from_db()
    return home, work


def test_every_relation_of_a_person_is_handled():
    """Whoever adds a relation has to say what becomes of it when two people turn out to be one."""
    handled = (*merging.MOVED, *merging.ONCE, *merging.FOLLOWING, *merging.APART)
    there = {relation.related_model for relation in Fan._meta.related_objects}
    assert set(handled) == there
    assert len(handled) == len(there)


def test_the_one_has_everything_that_the_two_had(source, two, now):
    home, work = two
    assert (home.seat, work.seat) == (2, 1)

    merged = merge(creator=source.creator, people=(home.pk, work.pk), by=None, now=now)

    [fan] = source.creator.fans.exclude(email="sam@example.com")
    assert merged.fan == fan == work
    assert (fan.seat, merged.seat, fan.name, fan.email) == (1, 2, "Janey", "jane@work.example")
    assert (fan.spend, fan.purchases, fan.is_true_fan) == (240_00, 5, True)
    assert fan.crossed_at == now - timedelta(days=8)
    assert fan.memberships.count() == fan.note_set.count() == fan.letter_set.count() == 2
    assert fan.assignments.count() == fan.touch_set.count() == 2
    assert fan.tagging_set.count() == fan.deliveries.count() == fan.turn_set.count() == 3
    assert {identity.value for identity in fan.identities.filter(merge=merged)} == {
        "jane@home.example",
        "cus_1",
    }
    known = Acquaintance.objects.get(fan=fan)
    assert (known.cares_about, known.household, known.birth_day) == ("Tea\nHarps", "Doe", 3)
    assert known.last_touch_at == fan.touch_set.newest()[0].occurred_at
    assert clean(source.creator, now)


def test_taking_it_back_restores_the_exact_rows(source, two, now):
    refuse(creator=source.creator, people=tuple(fan.pk for fan in two), by=None, now=now)
    before = dump()

    merged = merge(creator=source.creator, people=(two[0].pk, two[1].pk), by=None, now=now)
    during = dump()
    back = part(merged=merged, by=None, now=now)

    assert set(back) == set(two)
    recompute_due_fans(creator=source.creator, now=now)
    after = dump()
    assert {name for name in before if before[name] != during[name]} >= {"fans_fan", "fans_touch"}
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}
    assert clean(source.creator, now)


def test_what_comes_in_lands_on_the_one_and_goes_back_to_whose_it_is(source, two, now):
    home, work = two
    merged = merge(creator=source.creator, people=(home.pk, work.pk), by=None, now=now)

    bring(
        source,
        now,
        payment(1, "jane@home.example", at=now - timedelta(days=9), amount=70_00, name="Jane Doe"),
        payment(6, "jane@home.example", at=now - timedelta(days=1)),
        payment(7, "cus_9", at=now - timedelta(days=1)),
        customers=[customer("cus_9", "jane@home.example", at=now)],
    )
    NoteFactory(fan=merged.fan, text="Since")
    know(fan=merged.fan, facts={"household": "Doe-Smith"}, now=now)

    assert known_as(source, "cus_9") == merged.fan
    assert merged.fan.purchase_set.count() == 7
    part(merged=merged, by=None, now=now)
    recompute_due_fans(creator=source.creator, now=now)
    home.refresh_from_db()
    assert (home.purchases, known_as(source, "cus_9")) == (5, home)
    assert work.note_set.filter(text="Since").exists()
    assert Acquaintance.objects.get(fan=work).household == "Doe-Smith"
    assert Acquaintance.objects.get(fan=home).household == "Doe"
    assert clean(source.creator, now)


def test_a_free_seat_is_not_given_again(source, two, now):
    merged = merge(creator=source.creator, people=(two[0].pk, two[1].pk), by=None, now=now)
    newcomer = FanFactory(creator=source.creator, crossed_at=now)

    assign_seats(creator=source.creator)

    newcomer.refresh_from_db()
    assert newcomer.seat == 903  # after those of the merges that the fixture made up
    part(merged=merged, by=None, now=now)
    assert set(
        Fan.objects.filter(pk__in=[fan.pk for fan in two]).values_list("seat", flat=True)
    ) == {1, 2}


def test_they_are_taken_apart_in_the_order_in_which_they_were_joined_the_last_first(source, now):
    for number, who in enumerate("abcd"):
        bring(source, now, payment(number, f"{who}@x.example", at=now - timedelta(days=number + 1)))
    before = dump()
    first = join(source, "c@x.example", "d@x.example", now)
    second = join(source, "b@x.example", "c@x.example", now)
    third = join(source, "a@x.example", "d@x.example", now)

    assert source.creator.fans.get().purchases == 4
    for early in (first, second):
        with pytest.raises(NotTheLast):
            part(merged=Merge.objects.get(pk=early.pk), by=None, now=now)
    for merged in (third, second, first):
        part(merged=Merge.objects.get(pk=merged.pk), by=None, now=now)
    with pytest.raises(Merge.DoesNotExist):
        part(merged=first, by=None, now=now)

    recompute_due_fans(creator=source.creator, now=now)
    after = dump()
    assert after.pop("fans_proposal") != before.pop("fans_proposal")  # they are all two
    assert after == before


def test_what_was_said_of_a_customer_stands_when_an_address_turns_up(source, now):
    at = now - timedelta(days=1)
    bring(
        source,
        now,
        payment(1, "cus_1", at=at),
        payment(2, "jane@home.example", at=at),
        customers=[customer("cus_1", at=at)],
    )
    merged = join(source, "cus_1", "jane@home.example", now)

    bring(
        source,
        now,
        payment(3, "cus_1", at=at),
        customers=[customer("cus_1", "j@x.example", at=now)],
    )

    assert merged.fan.purchase_set.count() == 3
    assert not Identity.objects.filter(value="j@x.example").exists()
    part(merged=merged, by=None, now=now)
    recompute_due_fans(creator=source.creator, now=now)
    assert known_as(source, "j@x.example").purchases == 2
    assert known_as(source, "jane@home.example").purchases == 1
    assert source.creator.fans.count() == 2
    assert clean(source.creator, now)


def test_a_customer_who_has_another_address_since_is_not_taken_back_from_who_has_it(source, now):
    at = now - timedelta(days=1)
    a_customer = customer("cus_1", "c@x.example", at=at)
    others = payment(2, "a@x.example", at=at), payment(3, "d@x.example", at=at)
    bring(source, now, payment(1, "cus_1", at=at), *others, customers=[a_customer])
    merged = join(source, "c@x.example", "a@x.example", now)

    bring(source, now, customers=[customer("cus_1", "d@x.example", at=now)])
    moved = known_as(source, "d@x.example")
    assert known_as(source, "cus_1") == moved
    [left] = part(merged=merged, by=None, now=now)

    assert left == known_as(source, "a@x.example")
    assert known_as(source, "cus_1") == moved
    assert set(source.creator.fans.all()) == {left, moved}
    assert clean(source.creator, now)


def test_a_customer_who_has_a_new_address_since_stays_one_until_they_are_parted(source, now):
    at = now - timedelta(days=1)
    a_customer = customer("cus_1", "c@x.example", at=at)
    rows = payment(1, "cus_1", at=at), payment(2, "a@x.example", at=at)
    bring(source, now, *rows, customers=[a_customer])
    merged = join(source, "c@x.example", "a@x.example", now)

    bring(source, now, customers=[customer("cus_1", "d@x.example", at=now)])
    assert known_as(source, "d@x.example") == known_as(source, "a@x.example") == merged.fan
    part(merged=merged, by=None, now=now)

    assert known_as(source, "cus_1") == known_as(source, "d@x.example")
    assert known_as(source, "d@x.example") != known_as(source, "a@x.example")
    assert source.creator.fans.count() == 2
    assert clean(source.creator, now)


def test_it_outlives_a_source_that_is_taken_away_and_read_again(source, now):
    rows = [payment(n, who, at=now) for n, who in enumerate(("a@x.example", "b@x.example"))]
    bring(source, now, *rows)
    merged = join(source, "a@x.example", "b@x.example", now)

    begin_removal(source=source, now=now)
    remove(source=source, until=now + timedelta(days=1), clock=lambda: now)

    assert not source.creator.purchases.exists()
    again = SourceFactory(creator=source.creator)
    bring(again, now, *rows)
    assert source.creator.fans.get() == merged.fan
    assert merged.fan.purchase_set.count() == 2
    part(merged=merged, by=None, now=now)
    assert {fan.purchase_set.count() for fan in source.creator.fans.all()} == {1}


def test_a_name_that_was_given_by_hand_is_kept(source, now):
    bring(
        source,
        now,
        payment(1, "cus_1", at=now),
        Payment(
            external_id="ch_2",
            occurred_at=now,
            status=PaymentStatus.SUCCEEDED,
            kind=PurchaseKind.SALE,
            currency="USD",
            amount=5_00,
        ),
    )
    nobodys = list(source.creator.purchases.unattributed().values_list("pk", flat=True))
    gran, _count = assign(
        creator=source.creator, purchases=nobodys, to="Gran", by=source.creator.owner, now=now
    )

    merged = merge(
        creator=source.creator, people=(gran.pk, known_as(source, "cus_1").pk), by=None, now=now
    )

    assert Fan.objects.get(pk=merged.fan_id).name == "Gran"
    assert merged.fan.purchase_set.count() == 2
    assert len(part(merged=merged, by=None, now=now)) == 2
    assert set(source.creator.fans.values_list("name", flat=True)) == {"Gran", ""}


def test_who_was_not_one_of_them_is_not_the_one_either(source, now):
    bring(source, now, *(payment(n, f"{who}@x.example", at=now) for n, who in enumerate("abc")))
    a, b, c = (known_as(source, f"{who}@x.example") for who in "abc")
    refuse(creator=source.creator, people=(b.pk, c.pk), by=None, now=now)
    ProposalFactory(creator=source.creator, first=a, second=b)

    merged = merge(creator=source.creator, people=(a.pk, b.pk), by=None, now=now)

    [left] = Proposal.objects.all()
    assert (left.first, left.second, left.refused_at) == (a, c, now)
    part(merged=merged, by=None, now=now + timedelta(minutes=1))
    pairs = Proposal.objects.values_list("first", "second", "refused_at")
    assert set(pairs) == {(b.pk, c.pk, now), (a.pk, b.pk, now + timedelta(minutes=1))}


def test_nobody_is_joined_with_themselves_or_with_anothers_or_with_who_is_gone(source, now):
    fan, stranger = FanFactory(creator=source.creator), FanFactory()
    for people in ((fan.pk, stranger.pk), (fan.pk, 10**15)):
        with pytest.raises(Fan.DoesNotExist):
            merge(creator=source.creator, people=people, by=None, now=now)
    assert not Merge.objects.exists()
