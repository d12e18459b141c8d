"""What a way of being paid keeps, in people: the table that everybody can check by hand."""

from decimal import ROUND_HALF_UP, Decimal

import pytest

from revenue.keeping import Keep

GOAL = 100_000_00


def kept_of(payments: int, amount: int, *, platform: int = 0, card: bool = True) -> Keep:
    """`payments` of `amount` cents, each less 2.9% and 30 cents, and `platform` percent of it."""
    share = (Decimal(amount) * 29 / 1000).to_integral_value(ROUND_HALF_UP) + 30 if card else 0
    cut = (Decimal(amount) * platform / 100).to_integral_value(ROUND_HALF_UP)
    return Keep(gross=payments * amount, net=int(payments * (amount - share - cut)))


@pytest.mark.parametrize(
    ("payments", "amount", "terms", "net", "people"),
    [
        (1, 100_00, {}, 96_80, 1_034),
        (4, 25_00, {}, 95_88, 1_043),
        (12, 8_33, {}, 93_48, 1_070),
        (20, 5_00, {}, 91_00, 1_099),
        (1, 100_00, {"platform": 10}, 86_80, 1_153),
        (12, 8_33, {"platform": 10}, 83_52, 1_198),
        (20, 5_00, {"platform": 10}, 81_00, 1_235),
        (100, 1_00, {}, 67_00, 1_493),
        (1, 100_00, {"platform": 90, "card": False}, 10_00, 10_000),
    ],
)
def test_fees_cost_people(payments, amount, terms, net, people):
    keep = kept_of(payments, amount, **terms)

    assert keep.net == net
    assert keep.people_for(GOAL, target_spend=keep.gross) == people


@pytest.mark.parametrize(
    ("gross", "net", "percent", "people"),
    [
        (100_00, 100_00, "100.0", 1_000),
        (100_00, 96_85, "96.9", 1_033),  # half up
        (100_00, 96_84, "96.8", 1_033),
        (100_00, 99_99, "100.0", 1_001),  # less than all, so one more
        (100_00, 0, "0.0", None),
        (100_00, -5_00, "-5.0", None),
        (0, 0, None, None),
        (0, -20_00, None, None),
    ],
)
def test_what_cannot_be_told_is_not(gross, net, percent, people):
    keep = Keep(gross=gross, net=net)

    assert keep.percent == (percent and Decimal(percent))
    assert keep.people_for(GOAL, target_spend=100_00) == people
