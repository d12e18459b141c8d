"""How to break each constraint of what creators share with their fans, by the constraint's name."""

from datetime import date, timedelta

from fans.models import NamePart
from tests.factories import (
    NOW,
    AcquaintanceFactory,
    AssignmentFactory,
    CreatorFactory,
    DailyRateFactory,
    DeliveryFactory,
    DepartureFactory,
    FanFactory,
    IdentityFactory,
    InvitationFactory,
    MemberFactory,
    MergeFactory,
    NoteFactory,
    PerkFactory,
    ProposalFactory,
    RefusalFactory,
    SaidRateFactory,
    SegmentFactory,
    SourceFactory,
    TagFactory,
    TaggingFactory,
    TierFactory,
    TouchFactory,
    TurnFactory,
    UserFactory,
)


def twice(make, **same):
    make(**same)
    make(**same)


def in_two_spellings(make, **same):
    make(name="Vinyl", **same)
    make(name="vinyl", **same)


def another_creators_name_part():
    NamePart.objects.create(creator=CreatorFactory(), fan=FanFactory(name=""), place=1, text="ada")


def a_pair(**changed):
    creator = CreatorFactory()
    first, second = (FanFactory(creator=creator) for _ in range(2))
    return ProposalFactory(**{"creator": creator, "first": first, "second": second} | changed)


CASES = {
    "merge_fan_is_of_the_same_creator": lambda: MergeFactory(creator=CreatorFactory()),
    "fan_is_merged_once": lambda: twice(MergeFactory, fan=FanFactory(), gone=10**9),
    "merged_seat_was_given_once": lambda: twice(MergeFactory, fan=FanFactory(), seat=7),
    "fan_is_not_merged_with_itself": lambda: [
        MergeFactory(fan=fan, gone=fan.pk) for fan in [FanFactory()]
    ],
    "pair_is_proposed_once": lambda: [
        a_pair(creator=pair.creator, first=pair.first, second=pair.second) for pair in [a_pair()]
    ],
    "refusal_is_about_two": lambda: RefusalFactory(one=["a"], other=["b", "a"]),
    "pair_is_in_order": lambda: [a_pair(second=fan, creator=fan.creator) for fan in [FanFactory()]],
    "proposal_first_is_of_the_same_creator": lambda: [
        a_pair(creator=fan.creator, second=fan, first=stranger)
        for stranger, fan in [(FanFactory(), FanFactory())]
    ],
    "proposal_second_is_of_the_same_creator": lambda: [
        a_pair(creator=fan.creator, first=fan, second=stranger)
        for fan, stranger in [(FanFactory(), FanFactory())]
    ],
    "identity_that_stands_is_a_customer": lambda: IdentityFactory(stands=True),
    "name_part_has_its_place": lambda: twice(
        NamePart.objects.create, creator=CreatorFactory(), fan=FanFactory(), place=1, text="ada"
    ),
    "name_part_fan_is_of_the_same_creator": another_creators_name_part,
    "creator_living_is_positive": lambda: CreatorFactory(living=0),
    "creator_is_somebody": lambda: CreatorFactory(team_size=0),
    "tier_rhythm_is_positive": lambda: TierFactory(rhythm_days=0),
    "member_is_in_a_team_once": lambda: twice(
        MemberFactory, creator=CreatorFactory(), user=UserFactory()
    ),
    "member_has_a_role": lambda: MemberFactory(role="king"),
    "invitation_is_sent_to_an_address_once": lambda: twice(
        InvitationFactory, creator=CreatorFactory(), email="a@example.org"
    ),
    "touch_is_of_a_known_kind": lambda: TouchFactory(kind="shouted"),
    "touch_fan_is_of_the_same_creator": lambda: TouchFactory(creator=CreatorFactory()),
    "note_is_not_empty": lambda: NoteFactory(text=""),
    "note_fan_is_of_the_same_creator": lambda: NoteFactory(creator=CreatorFactory()),
    "acquaintance_is_made_once": lambda: twice(AcquaintanceFactory, fan=FanFactory()),
    "acquaintance_fan_is_of_the_same_creator": lambda: AcquaintanceFactory(
        creator=CreatorFactory()
    ),
    "birthday_is_a_day": lambda: AcquaintanceFactory(birth_month=13, birth_day=1),
    "birth_year_has_a_day": lambda: AcquaintanceFactory(birth_year=1990),
    "rhythm_is_positive": lambda: AcquaintanceFactory(rhythm_days=0),
    "tag_name_is_unique": lambda: in_two_spellings(TagFactory, creator=CreatorFactory()),
    "tag_has_a_name": lambda: TagFactory(name=""),
    "tag_is_on_a_fan_once": lambda: [
        twice(TaggingFactory, fan=fan, tag=TagFactory(creator=fan.creator))
        for fan in [FanFactory()]
    ],
    "tagging_fan_is_of_the_same_creator": lambda: [
        TaggingFactory(creator=tag.creator, tag=tag) for tag in [TagFactory()]
    ],
    "tagging_tag_is_of_the_same_creator": lambda: TaggingFactory(tag=TagFactory()),
    "segment_name_is_unique": lambda: in_two_spellings(SegmentFactory, creator=CreatorFactory()),
    "segment_has_a_name": lambda: SegmentFactory(name=""),
    "turn_comes_once_a_circle": lambda: twice(TurnFactory, fan=FanFactory()),
    "turn_snoozed_comes_back": lambda: TurnFactory(outcome="snoozed", until=NOW.date()),
    "turn_circle_is_positive": lambda: TurnFactory(circle=0),
    "turn_fan_is_of_the_same_creator": lambda: TurnFactory(
        creator=CreatorFactory(), until=NOW.date() + timedelta(days=1)
    ),
    "perk_is_in_a_tier_once": lambda: in_two_spellings(PerkFactory, tier=TierFactory()),
    "perk_has_a_name": lambda: PerkFactory(name=""),
    "perk_is_delivered_once_a_period": lambda: twice(
        DeliveryFactory, perk=PerkFactory(), fan=FanFactory(), period=date(2026, 11, 1)
    ),
    "departure_begins_after_it_was_asked_for": lambda: DepartureFactory(
        asked_at=NOW, begun_at=NOW - timedelta(days=1)
    ),
    "payment_is_assigned_once": lambda: twice(
        AssignmentFactory, source=SourceFactory(), external_id="ch_1"
    ),
    "assignment_fan_is_of_the_same_creator": lambda: AssignmentFactory(fan=FanFactory()),
    "assignment_source_is_of_the_same_creator": lambda: [
        AssignmentFactory(creator=fan.creator, fan=fan) for fan in [FanFactory()]
    ],
    "rate_is_stored_once_a_day": lambda: twice(DailyRateFactory, day=NOW.date()),
    "rate_is_above_nothing": lambda: DailyRateFactory(per_euro=0),
    "rate_currency_is_iso": lambda: DailyRateFactory(currency="usd"),
    "rate_of_a_payment_is_said_once": lambda: twice(
        SaidRateFactory, source=SourceFactory(), external_id="ch_1"
    ),
    "said_rate_is_above_nothing": lambda: SaidRateFactory(value=0),
    "said_rate_source_is_of_the_same_creator": lambda: SaidRateFactory(creator=CreatorFactory()),
}
