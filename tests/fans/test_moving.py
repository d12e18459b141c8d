"""What other tiers would do to each amount, and to whom."""

import pytest

from fans.models import Tier
from fans.moving import moves, shifts
from tests.factories import CreatorFactory, FanFactory


def tiers(written: str) -> list[Tier]:
    """“low 25 true 100” as tiers; the row of a name is always the same, "new" has none yet."""
    words = written.split()
    return [
        Tier(pk=None if name == "new" else sum(map(ord, name)), name=name, threshold=int(at))
        for name, at in zip(words[::2], words[1::2], strict=True)
    ]


def name(tier: Tier | None) -> str:
    return tier.name if tier else "none"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("low 25 true 100", "low 25 true 100", []),
        ("low 25 true 100", "low 25 true 80", ["80-100 low>true"]),
        ("low 25 true 100", "low 25 true 120", ["100-120 true>low"]),
        ("low 25", "low 40", ["25-40 low>none"]),
        ("low 25", "low 10", ["10-25 none>low"]),
        ("low 25 true 100", "low 25 new 60 true 100", ["60-100 low>new"]),
        ("low 25", "low 25 new 60", ["60-… low>new"]),
        ("low 25 true 100", "low 25", ["100-… true>low"]),
        ("low 25", "", ["25-… low>none"]),
        ("", "new 1", ["1-… none>new"]),
        # Past another tier: what was the lower one is the higher one.
        (
            "low 25 true 100",
            "low 200 true 100",
            ["25-100 low>none", "200-… true>low"],
        ),
        ("", "", []),
    ],
)
def test_the_stretches_of_spend_that_would_be_in_another_tier(before, after, expected):
    found = [
        f"{shift.start}-{shift.end or '…'} {name(shift.was)}>{name(shift.will)}"
        for shift in shifts(tiers(before), tiers(after))
    ]
    assert found == expected


@pytest.mark.django_db
def test_who_would_move_is_counted_and_the_first_are_named(django_assert_num_queries):
    creator = CreatorFactory()
    low = creator.tiers.create(name="low", threshold=25)
    true = creator.tiers.create(name="true", threshold=100)
    for spend in (24, 25, 79, 80, 85, 90, 95, 99, 100, 500):
        FanFactory(creator=creator, name=f"spent {spend}", spend=spend)
    FanFactory(name="of another creator", spend=85)
    true.threshold = 80

    with django_assert_num_queries(2):
        [move] = moves(creator, after=[low, true])

    assert (move.was.name, move.will.name, move.is_up) == ("low", "true", True)
    assert (move.count, move.others) == (5, 2)
    assert [fan.name for fan in move.named] == ["spent 99", "spent 95", "spent 90"]


@pytest.mark.django_db
def test_ways_up_and_down_are_told_apart():
    creator = CreatorFactory()
    low = creator.tiers.create(name="low", threshold=25)
    true = creator.tiers.create(name="true", threshold=100)
    for spend in (30, 150, 250, 260):
        FanFactory(creator=creator, spend=spend)
    low.threshold = 200

    found = {
        (name(m.was), name(m.will)): (m.count, m.is_up) for m in moves(creator, after=[low, true])
    }

    assert found == {("low", "none"): (1, False), ("true", "low"): (2, True)}


@pytest.mark.django_db
def test_nothing_moves_without_a_reason(django_assert_num_queries):
    creator = CreatorFactory()
    creator.create_default_tiers()
    FanFactory(creator=creator, spend=100_00)

    with django_assert_num_queries(2):
        assert moves(creator, after=list(creator.tiers.all())) == []
