"""The arithmetic of the plan, without database: what is quoted, and what holds for any numbers."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import islice, pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dashboard.plan.goal import Goal, people_for, spend_for
from dashboard.plan.growth import MOST_YEARS, Forecast, a_week, a_year, shortened
from dashboard.plan.keeping import Fees, Pattern
from dashboard.plan.line import HEIGHT, WIDTH, draw
from dashboard.plan.offers import Mix, Offer
from dashboard.plan.people_questions import plainly, round_up
from fans.growth import YEAR, Growth

AMOUNTS = st.integers(1, 10**12)
PEOPLE = st.integers(1, 10**8)
PERCENT = st.decimals(0, 100, places=2)
CARD = {"percent": Decimal("2.9"), "fixed": 30}


@pytest.mark.parametrize(
    ("goal", "spend", "people"),
    [
        (50_000_00, 100_00, 500),
        (50_000_00, 50_00, 1_000),
        (100_000_00, 100_00, 1_000),
        (100_000_00, 50_00, 2_000),
        (100_000_00, 200_00, 500),
        (100_000_00, 1_000_00, 100),
        (100_000_00, 20_00, 5_000),
        (75_000_00, 100_00, 750),
        (30_000_00, 20_00, 1_500),
        (100_000_00, 99_99, 1_001),
    ],
)
def test_so_many_people_reach_a_goal(goal, spend, people):
    assert people_for(goal, spend) == people


def test_once_in_two_years_is_half_of_it_a_year():
    goal = Goal(people=200, spend=500_00, months=24)

    assert (goal.money, goal.a_year, goal.a_month) == (100_000_00, 50_000_00, 4_166_67)


@pytest.mark.parametrize(("team", "people"), [(1, 1_000), (2, 2_000), (3, 3_000), (4, 4_000)])
def test_a_team_needs_as_many_times_the_people(team, people):
    assert Goal(1_000, 100_00, team=team).all_people == people


@given(goal=AMOUNTS, spend=AMOUNTS)
def test_as_many_people_as_needed_and_not_one_more(goal, spend):
    people = people_for(goal, spend)

    assert people * spend >= goal > (people - 1) * spend


@given(people=PEOPLE, spend=AMOUNTS)
def test_solving_back_and_forth_agrees(people, spend):
    money = Goal(people, spend).money

    assert people_for(money, spend) == people
    assert spend_for(money, people) == spend


@given(goal=AMOUNTS, people=PEOPLE)
def test_what_each_must_spend_is_the_least_that_reaches_the_goal(goal, people):
    spend = spend_for(goal, people)

    assert people * spend >= goal > people * (spend - 1)


@pytest.mark.parametrize(
    ("payments", "price", "fees", "net", "people"),
    [
        (1, 100_00, CARD, 96_80, 1_034),
        (4, 25_00, CARD, 95_88, 1_043),
        (12, 8_33, CARD, 93_48, 1_070),
        (20, 5_00, CARD, 91_00, 1_099),
        (1, 100_00, CARD | {"platform": Decimal(10)}, 86_80, 1_153),
        (12, 8_33, CARD | {"platform": Decimal(10)}, 83_52, 1_198),
        (20, 5_00, CARD | {"platform": Decimal(10)}, 81_00, 1_235),
        (100, 1_00, CARD, 67_00, 1_493),
        (1, 100_00, {"middleman": Decimal(90)}, 10_00, 10_000),
    ],
)
def test_what_is_left_of_a_hundred_a_year_and_how_many_that_takes(
    payments, price, fees, net, people
):
    pattern = Pattern(payments, price, Fees(**fees))

    assert pattern.net == net
    assert pattern.people_for(100_000_00) == people


def test_fees_of_a_platform_cost_153_people():
    pattern = Pattern(1, 100_00, Fees(**CARD, platform=Decimal(10)))

    assert pattern.people_more(100_000_00) == 153


def test_half_a_cent_is_rounded_up_for_each_part_that_is_kept():
    assert Fees(percent=Decimal(1)).of(50) == 1
    assert Fees(percent=Decimal(1), platform=Decimal(1)).of(50) == 2
    assert Fees(percent=Decimal("0.99")).of(50) == 0


def test_what_costs_more_than_it_brings_makes_nobody_a_living():
    pattern = Pattern(100, 30, Fees(**CARD))

    assert pattern.net == -1_00
    assert pattern.people_for(100_000_00) is None
    assert pattern.people_more(100_000_00) is None


@given(
    goal=AMOUNTS,
    payments=st.integers(1, 1000),
    price=AMOUNTS,
    percent=PERCENT,
    platform=PERCENT,
    fixed=st.integers(0, 10_000),
)
def test_the_people_needed_keep_the_goal_and_one_fewer_does_not(
    goal, payments, price, percent, platform, fixed
):
    pattern = Pattern(payments, price, Fees(percent, fixed, platform))
    people = pattern.people_for(goal)

    if people is None:
        assert pattern.net <= 0
    else:
        assert people * pattern.net >= goal > (people - 1) * pattern.net
        assert pattern.people_more(goal) >= 0


@given(payments=st.integers(1, 1000), price=AMOUNTS, other=st.integers(1, 1000))
def test_split_into_other_payments_it_is_never_more_money(payments, price, other):
    pattern = Pattern(payments, price, Fees())
    split = pattern.split_into(other)

    assert pattern.gross - other < split.gross <= pattern.gross


LABEL = Fees(middleman=Decimal(80))


@pytest.mark.parametrize(("fees", "net"), [(Fees(), 110_000_00), (LABEL, 22_000_00)])
def test_albums_shirts_and_boxes_make_110_000_and_a_label_leaves_a_fifth(fees, net):
    mix = Mix(
        [
            Offer("Album", 5_000, 10_00, fees=fees),
            Offer("Shirt", 500, 20_00, fees=fees),
            Offer("Box", 100, 500_00, fees=fees),
        ]
    )

    assert (mix.gross, mix.net, mix.kept) == (110_000_00, net, 110_000_00 - net)


@pytest.mark.parametrize(
    ("times", "gross"), [("0.5", 50_000_00), ("1", 100_000_00), ("12", 1_200_000_00), ("0", 0)]
)
def test_how_often_a_year_multiplies_an_offer(times, gross):
    assert Offer("Box", 200, 500_00, Decimal(times)).gross == gross


@given(people=PEOPLE, price=AMOUNTS, times=st.decimals(0, 366, places=4), percent=PERCENT)
def test_what_comes_in_is_what_others_keep_and_what_is_left(people, price, times, percent):
    offer = Offer("Thing", people, price, times, Fees(percent=percent))

    assert offer.gross == offer.net + offer.kept
    assert 0 <= offer.kept <= offer.gross + people * times


DAY = a_year(Decimal(1), 1)


@pytest.mark.parametrize(
    ("loss", "year", "ceiling"),
    [
        ("0", 3, None),
        ("10", 4, 3650),
        ("20", 4, 1825),
        ("30", 5, 1217),
        ("36.5", None, 1000),
        ("40", None, 912),
        ("50", None, 730),
    ],
)
def test_one_new_a_day_with_some_of_them_lost(loss, year, ceiling):
    growth = Growth(0, DAY, Decimal(loss) / 100)

    assert Forecast(growth, 1000, date(2026, 1, 1)).year == year
    assert growth.ceiling == ceiling


def test_one_new_a_day_from_the_first_of_2026_is_a_thousand_on_26_september_2028():
    forecast = Forecast(Growth(0, DAY, Decimal(0)), 1000, date(2026, 1, 1))

    assert forecast.days == 1000
    assert forecast.reached_on == date(2028, 9, 26)


def test_holding_a_thousand_of_whom_30_percent_leave_takes_300_a_year_and_5_8_a_week():
    forecast = Forecast(Growth(0, DAY, Decimal("0.3")), 1000, date(2026, 1, 1))

    assert forecast.holding == 300
    assert a_week(forecast.holding) == Decimal("5.8")


@pytest.mark.parametrize(
    ("people", "arrivals", "loss", "days"),
    [
        (1000, 0, "0.9", 0),  # there already, whatever happens next
        (0, 0, "0", None),  # nobody comes
        (999, 500, "0.5", None),  # only ever nearer
        (0, 1000, "1", YEAR),  # a whole circle in a year, all of whom leave
        (0, 1, "0", None),  # a thousand years
        (0, 10, "0", MOST_YEARS * YEAR),
    ],
)
def test_the_edges_of_growing(people, arrivals, loss, days):
    growth = Growth(people, Decimal(arrivals), Decimal(loss))

    assert growth.days_to(1000, years=MOST_YEARS) == days


@given(every=st.sampled_from([1, 7, 365]), new=st.integers(1, 5000), target=st.integers(1, 5000))
def test_without_loss_the_last_comes_on_the_day_that_one_counts_to(every, new, target):
    growth = Growth(0, a_year(Decimal(new), every), Decimal(0))
    days = growth.days_to(target, years=MOST_YEARS)
    counted = -(-target * every // new)

    assert days == (counted if counted <= MOST_YEARS * YEAR else None)


@given(
    people=st.integers(0, 5000),
    arrivals=st.decimals(0, 5000, places=2),
    loss=st.decimals(0, 1, places=3),
    target=st.integers(1, 5000),
)
def test_the_day_lies_in_the_first_year_that_ends_with_enough(people, arrivals, loss, target):
    assume(people < target)
    growth = Growth(people, arrivals, loss)
    forecast = Forecast(growth, target, date(2026, 1, 1))
    ends = list(islice(growth.years(), 1, MOST_YEARS + 1))
    enough = [year for year, people in enumerate(ends, 1) if people >= target]

    if forecast.days is None:
        assert not enough or forecast.tops_out
    else:
        assert forecast.year == enough[0]
        first = date(2026, 1, 1) + timedelta(days=(forecast.year - 1) * YEAR)
        assert first <= forecast.reached_on < first + timedelta(days=YEAR)


@given(
    arrivals=st.decimals(1, 5000, places=2),
    loss=st.decimals("0.01", 1, places=3),
    people=st.integers(0, 5000),
)
def test_a_circle_moves_towards_its_ceiling_and_never_past_it(arrivals, loss, people):
    growth = Growth(people, arrivals, loss)
    ceiling = arrivals / loss
    distances = [abs(ceiling - number) for number in islice(growth.years(), 30)]

    assert all(after <= before + Decimal("1e-18") for before, after in pairwise(distances))
    assert abs(growth.ceiling - ceiling) <= Decimal("0.5")


@pytest.mark.parametrize(
    ("arrivals", "loss", "short"),
    [
        ("271", "0.852179", ("271", "85.2")),
        ("365", "0.30021", ("365", "30.02")),
        ("43.8", "0", ("44", "0")),
        ("100", "0.000001", ("100", "0")),
    ],
)
def test_a_real_rate_is_as_short_as_its_ceiling_allows(arrivals, loss, short):
    found = shortened(Growth(0, Decimal(arrivals), Decimal(loss)))

    assert (plainly(found.arrivals), plainly(found.loss * 100)) == short


@given(
    people=st.integers(0, 5000),
    arrivals=st.decimals(0, 5000, places=2),
    loss=st.decimals(0, 1, places=3),
    years=st.integers(1, 60),
)
def test_the_line_stays_in_its_picture(people, arrivals, loss, years):
    line = draw(Forecast(Growth(people, arrivals, loss), 1000, date(2026, 1, 1)), years)
    points = [tuple(map(int, point.split())) for point in line.path[1:].split("L")]

    assert len(points) == years + 1
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert 0 < line.target < line.base
    assert len(line.years) <= 11


@pytest.mark.parametrize(
    ("amount", "step"), [(0, 1), (1, 1), (3, 5), (60, 100), (100, 100), (101, 200), (750, 1000)]
)
def test_a_slider_goes_in_round_steps(amount, step):
    assert round_up(amount) == step
