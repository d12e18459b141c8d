"""How much hangs on how few: the rule as a table, and against the plain formula."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fans.concentration import concentration


def test_of_nobody_nothing_can_be_said():
    assert concentration([], living=100) is None


@pytest.mark.parametrize(
    ("spends", "tenth", "percent", "as_if"),
    [
        ([50], 1, 100, 1),
        ([10] * 10, 1, 10, 10),
        ([10] * 11, 2, 18, 11),
        ([91] + [1] * 9, 1, 91, 1),
        ([40, 30, 20, 10], 1, 40, 3),
        ([10**15] * 20, 2, 10, 20),
    ],
)
def test_the_tenth_that_spent_most_and_how_many_it_is_as_if(spends, tenth, percent, as_if):
    found = concentration(spends, living=1)

    assert (found.people, found.tenth) == (len(spends), tenth)
    assert (found.percent, found.as_if) == (percent, as_if)


@pytest.mark.parametrize(
    ("spends", "nobodys", "living", "may_leave"),
    [
        ([40, 30, 20, 10], 0, 101, None),
        ([40, 30, 20, 10], 0, 100, 0),
        ([40, 30, 20, 10], 0, 61, 0),
        ([40, 30, 20, 10], 0, 60, 1),
        ([40, 30, 20, 10], 0, 10, 3),
        ([40, 30, 20, 10], 0, 9, 3),
        ([40, 30, 20, 10], 30, 60, 2),
        ([40, 30, 20, 10], 60, 60, 4),
    ],
)
def test_how_many_of_the_largest_could_leave(spends, nobodys, living, may_leave):
    assert concentration(spends, nobodys=nobodys, living=living).may_leave == may_leave


@given(
    spends=st.lists(st.integers(1, 10**9), min_size=1).map(lambda found: sorted(found)[::-1]),
    nobodys=st.integers(0, 10**9),
    living=st.integers(1, 10**10),
)
def test_the_same_as_the_formulas_say(spends, nobodys, living):
    found = concentration(spends, nobodys=nobodys, living=living)
    shares = [Fraction(spend, sum(spends)) for spend in spends]

    assert abs(found.as_if - 1 / sum(share**2 for share in shares)) <= Fraction(1, 2)
    assert abs(found.percent - 100 * sum(shares[: found.tenth])) <= Fraction(1, 2)
    rest = [sum(spends[gone:]) + nobodys for gone in range(len(spends) + 1)]
    enough = [gone for gone, left in enumerate(rest) if left >= living]
    assert found.may_leave == max(enough, default=None)
