"""The rows that `make bench` prints."""

import pytest

from bench.__main__ import GROUPS, parsed
from bench.ratio import HEADER, Medians, NotMeasured, Ratio, compare


@pytest.mark.parametrize(
    ("times", "at_least", "holds"),
    [
        (2.99, False, True),
        (3, False, True),
        (3.01, False, False),
        (2.99, True, False),
        (3, True, True),
        (3.01, True, True),
    ],
)
def test_a_limit_itself_is_still_within_it(times, at_least, holds):
    assert Ratio("import", "reading", times, 3, at_least=at_least).holds is holds


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            Ratio("import", "reading", 2.5, 3, 1.25),
            "| import | 1.250 | 2.50 | reading | ≤ 3 | yes |",
        ),
        (
            Ratio("import", "another's", 90, 100, 1.25, at_least=True),
            "| import | 1.250 | 90.00 | another's | ≥ 100 | no |",
        ),
        (
            Ratio("calls", "1,000 charges", 12, 15),
            "| calls | – | 12.00 | 1,000 charges | ≤ 15 | yes |",
        ),
        (NotMeasured("import", "no disk"), "| import | – | – | not measured: no disk | – | – |"),
    ],
)
def test_a_row_is_markdown_as_wide_as_its_header(row, expected):
    assert str(row) == expected
    assert {line.count("|") for line in (*HEADER.splitlines(), str(row))} == {7}


def test_what_cannot_be_measured_is_no_miss():
    assert NotMeasured("import", "no disk").holds


def test_one_slow_round_does_not_move_a_median():
    took = Medians()
    for seconds in (1.0, 2.0, 60.0):
        took.add("import", seconds)
    assert took["import"] == 2.0


def test_the_result_of_what_is_timed_is_handed_on():
    took = Medians()
    assert took.time("sum", sum, [1, 2], start=3) == 6
    assert took["sum"] >= 0


def test_yardstick_and_work_take_turns():
    turns = []
    ratio = compare(
        what="work",
        work=lambda: turns.append("work"),
        unit="yardstick",
        yardstick=lambda: turns.append("yardstick"),
        limit=1_000_000,
        rounds=2,
        before=lambda: turns.append("before"),
    )
    assert turns == ["yardstick", "before", "work"] * 2
    assert ratio.holds
    assert ratio.seconds is not None
    assert ratio.times > 0


def test_whoever_names_no_group_measures_all():
    assert parsed([]).groups == list(GROUPS)
    assert parsed(["--quick"]).groups == list(GROUPS)
    assert parsed(["files", "rooms"]).groups == ["files", "rooms"]


def test_a_group_that_is_none_is_refused_by_name(capsys):
    with pytest.raises(SystemExit):
        parsed(["romms"])
    assert "no such group: romms; there are importing" in capsys.readouterr().err
