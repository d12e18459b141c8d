"""Where the window begins, by the creator's own clock."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from fans.window import midnight, months_before, window_start

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("day", "months", "start"),
    [
        (date(2026, 11, 22), 12, date(2025, 11, 22)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2025, 2, 28), 12, date(2024, 2, 28)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 31), 6, date(2026, 6, 30)),
        (date(2026, 5, 1), 120, date(2016, 5, 1)),
    ],
)
def test_months_before_keeps_the_day_or_takes_the_months_last(day, months, start):
    assert months_before(day, months) == start


def test_the_window_goes_by_the_local_clock_across_summer_time():
    now = datetime(2026, 4, 10, 9, 30, tzinfo=LONDON)  # summer time

    start = window_start(now, months=2, zone=LONDON)

    assert start == datetime(2026, 2, 10, 9, 30, tzinfo=LONDON)  # winter time
    assert start.utcoffset() != now.utcoffset()


def test_a_day_begins_at_midnight_of_the_creator():
    tokyo = midnight(date(2026, 1, 1), ZoneInfo("Asia/Tokyo"))

    assert tokyo.isoformat() == "2026-01-01T00:00:00+09:00"
